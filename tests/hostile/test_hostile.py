"""One crawl over every fault: each has its expected outcome, the run ends by itself, the archive is valid."""

import gc
import re
import resource
import threading
import time
import warnings
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from archiver.app.archive import Archive
from archiver.app.reading.state import CrawlSummary
from archiver.errors import SiteBusy
from archiver.extract.profile import parse_profile
from archiver.maintain.verify.verify import verify
from archiver.model.clock import system_clock
from archiver.model.event import Event, Noticed
from archiver.model.policy import Retries
from archiver.model.profile import Profile
from archiver.polite.stop import StopFlag
from archiver.settings import Settings
from hostile import faults_coding, faults_head, faults_host, faults_page, faults_redirect, faults_trap, faults_wire
from hostile.server import MAIN, Fault, Host, Hostile
from trials import lasting

pytestmark = pytest.mark.soak

TABLE = (
    *faults_redirect.FAULTS,
    *faults_wire.FAULTS,
    *faults_head.FAULTS,
    *faults_coding.FAULTS,
    *faults_host.FAULTS,
    *faults_page.FAULTS,
    *faults_trap.FAULTS,
    *faults_coding.BOMBS[: lasting(3, 1000)],
    *faults_page.GIANTS[: lasting(2, 1000)],
)
"""What keeps the processor busy comes last, so that nothing else is late for it; a short trial has less of it."""
HOSTS = (Host(MAIN), *faults_host.HOSTS, *faults_redirect.HOSTS, *faults_head.HOSTS, *faults_trap.HOSTS)
PATIENCE = 300.0  # seconds: a run that takes longer does not end by itself
MEMORY = 500_000  # kB: what a run may add to the peak

Row = dict[str, Any]


@dataclass
class Run:
    """The results of one crawl over all faults."""

    server: Hostile
    path: Path
    seconds: float = 0.0
    memory: int = 0
    summaries: list[CrawlSummary | SiteBusy] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    leaks: list[str] = field(default_factory=list)
    visits: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    titles: dict[str, str] = field(default_factory=dict)

    def profiles(self) -> list[Profile]:
        """The main site, that of odd servers, and those of traps."""
        return [
            self._profile(MAIN),
            self._profile(faults_host.SITE),
            self._profile(faults_head.SITE),
            self._profile("deep", depth=faults_trap.DEPTH),
            self._profile("wide", pages=faults_trap.PAGES),
            self._profile("far", pages=faults_trap.PAGES),
        ]

    def _profile(self, name: str, depth: int = 1000, pages: int = 5000) -> Profile:
        origins = self.server.origins
        scope = ", ".join(f'"{origins[host.name]}/"' for host in HOSTS if host.site == name)
        text = f"""[site]\nname = "{name}"\nhome = "{origins[name]}/"\n[crawl]\nscope = [{scope}]\nskip = ["/unwanted"]
            delay = 0.0\nsitemaps = []\nfeeds = []\nconnections = 8\ntimeout = 2.0\nmax_bytes = 6_000_000\ndepth = {depth}\npages = {pages}
            [[page]]\nkind = "article"\nfallback = false\n[page.fields]\ntitle = "h1"\nbody = "#b"\n"""
        return parse_profile(text, name)

    def crawl(self, stop: StopFlag) -> None:
        """Crawl all sites."""
        began, before = time.monotonic(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        with self.open() as archive:
            self.summaries = archive.crawl_all(self.profiles(), listen=self._hear, stop=stop)
        self.seconds = time.monotonic() - began
        self.memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before

    def _hear(self, event: Event) -> None:
        if isinstance(event, Noticed):
            self.notices.append(f"{event.site}: {event.text}")

    def open(self) -> Archive:
        """Return the archive, with few and short retries."""
        return Archive(Settings(self.path, (self.path.parent,), system_clock, Retries(2, 0.0, 2.0, circuit=10**6)))

    def look(self) -> None:
        """Read the results from the archive."""
        with self.open() as archive:
            for row in archive.sql("SELECT url, outcome, note, bytes, status FROM visits ORDER BY visit_id"):
                self.visits[row["url"]].append(row)
            self.titles = {row["url"]: row["title"] for row in archive.sql("SELECT url, title FROM versions")}

    def of(self, host: str) -> list[str]:
        """Return the visited pages of a server."""
        return [url for url in self.visits if url.startswith(f"{self.server.origins[host]}/") and "robots" not in url]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    with Hostile(TABLE, HOSTS) as server, warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        run, stop = Run(server, tmp_path_factory.mktemp("hostile") / "archive.db"), StopFlag()
        thread = threading.Thread(target=run.crawl, args=(stop,), name="crawl", daemon=True)
        thread.start()
        thread.join(PATIENCE)
        stop.wanted = True
        thread.join(PATIENCE)
        gc.collect()
        run.leaks = [str(each.message) for each in caught]
    run.look()
    return run


def test_the_table_is_long() -> None:
    addresses = {(each.host, each.name, each.scheme) for each in TABLE}
    assert len(addresses) == len(TABLE) >= 100
    assert len({host.name for host in HOSTS}) == len(HOSTS)


def test_the_run_ends_by_itself_and_in_time(run: Run) -> None:
    endings = [each.ended for each in run.summaries if isinstance(each, CrawlSummary)]
    assert endings == ["done"] * len(run.profiles()), f"no end within {PATIENCE:g} s"


def test_memory_is_bounded(run: Run) -> None:
    assert run.memory < MEMORY


def test_no_socket_is_left_open(run: Run) -> None:
    assert run.leaks == []


def test_the_archive_is_whole(run: Run) -> None:
    found = verify(run.path, deep=True)
    assert found.whole, found.findings
    assert found.visits == sum(map(len, run.visits.values()))


def test_traps_are_left_at_the_limit_and_reported(run: Run) -> None:
    deep, wide, far = run.of("deep"), run.of("wide"), run.of("far")
    assert len(wide) <= faults_trap.PAGES
    assert len(far) <= faults_trap.PAGES
    assert len(deep) < faults_trap.PAGES
    assert max(url.count("/a") for url in deep) in range(2, faults_trap.DEPTH + 1)
    for site in ("deep", "wide", "far"):
        assert any(notice.startswith(f"{site}: ") for notice in run.notices), f"{site}: nothing is told"


def test_every_robots_txt_is_kept(run: Run) -> None:
    for fault in faults_host.FAULTS:
        robots = fault.address(run.server.origins).replace("/page", "/robots.txt")
        assert run.visits.get(robots), fault.host


def case(fault: Fault) -> Any:
    """Return a line of the table, marked when it is not correct yet."""
    marks = [pytest.mark.xfail(reason=fault.defect, raises=AssertionError)] if fault.defect else []
    return pytest.param(fault, id=f"{fault.host}/{fault.name}", marks=marks)


@pytest.mark.parametrize("fault", [case(fault) for fault in TABLE])
def test_a_fault_comes_to_its_outcome(run: Run, fault: Fault) -> None:
    url = fault.address(run.server.origins)
    visits = run.visits.get(url, [])
    assert len(visits) == fault.visits
    for visit in visits[-1:]:
        assert visit["outcome"] in fault.outcomes, visit
        assert re.search(fault.note, visit["note"] or ""), visit
        assert fault.size is None or visit["bytes"] == fault.size, visit
        assert fault.title is None or run.titles.get(url) == fault.title, visit
