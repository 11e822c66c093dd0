"""Pages that fall due earlier while a run goes on: the run takes them in their order, also when it has a limit or budget."""

import asyncio
import sqlite3
from collections.abc import Collection, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from archiver.crawl.due_pages import DuePages
from archiver.extract.profile import parse_profile
from archiver.model.capture import Capture, Request
from archiver.model.profile import Profile
from archiver.polite.polite_client import PoliteClient
from archiver.polite.stop import ServerSuspended
from archiver.store.frontier import Due
from scripted import Scripted
from trials import IS_FULL

PAGES = 40
XML = {"Content-Type": "application/xml"}
pytestmark = pytest.mark.soak


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Scripted]:
    scripted = Scripted(tmp_path / "archive.db")
    scripted.page("/", "Home")
    for number in range(PAGES):
        scripted.page(f"/p{number}", f"Page {number}")
    yield scripted
    scripted.close()


def profile(site: Scripted, crawl: str) -> Profile:
    text = f"""[site]\nname = "t"\nhome = "{site.url}/"\n[crawl]\ndelay = 0.0\n{crawl}\nrevisit = {{ min = "1h", max = "30d" }}
        [[page]]\nkind = "article"\n[page.fields]\ntitle = "h1"\nbody = "#b"\n"""
    return parse_profile(text, "t")


def sitemap(site: Scripted, dates: dict[str, str]) -> bytes:
    rows = "".join(f"<url><loc>{site.url}{path}</loc><lastmod>{when}</lastmod></url>" for path, when in dates.items())
    return f'<?xml version="1.0"?><urlset>{rows}</urlset>'.encode()


def feed(site: Scripted, dates: dict[str, str]) -> bytes:
    rows = "".join(
        f"<entry><link href='{site.url}{path}'/><updated>{when}</updated></entry>" for path, when in dates.items()
    )
    return f"<feed xmlns='http://www.w3.org/2005/Atom'>{rows}</feed>".encode()


LISTS = {"sitemap": ('sitemaps = ["/list"]\nfeeds = []', sitemap), "feed": ('sitemaps = []\nfeeds = ["/list"]', feed)}
TARGET = f"/p{PAGES - 1}"


def rewrite(site: Scripted, sql: str) -> None:
    with closing(sqlite3.connect(site.archive.settings.archive, isolation_level=None)) as database:
        database.execute(sql)


def prepare(site: Scripted, kind: str) -> Profile:
    """All pages but the last one are due for an hour. The last one is not due, and the list now dates it newer."""
    rules, make = LISTS[kind]
    dates = {f"/p{number}": "2022-10-01T00:00:00Z" for number in range(PAGES)}
    site.answers["/list"] = (200, XML, make(site, dates))
    found = profile(site, rules)
    site.archive.crawl(found)
    site.clock.advance(days=10)
    now = site.clock()
    for paths, due in (("<>", "-1 hour"), ("=", "+20 days")):
        rewrite(
            site,
            f"UPDATE _frontier SET interval = 86400.0, due_at = datetime('{now:%Y-%m-%d %H:%M:%S}', '{due}') "
            f"WHERE page_id IN (SELECT page_id FROM _page WHERE kind IS 'article' AND url {paths} '{site.url}{TARGET}')",
        )
    rewrite(site, f"UPDATE _pace SET set_at = '{now:%Y-%m-%d %H:%M:%S}'")  # no refit
    dates[TARGET] = now.isoformat().replace("+00:00", "Z")
    site.answers["/list"] = (200, XML, make(site, dates))
    site.asked.clear()
    return found


@pytest.mark.parametrize("kind", LISTS)
@pytest.mark.parametrize("everything", [False, True] if IS_FULL else [True])
def test_a_hint_counts_in_a_run_with_a_limit(site: Scripted, kind: str, everything: bool) -> None:
    site.archive.crawl(prepare(site, kind), limit=38, everything=everything)
    assert TARGET in site.asked
    assert site.asked.index(TARGET) <= 26, "after the pages that the run had taken from the frontier before"
    assert len([path for path in site.asked if path.startswith("/p")]) >= 30


@pytest.mark.parametrize("kind", LISTS)
def test_a_hint_counts_in_a_run_with_a_budget(site: Scripted, kind: str) -> None:
    found = prepare(site, kind)
    rewrite(site, "UPDATE _pace SET budget = 34")
    site.archive.crawl(found, budget=34)
    assert TARGET in site.asked
    assert len(site.asked) < PAGES


@pytest.mark.parametrize("paths", [("/p2",), ("/p0", "/p1", "/p2"), ("/p1", "/p2")])
@pytest.mark.parametrize("everything", [False, True] if IS_FULL else [True])
def test_the_frontier_is_searched_as_a_whole_when_the_last_request_is_not_made(
    site: Scripted, monkeypatch: pytest.MonkeyPatch, paths: tuple[str, ...], everything: bool
) -> None:
    """Its server is suspended while it waits, so nothing is written that starts another search."""
    site.page("/", "Home", extra="".join(f"<a href=/p{number}>{number}</a>" for number in range(3)))
    found = profile(site, "sitemaps = []\nfeeds = []\nconnections = 3")
    fetch, next_pages = PoliteClient.fetch, DuePages.next_pages
    searches: list[tuple[bool, int]] = []

    async def suspending(client: PoliteClient, request: Request, *rest: Any) -> list[Capture]:
        if request.url.removeprefix(site.url) in paths:
            while not searches or searches[-1] != (False, 0):  # noqa: ASYNC110  (another thread searches)
                await asyncio.sleep(0.01)
            raise ServerSuspended
        return await fetch(client, request, *rest)

    def recording(
        self: DuePages,
        limit: int,
        started: Collection[int],
        suspended: Collection[int],
        *,
        is_last: bool = False,
        only_requisites: bool = False,
    ) -> tuple[list[Due], int]:
        result = next_pages(self, limit, started, suspended, is_last=is_last, only_requisites=only_requisites)
        searches.append((is_last, len(result[0])))
        return result

    monkeypatch.setattr(PoliteClient, "fetch", suspending)
    monkeypatch.setattr(DuePages, "next_pages", recording)
    assert site.archive.crawl(found, everything=everything).ended == "stopped"
    assert searches[-1] == (True, 0)
