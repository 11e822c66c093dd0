"""Which pages of an SQLite file change, without a look at the others.

A file in WAL mode changes only by *checkpoints*: commits append pages to the write-ahead log, and a checkpoint copies them
into the file. While a connection (the *observer*) reads the file alone, without its log, SQLite makes no checkpoint: the
observer holds the lock of the read mark 0, which a checkpoint needs. So at the end of a slice

- the file still has every old page,
- the log has every new one, and the numbers of its pages are those that changed (and perhaps some that did not).

Then writers are kept out, the old pages are read from the file, the observer is released, a checkpoint is made, and the
new pages are read from the file.

SQLite's locks of a process are lost when it closes any descriptor of the file. So the descriptor for reading pages is
kept until all connections are closed. When other code closes one, another process may not see the observer, and write the
file or replace its log: then the time of the file or the log's inode differ, and all pages count as changed.
"""

import os
import sqlite3
import struct
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from archiver.errors import ArchiveError, ArchiveLocked
from archiver.maintain.generations.page_packs import ChangedPage
from archiver.store.connection import as_archive_error
from archiver.store.raw_reads import open_tracked

_WAIT = 10.0
"""Seconds to wait for other programs that read the file."""
_IN_MEMORY = 32 * 1024 * 1024
"""Bytes of old pages that are kept in memory; more go to a temporary file."""
_WAL_HEADER, _FRAME = struct.Struct(">IIII8sII"), struct.Struct(">II8sII")
_WAL_MAGIC = (0x377F0682, 0x377F0683)

Stamp = tuple[int, int]
"""The size of a file in bytes, and when it was last written (nanoseconds)."""


def stamp_of(path: Path) -> Stamp | None:
    """Return the stamp of a file; None when there is none."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_size, found.st_mtime_ns


class ObservedFile:
    """One SQLite file whose changed pages are noted, from `observe` to `read`.

    Attributes:
        page_size: bytes; known after `lock`.
        pages: how many it has; known after `read` began.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.page_size = self.pages = 0
        self._observer: sqlite3.Connection | None = None
        self._writer: sqlite3.Connection | None = None
        self._descriptor: int | None = None
        self._before: tuple[Stamp | None, int | None] | None = None

    def observe(self) -> None:
        """Begin to note changes. When the log cannot be emptied, nothing is noted, and all pages count as changed."""
        self._observer = connection = self._connect()
        with self._converting_errors():
            if not _checkpoint(connection):
                return
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            connection.execute("BEGIN")
            connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        if _log_is_empty(self.path):
            self._before = self._state()

    def lock(self) -> sqlite3.Connection:
        """Keep writers out until `close`, and return a connection that reads the file as it is now.

        Raises:
            ArchiveLocked: another program writes to it.
        """
        if self._observer is None:
            self._observer = self._connect()
        self._writer = self._connect()
        with self._converting_errors():
            self._writer.execute("BEGIN IMMEDIATE")
            self.page_size = int(self._writer.execute("PRAGMA page_size").fetchone()[0])
        return self._writer

    def changed(self) -> Sequence[int] | None:
        """Return the numbers of the pages that were written since `observe`, in order; after `lock`.

        None: they are not known. Nothing was noted, or a checkpoint was made or the log replaced in spite of the
        observer, by a process that did not see its locks.
        """
        if self._before is None or self._state() != self._before:
            return None
        return pages_in_log(self.path, self.page_size)

    def read(self, folder: Path, numbers: Sequence[int] | None, old_pages: int) -> Iterator[ChangedPage]:
        """Yield pages with those that they replace; after `lock`.

        Args:
            folder: for temporary files.
            numbers: which pages, in order; None: all, as if there was no file before.
            old_pages: how many pages the file had.

        Raises:
            ArchiveLocked: another program reads an older state for too long.
        """
        with tempfile.SpooledTemporaryFile(_IN_MEMORY, dir=str(folder)) as kept:
            old = {number for number in numbers or () if number <= old_pages}
            for number in sorted(old):
                kept.write(self._page(number))
            self._checkpoint_all()
            self.pages = os.fstat(self._open()).st_size // self.page_size
            kept.seek(0)
            for number in range(1, self.pages + 1) if numbers is None else numbers:
                before = kept.read(self.page_size) if number in old else b""
                if number <= self.pages:  # the file may be shorter than it was
                    yield ChangedPage(number, self._page(number), before)

    def close(self) -> None:
        """Let others write again, and forget what was noted."""
        for connection in (self._observer, self._writer):
            if connection is not None:
                if connection.in_transaction:
                    connection.rollback()
                connection.close()
        if self._descriptor is not None:
            os.close(self._descriptor)
        self._observer = self._writer = self._descriptor = self._before = None

    def _connect(self) -> sqlite3.Connection:
        uri = f"{self.path.absolute().as_uri()}?mode=rw"
        with self._converting_errors():
            connection = open_tracked(self.path, uri, _WAIT)
            connection.execute("PRAGMA synchronous=FULL")
            connection.execute("PRAGMA wal_autocheckpoint=0")
            connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        return connection

    @contextmanager
    def _converting_errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise as_archive_error(error, self.path) or ArchiveError(f"{self.path}: {error}") from error

    def _state(self) -> tuple[Stamp | None, int | None]:
        """Return the stamp of the file, and which file is its log: nothing but the log's length changes meanwhile."""
        try:
            log = self.path.with_name(f"{self.path.name}-wal").stat().st_ino
        except FileNotFoundError:
            log = None
        return stamp_of(self.path), log

    def _open(self) -> int:
        if self._descriptor is None:
            self._descriptor = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)
        return self._descriptor

    def _page(self, number: int) -> bytes:
        return os.pread(self._open(), self.page_size, (number - 1) * self.page_size)

    def _checkpoint_all(self) -> None:
        observer = self._observer
        with self._converting_errors():
            if observer is not None and observer.in_transaction:
                observer.rollback()
            is_done = observer is not None and _checkpoint(observer)
        if not is_done:
            raise ArchiveLocked(f"{self.path}: another program reads an older state of it; end it, then run this again")


def pages_in_log(path: Path, page_size: int) -> Sequence[int] | None:
    """Return the numbers of the pages in the write-ahead log of a file, in order; None when the log is unusable."""
    try:
        log = path.with_name(path.name + "-wal").open("rb")
    except FileNotFoundError:
        return ()
    with log:
        header = log.read(_WAL_HEADER.size)
        if not header:
            return ()
        if len(header) < _WAL_HEADER.size:
            return None
        magic, _version, size, _sequence, salts, *_ = _WAL_HEADER.unpack(header)
        if magic not in _WAL_MAGIC or size != page_size:
            return None
        found = set()
        while len(frame := log.read(_FRAME.size)) == _FRAME.size:
            number, _commit, frame_salts, *_ = _FRAME.unpack(frame)
            if frame_salts != salts:
                break
            found.add(number)
            log.seek(page_size, os.SEEK_CUR)
    return sorted(found)


def _checkpoint(connection: sqlite3.Connection) -> bool:
    """Copy the whole log into the file; wait for readers. Return whether it succeeded."""
    ends = time.monotonic() + _WAIT
    while True:
        _busy, in_log, copied = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        if in_log == copied:
            return True
        if time.monotonic() > ends:
            return False
        time.sleep(0.05)


def _log_is_empty(path: Path) -> bool:
    found = stamp_of(path.with_name(path.name + "-wal"))
    return found is None or found[0] == 0
