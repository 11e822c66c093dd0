"""A temporary file with the records of a site that is read again; it is deleted when they are in the archive.

Equal records (most visits of a page) are stored once. The file only saves time: a damaged file, or one for another
profile, is replaced by an empty one.
"""

import contextlib
import hashlib
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Self

from archiver.errors import ArchiveDamaged, ArchiveFull
from archiver.store.frame_codec import pack, unpack

_TABLES = (
    "CREATE TABLE IF NOT EXISTS made_for(name TEXT PRIMARY KEY) STRICT",
    "CREATE TABLE IF NOT EXISTS record(digest BLOB PRIMARY KEY, size INTEGER NOT NULL, data BLOB NOT NULL) STRICT, WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS reading(visit_id INTEGER PRIMARY KEY, digest BLOB NOT NULL) STRICT",
)

_LEVEL = 1  # of zstd


class Staging:
    """The records of one site by one profile and one version of the reader. Use as a context manager."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self._path = path
        self._connection = connection

    @classmethod
    def open(cls, path: Path, made_for: str) -> Self:
        """Open the file at `path` if it was made for `name`; otherwise create an empty one.

        Raises:
            ArchiveFull: the folder has no room or is not writable.
        """
        for _ in range(2):
            try:
                connection = sqlite3.connect(path, isolation_level=None)
                connection.execute("PRAGMA journal_mode=WAL")
                connection.execute("PRAGMA synchronous=OFF")  # records that a power cut loses are read once more
                for table in _TABLES:
                    connection.execute(table)
                if connection.execute("SELECT name FROM made_for").fetchall() in ([], [(made_for,)]):
                    connection.execute("INSERT OR IGNORE INTO made_for VALUES (?)", (made_for,))
                    return cls(path, connection)
                connection.close()
            except sqlite3.DatabaseError:
                pass
            _remove(path)
        raise ArchiveFull(f"{path}: cannot be written; check that its folder is writable and has room")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def numbers(self) -> set[int]:
        """Return the visits that were read."""
        return {number for (number,) in self._connection.execute("SELECT visit_id FROM reading")}

    def put(self, readings: Iterable[tuple[int, bytes]]) -> None:
        """Store records as bytes in the writer's own format.

        Raises:
            ArchiveFull: the disk is full; earlier records stay.
        """
        try:
            self._connection.execute("BEGIN")
            for number, data in readings:
                digest = hashlib.sha256(data).digest()[:20]
                packed = (digest, len(data), pack(data, b"", _LEVEL))
                self._connection.execute("INSERT OR IGNORE INTO record VALUES (?, ?, ?)", packed)
                self._connection.execute("INSERT OR REPLACE INTO reading VALUES (?, ?)", (number, digest))
            self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            with contextlib.suppress(sqlite3.Error):
                self._connection.execute("ROLLBACK")
            raise ArchiveFull(f"{self._path}: {error}; make room, then run this again") from error

    def get(self, number: int) -> bytes | None:
        """Return the record of a visit; None when there is none or it is damaged."""
        sql = "SELECT t.data, t.size FROM reading r JOIN record t ON t.digest = r.digest WHERE r.visit_id = ?"
        try:
            row = self._connection.execute(sql, (number,)).fetchone()
            return unpack(row[0], b"", row[1]) if row else None
        except (sqlite3.DatabaseError, ArchiveDamaged):
            return None

    def remove(self) -> None:
        """Delete the file."""
        self._connection.close()
        _remove(self._path)


def _remove(path: Path) -> None:
    for each in (path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")):
        each.unlink(missing_ok=True)
