"""Measures questions over many shards: the cookbook by DuckDB on the exported tables, and by SQLite on each shard in turn.

    python benchmarks/fleet_questions.py [--shards 100] [--articles 12] [--folder FOLDER] [--json]

Each shard is the archive of a demo portal of its own, crawled on five days. The answers of both must be the same. Goal:
each question in at most a second, when the mirror is there. Also measured: the export of all shards, the export when
nothing is new, the first fetch of the mirror, and a full-text search over all shards. With --folder, archives that were
made there are used again.
"""

import argparse
import contextlib
import multiprocessing
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from figures import Figure, finish

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

import archiver
from archiver.app.fleet.search_shards import FleetSearch, search_shards
from archiver.app.fleet.shard_places import ShardPlace
from archiver.app.fleet.tables.duck import DuckLimits, open_fleet_query, views_of
from archiver.app.fleet.tables.export_site import SiteJob
from archiver.app.fleet.tables.export_sites import export_sites
from archiver.app.fleet.tables.manifest import published
from archiver.app.fleet.tables.mirror import Mirror
from archiver.app.reading.sql_query import QueryLimits
from archiver.fleet.object_storage import open_storage
from archiver.polite.stop import StopFlag
from archiver.store.columns import READABLE
from archiver.store.cookbook import COOKBOOK, Question
from archiver.store.partitions import IDS_OF_A_SHARD, is_id
from shipped import shipping
from two_months import live_a_month

GOAL = 1.0  # seconds a question
AT = "2022-12-01 00:00:00"
WITH_FULL_TEXT = {"phrase", "plain"}
_IDS = {name for view in READABLE for name in view.columns if is_id(view, name)}
Rows = list[tuple[Any, ...]]


class World:
    """The archives, their storage, and the tables."""

    def __init__(self, folder: Path, shards: int, articles: int) -> None:
        self.folder, self.storage = folder, str(folder / "storage")
        self.sites = [f"site{number:03d}" for number in range(shards)]
        self._articles = articles

    def archive(self, site: str) -> Path:
        return self.folder / "archives" / site / "archive.db"

    def make(self) -> None:
        """Make the archives that are missing, and publish each as a shard."""
        wanted = [site for site in self.sites if not self.archive(site).exists()]
        with ProcessPoolExecutor(mp_context=multiprocessing.get_context("spawn")) as pool:
            list(pool.map(_make, wanted, map(self.archive, wanted), [self._articles] * len(wanted)))
        for site in self.sites:
            if not list(open_storage(self.storage).objects(f"shards/{site}/generations")):
                with shipping(self.storage, site, self.folder / "working" / site) as path:
                    for file in self.archive(site).parent.glob("archive*.db"):
                        shutil.copy2(file, path.parent)

    def export(self) -> None:
        jobs = [
            SiteJob(ShardPlace(site, self.storage), self.storage, self.folder / "copies", AT) for site in self.sites
        ]
        if failed := [each for each in export_sites(jobs) if each.state == "failed"]:
            raise SystemExit(f"export: {failed[0]}")

    def mirror(self) -> Mirror:
        return Mirror(self.folder / "mirror", open_storage(self.storage))


def _make(site: str, path: Path, articles: int) -> None:
    path.parent.mkdir(parents=True)
    live_a_month(path, site, seed=int(site[4:]) + 1, articles=articles)


def by_duckdb(world: World, sql: str, params: dict[str, str]) -> Rows:
    """Ask the tables as `archiver fleet sql --no-update` does."""
    tables = Mirror(world.folder / "mirror", None).tables([view.name for view in views_of(sql)], world.sites, _quiet)
    with open_fleet_query(tables, sql, params, QueryLimits(), DuckLimits(), StopFlag()) as table:
        return [tuple(row) for row in table.rows]


def by_sqlite(world: World, firsts: dict[str, int], sql: str, params: dict[str, str]) -> Rows:
    """Ask each archive in turn."""
    rows: Rows = []
    for site in world.sites:
        first = firsts[site]
        with closing(sqlite3.connect(f"file:{world.archive(site)}?mode=ro", uri=True)) as lite:
            cursor = lite.execute(sql, params)
            is_ids = [column[0] in _IDS for column in cursor.description]
            for row in cursor:
                cells = zip(row, is_ids, strict=True)
                rows.append(tuple(first + cell if is_one and cell is not None else cell for cell, is_one in cells))
    return rows


def check(one: Question, got: Rows, wanted: Rows) -> None:
    """Stop when the answers differ. `most-viewed` ends after ten pages, and pages may have as many views."""
    if one.name == "most-viewed":
        got, wanted = [(row[1],) for row in got], sorted([(row[1],) for row in wanted], reverse=True)[:10]
    if sorted(map(repr, got)) != sorted(map(repr, wanted)):
        raise SystemExit(f"{one.name}: DuckDB gives {len(got)} rows, SQLite {len(wanted)}, and they differ")


def _quiet(_done: int, _total: int) -> None:
    pass


def timed(work: Callable[[], Any], times: int = 1) -> tuple[float, Any]:
    """Return the shortest time of some runs, in seconds, and the last result."""
    best = float("inf")
    for _ in range(times):
        began = time.perf_counter()
        found = work()
        best = min(best, time.perf_counter() - began)
    return best, found


def values_of(world: World) -> dict[str, Any]:
    with closing(archiver.open(world.archive(world.sites[0]), write=False)) as ours:
        url = next(ours.sql("SELECT url FROM changes WHERE field = 'title'"))["url"]
        listing = next(ours.sql("SELECT url FROM editions ORDER BY 1"))["url"]
    values = {"url": url, "listing": listing, "site": world.sites[0], "day": "2022-10-22", "version_id": "2"}
    return values | {"begin": "2022-10-01", "end": "2022-12-01"}


def ask(world: World) -> Iterator[Figure]:
    """Time each question of the cookbook both ways."""
    storage, values = open_storage(world.storage), values_of(world)
    firsts = {}
    for site in world.sites:
        newest = published(storage, site).newest
        assert newest is not None
        firsts[site] = newest.shard * IDS_OF_A_SHARD
    slowest = total = total_sqlite = 0.0
    for one in COOKBOOK:
        if one.name in WITH_FULL_TEXT:
            continue
        given = {name: values[name] for name in one.params}
        there = given | ({"version_id": str(firsts[world.sites[0]] + 2)} if "version_id" in given else {})
        duck, got = timed(lambda: by_duckdb(world, one.sql, there), 3)  # noqa: B023  (called at once)
        if "version_id" in given:
            one_shard = World(world.folder, 1, 0)
            lite, wanted = timed(lambda: by_sqlite(one_shard, firsts, one.sql, given))  # noqa: B023
        else:
            lite, wanted = timed(lambda: by_sqlite(world, firsts, one.sql, given))  # noqa: B023
        check(one, got, wanted)
        print(
            f"{one.name:18} {len(got):7} rows  DuckDB {duck * 1000:7.0f} ms  SQLite {lite * 1000:7.0f} ms  {lite / duck:5.1f} x"
        )
        slowest, total, total_sqlite = max(slowest, duck), total + duck, total_sqlite + lite
    yield Figure("slowest question, DuckDB", slowest, "s", goal=GOAL)
    yield Figure("all questions, DuckDB", total, "s")
    yield Figure("all questions, SQLite in turn", total_sqlite, "s")
    yield Figure("DuckDB is faster by", total_sqlite / total, "x")


def measure(world: World) -> Iterator[Figure]:
    world.make()
    if not any(world.mirror().tables(["sites"], world.sites, _quiet).files["sites"]):
        yield Figure("export of all shards", timed(world.export)[0], "s")
    yield Figure("export when nothing is new", timed(world.export)[0], "s")
    mirror = world.mirror()
    names = [view.name for view in READABLE]
    yield Figure("mirror", timed(lambda: mirror.tables(names, world.sites, _quiet))[0], "s")
    yield Figure("mirror again", timed(lambda: mirror.tables(names, world.sites, _quiet))[0], "s")
    yield from ask(world)
    places = [ShardPlace(site, world.storage) for site in world.sites]
    now = datetime(2022, 12, 1, tzinfo=UTC)

    def search(*, update: bool) -> int:
        found = search_shards(places, FleetSearch("quận"), world.folder / "copies", now, _quiet, update=update)
        assert not found.failed
        return len(found.hits)

    yield Figure("search of all shards, brought up to date first", timed(lambda: search(update=True))[0], "s")
    yield Figure("search of all shards, --no-update", timed(lambda: search(update=False), 3)[0], "s")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--shards", type=int, default=100)
    parser.add_argument("--articles", type=int, default=12)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with contextlib.ExitStack() as stack:
        folder = options.folder or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="archiver-fleet.")))
        figures = list(measure(World(folder, options.shards, options.articles)))
    return finish(figures, as_json=options.json)


if __name__ == "__main__":
    sys.exit(main())
