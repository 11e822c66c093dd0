"""The time of the next request to each server, in one small file that all archivers of a user on a machine share.

Two programs that crawl the same server send it together no more requests than one would. Times are seconds since 1970
of the machine's clock. The file may be deleted: when it cannot be used, each program limits only its own requests.
"""

import contextlib
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Self, TypeVar

T = TypeVar("T")

_DAY = 86400.0
_WAIT = 5.0  # seconds to wait for the lock of another program
_TABLE = (
    "CREATE TABLE IF NOT EXISTS server(origin TEXT PRIMARY KEY, free_at REAL NOT NULL, held_until REAL NOT NULL) STRICT"
)


class SharedHostsFile:
    """The shared file. Its methods may be called from any thread."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection: sqlite3.Connection | None = connection
        self._lock = threading.Lock()

    @classmethod
    def open(cls, path: Path, now: float) -> Self | None:
        """Open or create the file; return None when that fails. `now`: seconds since 1970."""
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            connection = sqlite3.connect(path, timeout=_WAIT, isolation_level=None, check_same_thread=False)
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=OFF")  # the file need not survive a power cut
            connection.execute(_TABLE)
            connection.execute("DELETE FROM server WHERE max(free_at, held_until) < ?", (now - _DAY,))
        except (sqlite3.Error, OSError):
            return None
        return cls(connection)

    @property
    def are_shared(self) -> bool:
        """Whether the file is still in use; it is not after a database error."""
        return self._connection is not None

    def take(self, origin: str, now: float, gap: float, max_wait: float) -> float:
        """Reserve the next request time of a server and return the seconds until then.

        The request after it may start `gap` seconds later. Nothing is reserved when the wait is longer than `max_wait`.
        """

        def work(connection: sqlite3.Connection) -> float:
            connection.execute("BEGIN IMMEDIATE")
            row = connection.execute("SELECT free_at, held_until FROM server WHERE origin = ?", (origin,)).fetchone()
            start = max(now, *(min(moment, now + _DAY) for moment in row)) if row else now
            if start - now <= max_wait:
                _put(connection, origin, start + gap, 0.0)
            connection.execute("COMMIT")
            return float(start - now)

        return self._safely(work) or 0.0

    def done(self, origin: str, until: float) -> None:
        """Allow the next request from the time `until`."""
        self._safely(lambda connection: _put(connection, origin, until, 0.0))

    def hold(self, origin: str, until: float) -> None:
        """Allow no request before the time `until`."""
        self._safely(lambda connection: _put(connection, origin, 0.0, until))

    def _safely(self, work: Callable[[sqlite3.Connection], T]) -> T | None:
        """Run `work`; a database error closes the file, and the crawl continues without it."""
        with self._lock:
            if self._connection is None:
                return None
            try:
                return work(self._connection)
            except sqlite3.Error:
                self._disconnect()
                return None

    def _disconnect(self) -> None:
        if self._connection is not None:
            with contextlib.suppress(sqlite3.Error):
                self._connection.close()
            self._connection = None

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._disconnect()


def _put(connection: sqlite3.Connection, origin: str, free_at: float, held_until: float) -> None:
    connection.execute(
        "INSERT INTO server(origin, free_at, held_until) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET "
        "free_at = max(free_at, excluded.free_at), held_until = max(held_until, excluded.held_until)",
        (origin, free_at, held_until),
    )
