"""The queries of the web interface, by topic. Each is bounded, whatever the size of the archive."""

from functools import cached_property

from archiver.store.absence_queries import AbsenceQueries
from archiver.store.connection import Connection
from archiver.store.day_events import DayEvents
from archiver.store.front_queries import FrontQueries
from archiver.store.phrase_queries import PhraseQueries
from archiver.store.rare_events import RareEvents
from archiver.store.summary_queries import SummaryQueries
from archiver.store.watch_queries import WatchQueries


class Browsing:
    """Gives the queries of each topic; an object is made when it is first used."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @cached_property
    def summary(self) -> SummaryQueries:
        """What every page says of the archive."""
        return SummaryQueries(self._connection)

    @cached_property
    def days(self) -> DayEvents:
        """Edits and new pages by day."""
        return DayEvents(self._connection)

    @cached_property
    def rare(self) -> RareEvents:
        """Pages gone, back and moved, and redesigns."""
        return RareEvents(self._connection)

    @cached_property
    def watch(self) -> WatchQueries:
        """What was looked at, and what was not."""
        return WatchQueries(self._connection)

    @cached_property
    def absences(self) -> AbsenceQueries:
        """Pages that are gone, came back or moved."""
        return AbsenceQueries(self._connection)

    @cached_property
    def fronts(self) -> FrontQueries:
        """What listings showed."""
        return FrontQueries(self._connection)

    @cached_property
    def phrases(self) -> PhraseQueries:
        """Single versions, for the results of a search."""
        return PhraseQueries(self._connection)
