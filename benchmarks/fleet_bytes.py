"""Measures what a generation of a shard costs: bytes that are shipped against the archive's growth, and CPU time.

    python benchmarks/fleet_bytes.py [--pages 300 1500 4000] [--slices 6] [--visits 600] [--json]

A demo portal of so many articles is crawled in slices, first until all pages are known, then every page again, a day later
each time; most of it has not changed. It is crawled by two archives in turn: one is the working copy of a shard, whose changed pages go to a local folder after each
slice, the other is plain. Bytes are those of packs and manifests against those by which the two files grow, both over all
slices. CPU is that of this process; the portal is another one. The overhead is what recording and shipping add.

Goals: at most twice the growth, at most 5 % of the CPU time.
"""

import argparse
import gc
import multiprocessing
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

from figures import Figure, finish

from archiver.app import profiles
from archiver.app.archive import Archive
from archiver.demo.portal import Portal
from archiver.extract.profile import parse_profile
from archiver.fleet.object_storage import open_storage
from archiver.maintain.generations.manifest import FILES, manifest_bytes
from archiver.maintain.generations.shard_copy import ShardCopy
from archiver.model.clock import SettableClock, system_clock
from archiver.model.policy import Retries
from archiver.model.profile import Profile
from archiver.settings import Settings, bundled_profiles

GOAL_BYTES, GOAL_CPU = 2.0, 0.05


class Slice(NamedTuple):
    """One slice: visits, bytes of growth and shipped, CPU seconds of the plain crawl, the recorded crawl, and shipping."""

    visits: int
    grown: int
    shipped: int
    plain: float
    recorded: float
    ship: float
    is_full: bool


def serve(pages: int, address: Connection) -> None:
    """Serve a portal until the other end is closed."""
    with Portal(articles=pages) as portal:
        address.send(portal.url)
        while address.poll(None):
            if address.recv() is None:
                return
            portal.edit_sentence(portal.items[0])


@contextmanager
def served(pages: int) -> Iterator[str]:
    """Serve a portal in a process of its own; yield its address."""
    ours, theirs = multiprocessing.get_context("spawn").Pipe()
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(pages, theirs))
    process.start()
    try:
        yield ours.recv()
    finally:
        ours.send(None)
        process.join(30)


def crawl(path: Path, profile: Profile, clock: SettableClock, visits: int) -> float:
    """Crawl a slice; return the CPU seconds."""
    gc.collect()
    started = time.process_time()
    with Archive(Settings(path, (bundled_profiles(),), clock, Retries(1, 0.0, 0.01))) as archive:
        archive.crawl(profile, limit=visits, everything=True)
    return time.process_time() - started


def size(folder: Path) -> int:
    """Bytes of both files."""
    return sum((folder / name).stat().st_size for name in FILES if (folder / name).exists())


def measure(folder: Path, pages: int, slices: int, visits: int) -> list[Slice]:
    """Crawl both archives in slices."""
    found: list[Slice] = []
    clock = SettableClock(system_clock())
    text = (bundled_profiles() / "demo.toml").read_text(encoding="utf-8")
    with (
        served(pages) as url,
        ShardCopy(folder / "shard", open_storage(str(folder / "storage")), "demo", clock) as copy,
    ):
        profile = profiles.at_home(parse_profile(text, "demo"), url)
        copy.begin(1, "worker")
        known = 0
        (folder / "plain").mkdir()
        for _ in range(slices + pages // visits + 1):
            before = size(folder / "shard")
            plain = crawl(folder / "plain" / FILES[0], profile, clock, visits)
            started = time.process_time()
            with copy.recording():
                opening = time.process_time() - started
                recorded = crawl(copy.path, profile, clock, visits)
            started = time.process_time()
            published = copy.ship(lambda: None, 1)
            ship = time.process_time() - started + opening
            if published is not None:
                shipped = sum(each.bytes for each in published.packs) + len(manifest_bytes(published))
                grown = size(folder / "shard") - before
                made, known = published.head.visits - known, published.head.visits
                found.append(Slice(made, grown, shipped, plain, recorded, ship, published.full == published.number))
            clock.advance(days=1)
    return found


def show(slices: list[Slice]) -> None:
    """Print each slice."""
    for each in slices:
        line = f"{each.visits:6} visits  grown {each.grown / 1000:8.0f} kB  shipped {each.shipped / 1000:8.0f} kB"
        line += f"  crawl {each.plain:6.2f} / {each.recorded:6.2f} s  ship {each.ship:6.3f} s{'  full' if each.is_full else ''}"
        print(line, file=sys.stderr)


def main() -> int:
    """Run the benchmark; return the exit code."""
    parser = argparse.ArgumentParser(description="What a generation costs")
    parser.add_argument("--pages", type=int, nargs="+", default=[300, 1500, 4000])
    parser.add_argument("--slices", type=int, default=6)
    parser.add_argument("--visits", type=int, default=600)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    figures = []
    for pages in options.pages:
        with tempfile.TemporaryDirectory() as folder:
            slices = measure(Path(folder), pages, options.slices, options.visits)
        show(slices)
        of = f"{pages} pages"
        grown, shipped = sum(each.grown for each in slices), sum(each.shipped for each in slices)
        visits, plain = sum(each.visits for each in slices), sum(each.plain for each in slices)
        figures += [
            Figure(f"shipped against the growth, {of}", shipped / grown, "x", GOAL_BYTES),
            Figure(f"shipped a visit, {of}", shipped / visits, "bytes"),
            Figure(
                f"CPU of shipping against the crawl, {of}", sum(each.ship for each in slices) / plain, "x", GOAL_CPU
            ),
            Figure(
                f"CPU of the recorded crawl against a plain one, {of}",
                sum(each.recorded for each in slices) / plain,
                "x",
            ),
        ]
    return finish(figures, as_json=options.json)


if __name__ == "__main__":
    sys.exit(main())
