"""The end of a lease in the middle of a crawl: nothing is sent or stored any longer, and no page is blamed for it."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from email.message import Message
from pathlib import Path

import pytest

from archiver.app.archive import Archive
from archiver.app.crawling.crawl_pools import crawl_pools
from archiver.app.reading.state import CrawlSummary
from archiver.extract.profile import parse_profile
from archiver.fetch.http import Client
from archiver.maintain.verify.verify import verify
from archiver.model.capture import Capture, Request
from archiver.model.clock import system_clock
from archiver.model.policy import Limits
from archiver.model.profile import Profile
from archiver.polite.stop import LeaseOver, StopFlag
from archiver.settings import Settings
from archiver.store.archive import Store, vault_path
from browsers import needs_chromium
from made import Bench, Works
from scripted import Answer, Scripted

ARTICLES = 30


def profile(name: str, url: str) -> Profile:
    text = (
        f'[site]\nname = "{name}"\nhome = "{url}/"\n[crawl]\nsitemaps = []\ndelay = 0.0\n[[page]]\nkind = "article"\n'
    )
    return parse_profile(text + 'fallback = false\n[page.fields]\ntitle = "h1"\nbody = "#b"\n', name)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Scripted]:
    scripted = Scripted(tmp_path / "archive.db")
    scripted.page("/", "Home", extra="".join(f"<a href=/{number}>x</a>" for number in range(ARTICLES)))
    for number in range(ARTICLES):
        scripted.page(f"/{number}", f"Article {number}")
    yield scripted
    scripted.close()


class Lease:
    """A right to crawl that ends on demand."""

    def __init__(self) -> None:
        self.is_over = False
        self.stop = StopFlag(check=self._check)

    def _check(self) -> None:
        if self.is_over:
            self.stop.wanted = True
            raise LeaseOver


def test_no_request_is_sent_over_a_connection_that_was_made_before_the_end() -> None:
    """The lease ends while the connection is made: the check is the last thing before the first byte."""
    received: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:
        accepted = threading.Event()

        def serve() -> None:
            connection, _ = listening.accept()
            accepted.set()
            with connection:
                received.append(connection.recv(1000))

        def may_send() -> None:
            assert accepted.wait(10), "it is asked before there is a connection"
            raise LeaseOver

        async def fetch() -> Capture:
            async with Client(Limits(), "test", system_clock, may_send=may_send) as client:
                return await client.fetch(Request(f"http://127.0.0.1:{listening.getsockname()[1]}/"))

        server = threading.Thread(target=serve)
        server.start()
        with pytest.raises(LeaseOver):
            asyncio.run(fetch())
        server.join()
    assert received == [b""]


def test_no_request_is_sent_over_an_idle_connection(site: Scripted) -> None:
    lease = Lease()

    async def fetch() -> None:
        async with Client(Limits(), "test", system_clock, may_send=lease.stop.check) as client:
            await client.fetch(Request(f"{site.url}/0"))
            lease.is_over = True
            with pytest.raises(LeaseOver):
                await client.fetch(Request(f"{site.url}/1"))

    asyncio.run(fetch())
    assert site.asked == ["/0"]


@pytest.mark.parametrize("after", [1, 2, 9], ids=["at robots.txt", "at the first page", "in the middle"])
def test_a_crawl_whose_lease_ends_stores_nothing_more(site: Scripted, after: int) -> None:
    lease, wanted = Lease(), profile("t", site.url)
    kept: list[int] = []

    def end(_path: str, _headers: Message) -> Answer | None:
        if len(site.asked) == after:
            lease.is_over = True
            kept.append(_visits(site))
        return None

    site.rule = end
    with pytest.raises(LeaseOver):
        site.archive.crawl(wanted, stop=lease.stop)
    assert len(site.asked) <= after + wanted.crawl.connections, "only what was under way"
    assert _visits(site) == kept[0]
    site.archive.close()
    with site.open(site.archive.settings.archive) as archive:
        summary = archive.crawl(wanted)
        assert summary.ended == "done"
        assert list(archive.sql("SELECT count(*) AS pages FROM pages WHERE version = 1")) == [{"pages": ARTICLES + 1}]
        assert not list(archive.sql("SELECT url, outcome FROM visits WHERE outcome NOT IN ('ok', 'gone')"))
        assert not list(archive.sql("SELECT * FROM visits WHERE note LIKE '%tries%' OR note LIKE '%ended%'"))
    assert verify(site.archive.settings.archive, deep=True).whole


def _visits(site: Scripted) -> int:
    path = site.archive.settings.archive
    with Store.open(path, write=False) as store:
        (row,) = store.sql("SELECT count(*) AS visits FROM _visit")
        return int(row["visits"])


@needs_chromium
def test_a_page_in_the_browser_requests_nothing_more(site: Scripted) -> None:
    """The lease ends when the script of the page comes, which then asks for its data."""
    lease = Lease()
    shell = '<!doctype html><div id="b">wait</div><script src="/app.js"></script>'
    site.answers["/"] = (200, {}, shell.encode())
    script = "fetch('/data.json').then(found => { document.querySelector('#b').textContent = found.status })"

    def end(path: str, _headers: Message) -> Answer | None:
        if path == "/app.js":
            lease.is_over = True
            return 200, {"Content-Type": "text/javascript"}, script.encode()
        return None

    site.rule = end
    text = f'[site]\nname = "t"\nhome = "{site.url}/"\n[crawl]\nsitemaps = []\nfeeds = []\ndelay = 0.0\n[[page]]\n'
    text += 'kind = "article"\nrender = "always"\n[page.fields]\nbody = "#b"\n'
    with pytest.raises(LeaseOver):
        site.archive.crawl(parse_profile(text, "t"), stop=lease.stop)
    assert "/app.js" in site.asked
    assert "/data.json" not in site.asked
    assert not list(site.archive.sql("SELECT url FROM visits WHERE url NOT LIKE '%robots%'"))


def test_a_page_that_was_tried_again_is_not_recorded_as_failed(works: Works) -> None:
    """Its first try failed, and the lease ended before the second: that failure is not the page's last word."""
    lease = Lease()
    works.portal.fail("ItemID", status=503, times=1000)

    def check() -> None:
        if sum("ItemID" in path for _, path, _ in works.portal.requests) >= 2:
            lease.is_over = True
        lease.stop.wanted = lease.is_over
        if lease.is_over:
            raise LeaseOver

    with pytest.raises(LeaseOver):
        works.archive.crawl(works.profile, stop=StopFlag(check=check))
    assert not list(works.archive.sql("SELECT * FROM visits WHERE url LIKE '%ItemID%'"))


def test_a_transaction_that_ends_too_late_is_rolled_back(bench: Bench) -> None:
    lease, store = Lease(), bench.store
    store.check_commits(lease.stop.check)
    bench.page("http://portal.example/before")
    known = _rows(store)

    def write_too_long() -> None:
        with store.transaction():
            bench.page("http://portal.example/during")
            lease.is_over = True

    with pytest.raises(LeaseOver):
        write_too_long()
    for write in (
        lambda: store.frontier.put_failures("http://portal.example", 3),
        lambda: bench.visit(url="http://portal.example/after"),
        lambda: store.runs.begin("crawl", bench.site_id, "2022-10-21 09:00:00", code_version="", command=""),
    ):
        with pytest.raises(LeaseOver):
            write()
    frames = store.vault_size()
    lease.is_over = False
    assert (_rows(store), frames) == (known, (0, 0, 0))
    bench.visit(url="http://portal.example/again")
    assert vault_path(store.path).exists()


def _rows(store: Store) -> list[int]:
    return [
        next(iter(store.sql(f"SELECT count(*) AS n FROM {table}")))["n"]
        for table in ("_page", "_visit", "_host", "_run")
    ]


def test_crawls_of_several_threads_share_worker_processes(tmp_path: Path) -> None:
    """Each thread has its own archive; none waits for another, and all are whole."""
    folders = [tmp_path / str(number) for number in range(4)]
    for folder in folders:
        folder.mkdir()
    sites = [Scripted(folder / "archive.db") for folder in folders]
    ended: list[CrawlSummary] = []
    try:
        for site in sites:
            site.page("/", "Home", extra="".join(f"<a href=/{number}>x</a>" for number in range(ARTICLES)))
            for number in range(ARTICLES):
                site.page(f"/{number}", f"Article {number}")
        with crawl_pools() as pools:

            def crawl(site: Scripted, name: str) -> None:
                settings: Settings = site.archive.settings
                with Archive(settings, lazy=True, pools=pools) as archive:
                    ended.append(archive.crawl(profile(name, site.url)))

            threads = [threading.Thread(target=crawl, args=(site, f"site{place}")) for place, site in enumerate(sites)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        assert sorted(each.ended for each in ended) == ["done"] * 4
        assert all(verify(site.archive.settings.archive, deep=True).whole for site in sites)
    finally:
        for site in sites:
            site.close()
