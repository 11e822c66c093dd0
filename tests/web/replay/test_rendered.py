"""The rendered difference over HTTP: marks in the later copy, images in pairs, and what must not be shown."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from archiver.app.archive import Archive
from archiver.app.browsing.rendered import rendered_difference
from archiver.app.browsing.served_copy import CopyPlaces
from archiver.app.maintenance import redacting
from archiver.app.reading.questions import ArchiveReader
from archiver.errors import BodyRedacted, UsageError
from archiver.model.clock import SettableClock
from archiver.settings import Settings, bundled_profiles
from copied import Kept, copied
from web_served import Served, served

PAGE = "http://portal.example/page"
OLD, NEW = "20221101100000", "20221105100000"
_PNG = b"\x89PNG\r\n\x1a\n"
_CAPTURES = [
    Kept(PAGE, "<p>278 people<img src=same.png><img src=bytes.png><img src=gone.png><script>var a = 1</script>", OLD),
    Kept(PAGE, "<p>337 people<img src=same.png><img src=bytes.png><img src=come.png><script>var a = 2</script>", NEW),
    *(Kept(f"http://portal.example/{name}.png", _PNG + name.encode(), OLD, "image/png") for name in ("same", "bytes", "gone")),
    *(Kept(f"http://portal.example/{name}.png", _PNG + name.encode(), NEW, "image/png") for name in ("same", "come")),
    Kept("http://portal.example/bytes.png", _PNG + b"other", NEW, "image/png"),
    Kept("http://portal.example/quiet", "<p>words<!-- 1 -->", OLD),
    Kept("http://portal.example/quiet", "<p class=x>words<!-- 2 -->", NEW),
    Kept("http://portal.example/f.pdf", b"%PDF-1.4", OLD, "application/pdf"),
    Kept("http://portal.example/f.pdf", b"%PDF-1.5", NEW, "application/pdf"),
]  # fmt: skip
PLACES = CopyPlaces("/web/~k/", "http://here.example/web/", NEW)


@pytest.fixture(scope="module")
def archive_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copied(tmp_path_factory.mktemp("rendered") / "rendered.db", _CAPTURES)


@pytest.fixture(scope="module")
def server(archive_path: Path) -> Iterator[Served]:
    with served(archive_path) as found:
        yield found


def opened(path: Path) -> ArchiveReader:
    return ArchiveReader(Settings(path, (bundled_profiles(),), SettableClock(datetime(2022, 12, 1, tzinfo=UTC))))


def ask(server: Served, path: str, **head: str) -> Any:
    return server.client.get(f"{server.url}{path}", headers={"Host": f"replay.localhost:{server.port}", **head})


def test_the_later_copy_is_served_with_marks_in_the_same_sandbox(server: Served) -> None:
    answer = ask(server, f"/web/diff/{OLD}..{NEW}/{PAGE}")
    assert answer.status_code == 200
    assert "sandbox" in answer.headers["content-security-policy"]
    assert re.search(r"<del [^>]*>\u2212278</del><ins [^>]*>\+337</ins> people", answer.text)
    assert "<script>var a = 2</script>" in answer.text
    assert len(re.findall(r"\+image</ins><img", answer.text)) == 2


def test_images_that_changed_are_shown_in_pairs(server: Served) -> None:
    answer = ask(server, f"/web/images/{OLD}..{NEW}/{PAGE}")
    assert answer.status_code == 200
    rows = re.findall(r"<tr><td>(.*?)</td><td>(.*?)</td></tr>", answer.text)
    assert len(rows) == 2
    assert f"{OLD}im_/http://portal.example/bytes.png" in rows[0][0]
    assert f"{NEW}im_/http://portal.example/bytes.png" in rows[0][1]
    assert "gone.png" in rows[1][0]
    assert "come.png" in rows[1][1]


def test_images_are_compared_by_their_digests(archive_path: Path) -> None:
    with opened(archive_path) as archive:
        found = rendered_difference(archive, PAGE, OLD, NEW, PLACES)
    assert [each.how for each in found.images] == ["other bytes at the same address", "another image"]
    assert (found.marked.added, found.marked.removed) == (3, 3)


def test_a_difference_that_is_not_visible_has_no_marks(archive_path: Path) -> None:
    with opened(archive_path) as archive:
        found = rendered_difference(archive, "http://portal.example/quiet", OLD, NEW, PLACES)
    assert (found.marked.added, found.marked.removed, found.images) == (0, 0, ())
    assert "archived=" not in found.marked.html


def test_files_have_no_rendered_difference(archive_path: Path) -> None:
    with opened(archive_path) as archive, pytest.raises(UsageError, match="not HTML"):
        rendered_difference(archive, "http://portal.example/f.pdf", OLD, NEW, PLACES)


def test_what_was_made_is_not_shown_after_a_redaction(tmp_path: Path) -> None:
    path = copied(tmp_path / "redacted.db", _CAPTURES)
    with opened(path) as archive:
        rendered_difference(archive, PAGE, OLD, NEW, PLACES)
    redact(path)
    with opened(path) as archive, pytest.raises(BodyRedacted):
        rendered_difference(archive, PAGE, OLD, NEW, PLACES)
    with served(path) as found:
        for place in (f"{OLD}mp_/{PAGE}", f"diff/{OLD}..{NEW}/{PAGE}", f"images/{OLD}..{NEW}/{PAGE}"):
            answer = ask(found, f"/web/{place}")
            assert answer.status_code == 410, place
            assert "278" not in answer.text
        for place in (f"{OLD}/{PAGE}", f"{OLD}id_/{PAGE}"):
            answer = found.client.get(f"{found.url}/web/{place}")
            assert answer.status_code == 410
            assert "court order" in answer.text
        timemap = found.client.get(f"{found.url}/web/timemap/link/{PAGE}").text
        assert (f"/web/{OLD}/" in timemap, f"/web/{NEW}/" in timemap) == (False, True)


def redact(path: Path) -> None:
    """Redact the first capture of the page."""
    settings = Settings(path, (bundled_profiles(),), SettableClock(datetime(2022, 12, 1, tzinfo=UTC)))
    with Archive(settings) as archive:
        wanted = redacting.RedactionRequest("1", "court order 1")
        redacting.redact(archive, wanted, redacting.find_target(archive, wanted))


def test_the_comparison_of_two_versions_shows_both_captures(lived: Path) -> None:
    with served(lived) as found:
        with opened(lived) as archive:
            rows = archive.sql("SELECT page_id, url, version FROM versions WHERE version = 2 AND site = 'demo' LIMIT 1")
            row = next(iter(rows))
        answer = found.client.get(f"{found.url}/page/{row['page_id']}/compare/1..2?view=rendered")
        assert answer.status_code == 200
        frames = re.findall(r'<iframe sandbox="[^"]*" src="([^"]+)"', answer.text)
        assert len(frames) == 2
        shown = [
            ask(found, urlsplit(each.replace("&amp;", "&")).path + "?" + urlsplit(each.replace("&amp;", "&")).query)
            for each in frames
        ]
        assert [each.status_code for each in shown] == [200, 200]
        assert "data-archived=" not in shown[0].text
        assert re.search(r'<ins data-archived="ins"', shown[1].text)
        told = found.client.get(f"{found.url}/page/{row['page_id']}/compare/1..2.json?view=rendered").json()
        assert told["old"]["version"] == 1


def test_the_frame_has_the_strip_and_the_versions_around(lived: Path) -> None:
    with served(lived) as found, opened(lived) as archive:
        row = next(iter(archive.sql("SELECT url, seen_from FROM versions WHERE version = 2 AND site = 'demo' LIMIT 1")))
        digits = re.sub(r"\D", "", row["seen_from"])
        text = found.client.get(f"{found.url}/web/{digits}/{row['url']}").text
    assert 'aria-label="Where this copy stands among the versions"' in text
    assert re.search(r'rel="prev" href="/web/\d{14}/', text)
    assert "<b>version 2 of " in text
