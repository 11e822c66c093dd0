"""The queries of the web interface, by topic. Each is bounded, whatever the size of the archive."""

from functools import cached_property

from archiver.store.connection import Connection
from archiver.store.summary_queries import SummaryQueries


class Browsing:
    """Gives the queries of each topic; an object is made when it is first used."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @cached_property
    def summary(self) -> SummaryQueries:
        """What every page says of the archive."""
        return SummaryQueries(self._connection)
