"""Sites with scripted answers: one page does not affect others, and no false history is written."""

from collections.abc import Iterator
from email.message import Message
from pathlib import Path
from typing import Any

import pytest

from archiver.app.crawling.plan import plan_visits
from archiver.errors import NotInArchive, SiteBusy
from archiver.extract.profile import parse_profile
from archiver.revisit.observed import Observed
from archiver.revisit.planner import RevisitPlanner
from archiver.store.frontier import Due, NextVisit
from scripted import Scripted


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Scripted]:
    scripted = Scripted(tmp_path / "archive.db")
    yield scripted
    scripted.close()


def test_half_of_an_emoji_is_no_error(site: Scripted) -> None:
    broken = b'<script type="application/ld+json">{"@type":"NewsArticle","headline":"Cut \\ud83d"}</script><a href="/p">p</a>'
    site.answers["/"] = (200, {}, broken)
    site.page("/p", "P")
    plain = parse_profile(f'[site]\nname = "t"\nhome = "{site.url}/"\n[crawl]\ndelay = 0.0\nsitemaps = []\n', "t")
    site.archive.crawl(plain, everything=True)
    assert site.rows("SELECT title FROM pages WHERE title LIKE 'Cut%'") == [("Cut",)]
    assert ("P",) in site.rows("SELECT title FROM pages")
    assert site.rows("SELECT url FROM visits WHERE outcome <> 'ok'") == [(f"{site.url}/robots.txt",)]


def test_a_bug_stops_the_run_and_counts_against_no_page(site: Scripted, monkeypatch: pytest.MonkeyPatch) -> None:
    site.page("/", "Home", extra="<a href=/p>p</a>")
    site.page("/p", "P")
    inner = RevisitPlanner.next_visit

    def fails(planner: RevisitPlanner, seen: Observed, entry: Due | None) -> NextVisit:
        if entry is not None and entry.url.endswith("/p"):
            raise KeyError("odd")
        return inner(planner, seen, entry)

    with monkeypatch.context() as patch:
        patch.setattr(RevisitPlanner, "next_visit", fails)
        for _ in range(4):
            with pytest.raises(KeyError):
                site.crawl()
        row = "SELECT outcome, cause, note FROM visits WHERE url LIKE '%/p'"
        assert site.rows(row) == [("ok", None, None)]
        assert site.rows("SELECT DISTINCT ended FROM runs") == [("failed",)]
    site.crawl()
    assert site.asked.count("/p") == 1, "what is kept is not asked for again"
    assert site.rows("SELECT title, version FROM pages WHERE url LIKE '%/p'") == [("P", 1)]
    assert site.rows("SELECT count(*) FROM _unread") == [(0,)]


def test_a_redirect_to_another_spelling_is_no_version(site: Scripted) -> None:
    site.page("/", "Home", extra="<a href='/p?utm_source=x'>p</a>")
    site.answers["/p?utm_source=x"] = (301, {"Location": "/p"}, b"")
    site.page("/p", "P")
    for _ in range(4):
        site.crawl()
    assert site.rows("SELECT version, seen_until FROM versions WHERE title = 'P'") == [(1, None)]
    assert site.rows("SELECT state FROM pages WHERE title = 'P'") == [("live",)]


def test_equal_times_of_different_pages_are_separate(site: Scripted) -> None:
    site.page("/", "T", extra="<i id=d>21/10/2022 15:55</i>")
    date = 'published = { css = "#d", type = "datetime" }'
    for zone, instant in (("UTC", "2022-10-21 15:55:00"), ("Asia/Ho_Chi_Minh", "2022-10-21 08:55:00")):
        site.crawl(site=f'language = "vi"\ntimezone = "{zone}"', fields=date)
        assert site.rows("SELECT published_utc FROM versions") == [(instant,)]
    assert site.rows("SELECT field, was, now FROM reinterpretations") == [
        ("published_utc", "2022-10-21 15:55:00", "2022-10-21 08:55:00")
    ]
    assert site.rows("SELECT count(*) FROM changes") == [(0,)]


def test_a_moment_shows_the_page_and_not_an_error(site: Scripted) -> None:
    site.page("/", "Home", "Bài viết.")
    site.crawl()
    site.answers["/"] = (503, {}, b"<h1>down</h1>")
    site.crawl()
    page = site.archive.page(site.url + "/")
    state = page.state_at("2022-10-25")
    assert (state.status, state.outcome) == (200, "ok")


def test_a_gone_page_stays_gone_until_it_returns(site: Scripted) -> None:
    site.page("/", "Home", extra="<a href=/p>p</a>")
    site.page("/p", "P")
    site.crawl()
    for status in (404, 404, 403, 404):
        site.answers["/p"] = (status, {}, b"")
        site.crawl()
    assert site.rows("SELECT state FROM pages WHERE title = 'P'") == [("gone",)]


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_page_is_found_by_an_address_that_redirects_to_it(site: Scripted, status: int) -> None:
    site.page("/", "Home", extra="<a href=/new>new</a> <a href=/old>old</a>")
    site.answers["/old"] = (status, {"Location": "/new"}, b"")
    site.page("/new", "New")
    for _ in range(2):
        site.crawl()
    page = site.archive.page(f"{site.url}/old")
    assert (page.url, page.versions[-1].content.title) == (f"{site.url}/new", "New")
    with pytest.raises(NotInArchive):
        site.archive.page(f"{site.url}/older")


TWO_PLACES = {"Location": "/elsewhere", "location": "/nowhere"}
OF_THE_FETCH = "2 different Location headers; the first was used"
OF_THE_READER = "summary: none of its rules gave a value"
NO_SUMMARY = 'summary = { css = "#none", required = true }'


def _note(site: Scripted) -> Any:
    return site.rows(f"SELECT note FROM visits WHERE url = '{site.url}/' ORDER BY visit_id DESC LIMIT 1")[0][0]


@pytest.mark.parametrize(
    ("headers", "fields", "note"),
    [
        ({}, "", None),
        (TWO_PLACES, "", OF_THE_FETCH),
        ({}, NO_SUMMARY, OF_THE_READER),
        (TWO_PLACES, NO_SUMMARY, f"{OF_THE_FETCH}; {OF_THE_READER}"),
    ],
    ids=["none", "fetch", "reader", "both"],
)
def test_a_visit_keeps_the_notes_of_its_fetch_and_of_its_reader(
    site: Scripted, headers: dict[str, str], fields: str, note: str | None
) -> None:
    site.page("/", "Home")
    site.answers["/"] = (200, headers, site.answers["/"][2])
    for _ in range(2):
        site.crawl(fields=fields)
        assert _note(site) == note
    (site.selectors / "t.toml").write_text(site.profile(fields=fields + '\nplace = "#place"').text, encoding="utf-8")
    assert site.archive.extract("t", workers=1).ended == "done"
    assert _note(site) == note


def test_a_capture_is_not_read_by_a_profile_that_another_program_replaced(site: Scripted) -> None:
    """The profile changes while the server answers. A command with the new profile then reads the capture."""
    site.page("/", "Home", extra="<p id=s>Tóm tắt</p>")
    path = site.archive.settings.archive
    profiles = {name: site.profile(fields=fields).text for name, fields in (("old", ""), ("new", 'summary = "#s"'))}
    (site.selectors / "t.toml").write_text(profiles["old"], encoding="utf-8")
    site.archive.crawl("t", everything=True)
    site.clock.advance(days=1)

    def switch(asked: str, _headers: Message) -> None:
        if asked == "/":
            site.rule = lambda _path, _headers: None
            (site.selectors / "t.toml").write_text(profiles["new"], encoding="utf-8")
            with site.open(path) as other:
                other.extract("t", workers=1)

    site.rule = switch
    with pytest.raises(SiteBusy, match="changed the profile of this site meanwhile"):
        site.archive.capture(f"{site.url}/", site="t")
    assert site.rows(f"SELECT count(*) FROM visits WHERE url = '{site.url}/'") == [(2,)], "it is kept"
    seen = "SELECT summary, seen_from, seen_last FROM versions"
    assert site.rows(seen) == [("Tóm tắt", "2022-10-21 09:00:00", "2022-10-21 09:00:00")]
    site.archive.crawl("t", limit=0)
    assert site.rows(seen) == [("Tóm tắt", "2022-10-21 09:00:00", "2022-10-22 09:00:00")], "and read by the new one"
    assert site.rows("SELECT count(*) FROM changes") == [(0,)]


def test_a_reader_that_fails_says_nothing_of_a_page_that_is_gone(
    site: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether the page is there again is known when it is read."""
    site.page("/", "Home", extra="<a href=/p>p</a>")
    site.page("/p", "P")
    site.crawl()
    kept = site.answers.pop("/p")
    for _ in range(2):
        site.crawl()
    site.answers["/p"] = kept

    def fails(*_: object, **__: object) -> None:
        raise RecursionError("too deep")

    absence = "SELECT url LIKE '%/p', back_by IS NULL FROM absences"
    with monkeypatch.context() as patch:
        patch.setattr("archiver.crawl.read_capture.read", fails)
        site.crawl()
    assert site.rows("SELECT unread FROM runs ORDER BY run_id DESC LIMIT 1") == [(2,)]
    assert site.rows(absence) == [(1, 1)]
    assert site.rows("SELECT state FROM pages WHERE url LIKE '%/p'") == [("gone",)]
    monkeypatch.setattr("archiver.crawl.unread.reader_version", lambda: "newer")
    site.crawl()
    assert site.rows(absence) == [(1, 0)]
    ((back, seen),) = site.rows("SELECT back_by, max(seen_from) FROM absences JOIN versions USING (url)")
    assert back == seen


def test_a_visit_out_of_order_does_not_change_when_the_page_is_due(site: Scripted) -> None:
    site.page("/", "Home")
    (site.selectors / "t.toml").write_text(site.profile().text, encoding="utf-8")
    site.crawl()
    site.crawl()
    before = plan_visits(site.archive, "t").pages
    site.clock.advance(days=-1, hours=-2)
    site.archive.capture(f"{site.url}/", site="t")
    site.clock.advance(days=1, hours=2)
    assert plan_visits(site.archive, "t").pages == before
