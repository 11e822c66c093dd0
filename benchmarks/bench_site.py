"""Compares `archiver site bench --all` with `archiver extract --dry-run`: the same profile over the same history.

    python benchmarks/bench_site.py [--pages 24] [--visits 64] [--rounds 2] [--json]

The archive is that of `archive_size.py`. The profile takes another node as the title, which is not held back, and has a new field. Both commands
run with one process; a round runs them in turn, and counts CPU time. It fails when they do not find the same values read differently, or
when the goal is missed: 1,000 captures a CPU second.
"""

import argparse
import multiprocessing
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

import archive_size
from figures import Figure, finish, ratio

from archiver.app.benching import read_captures
from archiver.app.benching.bench import Bench
from archiver.app.benching.bench_site import BenchOptions, bench
from archiver.app.crawling.reread_site import RereadOptions, extract_site
from archiver.extract.profile import parse_profile
from archiver.model.clock import SettableClock
from archiver.model.event import ignore
from archiver.polite.stop import StopFlag
from archiver.settings import Settings
from archiver.store.archive import Store

GOAL = 1_000.0
LATER = timedelta(days=3_650)  # visits after the clock's time would be left out
CHANGED = archive_size.PROFILE.replace('kind = "article"\n', 'kind = "article"\ndrift = false\n').replace(
    'title = "form > div > h3"', 'title = "form > div > p"\nlead = "form > div > h3"'
)
Result = TypeVar("Result")


@dataclass(frozen=True)
class Round:
    """The CPU seconds of the two commands, and the captures that the bench read and covered."""

    bench: float
    dry_run: float
    read: int
    covered: int


def measure(folder: Path, pages: int, visits: int, rounds: int) -> list[Round]:
    """Make an archive in a folder and run both commands over it.

    Raises:
        AssertionError: they found different values.
    """
    archive_size.measure(folder, pages, visits)
    read_captures.MOST_HERE = sys.maxsize  # one process
    return [_round(folder / "archive.db") for _ in range(rounds)]


def _round(path: Path) -> Round:
    profile = parse_profile(CHANGED, "portal")
    with Store.open(path) as store:
        seconds, found = _timed(lambda: bench(store, "portal", profile, options=BenchOptions(everything=True)))
        settings = Settings(path, (path.parent,), SettableClock(archive_size.START + LATER))
        options = RereadOptions(dry_run=True, workers=1, listen=ignore, stop=StopFlag())
        dry_seconds, dry = _timed(lambda: extract_site(store, settings, profile, options, named=True))
    for staged in path.parent.glob(".*.reading*"):
        staged.unlink()
    assert _counts(found) == {each.field: (each.values, each.pages) for each in dry.fields}
    assert dry.fields
    return Round(seconds, dry_seconds, found.amounts.read, found.amounts.covered)


def _counts(found: Bench) -> dict[str, tuple[int, int]]:
    return {name: (each.values, len(each.pages)) for name, each in found.differences}


def _timed(work: Callable[[], Result]) -> tuple[float, Result]:
    """Return the CPU seconds of this process and of the worker processes that it started, and the result."""
    begun = _cpu()
    result = work()
    multiprocessing.active_children()  # waits for those that ended
    return _cpu() - begun, result


def _cpu() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=24)
    parser.add_argument("--visits", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        rounds = measure(Path(folder), args.pages, args.visits, args.rounds)
    rates = sorted(each.covered / each.bench for each in rounds)
    reads = sorted(each.read / each.bench for each in rounds)
    figures = [
        Figure(
            "site bench --all, captures covered",
            statistics.median(rates),
            "a CPU second",
            GOAL,
            is_most=False,
            spread=(rates[0], rates[-1]),
        ),
        Figure("of it captures read", statistics.median(reads), "a CPU second", spread=(reads[0], reads[-1])),
        ratio(
            "extract --dry-run / site bench --all", [each.dry_run for each in rounds], [each.bench for each in rounds]
        ),
    ]
    return finish(figures, as_json=args.json)


if __name__ == "__main__":
    sys.exit(main())
