"""When servers may be asked again: one small file that all archivers of this user on this machine share.

Two programs that write two archives and meet at one server ask it together no more often than one would. Times are
seconds since 1970 of the machine's clock. The file holds nothing that matters: if it cannot be used, each program
keeps its own pace, as it does without one.
"""

import contextlib
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Self, TypeVar

T = TypeVar("T")

_DAY = 86400.0
_WAIT = 5.0  # seconds for another program's few microseconds of writing
_TABLE = (
    "CREATE TABLE IF NOT EXISTS server(origin TEXT PRIMARY KEY, free_at REAL NOT NULL, held_until REAL NOT NULL) STRICT"
)


class Servers:
    """The turns at servers. May be used from any thread."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection: sqlite3.Connection | None = connection
        self._lock = threading.Lock()

    @classmethod
    def open(cls, path: Path, now: float) -> Self | None:
        """The file at this place, made if there is none; None when there can be none."""
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            connection = sqlite3.connect(path, timeout=_WAIT, isolation_level=None, check_same_thread=False)
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=OFF")  # a power cut ends all our requests, too
            connection.execute(_TABLE)
            connection.execute("DELETE FROM server WHERE max(free_at, held_until) < ?", (now - _DAY,))
        except (sqlite3.Error, OSError):
            return None
        return cls(connection)

    @property
    def are_shared(self) -> bool:
        """Whether the file could be used until now."""
        return self._connection is not None

    def take(self, origin: str, now: float, gap: float, patience: float) -> float:
        """Take the next turn at a server; gives the seconds to wait for it.

        The one after it comes `gap` seconds later. A turn further away than `patience` is not taken.
        """

        def work(connection: sqlite3.Connection) -> float:
            connection.execute("BEGIN IMMEDIATE")
            row = connection.execute("SELECT free_at, held_until FROM server WHERE origin = ?", (origin,)).fetchone()
            start = max(now, *(min(moment, now + _DAY) for moment in row)) if row else now
            if start - now <= patience:
                _put(connection, origin, start + gap, 0.0)
            connection.execute("COMMIT")
            return float(start - now)

        return self._safely(work) or 0.0

    def done(self, origin: str, until: float) -> None:
        """A request has ended; the next one may begin at this moment."""
        self._safely(lambda connection: _put(connection, origin, until, 0.0))

    def hold(self, origin: str, until: float) -> None:
        """The server is to be left alone until this moment."""
        self._safely(lambda connection: _put(connection, origin, 0.0, until))

    def _safely(self, work: Callable[[sqlite3.Connection], T]) -> T | None:
        """Do it; a fault of the file ends the sharing, not the crawl."""
        with self._lock:
            if self._connection is None:
                return None
            try:
                return work(self._connection)
            except sqlite3.Error:
                self._let_go()
                return None

    def _let_go(self) -> None:
        if self._connection is not None:
            with contextlib.suppress(sqlite3.Error):
                self._connection.close()
            self._connection = None

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._let_go()


def _put(connection: sqlite3.Connection, origin: str, free_at: float, held_until: float) -> None:
    connection.execute(
        "INSERT INTO server(origin, free_at, held_until) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET "
        "free_at = max(free_at, excluded.free_at), held_until = max(held_until, excluded.held_until)",
        (origin, free_at, held_until),
    )
