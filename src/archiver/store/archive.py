"""An open archive: both files and the objects that read and write them."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from archiver.errors import ArchiveLocked, ArchiveReadOnly, VaultMissing
from archiver.store.apply import ResultWriter
from archiver.store.archive_identity import check_identity, write_identity
from archiver.store.browsing import Browsing
from archiver.store.capture_stream import CaptureStream
from archiver.store.connection import Connection, Params
from archiver.store.describe_changes import describe_changes
from archiver.store.doubt_rows import Doubts
from archiver.store.due_queues import DueQueues
from archiver.store.editions import Editions
from archiver.store.embargoes import Embargoes
from archiver.store.event_rows import EventRows
from archiver.store.evidence import EvidenceStore
from archiver.store.frontier import Frontier
from archiver.store.history import History
from archiver.store.import_origins import ImportOrigins
from archiver.store.listing_history import ListingHistory
from archiver.store.marks import Marks
from archiver.store.missing_samples import MissingSamples
from archiver.store.missing_vault import MissingVault, demand_bodies, demand_rows, names_bodies, without_bodies
from archiver.store.move_queries import MoveQueries
from archiver.store.open_file import open_connection, read_only
from archiver.store.page_state import PriorState, PriorStates
from archiver.store.pages import Pages
from archiver.store.part_rows import PartRows
from archiver.store.prune import Pruner
from archiver.store.reading_spans import ReadingSpans
from archiver.store.real_file import real_file, vault_path
from archiver.store.redactions import Redactions
from archiver.store.redesigns import Redesigns
from archiver.store.redirect_rows import RedirectRows
from archiver.store.refresh_views import lacks, migrate_rows, refresh_views
from archiver.store.reinterpretations import Reinterpretations
from archiver.store.repair_lock import demand_unlocked, finish
from archiver.store.revisit_state import RevisitState
from archiver.store.run_report_queries import RunReports
from archiver.store.runs import Runs
from archiver.store.sample_captures import SampleCaptures
from archiver.store.schema import APPLICATION_ID, MIGRATIONS, VAULT_APPLICATION_ID, VAULT_MIGRATIONS
from archiver.store.search import Search
from archiver.store.shown_captures import ShownCaptures
from archiver.store.site_rules import SiteRules
from archiver.store.sql_errors import sql_error
from archiver.store.temp_views import overlay_views
from archiver.store.timeline import Timeline
from archiver.store.validators import Validators
from archiver.store.vault import Vault
from archiver.store.visit_result import CrawlRun, Discovery, VisitResult

__all__ = ["Store", "demand_rows", "migrate_rows", "vault_path"]


class _RolledBack(Exception):
    """Rolls back the transaction of `Store.forecast`."""


class Store:
    """An open archive. Use as a context manager; one thread at a time.

    Attributes:
        read_only: opened to read, or written by a newer archiver.
        notice: a message for the user about how the archive was opened; usually "".
    """

    def __init__(self, path: Path, main: Connection, vault: Vault, notice: str = "") -> None:
        self.path = path
        self.read_only = main.read_only
        self.notice = notice
        self._main, self._vault = main, vault
        self.pages = Pages(main)
        self.parts = PartRows(main)
        self.site_rules = SiteRules(main)
        self.evidence = EvidenceStore(main, self._vault)
        self.pruning = Pruner(main, self._vault, self.evidence)
        self.timeline = Timeline(main)
        self.editions = Editions(main)
        self.listings = ListingHistory(main)
        self.redirects = RedirectRows(main)
        self.reinterpretations = Reinterpretations(main)
        self._states = PriorStates(main)
        self._results = ResultWriter(main)
        self.frontier = Frontier(main)
        self.revisit_state = RevisitState(main)
        self.validators = Validators(main)
        self.missing_samples = MissingSamples(main)
        self.redesigns = Redesigns(main)
        self.runs = Runs(main)
        self.history = History(main)
        self.shown_captures = ShownCaptures(main)
        self.event_rows = EventRows(main)
        self.moves = MoveQueries(main)
        self.search = Search(main)
        self.captures = CaptureStream(main, self.evidence)
        self.import_origins = ImportOrigins(main)
        self.run_reports = RunReports(main)

    @classmethod
    def open_guarded(cls, path: Path) -> Self:
        """Open an archive for a server: SQLite refuses every statement but queries. Nothing is migrated or changed.

        Raises:
            ArchiveReadOnly: an older archiver made it; `open` migrates it.
            ArchiveError: as for `open`.
        """
        path = real_file(path)
        demand_rows(path)
        if lacks(path)[0]:
            raise ArchiveReadOnly(f"{path}: an older archiver made it; open it once to migrate it: `archiver stats`")
        store = cls._opened(path, write=False)
        store._guard()  # noqa: SLF001  (its own)
        return store

    def _guard(self) -> None:
        self._main.guard()
        self._vault.guard()

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Run a block of queries as of one time; stop them after so many seconds.

        Raises:
            QueryTimedOut: the time is over.
        """
        with self._main.within(seconds):
            yield

    @classmethod
    def open(cls, path: Path, *, write: bool = True) -> Self:
        """Open an archive. When `write` is true, create a missing archive and migrate an older one.

        Raises:
            NotAnArchive, ArchiveTooNew, ArchiveReadOnly, ArchiveLocked, ArchiveDamaged: the message says what to do.
        """
        path = real_file(path)
        if write:
            demand_unlocked(path)
            finish((vault_path(path), path))
            demand_bodies(path)
        demand_rows(path)
        if not write:
            cls._migrate_if_older(path)
        return cls._opened(path, write=write)

    @classmethod
    def _opened(cls, path: Path, *, write: bool) -> Self:
        main = open_connection(path, application_id=APPLICATION_ID, migrations=MIGRATIONS, write=write)
        if not write and not vault_path(path).exists():
            return cls._without_vault(path, main)
        try:
            vault = _open_vault(main, vault_path(path), write=write)
        except BaseException:
            main.close()
            raise
        try:
            if write:
                demand_unlocked(path)  # again: a repair may have started just before the files were opened
                refresh_views(main)
                write_identity(main, vault)
                describe_changes(main)
            else:
                overlay_views(main)
            notice = check_identity(main, vault, path)
        except BaseException:
            main.close()
            vault.close()
            raise
        return cls(path, main, Vault(vault), notice)

    @classmethod
    def _without_vault(cls, path: Path, main: Connection) -> Self:
        try:
            overlay_views(main)
            notice = f"{vault_path(path)} is missing: captured bytes cannot be read" if names_bodies(main) else ""
        except BaseException:
            main.close()
            raise
        return cls(path, main, MissingVault(path), notice)

    @classmethod
    def _migrate_if_older(cls, path: Path) -> None:
        """Migrate an older archive before it is read: the views use columns that it does not have."""
        is_older, is_undescribed = lacks(path)
        if not is_older and not is_undescribed:
            return
        try:
            if vault_path(path).exists():
                cls.open(path, write=True).close()
            else:
                migrate_rows(path)
        except (ArchiveReadOnly, ArchiveLocked) as error:
            if not is_older:
                return  # its changes are shown without descriptions
            raise ArchiveReadOnly(
                f"{path}: an older archiver made it, and it cannot be migrated because it cannot be written; "
                "make it writable, or migrate a copy of it"
            ) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close both files."""
        self._main.close()
        self._vault.close()

    def check_commits(self, check: Callable[[], None] | None) -> None:
        """Call a function before each commit to both files; what it raises rolls the transaction back."""
        self._main.before_commit = check
        self._vault.check_commits(check)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Run a transaction on `archive.db`."""
        with self._main.transaction():
            yield

    @contextmanager
    def forecast(self) -> Iterator[None]:
        """Roll back at the end everything that the block writes to `archive.db`."""
        with suppress(_RolledBack), self._main.transaction():
            yield
            raise _RolledBack

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Run a savepoint within a transaction: an exception rolls back only the block."""
        with self._main.savepoint():
            yield

    # the steps of a visit: `evidence.keep`, then these two

    def state_of(
        self, visits: Sequence[int], counters: Iterable[tuple[int, str]] = (), marks: Mapping[int, str] | None = None
    ) -> dict[int, PriorState]:
        """Return the states of pages before visits, by visit id; see `PriorStates.of`."""
        return self._states.of(visits, counters, marks)

    def apply(self, results: Sequence[VisitResult], *, reader: str, crawl: CrawlRun | None = None) -> None:
        """Write the results of visits; see `ResultWriter.apply`."""
        self._results.apply(results, reader=reader, crawl=crawl)

    def discover(self, discovery: Discovery, crawl: CrawlRun) -> None:
        """Add pages to a site's frontier that no visit discovered, such as seeds."""
        self._results.discover([discovery], crawl)

    def due_queues(self, site_id: int, run_id: int, *, everything: bool) -> DueQueues:
        """Return the pages that a run visits, in their order; see `DueQueues`."""
        return DueQueues(self._main, site_id, run_id, self._results.moved[site_id], everything=everything)

    def sql(self, query: str, params: Params = ()) -> Iterator[dict[str, Any]]:
        """Return the rows of a read-only query over the views, as of the time it starts.

        The query has its own connection, so a half-read result does not block writers.
        """
        self._main.value("SELECT 1")  # raises when the archive is closed
        reader = read_only(self._main.path)
        try:
            overlay_views(reader)
            reader.stop_at(self._main.ends)
            yield from reader.query(query, params, sql_error)
        finally:
            reader.close()

    @property
    def reading_spans(self) -> ReadingSpans:
        """The spans of captures with one content, to compare profiles."""
        return ReadingSpans(self._main)

    @property
    def redactions(self) -> Redactions:
        """The redactions: captures whose bytes were deleted for good."""
        return Redactions(self._main)

    @property
    def marks(self) -> Marks:
        """The marks on events: seen, important, notes."""
        return Marks(self._main)

    @property
    def embargoes(self) -> Embargoes:
        """The embargoes: addresses that exports leave out."""
        return Embargoes(self._main)

    @cached_property
    def doubts(self) -> Doubts:
        """The pages in doubt, and the visits that were accepted though their records are broken."""
        return Doubts(self._main)

    @cached_property
    def sample_captures(self) -> SampleCaptures:
        """The captures that profiles are made from and mended with."""
        return SampleCaptures(self._main)

    @cached_property
    def browsing(self) -> Browsing:
        """The queries of the web interface, by topic. Some keep results while the archive does not change."""
        return Browsing(self._main)

    @property
    def archive_id(self) -> str:
        """The archive's identity, stored in both its files and in every copy."""
        return str(self._main.value("SELECT value FROM _meta WHERE key = 'archive_id'") or "")

    def vault_size(self) -> tuple[int, int, int] | None:
        """Return the number of frames, their stored bytes, and those of their blocks; None when the vault is missing."""
        is_missing = isinstance(self._vault, MissingVault) and names_bodies(self._main)
        return None if is_missing else self._vault.size()


def _open_vault(main: Connection, path: Path, *, write: bool) -> Connection:
    if not path.exists() and names_bodies(main):
        raise VaultMissing(without_bodies(main.path))
    return open_connection(
        path,
        application_id=VAULT_APPLICATION_ID,
        migrations=VAULT_MIGRATIONS,
        write=write,
    )
