"""Many sites at once: each at its own pace, none waits for another, and one that is busy is told."""

import threading
import time
from collections.abc import Iterator
from email.message import Message
from pathlib import Path

import pytest

from archiver.app.reading.state import CrawlSummary
from archiver.errors import SiteBusy
from archiver.extract.profile import parse_profile
from archiver.maintain.verify.verify import verify
from archiver.model.event import Event, Visited
from archiver.model.profile import Profile
from paced import too_close
from scripted import Answer, Scripted


@pytest.fixture
def sites(tmp_path: Path) -> Iterator[list[Scripted]]:
    found = []
    for name in ("a", "b", "c"):
        (tmp_path / name).mkdir()
        site = Scripted(tmp_path / name / "archive.db")
        site.page("/", name, extra="".join(f"<a href=/{number}>x</a>" for number in range(6)))
        for number in range(6):
            site.page(f"/{number}", f"{name}{number}")
        found.append(site)
    yield found
    for site in found:
        site.close()


def profile(name: str, url: str, delay: float = 0.0) -> Profile:
    text = f'[site]\nname = "{name}"\nhome = "{url}/"\n[crawl]\nsitemaps = []\ndelay = {delay}\n[[page]]\nkind = "article"\nfallback = false\n'
    return parse_profile(text + '[page.fields]\ntitle = "h1"\nbody = "#b"\n', name)


def test_a_slow_site_holds_up_nobody(sites: list[Scripted]) -> None:
    archive, order = sites[0].archive, list[str]()
    slow, *fast = (
        profile(name, site.url, 0.15 if name == "a" else 0.0) for name, site in zip("abc", sites, strict=True)
    )

    def hear(event: Event) -> None:
        if isinstance(event, Visited):
            order.append(event.site)

    summaries = archive.crawl_all([slow, *fast], everything=True, listen=hear)
    assert [each.site for each in summaries if isinstance(each, CrawlSummary)] == ["a", "b", "c"]
    assert [each.tally.visits for each in summaries if isinstance(each, CrawlSummary)] == [7, 7, 7]
    assert set(order[-3:]) == {"a"}, "the others were long done"
    assert verify(archive.settings.archive, deep=True).whole
    assert {tuple(row.values()) for row in archive.sql("SELECT site, count(*) FROM pages GROUP BY site")} == {
        ("a", 7),
        ("b", 7),
        ("c", 7),
    }


def test_two_sites_of_one_server_share_its_pace(sites: list[Scripted]) -> None:
    site = sites[0]
    one, two = profile("one", site.url, 0.1), profile("two", site.url, 0.0)
    site.archive.crawl_all([one, two], everything=True)
    asked = [path for path in site.asked if path != "/robots.txt"]
    assert len(asked) == 14
    assert too_close(site.times[4:], 0.1) == [], "once both are under way, the longer delay counts for both"


def test_two_sites_of_one_slow_server_never_ask_it_together(sites: list[Scripted]) -> None:
    site, under_way, most = sites[0], 0, 0
    lock = threading.Lock()

    def slow(_path: str, _headers: Message) -> Answer | None:
        nonlocal under_way, most
        with lock:
            under_way += 1
            most = max(most, under_way)
        time.sleep(0.05)
        with lock:
            under_way -= 1
        return None

    site.rule = slow
    site.archive.crawl_all([profile(name, site.url) for name in ("one", "two", "three")], everything=True)
    assert most == 1
    assert sum(path != "/robots.txt" for path in site.asked) == 21


def test_a_site_that_is_busy_is_told_and_the_others_go_on(sites: list[Scripted]) -> None:
    archive = sites[0].archive
    with archive.lock_site("a"):
        busy, done = archive.crawl_all([profile("a", sites[0].url), profile("b", sites[1].url)], everything=True)
    assert isinstance(busy, SiteBusy)
    assert isinstance(done, CrawlSummary)
    assert done.tally.visits == 7


def test_a_site_named_twice_is_crawled_once(sites: list[Scripted]) -> None:
    one = profile("a", sites[0].url)
    first, second = sites[0].archive.crawl_all([one, one], everything=True)
    assert first is second
    assert sites[0].asked.count("/3") == 1
