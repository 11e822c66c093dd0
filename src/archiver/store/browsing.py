"""The queries of the web interface, by topic. Each is bounded, whatever the size of the archive."""

from functools import cached_property

from archiver.store.about_queries import AboutQueries
from archiver.store.connection import Connection
from archiver.store.counter_queries import CounterQueries
from archiver.store.doctor_queries import DoctorQueries
from archiver.store.health_queries import HealthQueries
from archiver.store.page_list_queries import PageListQueries
from archiver.store.silent_queries import SilentQueries
from archiver.store.site_queries import SiteQueries
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
