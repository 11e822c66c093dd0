"""Results that stay the same while the archive does not change."""

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from archiver.store.connection import Connection

_MOST = 16
Result = TypeVar("Result")


class ResultCache(Generic[Result]):
    """Keeps a few results of one connection, until any program writes to the archive."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._state: tuple[int, int] = (-1, -1)
        self._kept: dict[Hashable, Result] = {}

    def get(self, key: Hashable, compute: Callable[[], Result]) -> Result:
        """Return the result of a key; compute it if it is not kept."""
        state = int(self._connection.value("PRAGMA data_version")), self._connection.raw.total_changes
        if state != self._state or len(self._kept) >= _MOST:
            self._kept.clear()
            self._state = state
        if key not in self._kept:
            self._kept[key] = compute()
        return self._kept[key]
