"""A 304 stands for the capture that it confirmed: `show`, `cite`, permalinks and exports give its bytes and digest."""

import hashlib
from collections.abc import Iterator
from email.message import Message
from pathlib import Path
from typing import Any

import pytest
from warcio.archiveiterator import ArchiveIterator

from archiver.app.reading.page import Page
from scripted import Answer, Scripted
from shell import Commands


class Tagged:
    """A page with an ETag that follows its content. Conditional requests with that ETag are answered 304."""

    def __init__(self, path: Path) -> None:
        self.site = Scripted(path / "archive.db")
        self.url = f"{self.site.url}/"
        self.site.rule = self._answer
        self.edit("Home")
        for other in "abc":  # the server is trusted after three pages came back identical under the same validator
            self.site.page(f"/{other}", other)

    def _answer(self, path: str, headers: Message) -> Answer | None:
        if path not in self.site.answers:
            return None
        body = self.site.answers[path][2]
        tag = f'"{hashlib.sha256(body).hexdigest()[:8]}"'
        return (304, {"ETag": tag}, b"") if headers["If-None-Match"] == tag else (200, {"ETag": tag}, body)

    def edit(self, title: str) -> None:
        self.site.page("/", title, extra="<a href=/a>a</a> <a href=/b>b</a> <a href=/c>c</a>")

    @property
    def body(self) -> bytes:
        return self.site.answers["/"][2]

    @property
    def page(self) -> Page:
        return self.site.archive.page(self.url)

    def visits(self) -> list[tuple[Any, ...]]:
        return self.site.rows(
            f"SELECT visit_id, visited_at, outcome, sha256 FROM visits WHERE url = '{self.url}' ORDER BY visited_at"
        )

    def late(self, title: str) -> None:
        """Capture another content with a clock that was set back to before the newest visit."""
        now = self.site.answers["/"]
        self.site.clock.advance(days=-1, hours=-1)
        self.edit(title)
        self.site.archive.capture(self.url)
        self.site.clock.advance(days=1, hours=1)
        self.site.answers["/"] = now


@pytest.fixture
def tagged(tmp_path: Path) -> Iterator[Tagged]:
    made = Tagged(tmp_path)
    for _ in range(4):
        made.site.crawl()
    assert [row[2] for row in made.visits()] == ["ok", "ok", "not_modified", "not_modified"]
    yield made
    made.site.close()


@pytest.fixture
def archiver(tagged: Tagged, tmp_path: Path, capsys: pytest.CaptureFixture[Any]) -> Commands:
    return Commands(tmp_path / "archive.db", tmp_path / "selectors", capsys)


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize(
    "how", [{}, {"number": 1}, {"number": -1}, {"when": "2022-11-20"}, {"when": "2022-10-23"}], ids=str
)
def test_the_state_of_a_page_has_the_bytes_that_the_304_confirmed(tagged: Tagged, how: dict[str, Any]) -> None:
    state = tagged.page.state_at(**how)
    captured = tagged.visits()[1]
    assert (state.visit_id, state.visited_at, state.outcome, state.status) == (*captured[:3], 200)
    assert (state.sha256, state.bytes) == (_digest(tagged.body), len(tagged.body))
    assert tagged.page.block(tagged.page.capture_at(**how) or 0).endswith(tagged.body)
    told = state.as_json()
    assert [told["confirmed_by"], told["confirmed_at"]] == list(
        tagged.visits()[2 if how.get("when") == "2022-10-23" else 3][:2]
    )
    assert (told["verdict"], told["new_version"], told["fields_changed"]) == ("same", False, [])


def test_every_format_of_show_gives_that_capture(tagged: Tagged, archiver: Commands) -> None:
    assert archiver("show", tagged.url, "--format", "raw").encode() == tagged.body
    assert archiver("show", tagged.url, "--version", "1", "--format", "raw").encode() == tagged.body
    assert archiver("show", tagged.url, "--format", "headers").startswith("HTTP/1.1 200 OK\r\n")
    assert _digest(tagged.body) in archiver("show", tagged.url, "--format", "html")
    text = archiver("show", tagged.url)
    assert f"200 ok, {len(tagged.body)} B, sha256 {_digest(tagged.body)[:16]}" in text
    assert f"visit {tagged.visits()[3][0]} at {tagged.visits()[3][1]} UTC: not modified since (304)" in text
    assert _digest(tagged.body) in archiver("cite", tagged.url)


def test_an_edit_is_told_by_the_visit_that_found_it_and_by_no_later_one(tagged: Tagged, archiver: Commands) -> None:
    tagged.edit("Other")
    tagged.site.crawl()
    (found,) = archiver.json("show", tagged.url)
    assert (found["verdict"], found["new_version"], found["fields_changed"]) == ("changed", True, ["title"])
    for _ in range(3):
        tagged.site.crawl()
        (later,) = archiver.json("show", tagged.url)
        assert (later["verdict"], later["new_version"], later["fields_changed"]) == ("same", False, [])
        assert (later["version"], later["record"]["title"], later["sha256"]) == (2, "Other", _digest(tagged.body))
        assert archiver("show", tagged.url).endswith(": content unchanged\n")
    (first,) = archiver.json("show", tagged.url, "--version", "1")
    assert first["sha256"] == tagged.visits()[1][3]


def test_a_304_does_not_stand_for_an_out_of_order_capture(tagged: Tagged, tmp_path: Path) -> None:
    tagged.late("Late")
    tagged.site.crawl()
    assert tagged.visits()[-1][2] == "not_modified"
    assert tagged.page.state_at().sha256 == _digest(tagged.body)
    assert tagged.page.state_at("2022-11-20").sha256 == _digest(tagged.body)
    assert tagged.page.citation().sha256 == _digest(tagged.body)


def test_an_exported_revisit_refers_to_the_capture_that_its_304_confirmed(
    tagged: Tagged, archiver: Commands, tmp_path: Path
) -> None:
    tagged.late("Late")
    tagged.site.crawl()
    archiver("export", "warc", str(tmp_path / "w"))
    payloads: dict[str, bytes] = {}
    answers: list[bytes] = []
    for path in sorted((tmp_path / "w").glob("*.warc.gz")):
        with path.open("rb") as file:
            for record in ArchiveIterator(file):
                headers = record.rec_headers
                if headers["WARC-Target-URI"] != tagged.url or record.rec_type not in ("response", "revisit"):
                    continue
                if record.rec_type == "response":
                    payloads[headers["WARC-Record-ID"]] = record.content_stream().read()
                answers.append(payloads[headers.get("WARC-Refers-To") or headers["WARC-Record-ID"]])
    assert [b"Late" in body for body in answers] == [False, False, False, False, True, False]


def test_a_file_that_was_not_modified_has_its_bytes(tagged: Tagged, archiver: Commands) -> None:
    url = f"{tagged.site.url}/a.txt"
    tagged.site.answers["/a.txt"] = (200, {}, b"80 trees")
    tagged.site.page("/", "Home", extra="<a href=/a.txt>a</a>")
    for _ in range(4):
        tagged.site.crawl()
    outcomes = [row[0] for row in tagged.site.rows(f"SELECT outcome FROM visits WHERE url = '{url}' ORDER BY visit_id")]
    assert outcomes[-1] == "not_modified"
    assert archiver("show", url, "--format", "raw") == "80 trees"
    (told,) = archiver.json("show", url)
    assert told["sha256"] == _digest(b"80 trees")
    assert _digest(b"80 trees") in archiver("cite", url)
