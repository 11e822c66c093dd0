"""What a server's own log proves: the distance between requests, whoever asks, and that a sick server is left alone."""

import threading
from collections.abc import Iterator
from dataclasses import replace
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
        self.said: list[str] = []

    def __call__(self, event: Event) -> None:
        if isinstance(event, Noticed):
            self.said.append(event.told)


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
        f"failed {Retries().circuit} times in a row: it is left alone for 15 minutes" in said for said in ear.said
    )
    site.asked.clear()
    ear = Ear()
    site.archive.crawl(site.profile(), everything=True, listen=ear)
    assert site.asked == []
    assert [said for said in ear.said if "is left alone until" in said]
    site.clock.advance(minutes=16)
    site.archive.crawl(site.profile(), everything=True)
    assert len(site.asked) == 1, "half open: one is asked"
    site.clock.advance(minutes=16)
    site.asked.clear()
    site.archive.crawl(site.profile(), everything=True)
    assert site.asked == [], "and it is left alone for twice as long"
    site.clock.advance(minutes=16)
    site.answers = well
    site.archive.crawl(site.profile(), everything=True)
    assert len(site.asked) == 31
    assert site.rows("SELECT count(*) FROM changes") == [(0,)]
    assert site.rows("SELECT count(*) FROM pages WHERE state = 'live'") == [(31,)]


def test_a_plea_is_kept_by_every_archive_of_the_machine(site: Scripted, tmp_path: Path) -> None:
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
    assert any("another archiver of this machine" in said for said in ear.said), ear.said
    first.close()
    second.close()
