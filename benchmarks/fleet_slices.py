"""Measures what a slice of a fleet costs beside a plain crawl: CPU, and bytes that go to object storage.

    python benchmarks/fleet_slices.py [--sites 8] [--pages 50] [--rounds 3] [--json]

The same portals are crawled by `archiver crawl`, all at once into one archive, and by `archiver worker --once`, each into an
archive of its own whose pages are shipped to a folder: once in one slice a site, and again in slices of five seconds. CPU is that
of the command with its child processes, less that of the same command when nothing is due. Each further slice costs the
difference of the two workers, divided by the number of slices; its goal is 5 % of the CPU of a slice of ten minutes, which makes
600 visits at one a second. Pages have 110 kB, nearly all of it a menu. It fails when the three did not archive the same pages.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from figures import Figure, finish, ratio

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from fleet_pages import PageText
from fleet_portals import Portals, versions_in
from fleet_processes import Fleet

DELAY = 0.5
SHORT = "5s"  # a slice
MENU = 1500  # entries: pages of 110 kB
VISITS = 600  # of a slice of ten minutes
GOAL, GOAL_BYTES = 5.0, 2.0  # percent; times


@dataclass(frozen=True)
class Worked:
    """What a worker did: CPU seconds without its start, slices, bytes that it shipped, bytes of its archives."""

    cpu: float
    start: float
    slices: int
    shipped: int
    grown: int


@dataclass(frozen=True)
class Round:
    """CPU seconds of the plain crawl without its start, and what the workers did: with long slices, and with short ones."""

    plain: float
    start: float
    visits: int
    long: Worked
    short: Worked

    @property
    def slice_cpu(self) -> float:
        """CPU seconds of a further slice."""
        return (self.short.cpu - self.long.cpu) / (self.short.slices - self.long.slices)

    @property
    def share(self) -> float:
        """Percent of the CPU of a slice of ten minutes."""
        return 100 * self.slice_cpu / (VISITS * self.plain / self.visits)


def plain(folder: Path, portals: Portals) -> tuple[float, float, dict[str, list[PageText]]]:
    """Crawl in one process; return the CPU seconds, those of its start, and the pages.

    Raises:
        SystemExit: the command failed.
    """
    command = [sys.executable, "-m", "archiver", "--archive", str(folder / "a.db"), "-q"]
    command += ["--selectors", str(portals.selectors), "crawl", *(each.name for each in portals.all)]
    seconds = []
    for _ in range(2):
        environment = os.environ | {"ARCHIVER_STATE": str(folder / "state")}
        process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise SystemExit(f"{command} failed with exit code {process.returncode}")
        seconds.append(used.ru_utime + used.ru_stime)
    return seconds[0] - seconds[1], seconds[1], versions_in(folder / "a.db")


def worker(folder: Path, portals: Portals, span: str, expected: dict[str, list[PageText]]) -> Worked:
    """Crawl with a worker.

    Raises:
        SystemExit: it archived other pages than the plain crawl.
    """
    folder.mkdir()
    with Fleet(folder, portals, f"sqlite:///{folder / 'fleet.db'}", str(folder / "storage"), {}) as fleet:
        options = ("--sites", str(len(portals.all)), "--once", "--slice", span)
        first = fleet.start("first", *options)
        cpu = fleet.wait_for_end(first)
        start = fleet.wait_for_end(fleet.start("start", *options))
        paths = [fleet.fetch(each) for each in portals.all]
    if {url: texts for path in paths for url, texts in versions_in(path).items()} != expected:
        raise SystemExit("the worker and the crawl did not archive the same pages")
    shipped = sum(each["bytes"] for each in first.events("shipped"))
    grown = sum(file.stat().st_size for path in paths for file in path.parent.glob("*.db"))
    return Worked(cpu - start, start, len(first.events("slice")), shipped, grown)


def measure(folder: Path, sites: int, pages: int) -> Round:
    """Crawl the portals in the three ways.

    Raises:
        SystemExit: a command failed, or the three did not archive the same pages, or not all.
    """
    with Portals(folder, sites, pages, DELAY) as portals:
        portals.set(menu=MENU)
        cpu, start, expected = plain(folder, portals)
        if len(expected) != sites * pages:
            raise SystemExit(f"{len(expected)} pages of {sites * pages}")
        long, short = (worker(folder / span, portals, span, expected) for span in ("10m", SHORT))
    return Round(cpu, start, len(expected), long, short)


def main() -> int:
    """Measure; return 1 when a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sites", type=int, default=8)
    parser.add_argument("--pages", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    rounds = []
    for _ in range(given.rounds):
        with tempfile.TemporaryDirectory() as folder:
            rounds.append(measure(Path(folder), given.sites, given.pages))
    shares, last = [each.share for each in rounds], rounds[-1]
    figures = [
        Figure("CPU of a further slice", statistics.median(each.slice_cpu for each in rounds) * 1e3, "ms"),
        Figure(
            "of a slice of ten minutes",
            statistics.median(shares),
            "%",
            GOAL,
            spread=(min(shares), max(shares)),
        ),
        ratio(
            f"CPU, {given.sites} new archives by a worker / all in one archive by a crawl",
            [each.long.cpu for each in rounds],
            [each.plain for each in rounds],
        ),
        Figure("CPU of a visit, crawl", 1e3 * last.plain / last.visits, "ms"),
        Figure("CPU of starting a crawl", last.start, "s"),
        Figure("CPU of starting a worker", last.long.start, "s"),
        ratio(
            "bytes shipped / bytes of the archives, slices of ten visits",
            [each.short.shipped for each in rounds],
            [each.short.grown for each in rounds],
            GOAL_BYTES,
        ),
    ]
    return finish(figures, as_json=given.json)


if __name__ == "__main__":
    sys.exit(main())
