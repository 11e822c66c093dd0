"""The server's log shows the distance between requests, and that requests to a failing server stop."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from email.message import Message
from pathlib import Path

import pytest

from archiver.app.archive import Archive
from archiver.model.event import Event, Noticed
from archiver.model.policy import Retries
from paced import too_close
from scripted import Answer, Scripted


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Scripted]:
    scripted = Scripted(tmp_path / "archive.db")
    links = "".join(f"<a href=/{number}>{number}</a>" for number in range(30))
    scripted.page("/", "Home", extra=links)
    for number in range(30):
        scripted.page(f"/{number}", f"Page {number}")
    yield scripted
    scripted.close()


class Ear:
    def __init__(self) -> None:
        self.notices: list[str] = []

    def __call__(self, event: Event) -> None:
        if isinstance(event, Noticed):
            self.notices.append(event.line)


def test_two_archives_together_ask_no_more_often_than_one(site: Scripted, tmp_path: Path) -> None:
    delay = 0.15
    shared = tmp_path / "state" / "servers.db"
    profile = site.profile()
    profile = replace(profile, crawl=replace(profile.crawl, delay=delay))
    archives = [
        Archive(replace(site.archive.settings, archive=tmp_path / f"{name}.db", servers=shared)) for name in "ab"
    ]
    crawls = [
        threading.Thread(target=archive.crawl, args=(profile,), kwargs={"limit": 8, "everything": True})
        for archive in archives
    ]
    for crawl in crawls:
        crawl.start()
    for crawl in crawls:
        crawl.join()
    for archive in archives:
        archive.close()
    assert len(site.times) >= 18
    assert too_close(site.times, delay) == []


def test_a_server_that_keeps_failing_is_left_alone_and_tried_again(site: Scripted) -> None:
    site.crawl()
    site.crawl()
    sick: Answer = (503, {}, b"")
    well, site.answers = site.answers, dict.fromkeys(site.answers, sick)
    site.asked.clear()
    ear = Ear()
    site.archive.crawl(site.profile(), everything=True, listen=ear)
    assert len(site.asked) == Retries().circuit + 1, "robots.txt, and ten pages in a row"
    assert any(
        f"failed {Retries().circuit} times in a row: it gets no request for 15 minutes" in notices
        for notices in ear.notices
    )
    site.asked.clear()
    ear = Ear()
    site.archive.crawl(site.profile(), everything=True, listen=ear)
    assert site.asked == []
    assert [notices for notices in ear.notices if "gets no request until" in notices]
    site.clock.advance(minutes=16)
    site.archive.crawl(site.profile(), everything=True)
    assert len(site.asked) == 1, "half open: one is asked"
    site.clock.advance(minutes=16)
    site.asked.clear()
    site.archive.crawl(site.profile(), everything=True)
    assert site.asked == [], "and the second pause is twice as long"
    site.clock.advance(minutes=16)
    site.answers = well
    site.archive.crawl(site.profile(), everything=True)
    assert len(site.asked) == 31
    assert site.rows("SELECT count(*) FROM changes") == [(0,)]
    assert site.rows("SELECT count(*) FROM pages WHERE state = 'live'") == [(31,)]


THREE_TRIES = Retries(3, 0.0, 0.0)


def _failing(site: Scripted, status: int, pages: range) -> tuple[set[str], Ear]:
    """Crawl with some pages that fail; return the requested pages and the messages."""
    for number in pages:
        site.answers[f"/{number}"] = (status, {}, b"")
    ear = Ear()
    settings = replace(site.archive.settings, retries=THREE_TRIES)
    with Archive(settings) as archive:
        archive.crawl(site.profile(), everything=True, listen=ear)
    return {path for path in site.asked if path[1:].isdigit()}, ear


@pytest.mark.parametrize(("status", "count"), [(500, 4), (500, 20), (501, 12), (0, 4), (0, 9), (503, 9), (408, 12)])
def test_pages_that_fail_do_not_stop_the_others(site: Scripted, status: int, count: int) -> None:
    asked, ear = _failing(site, status, range(count))
    assert len(asked) == 30
    assert not [notices for notices in ear.notices if "gets no request" in notices]


def _fails_after_home(site: Scripted, status: int) -> None:
    """Let the home page answer once; then the server fails."""

    def answer(path: str, _headers: Message) -> Answer | None:
        return None if path == "/robots.txt" or (site.asked.count("/") < 2 and path == "/") else (status, {}, b"")

    site.rule = answer


@pytest.mark.parametrize("status", [0, 429, 502, 503, 504])
def test_a_server_without_an_answer_is_suspended_after_ten_pages(site: Scripted, status: int) -> None:
    _fails_after_home(site, status)
    asked, ear = _failing(site, status, range(30))
    assert len(asked) == Retries().circuit
    tries = [path for path in site.asked if path[1:].isdigit()]
    kept = status == 0  # the first request meets the end of the connection that was left open
    assert len(tries) == THREE_TRIES.attempts * Retries().circuit + kept, "pages are counted, not attempts"
    assert site.asked.count("/") == (1 if status == 429 else 2), "the page that answered is checked once"
    assert [notices for notices in ear.notices if f"failed {Retries().circuit} times in a row" in notices]


@pytest.mark.parametrize("status", [0, 502, 503, 504])
@pytest.mark.parametrize("count", [10, 19])
def test_pages_that_fail_in_a_row_do_not_stop_a_server_that_answers(site: Scripted, status: int, count: int) -> None:
    asked, ear = _failing(site, status, range(count))
    assert len(asked) == 30
    assert not [notices for notices in ear.notices if "gets no request" in notices]
    assert site.asked.count("/") >= 2, "the page that answered was requested again"
    reasons = site.rows("SELECT reason FROM visits WHERE reason_code = 'server_check'")
    assert reasons[0] == ("to see whether the server still answers",)
    assert site.rows("SELECT count(*) FROM changes") == [(0,)]


def test_a_server_whose_pages_all_fail_is_suspended_although_its_home_answers(site: Scripted) -> None:
    """A static home in front of a dead server excuses it twice."""
    links = "".join(f"<a href=/{number}>{number}</a>" for number in range(60))
    site.page("/", "Home", extra=links)
    asked, ear = _failing(site, 503, range(60))
    assert len(asked) == 3 * Retries().circuit
    assert [notices for notices in ear.notices if f"failed {Retries().circuit} times in a row" in notices]


def test_a_half_open_circuit_makes_one_try(site: Scripted) -> None:
    _failing(site, 0, range(30))
    site.asked.clear()
    site.clock.advance(minutes=16)
    site.rule = lambda _path, _headers: (0, {}, b"")
    settings = replace(site.archive.settings, retries=THREE_TRIES)
    with Archive(settings) as archive:
        archive.crawl(site.profile(), everything=True)
    assert len([path for path in site.asked if path != "/robots.txt"]) == 1


def test_an_answer_in_between_ends_the_row(site: Scripted) -> None:
    site.answers["/7"] = (500, {}, b"")
    for number in (*range(7), *range(8, 16)):
        site.answers[f"/{number}"] = (0, {}, b"")
    asked, ear = _failing(site, 500, range(7, 8))
    assert len(asked) == 30
    assert not ear.notices or not [notices for notices in ear.notices if "gets no request" in notices]


def test_all_archives_of_the_machine_obey_a_retry_after(site: Scripted, tmp_path: Path) -> None:
    shared = tmp_path / "state" / "servers.db"
    first, second = (
        Archive(replace(site.archive.settings, archive=tmp_path / f"{name}.db", servers=shared)) for name in "ab"
    )
    site.answers["/"] = (429, {"Retry-After": "7200"}, b"")
    profile = site.profile()
    profile = replace(profile, crawl=replace(profile.crawl, delay=0.01))
    first.crawl(profile)
    site.asked.clear()
    ear = Ear()
    second.crawl(profile, listen=ear)
    assert site.asked == []
    assert any("another archiver on this machine" in notices for notices in ear.notices), ear.notices
    first.close()
    second.close()
