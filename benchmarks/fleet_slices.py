"""Measures what a slice of a fleet costs beside a plain crawl: CPU, and bytes that go to object storage.

    python benchmarks/fleet_slices.py [--sites 8] [--pages 300] [--rounds 3] [--json]

The same portals are crawled by `archiver crawl` into one archive, and by `archiver worker --once` with a slice a site: an
archive a site, its pages shipped to a folder. Both run as commands with the same portals, which have no delay. CPU is that
of the command with its child processes, less that of the same command when nothing is due: its start. A slice of 300 pages
is one of five minutes with a delay of a second. It fails when the two did not archive the same pages.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from figures import Figure, finish, ratio

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from fleet_portals import Portals, versions_in
from fleet_processes import Fleet

GOAL, GOAL_BYTES = 1.05, 2.0


@dataclass(frozen=True)
class Round:
    """CPU seconds of the crawls without their start; bytes that were shipped, and that the archives grew by."""

    plain: float
    fleet: float
    start: tuple[float, float]
    shipped: int
    grown: int


def cpu_of(command: list[str], environment: Mapping[str, str]) -> float:
    """Run a command and return the CPU seconds of it and of its children.

    Raises:
        SystemExit: it failed.
    """
    process = subprocess.Popen(command, env=os.environ | dict(environment), stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{command} failed with exit code {process.returncode}")
    return used.ru_utime + used.ru_stime


def measure(folder: Path, sites: int, pages: int) -> Round:
    """Crawl the portals in both ways.

    Raises:
        SystemExit: a command failed.
        AssertionError: the two did not archive the same pages, or not all.
    """
    with Portals(folder, sites, pages, delay=0.0) as portals:
        names = [each.name for each in portals.all]
        environment = {"ARCHIVER_STATE": str(folder / "state")}
        plain = [sys.executable, "-m", "archiver", "--archive", str(folder / "a.db"), "-q"]
        plain += ["--selectors", str(portals.selectors), "crawl", *names]
        plain_cpu, plain_start = (cpu_of(plain, environment) for _ in range(2))
        with Fleet(folder, portals, f"sqlite:///{folder / 'fleet.db'}", str(folder / "storage"), {}) as fleet:
            shipped: list[int] = []
            cpus = []
            for name in ("first", "start"):
                started = fleet.start(name, "--sites", str(sites), "--once", "--slice", "10m", "--lease", "120s")
                cpus.append(fleet.wait_for_end(started))
                shipped.append(sum(each["bytes"] for each in started.events("shipped")))
            paths = {each.name: fleet.fetch(each) for each in portals.all}
            found = {url: texts for path in paths.values() for url, texts in versions_in(path).items()}
            if found != versions_in(folder / "a.db") or len(found) != sites * pages:
                raise SystemExit(f"not the same pages: {len(found)}, {sites * pages} in all")
            grown = sum(file.stat().st_size for path in paths.values() for file in path.parent.glob("*.db"))
    return Round(plain_cpu - plain_start, cpus[0] - cpus[1], (plain_start, cpus[1]), shipped[0], grown)


def main() -> int:
    """Measure; return 1 when a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sites", type=int, default=8)
    parser.add_argument("--pages", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    rounds = []
    for _ in range(given.rounds):
        with tempfile.TemporaryDirectory() as folder:
            rounds.append(measure(Path(folder), given.sites, given.pages))
    last = rounds[-1]
    figures = [
        ratio("CPU, worker / crawl", [each.fleet for each in rounds], [each.plain for each in rounds], GOAL),
        Figure("CPU of the crawl", last.plain, "s"),
        Figure("CPU of starting a crawl", last.start[0], "s"),
        Figure("CPU of starting a worker", last.start[1], "s"),
        ratio(
            "bytes shipped / bytes of the archives",
            [each.shipped for each in rounds],
            [each.grown for each in rounds],
            GOAL_BYTES,
        ),
    ]
    return finish(figures, as_json=given.json)


if __name__ == "__main__":
    sys.exit(main())
