"""The profile is edited between or during crawls: the new rules hold, and the history stays."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from archiver.errors import ArchiveFull
from archiver.extract.profile import parse_profile
from archiver.maintain.verify.verify import verify
from archiver.model.event import Event, Noticed, Visited
from archiver.model.profile import Profile
from archiver.polite.stop import StopFlag
from archiver.store.runs import Runs
from scripted import Scripted


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Scripted]:
    scripted = Scripted(tmp_path / "archive.db")
    yield scripted
    scripted.close()


def ruled(site: Scripted, crawl: str = "", url: str = "", fields: str = "", pages: str = "") -> Profile:
    text = f"""[site]\nname = "t"\nhome = "{site.url}/"\n[crawl]\ndelay = 0.0\nsitemaps = []\n{crawl}\n[url]\n{url}\n{pages}
        [[page]]\nkind = "article"\n[page.fields]\ntitle = "h1"\nbody = "#b"\n{fields}"""
    return parse_profile(text, "t")


def addresses(site: Scripted, query: str) -> list[str]:
    return sorted(str(row[0]).removeprefix(site.url) for row in site.rows(query))


def test_a_page_that_the_profile_skips_now_is_not_visited(site: Scripted) -> None:
    site.page("/", "Home", extra="<a href=/p>p</a><a href=/tag/x>x</a>")
    site.page("/p", "P")
    site.page("/tag/x", "X")
    site.archive.crawl(ruled(site), everything=True)
    notices: list[Event] = []
    site.asked.clear()
    site.archive.crawl(ruled(site, crawl="skip = ['/tag/']"), everything=True, listen=notices.append)
    assert "/tag/x" not in site.asked
    assert "/p" in site.asked
    assert any("1 pages are not visited any longer" in event.text for event in notices if isinstance(event, Noticed))
    assert addresses(site, "SELECT url FROM pages") == ["/", "/p", "/tag/x"]
    site.archive.crawl(ruled(site), everything=True)
    assert site.asked.count("/tag/x") == 1


def test_new_url_rules_change_the_identities_of_pages(site: Scripted) -> None:
    site.page("/", "Home", extra="<a href='/p?id=1&utm=a'>p</a><a href='/p?id=1&utm=b'>p</a>")
    for mark in "ab":
        site.page(f"/p?id=1&utm={mark}", "P")
    site.archive.crawl(ruled(site), everything=True)
    assert len(site.rows("SELECT url FROM pages WHERE title = 'P'")) == 2
    notices: list[Event] = []
    site.asked.clear()
    site.archive.crawl(ruled(site, url='keep = ["id"]'), everything=True, listen=notices.append)
    assert len([path for path in site.asked if path.startswith("/p?")]) == 1
    assert any("their histories stay separate" in event.text for event in notices if isinstance(event, Noticed))
    assert site.archive.page(f"{site.url}/p?id=1&utm=zzz").versions
    assert verify(site.archive.settings.archive, deep=True).whole


def test_the_kind_of_known_pages_follows_the_profile(site: Scripted) -> None:
    site.page("/", "Home", extra="<a href=/list>p</a>")
    site.page("/list", "L")
    site.archive.crawl(ruled(site), everything=True)
    listing = "[[page]]\nkind = 'listing'\nurl = '/list'\n"
    site.archive.crawl(ruled(site, pages=listing), everything=True)
    assert site.rows("SELECT kind FROM pages WHERE url LIKE '%/list'") == [("listing",)]


def test_a_profile_edited_during_a_crawl_is_used_after_it(site: Scripted) -> None:
    """The crawl uses the profile that it started with; a capture during the crawl uses the archive's profile."""
    site.page("/", "Home", extra="<a href=/p>p</a>")
    site.page("/p", "P", extra="<i>other</i>")
    other_archive = site.open(site.archive.settings.archive)
    notices: list[Event] = []
    (site.selectors / "t.toml").write_text(ruled(site).text.replace('title = "h1"', 'title = "i"'), encoding="utf-8")

    def then(event: Event) -> None:
        if isinstance(event, Visited) and not notices:
            notices.append(event)
            other_archive.capture(f"{site.url}/p", listen=notices.append)

    site.archive.crawl(ruled(site), everything=True, listen=then)
    other_archive.close()
    assert any("another program works on this site" in event.text for event in notices if isinstance(event, Noticed))
    assert addresses(site, "SELECT title FROM pages") == ["Home", "P"]
    assert site.rows("SELECT count(*) FROM reinterpretations") == [(0,)]


def test_a_capture_outside_a_narrow_scope_is_read_without_the_profile(site: Scripted) -> None:
    site.page("/news/1", "One")
    site.page("/other", "Other", extra="<title>Other</title>")
    narrow = ruled(site, crawl=f'scope = ["{site.url}/news/"]\nstart = ["/news/1"]')
    (site.selectors / "t.toml").write_text(narrow.text, encoding="utf-8")
    site.archive.crawl("t", everything=True)
    site.archive.capture(f"{site.url}/other")
    sites = dict(site.rows("SELECT url, site FROM pages"))
    assert sites[f"{site.url}/news/1"] == "t"
    assert sites[f"{site.url}/other"] != "t"
    site.archive.capture(f"{site.url}/news/1")
    assert len(site.rows("SELECT * FROM visits WHERE url LIKE '%/news/1' AND site = 't'")) == 2


def test_pages_stay_due_when_robots_txt_fails(site: Scripted) -> None:
    site.page("/", "Home", extra="".join(f"<a href=/{n}>n</a>" for n in range(9)))
    for number in range(9):
        site.page(f"/{number}", f"N{number}")
    site.archive.crawl(ruled(site), limit=1)
    before = site.rows("SELECT count(*) FROM visits")
    site.answers["/robots.txt"] = (503, {}, b"")
    site.clock.advance(days=2)
    site.archive.crawl(ruled(site))
    assert site.rows("SELECT count(*) FROM visits")[0][0] - before[0][0] <= 2
    del site.answers["/robots.txt"]
    site.clock.advance(days=1)
    site.archive.crawl(ruled(site))
    assert len(addresses(site, "SELECT url FROM pages WHERE state = 'live'")) == 10


def test_an_interrupt_ends_a_capture(site: Scripted, monkeypatch: pytest.MonkeyPatch) -> None:
    site.page("/", "Home")
    site.answers["/robots.txt"] = (503, {"Retry-After": "3600"}, b"")

    def interrupted(_seconds: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(
        "archiver.polite.polite_client.PoliteClient._sleep", lambda _self, seconds: interrupted(seconds)
    )
    with pytest.raises(KeyboardInterrupt):
        site.archive.capture(site.url + "/")
    monkeypatch.undo()
    del site.answers["/robots.txt"]
    assert site.archive.capture(site.url + "/").state.outcome == "ok"


class Died(BaseException):
    """End like a kill, but within this process."""


def _dying(tries: list[int]) -> Callable[..., None]:
    def die(*_: object) -> None:
        tries.append(1)
        raise Died

    return die


def test_repeated_kills_count_against_no_page(site: Scripted, monkeypatch: pytest.MonkeyPatch) -> None:
    site.page("/", "Home")
    with monkeypatch.context() as patch:
        patch.setattr("archiver.crawl.read_capture.read_capture", _dying([]))
        with pytest.raises(Died):
            site.archive.crawl(ruled(site))
        patch.setattr("archiver.crawl.pipeline.Pipeline.settle", _dying([]))
        for _ in range(5):
            with pytest.raises(Died):
                site.archive.crawl(ruled(site))
    assert site.archive.crawl(ruled(site)).tally.unread == 0
    assert site.rows("SELECT title FROM pages") == [("Home",)]
    assert site.asked.count("/") == 1, "what is kept is not asked for again"


def test_a_page_that_kills_its_worker_three_times_is_not_tried_again(
    site: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.page("/", "Home")
    with monkeypatch.context() as patch:
        patch.setattr("archiver.crawl.read_capture.read_capture", _dying([]))
        with pytest.raises(Died):
            site.archive.crawl(ruled(site))
    with monkeypatch.context() as patch:
        patch.setattr("archiver.app.crawling.reread_workers.PATIENCE", 0.0)
        summaries = [site.archive.crawl(ruled(site)) for _ in range(4)]
    assert [each.tally.unread for each in summaries] == [1, 1, 1, 0], "the third gives it up and says so"
    row = "SELECT outcome, cause, title FROM visits JOIN pages USING (url) WHERE visits.url NOT LIKE '%robots%'"
    assert site.rows(row) == [("ok", "reader_failed", None)]
    assert site.rows("SELECT count(*) FROM _unread") == [(1,)]
    monkeypatch.setattr("archiver.crawl.unread.reader_version", lambda: "newer")
    assert site.archive.crawl(ruled(site)).tally.unread == 0
    assert site.rows(row) == [("ok", None, "Home")]
    assert site.rows("SELECT count(*) FROM _unread") == [(0,)]


def test_a_repeatedly_full_disk_counts_against_no_page(site: Scripted, monkeypatch: pytest.MonkeyPatch) -> None:
    """The reader succeeds each time, and the write of its result fails."""
    site.page("/", "Home")
    with monkeypatch.context() as patch:
        patch.setattr(Runs, "count", _full)
        for _ in range(5):
            with pytest.raises(ArchiveFull):
                site.archive.crawl(ruled(site))
    site.archive.crawl(ruled(site))
    assert site.rows("SELECT title FROM pages") == [("Home",)]
    assert site.asked.count("/") == 1, "what is kept is not asked for again"


def _full(_runs: Runs, _run_id: int, _tally: object) -> None:
    raise ArchiveFull("no room")


def test_a_stop_flag_works_before_the_first_page(site: Scripted) -> None:
    site.page("/", "Home")
    stop = StopFlag()
    stop.wanted = True
    assert site.archive.crawl(ruled(site), stop=stop).ended == "interrupted"
