"""Reads of an archive's file beside SQLite, which do not cost SQLite its locks.

POSIX drops all locks that a process has on a file as soon as it closes any descriptor of that file. A connection that
lost its locks writes on, while another program believes that it is alone, and deletes the write-ahead log: commits are
lost. So a descriptor is kept open until the last connection of this process to the file is closed, one for each file.
"""

import os
import sqlite3
import threading
from collections import Counter
from pathlib import Path

_File = tuple[int, int]  # device and inode

_lock = threading.RLock()
_connections: Counter[_File] = Counter()
_descriptors: dict[_File, int] = {}


class TrackedConnection(sqlite3.Connection):
    """A connection of which `first_bytes` knows, from `open_tracked` until `close`."""

    _file: _File | None = None

    def track(self, path: Path) -> None:
        """Note which file this is a connection to."""
        self._file = _identity(path.stat())
        _connections[self._file] += 1

    def close(self) -> None:
        """Close it; then close the descriptor that was kept for it, if it was the last."""
        with _lock:
            super().close()
            file, self._file = self._file, None
            if file is None:
                return
            _connections[file] -= 1
            if _connections[file] <= 0:
                del _connections[file]
                if (number := _descriptors.pop(file, None)) is not None:
                    os.close(number)


def open_tracked(path: Path, uri: str, wait: float) -> TrackedConnection:
    """Open a connection to a file. The caller must close it.

    Args:
        path: of the file.
        uri: its address for SQLite, with the mode.
        wait: seconds to wait for the lock of another program.

    Raises:
        sqlite3.Error: it cannot be opened.
    """
    with _lock:
        connection = sqlite3.connect(
            uri, uri=True, timeout=wait, isolation_level=None, check_same_thread=False, factory=TrackedConnection
        )
        try:
            connection.track(path)
        except OSError as error:
            connection.close()
            raise sqlite3.OperationalError(f"{path}: {error.strerror}") from error
    return connection


def first_bytes(path: Path, count: int) -> bytes:
    """Return the first bytes of a file.

    Raises:
        OSError: it cannot be read.
    """
    with _lock:
        file = _identity(path.stat())
        if (kept := _descriptors.get(file)) is not None:
            os.lseek(kept, 0, os.SEEK_SET)
            return os.read(kept, count)
        number = os.open(path, os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0))
        file = _identity(os.fstat(number))
        try:
            return os.read(number, count)
        finally:
            if _connections[file]:
                _descriptors[file] = number
            else:
                os.close(number)


def _identity(found: os.stat_result) -> _File:
    return found.st_dev, found.st_ino
