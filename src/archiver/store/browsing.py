"""The queries of the web interface, by topic. Each is bounded, whatever the size of the archive."""

from functools import cached_property

from archiver.store.connection import Connection
from archiver.store.edition_queries import EditionQueries
from archiver.store.page_facts_queries import PageFactsQueries
from archiver.store.span_queries import SpanQueries
from archiver.store.summary_queries import SummaryQueries


class Browsing:
    """Gives the queries of each topic; an object is made when it is first used."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @cached_property
    def summary(self) -> SummaryQueries:
        """What every page says of the archive."""
        return SummaryQueries(self._connection)

    @cached_property
    def spans(self) -> SpanQueries:
        """The history of one page: versions, edits, absences, pauses, failed visits and counters."""
        return SpanQueries(self._connection)

    @cached_property
    def editions(self) -> EditionQueries:
        """What one listing showed, and which items came and went."""
        return EditionQueries(self._connection)

    @cached_property
    def page_facts(self) -> PageFactsQueries:
        """What belongs to one page besides its history: links, files, readings, sources and proofs."""
        return PageFactsQueries(self._connection)
