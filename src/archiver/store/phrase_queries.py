"""Queries of single versions for the results of a search."""

from archiver.store.connection import Connection
from archiver.store.view_sql import ENDED_BY


class PhraseQueries:
    """Queries of one archive."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def number(self, version_id: int) -> int:
        """Return the number of a version within its page."""
        return int(self._connection.value("SELECT version FROM _version WHERE version_id = ?", (version_id,)) or 0)

    def ended_by(self, version_id: int) -> str:
        """Return what ended a version: standing, edit, gone or moved."""
        return str(self._connection.value(f"SELECT {ENDED_BY} FROM _version v WHERE v.version_id = ?", (version_id,)))
