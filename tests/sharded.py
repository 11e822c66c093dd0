"""Shards for tests: a small archive in a working copy, slices that change it, and comparisons byte for byte."""

import hashlib
import random
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from functools import cache
from pathlib import Path

from archiver.maintain.generations.manifest import FILES
from archiver.maintain.generations.shard_copy import ShardCopy, fetch_shard
from archiver.model.generation import Generation
from archiver.model.stored_object import LARGEST_OBJECT, ObjectStorage, StoredObject
from filled import fill

SITE = "demo"


def go_on() -> None:
    """The check of a lease that holds."""


@cache
def _filled() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="archiver-sharded."))
    fill(folder / FILES[0], rounds=2)
    return folder


def put_archive(folder: Path) -> None:
    """Put a small archive into a folder. It is made once in each process."""
    for name in FILES:
        shutil.copyfile(_filled() / name, folder / name)


def first_generation(copy: ShardCopy) -> Generation:
    """Publish a small archive in an empty shard."""
    assert copy.begin(1, "first") is None
    with copy.recording():
        put_archive(copy.path.parent)
    published = copy.ship(go_on, 1)
    assert published is not None
    return published


def write(copy: ShardCopy, seed: int, rows: int = 20) -> None:
    """Write random rows to both files of a copy, and delete some."""
    chance = random.Random(seed)
    for name in FILES:
        with closing(sqlite3.connect(copy.path.with_name(name))) as connection, connection:
            connection.execute("CREATE TABLE IF NOT EXISTS scribble(id INTEGER PRIMARY KEY, data BLOB)")
            for _ in range(rows):
                connection.execute("INSERT INTO scribble(data) VALUES (?)", (chance.randbytes(chance.randrange(900)),))
            connection.execute("DELETE FROM scribble WHERE id % 7 = ?", (seed % 7,))


def slice_of(copy: ShardCopy, seed: int) -> Generation:
    """Record a slice and publish it."""
    with copy.recording():
        write(copy, seed)
    published = copy.ship(go_on, 1)
    assert published is not None
    return published


def digests(folder: Path) -> list[str]:
    return [hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in FILES]


def fetched(storage: ObjectStorage, folder: Path, number: int | None = None) -> list[str]:
    """Fetch a generation; return the digests of its files."""
    fetch_shard(storage, SITE, folder, number)
    return digests(folder)


class Counting:
    """A storage that counts requests, and may do something before each."""

    def __init__(self, storage: ObjectStorage, before: Callable[[str, str], None] = lambda _what, _key: None) -> None:
        self._storage, self.before = storage, before
        self.place = storage.place
        self.made: list[tuple[str, str]] = []

    def count(self, what: str, part: str) -> int:
        return sum(made == what and part in key for made, key in self.made)

    def _note(self, what: str, key: str) -> None:
        self.before(what, key)
        self.made.append((what, key))

    def create(self, key: str, body: bytes) -> None:
        self._note("create", key)
        self._storage.create(key, body)

    def read(self, key: str, most: int = LARGEST_OBJECT) -> bytes:
        self._note("read", key)
        return self._storage.read(key, most)

    def objects(self, prefix: str, after: str = "") -> Iterator[StoredObject]:
        self._note("objects", prefix)
        return self._storage.objects(prefix, after)

    def delete(self, keys: Iterable[str]) -> None:
        for key in keys:
            self._note("delete", key)
            self._storage.delete([key])
