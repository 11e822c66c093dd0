"""Measures leases a second: four processes claim and finish sites of one control database, in Postgres and in SQLite.

    python benchmarks/fleet.py [--seconds 5] [--sites 2000] [--processes 4] [--most 1] [--json]

Postgres is started from the system's programs in a temporary folder, and writes to the disk as in production. Every
process notes when it held which server group; afterwards no two spans of a group may overlap, and no epoch of a site
was given twice. Goal: 500 leases a second in Postgres. On a busy machine the CPU time of a lease says more: 500 a second on two
cores are 4 ms, the workers and the server together.
"""

import argparse
import multiprocessing
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from figures import Figure, finish

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from archiver.app.fleet.open_leases import create_fleet, open_leases
from archiver.model.clock import system_clock
from archiver.model.lease import NewSite
from postgres_server import PostgresServer, programs

GOAL = 500.0
GOAL_CPU = 4.0  # ms
TTL = 600.0


class Holding(NamedTuple):
    """A lease as its worker knew it. Times: seconds of the monotonic clock, which all processes share."""

    group: str
    site: str
    epoch: int
    begins: float
    ends: float


class Rate(NamedTuple):
    """What all processes did together. Units: leases a second; CPU seconds of a lease, with those of the server."""

    a_second: float
    cpu: float


def hold(address: str, worker: str, ends: float, most: int) -> tuple[list[Holding], float]:
    """Claim and finish until a time of the monotonic clock; return what was held, and the CPU seconds."""
    held, started = [], time.process_time()
    with open_leases(address, system_clock) as leases:
        while time.monotonic() < ends:
            claimed = leases.claim(worker, TTL, most)
            begins = time.monotonic()
            for each in claimed:
                held.append(Holding(each.group, each.site, each.epoch, begins, time.monotonic()))
                if not leases.finish(each.site, each.epoch, 0, wait=0):
                    raise SystemExit(f"{each.site}: {worker} lost its lease")
    return held, time.process_time() - started


def check(held: list[Holding]) -> None:
    """Stop when a lease was given twice, or two workers held a group at once."""
    twice = [pair for pair, count in Counter((each.site, each.epoch) for each in held).items() if count > 1]
    if twice:
        raise SystemExit(f"given twice: {twice[:5]}")
    for one, other in pairwise(sorted(held, key=lambda each: (each.group, each.begins))):
        if one.group == other.group and other.begins < one.ends:
            raise SystemExit(f"held together: {one}, {other}")


def measure(
    address: str, sites: int, seconds: float, processes: int, most: int, server_cpu: Callable[[], float] = lambda: 0.0
) -> Rate:
    """Let so many processes claim and finish at once. `server_cpu`: CPU seconds of the server so far."""
    create_fleet(address)
    with open_leases(address, system_clock) as leases:
        leases.add([NewSite(f"s{number:06}", f"g{number * 3 // 4:06}", 0) for number in range(sites)])
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        pool.map(len, [[]] * processes)  # all have started
        before, ends = server_cpu(), time.monotonic() + seconds
        parts = pool.starmap(hold, [(address, f"w{number}", ends, most) for number in range(processes)], 1)
    held = [each for part, _ in parts for each in part]
    check(held)
    cpu = sum(cpu for _, cpu in parts) + server_cpu() - before
    return Rate(len(held) / seconds, cpu / len(held))


@contextmanager
def postgres() -> Iterator[PostgresServer | None]:
    """Yield a server of its own; None when there is no Postgres."""
    found = programs()
    if found is None:
        yield None
        return
    server = PostgresServer(found)
    try:
        server.start(is_durable=True)
        yield server
    finally:
        server.remove()


def main() -> int:
    """Measure both; return 1 when the goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--sites", type=int, default=2000)
    parser.add_argument("--processes", type=int, default=4)
    parser.add_argument("--most", type=int, default=1, help="sites of one claim")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    amounts = (given.sites, given.seconds, given.processes, given.most)
    figures = []
    with postgres() as server:
        if server is not None:
            rate = measure(server.database(), *amounts, server.cpu_seconds)
            cpu = rate.cpu * 1e3
            figures.append(Figure("leases claimed and finished, Postgres", rate.a_second, "/s", GOAL, is_most=False))
            figures.append(Figure("CPU of a lease, workers and Postgres", cpu, "ms", GOAL_CPU))
    with tempfile.TemporaryDirectory() as folder:
        rate = measure(str(Path(folder) / "fleet.db"), *amounts)
        figures.append(Figure("leases claimed and finished, SQLite", rate.a_second, "/s"))
        figures.append(Figure("CPU of a lease, SQLite", rate.cpu * 1e3, "ms"))
    return finish(figures, as_json=given.json)


if __name__ == "__main__":
    sys.exit(main())
