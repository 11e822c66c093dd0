"""Temporary problems do not affect later crawls: outages, dead servers, wrong clocks, long runs."""

import socket
from collections.abc import Collection, Iterator
from datetime import timedelta
from email.message import Message
from pathlib import Path
from typing import Any

import pytest

from archiver.app.crawling.plan import plan_visits
from archiver.app.watching.report import report_sites
from archiver.extract.profile import parse_profile
from archiver.model.profile import Profile
from archiver.store.due_queues import DueQueues
from archiver.store.frontier import Due
from scripted import Answer, Scripted


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Scripted]:
    scripted = Scripted(tmp_path / "archive.db")
    scripted.answers["/robots.txt"] = (200, {}, b"")
    yield scripted
    scripted.close()


def _profile(site: Scripted, crawl: str = "sitemaps = []") -> Profile:
    text = f"""[site]\nname = "t"\nhome = "{site.url}/"\n[crawl]\ndelay = 0.0\n{crawl}
        [[page]]\nkind = "listing"\nurl = '/$'\n
        [[page]]\nkind = "article"\n[page.fields]\ntitle = "h1"\nbody = "#b"\n"""
    (site.selectors / "t.toml").write_text(text, encoding="utf-8")
    return parse_profile(text, "t")


def _links(count: int, origin: str = "") -> str:
    return "".join(f"<a href='{origin}/a/{number}'>{number}</a> " for number in range(count))


def _articles(site: Scripted, count: int) -> None:
    site.page("/", "Home", extra=_links(count))
    for number in range(count):
        site.page(f"/a/{number}", f"Bài {number}", f"Văn bản {number}. " * 20)


def _days(site: Scripted, profile: Profile, days: int, runs_a_day: int = 4) -> set[str]:
    """Crawl once a day for `days` days; return the requested paths."""
    before = len(site.asked)
    for _ in range(days * runs_a_day):
        site.clock.advance(hours=24 / runs_a_day)
        site.archive.crawl(profile)
    return set(site.asked[before:])


@pytest.mark.parametrize("fault", ["302", "404", "410", "503"])
def test_an_outage_of_three_days_delays_visits_by_days(site: Scripted, fault: str) -> None:
    _articles(site, 4)
    listed = "".join(f"<url><loc>{site.url}/a/{number}</loc></url>" for number in range(4))
    site.answers["/sitemap.xml"] = (200, {"Content-Type": "application/xml"}, f"<urlset>{listed}</urlset>".encode())
    profile = _profile(site, "")
    site.archive.crawl(profile)
    away: Answer = (int(fault), {"Location": f"{site.url}/maintenance"} if fault == "302" else {}, b"closed")
    site.rule = lambda path, _headers: None if path == "/robots.txt" else away
    _days(site, profile, 3)
    site.rule = lambda _path, _headers: None
    site.page("/a/new", "Mới", "Tin mới. " * 20)
    site.page("/", "Home", extra=_links(4) + "<a href=/a/new>mới</a>")
    assert {"/", "/a/new", "/sitemap.xml"} <= _days(site, profile, 1), "where news appears, within a day"
    seen = _days(site, profile, 4)
    assert {f"/a/{number}" for number in range(4)} <= seen, "and what was there before, as long as it was away"


def test_missing_pages_are_visited_less_and_less_often(site: Scripted) -> None:
    _articles(site, 1)
    profile = _profile(site)
    site.archive.crawl(profile)
    del site.answers["/a/0"]
    _days(site, profile, 120, runs_a_day=1)
    assert 6 <= site.asked.count("/a/0") <= 12


def test_a_dead_server_takes_no_visits_from_others(site: Scripted) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        dead = f"http://127.0.0.1:{probe.getsockname()[1]}"
    _articles(site, 30)
    site.page("/", "Home", extra=_links(40, dead) + _links(30))
    profile = _profile(site, f'sitemaps = []\nscope = ["{site.url}/", "{dead}/"]')
    site.archive.crawl(profile, limit=20)
    assert sum(path.startswith("/a/") for path in site.asked) >= 17
    site.archive.crawl(profile)
    assert {f"/a/{number}" for number in range(30)} <= set(site.asked)
    assert site.rows("SELECT count(*) FROM visits WHERE outcome = 'network_error'")[0][0] <= 4


def test_the_start_page_is_visited_daily(site: Scripted) -> None:
    _articles(site, 100)
    profile = _profile(site, "sitemaps = []\nrevisit = { budget = 10 }")
    for _ in range(8):
        before = len(site.asked)
        site.archive.crawl(profile)
        assert "/" in site.asked[before:]
        site.clock.advance(days=1)


def test_a_clock_that_was_wrong_once_has_no_later_effect(site: Scripted) -> None:
    _articles(site, 2)
    profile = _profile(site)
    site.archive.crawl(profile)
    site.clock.advance(days=3650)
    site.archive.crawl(profile)
    site.clock.advance(days=-3649)
    site.answers["/robots.txt"] = (200, {}, b"User-agent: *\nDisallow: /a/1")
    assert {"/", "/robots.txt"} <= _days(site, profile, 2)
    before = len(site.asked)
    assert "/a/0" in _days(site, profile, 31, runs_a_day=1)
    assert "/a/1" not in site.asked[before:], "the rules of today hold"


def test_a_run_of_more_than_a_day_fetches_robots_txt_again(site: Scripted) -> None:
    _articles(site, 40)
    begun = site.clock()

    def slow(path: str, _headers: Message) -> Answer | None:
        if path.startswith("/a/"):
            site.clock.advance(hours=2)
        if site.clock() - begun > timedelta(hours=12):
            site.answers["/robots.txt"] = (200, {}, b"User-agent: *\nDisallow: /")
        return None

    site.rule = slow
    site.archive.crawl(_profile(site, "sitemaps = []\nconnections = 1"))
    assert site.asked.count("/robots.txt") == 2
    assert sum(path.startswith("/a/") for path in site.asked) <= 14


def test_a_guessed_sitemap_that_failed_once_is_requested_again(site: Scripted) -> None:
    _articles(site, 1)
    site.page("/a/hidden", "Ẩn", "Văn bản ẩn. " * 20)
    profile = _profile(site, "")
    site.answers["/sitemap.xml"] = (503, {}, b"busy")
    site.archive.crawl(profile)
    listed = f"<urlset><url><loc>{site.url}/a/hidden</loc></url></urlset>"
    site.answers["/sitemap.xml"] = (200, {"Content-Type": "application/xml"}, listed.encode())
    assert "/a/hidden" in _days(site, profile, 1)
    del site.answers["/sitemap.xml"]


def test_only_pages_that_were_seen_count_as_gone(site: Scripted) -> None:
    _articles(site, 2)
    site.page("/", "Home", extra=f"{_links(2)}<a href=/a/never>never</a>")
    profile = _profile(site)
    site.archive.crawl(profile)
    del site.answers["/a/0"]
    gone = 0
    for _ in range(3):
        site.clock.advance(days=1)
        gone += site.archive.crawl(profile, everything=True).tally.gone
    assert gone == 1
    actual = report_sites(site.archive.store, ["t"], site.clock, since="30d")[0]
    assert [row["url"] for row in actual.gone] == [f"{site.url}/a/0"]


@pytest.mark.parametrize("revisit", ["", "revisit = { budget = 12 }"])
def test_the_plan_agrees_with_the_next_crawl(site: Scripted, revisit: str) -> None:
    _articles(site, 10)
    profile = _profile(site, f"sitemaps = []\n{revisit}")
    site.archive.crawl(profile)
    for day in range(8):
        site.page("/a/3", "Bài 3", f"Ngày {day}. " * 20)
        site.clock.advance(days=1)
        now = site.clock().strftime("%Y-%m-%d %H:%M:%S")
        plan = plan_visits(site.archive, "t", limit=100)
        planned = {page.url for page in plan.pages if page.due_at <= now}
        assert len(planned) == plan.due
        before = len(site.asked)
        site.archive.crawl(profile)
        asked = {f"{site.url}{path}" for path in site.asked[before:]} - {f"{site.url}/robots.txt"}
        assert asked == planned if len(planned) <= 12 else asked < planned


def test_a_page_that_a_run_cannot_visit_is_selected_once(site: Scripted, monkeypatch: pytest.MonkeyPatch) -> None:
    _articles(site, 400)
    profile = _profile(site)
    site.archive.crawl(profile, limit=1)
    looked: list[int] = []
    next_pages = DueQueues.next_pages

    def look(queues: DueQueues, now: str, limit: int, started: Collection[int], **more: Any) -> list[Due]:
        looked.append(limit + len(started))
        return next_pages(queues, now, limit, started, **more)

    monkeypatch.setattr(DueQueues, "next_pages", look)
    site.rule = lambda _path, _headers: (503, {"Retry-After": "7200"}, b"")
    site.clock.advance(days=2)
    site.archive.crawl(profile)
    assert max(looked) < 150, "pages that must wait are not taken from the list again and again"


def test_a_run_that_left_pages_undone_is_stopped_and_says_why(site: Scripted) -> None:
    site.page("/", "Home", extra=" ".join(f"<a href=/{number}>x</a>" for number in range(50)))
    for number in range(50):
        site.answers[f"/{number}"] = (0, {}, b"")
    (site.selectors / "t.toml").write_text(site.profile().text, encoding="utf-8")
    summary = site.archive.crawl("t", everything=True)
    assert (summary.ended, summary.undone) == ("stopped", 20)
    assert "in a row" in summary.cause
    ((ended, cause),) = site.rows("SELECT ended, cause FROM runs")
    assert (ended, cause) == ("stopped", summary.cause)
    actual = summary.as_json()
    assert (actual["ended"], actual["undone"], actual["cause"]) == ("stopped", 20, summary.cause)
    for number in range(50):
        site.page(f"/{number}", f"P{number}")
    site.clock.advance(days=1)
    assert site.archive.crawl("t", everything=True).ended == "done"


def test_a_run_stopped_by_an_unreachable_robots_txt_says_so(site: Scripted) -> None:
    site.page("/", "Home", extra=" ".join(f"<a href=/{number}>x</a>" for number in range(5)))
    for number in range(5):
        site.page(f"/{number}", f"P{number}")
    site.archive.crawl(site.profile(), everything=True)
    site.clock.advance(days=2)
    site.answers["/robots.txt"] = (0, {}, b"")
    seen: list[str] = []
    summary = site.archive.crawl(
        site.profile(), everything=True, listen=lambda event: seen.append(getattr(event, "text", ""))
    )
    assert summary.ended == "stopped"
    assert "robots.txt could not be fetched" in summary.cause
    assert sum("robots.txt could not be fetched" in text for text in seen) == 1
    assert site.rows("SELECT cause FROM runs ORDER BY run_id DESC LIMIT 1") == [(summary.cause,)]
