"""Measures how much faster two processes read the archives of a fleet again than one, and checks that both read the same.

    python benchmarks/fleet_extract.py [--shards 6] [--articles 120] [--json]

Archives of a demo portal, each of another site, are published as shards in a local folder, with a control database in a file. Then
`fleet extract` reads them twice, with a new version of all profiles each time: by one process, and by two. Bringing the archives
here and publishing them are part of both. The rows of the views are compared: both versions of the profile read the same.

Goal: two processes take at most 1 / 1.7 of the time of one.
"""

import argparse
import hashlib
import shutil
import sqlite3
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from figures import Figure, finish

from archiver.app import profiles
from archiver.app.archive import Archive
from archiver.app.fleet.open_leases import create_fleet, open_leases
from archiver.app.fleet.rereading.executors import open_executor
from archiver.app.fleet.rereading.read_shards import ReadOptions, read_shards
from archiver.app.fleet.shards.add_archive import add_archive
from archiver.demo.portal import Portal
from archiver.extract.profile import parse_profile
from archiver.fleet.object_storage import open_storage
from archiver.maintain.generations.shard_copy import fetch_shard
from archiver.model.clock import system_clock
from archiver.model.lease import Leases, NewSite
from archiver.model.policy import Retries
from archiver.polite.stop import StopFlag
from archiver.settings import Settings, bundled_profiles

GOAL = 1.7
_VIEWS = {
    "versions": "url, title, section, summary, body, published, seen_from, seen_last",
    "changes": "url, field, old, new",
    "readings": "url, name, value, read_at",
}


class Pass(NamedTuple):
    """One reading of all shards: wall seconds, captures, and the digest of what was read."""

    seconds: float
    captures: int
    digest: str


def make(folder: Path, leases: Leases, shards: int, articles: int) -> list[str]:
    """Publish the archives; return the text of each profile by site."""
    text = (bundled_profiles() / "demo.toml").read_text(encoding="utf-8")
    with Portal(articles=articles) as portal:
        profile = profiles.at_home(parse_profile(text, "demo"), portal.url)
        settings = Settings(folder / "demo.db", (), system_clock, Retries(1, 0.0, 0.01))
        with Archive(settings) as archive:
            archive.crawl(profile)
            archive.crawl(profile, everything=True)
    names = [f"site{number}" for number in range(shards)]
    for name in names:
        own = folder / name / "archive.db"
        own.parent.mkdir()
        for end in ("", ".vault"):
            with (
                closing(sqlite3.connect(folder / f"demo{end}.db")) as old,
                closing(sqlite3.connect(own.with_name(f"archive{end}.db"))) as new,
            ):
                old.backup(new)
        with closing(sqlite3.connect(own)) as rows, rows:
            rows.execute("UPDATE _site SET name = ?", (name,))
        add_archive(leases, name, Settings(own), lambda *_: None)
        shutil.rmtree(own.parent)
    leases.add([NewSite(name, name, 0.0, 1) for name in names])
    return names


def read_all(folder: Path, address: str, leases: Leases, names: list[str], workers: int) -> Pass:
    """Push a version of all profiles that reads the same, and read all shards again."""
    text = (bundled_profiles() / "demo.toml").read_text(encoding="utf-8").replace('name = "demo"', 'name = "{}"')
    for name in names:
        changed = text.replace('title = "h3.tieude"', f'title = ["h3.tieude", ".none{workers}"]', 1)
        leases.put_profile(name, changed.replace("{}", name))
    options = ReadOptions(address, folder / f"copies{workers}", 1, StopFlag())
    begun = time.perf_counter()
    with open_executor("processes", workers) as executor:
        ends = list(read_shards(leases, leases.sites()[1], leases.storage(), executor, options))
    seconds = time.perf_counter() - begun
    bad = [f"{each.site}: {each.ended} {each.why}" for each in ends if each.ended != "done"]
    if bad:
        raise SystemExit("not all shards were read: " + "; ".join(bad))
    return Pass(seconds, sum(each.captures for each in ends), digest(folder, leases, names))


def digest(folder: Path, leases: Leases, names: list[str]) -> str:
    """Return a digest of what the views of all shards show."""
    found = hashlib.sha256()
    for name in names:
        with tempfile.TemporaryDirectory(dir=folder) as scratch:
            fetch_shard(open_storage(leases.storage()), name, Path(scratch))
            with closing(sqlite3.connect(Path(scratch) / "archive.db")) as rows:
                for view, columns in _VIEWS.items():
                    for row in rows.execute(f"SELECT {columns} FROM {view} ORDER BY {columns}"):
                        found.update(repr(row).encode())
    return found.hexdigest()


def main() -> int:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shards", type=int, default=6)
    parser.add_argument("--articles", type=int, default=120)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="archiver-bench.") as scratch:
        folder = Path(scratch)
        address = str(folder / "fleet.db")
        create_fleet(address)
        with open_leases(address, system_clock) as leases:
            leases.set_storage(str(folder / "storage"))
            names = make(folder, leases, options.shards, options.articles)
            one, two = (read_all(folder, address, leases, names, workers) for workers in (1, 2))
    if one.digest != two.digest:
        raise SystemExit("one process and two did not read the same")
    what = f"{options.shards} shards, {one.captures} captures"
    return finish(
        [
            Figure(f"one process, {what}", one.seconds, "s"),
            Figure(f"two processes, {what}", two.seconds, "s"),
            Figure("speed-up by the second process", one.seconds / two.seconds, "x", GOAL, is_most=False),
        ],
        as_json=options.json,
    )


if __name__ == "__main__":
    sys.exit(main())
