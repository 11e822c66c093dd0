"""`archiver demo --spa`: the shell, its data and its script give the plain demo's pages, and a crawl gives the same history."""

import json
import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from archiver.app import profiles
from archiver.app.archive import open_archive
from archiver.cli import run
from archiver.demo.life import live_a_day
from archiver.demo.portal import Portal
from archiver.demo.spa import SinglePagePortal
from archiver.extract.read import read
from archiver.model.capture import Capture, Outcome, Request
from archiver.model.profile import Profile
from archiver.model.record import Record
from archiver.settings import bundled_profiles
from browsers import dom_of, needs_chromium
from made import START

CRAWLS_RENDER = True
"""Whether a crawl opens pages in a browser, as a profile's `render` says."""
needs_rendering = pytest.mark.skipif(not CRAWLS_RENDER, reason="a crawl does not open pages in a browser")
_ORIGIN = re.compile(r"http://127\.0\.0\.1:\d+")
_ITEM = re.compile(r"/tintuc/lists/posts/post\.aspx\?.*itemid=(\d+).*", re.IGNORECASE)
_ABOUT = "(SELECT * FROM {} WHERE url LIKE '%itemid=%' OR url LIKE '%/Documents/%')"
_HISTORY = {
    "versions": "version, seen_from, seen_last, seen_until, ended_by, published, published_precision, title, section, "
    "summary, body, captions, bylines, tags, language, extra",
    "changes": "field, old, new, not_before, not_after, nature, cause, context, spans_absence",
    "absences": "last_seen, gone_by, last_miss, back_by, misses, came_back",
}


@pytest.fixture
def plain() -> Iterator[Portal]:
    with Portal(articles=8) as portal:
        yield portal


@pytest.fixture
def spa() -> Iterator[SinglePagePortal]:
    with SinglePagePortal(articles=8) as portal:
        yield portal


def get(portal: Portal, address: str) -> tuple[int, bytes]:
    """Return the status and the body of a page; redirects are followed."""
    try:
        with urllib.request.urlopen(portal.url.rstrip("/") + address, timeout=20) as answer:  # noqa: S310  (loopback)
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def data(portal: Portal, address: str) -> Any:
    status, body = get(portal, address)
    assert status == 200
    return json.loads(body)


def record(portal: Portal, site: str, item: int, body: bytes) -> Record:
    """Read an article with the site's profile."""
    profile: Profile = profiles.at_home(profiles.by_name(site, [bundled_profiles()]), portal.url)
    headers = ((b"Content-Type", b"text/html; charset=utf-8"),)
    request = Request(portal.address(item))
    capture = Capture(
        request=request, visited_at=START, outcome=Outcome.OK, status=200, head=b"", headers=headers, body=body
    )
    return read(capture, profile)


def content(found: Record) -> Any:
    """Return what an article says, without the port of its portal."""
    return json.loads(_ORIGIN.sub("", json.dumps(asdict(found.content), default=str)))


def test_each_address_answers_the_same_shell_without_any_text_of_an_article(spa: SinglePagePortal) -> None:
    addresses = ["/tintuc/default.aspx", "/thongbao/default.aspx", "/no/such/page"]
    addresses += [spa.address(item, "listing").removeprefix(spa.url.rstrip("/")) for item in spa.items]
    spa.withdraw(spa.items[1])
    answers = {get(spa, address) for address in addresses}
    assert len(answers) == 1
    ((status, shell),) = answers
    assert status == 200
    assert b'<div id="app"></div>' in shell
    assert b"href" not in re.sub(rb"<link [^>]*>", b"", shell)
    assert get(spa, "/app.js")[1].startswith(b"// ")


def test_the_data_are_those_of_the_plain_portal_on_each_day(plain: Portal, spa: SinglePagePortal) -> None:
    for day in range(1, 8):
        for portal in (plain, spa):
            live_a_day(portal, day)
        kept = [item for item in plain.items if plain.article(item).moved_to is None]
        for item in kept[day % 3 :: 3]:  # requests do not change what happens on the next day
            get(plain, f"/tintuc/lists/posts/post.aspx?ItemID={item}")
            get(spa, f"/api/articles/{item}.json")
        assert spa.items == plain.items
        assert [vars(spa.article(item)) for item in spa.items] == [vars(plain.article(item)) for item in plain.items]


def test_an_article_counts_its_readers_and_a_withdrawn_one_is_missing(spa: SinglePagePortal) -> None:
    item = spa.items[2]
    first, second = (data(spa, f"/api/articles/{item}.json") for _ in range(2))
    assert (first["title"], second["views"]) == (spa.article(item).title, first["views"] + 1)
    assert re.fullmatch(r"2022-\d\d-\d\dT\d\d:\d\d:\d\d\+07:00", first["published"])
    assert all(text in first["body"] for text in spa.article(item).paragraphs)
    for soft in (False, True):
        spa.withdraw(item, soft=soft)
        assert get(spa, f"/api/articles/{item}.json") == (404, b'{"error": "not found"}')
    assert get(spa, "/api/articles/1.json")[0] == get(spa, "/api/none.json")[0] == 404
    before, after = (data(spa, "/api/site.json")["visitors"] for _ in range(2))
    assert 1 <= after - before <= 4


def test_the_pages_of_a_listing_have_each_live_article_once(spa: SinglePagePortal) -> None:
    spa.withdraw(spa.items[0])
    for _ in range(8):
        spa.publish()
    new = spa.move(spa.items[1])
    first = data(spa, "/api/articles.json?list=/tintuc/default.aspx&page=1")
    assert (first["name"], first["pages"], len(first["items"])) == ("Tin tức sự kiện", 2, 12)
    second = data(spa, "/api/articles.json?list=/tintuc/default.aspx&page=2")
    listed = [each["title"] for each in first["items"] + second["items"]]
    live = [item for item in reversed(spa.items) if item != spa.items[0] and spa.article(item).moved_to is None]
    assert listed == [spa.article(item).title for item in live]
    assert get(spa, "/api/articles.json?list=/tintuc/default.aspx&page=3")[0] == 404
    assert get(spa, "/api/articles.json?list=/none")[0] == 404
    with urllib.request.urlopen(spa.address(spa.items[1]), timeout=20) as answer:  # noqa: S310  (loopback)
        assert answer.url == spa.address(new)


@needs_chromium
def test_the_script_makes_the_article_of_the_plain_portal(plain: Portal, spa: SinglePagePortal, tmp_path: Path) -> None:
    item = next(item for item in plain.items if plain.article(item).captions and plain.article(item).files)
    for portal in (plain, spa):
        live_a_day(portal, 1)
        portal.edit_sentence(item)
    expected = record(plain, "demo", item, get(plain, f"/tintuc/lists/posts/post.aspx?ItemID={item}")[1])
    dom = dom_of(spa.address(item), tmp_path / "profile")
    found = record(spa, "demo-spa", item, dom.encode())
    assert content(found) == content(expected)
    assert found.content.title == spa.article(item).title
    readings = dict(found.readings)
    assert readings["site_visits"] == spa.site_visits
    assert f'<view-count class="luotxem" value="{spa.article(item).views}">' in dom
    assert spa.article(item).views == plain.article(item).views


@needs_chromium
def test_the_script_says_that_a_withdrawn_article_is_missing(spa: SinglePagePortal, tmp_path: Path) -> None:
    spa.withdraw(spa.items[1])
    dom = dom_of(spa.address(spa.items[1]), tmp_path / "profile")
    assert record(spa, "demo-spa", spa.items[1], dom.encode()).soft_gone


@needs_chromium
def test_only_the_script_makes_the_links_of_a_listing(spa: SinglePagePortal, tmp_path: Path) -> None:
    dom = dom_of(f"{spa.url}tintuc/default.aspx", tmp_path / "profile")
    assert re.findall(r'<a class="title" href="[^"]*ItemID=(\d+)', dom) == [str(item) for item in reversed(spa.items)]


def test_the_plain_demo_has_the_same_history_each_time(tmp_path: Path) -> None:
    first, second = (history(tmp_path / f"{name}.db", "demo") for name in ("first", "second"))
    assert first == second
    assert {row["field"] for row in first["changes"]} == {"title", "body", "bylines"}
    assert len(first["absences"]) == 2
    assert any(gained and gained < 0 for *_, gained in first["views"])


@needs_chromium
@needs_rendering
def test_the_single_page_demo_has_the_history_of_the_plain_one(tmp_path: Path) -> None:
    plain = history(tmp_path / "plain.db", "demo")
    spa = history(tmp_path / "spa.db", "demo", "--spa")
    for kind, rows in plain.items():
        assert spa[kind] == rows, kind


@needs_rendering
def test_without_a_browser_the_demo_ends_in_one_line_and_removes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ARCHIVER_CHROMIUM", str(tmp_path / "none"))
    kept = tmp_path / "data" / "demo-spa.db"
    kept.parent.mkdir()
    kept.touch()
    assert run(["demo", "--spa"]) != 0
    error = capsys.readouterr().err
    assert len(error.splitlines()) == 1
    assert "chromium" in error
    assert kept.exists()


def history(path: Path, *words: str) -> dict[str, list[Any]]:
    """Run the demo, and return what the archive says about articles and files, in an order of its own.

    The count of all visitors depends on the order of the requests, so only where it was read is compared. A crawl looks
    where a redirect leads: in the plain portal that counts a reader of the article, and here one of the shell.
    """
    assert run(["--archive", str(path), *words, "--articles", "14", "--days", "6"]) == 0
    with open_archive(path, write=False) as archive:
        rows: dict[str, list[Any]] = {
            kind: [_comparable(row) for row in archive.sql(f"SELECT url, {columns} FROM {_ABOUT.format(kind)}")]
            for kind, columns in _HISTORY.items()
        }
        moved_to = {row["moved_to"] for row in archive.sql("SELECT moved_to FROM moves")}
        readings = list(archive.sql(f"SELECT url, name, read_at, value, gained FROM {_ABOUT.format('readings')}"))
    rows["views"] = [
        (_address(row["url"]), row["read_at"], row["value"] if row["url"] not in moved_to else "", row["gained"])
        for row in readings
        if row["name"] == "views"
    ]
    rows["site_visits"] = [(_address(row["url"]), row["read_at"]) for row in readings if row["name"] == "site_visits"]
    return {kind: sorted(found, key=str) for kind, found in rows.items()}


def _comparable(row: dict[str, Any]) -> dict[str, Any]:
    without_port = {name: _ORIGIN.sub("", value) if isinstance(value, str) else value for name, value in row.items()}
    return {**without_port, "url": _address(row["url"])}


def _address(url: str) -> str:
    """Return an address without the port, and an article's in its plain spelling: the archive keeps the first it saw."""
    path = unquote(_ORIGIN.sub("", url))
    return _ITEM.sub(r"/tintuc/lists/posts/post.aspx?ItemID=\1", path)
