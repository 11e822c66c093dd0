"""The queries of the web interface, by topic. Each is bounded, whatever the size of the archive."""

from functools import cached_property

from archiver.store.about_queries import AboutQueries
from archiver.store.absence_queries import AbsenceQueries
from archiver.store.connection import Connection
from archiver.store.copy_queries import CopyQueries
from archiver.store.counter_queries import CounterQueries
from archiver.store.coverage_queries import CoverageQueries
from archiver.store.day_events import DayEvents
from archiver.store.doctor_queries import DoctorQueries
from archiver.store.edition_queries import EditionQueries
from archiver.store.health_queries import HealthQueries
from archiver.store.listing_queries import ListingQueries
from archiver.store.page_facts_queries import PageFactsQueries
from archiver.store.page_list_queries import PageListQueries
from archiver.store.rendition_queries import RenditionQueries
from archiver.store.silent_queries import SilentQueries
from archiver.store.site_queries import SiteQueries
from archiver.store.span_queries import SpanQueries
from archiver.store.state_events import StateEvents
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
    def days(self) -> DayEvents:
        """Edits and new pages by day."""
        return DayEvents(self._connection)

    @cached_property
    def state_events(self) -> StateEvents:
        """Pages gone, back and moved, and redesigns."""
        return StateEvents(self._connection)

    @cached_property
    def coverage(self) -> CoverageQueries:
        """What was looked at, and what was not."""
        return CoverageQueries(self._connection)

    @cached_property
    def absences(self) -> AbsenceQueries:
        """Pages that are gone, came back or moved."""
        return AbsenceQueries(self._connection)

    @cached_property
    def listings(self) -> ListingQueries:
        """What listings showed."""
        return ListingQueries(self._connection)

    @cached_property
    def health(self) -> HealthQueries:
        """Health, runs and coming visits."""
        return HealthQueries(self._connection)

    @cached_property
    def page_list(self) -> PageListQueries:
        """The list of known pages."""
        return PageListQueries(self._connection)

    @cached_property
    def silent(self) -> SilentQueries:
        """Edits that pages do not own up to."""
        return SilentQueries(self._connection)

    @cached_property
    def counters(self) -> CounterQueries:
        """Counters and what they gained."""
        return CounterQueries(self._connection)

    @cached_property
    def sites(self) -> SiteQueries:
        """Sites and their profiles."""
        return SiteQueries(self._connection)

    @cached_property
    def about(self) -> AboutQueries:
        """The archive as a whole."""
        return AboutQueries(self._connection)

    @cached_property
    def doctor(self) -> DoctorQueries:
        """What advice on the archive is made from."""
        return DoctorQueries(self._connection)

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

    @cached_property
    def copies(self) -> CopyQueries:
        """The captures of an address in time, for replay."""
        return CopyQueries(self._connection)

    @cached_property
    def renditions(self) -> RenditionQueries:
        """What a browser made of visits."""
        return RenditionQueries(self._connection)
