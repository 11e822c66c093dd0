"""One archive, opened: both files and the parts that work on them."""

import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, Self

from archiver.errors import ArchiveDamaged, ArchiveError, ArchiveLocked, ArchiveReadOnly, ArchiveTooNew
from archiver.store.apply import ResultWriter
from archiver.store.capture_stream import Captures
from archiver.store.connection import Door, Params
from archiver.store.evidence import Evidence
from archiver.store.frontier import Frontier
from archiver.store.history import History
from archiver.store.import_origins import Imported
from archiver.store.open_file import open_door, read_only
from archiver.store.page_state import PriorState, PriorStates
from archiver.store.pages import Pages
from archiver.store.plain_files import open_plain
from archiver.store.prune import Pruning
from archiver.store.real_file import real_file, vault_path
from archiver.store.reinterpretations import Reinterpretations
from archiver.store.repair_lock import demand_unmended, finish
from archiver.store.revisit_state import Rates
from archiver.store.run_report_queries import Reported
from archiver.store.runs import Runs
from archiver.store.schema import APPLICATION_ID, MIGRATIONS, VAULT_APPLICATION_ID, VAULT_MIGRATIONS
from archiver.store.search import Search
from archiver.store.temp_views import has_our_views, overlay_views, stored_views
from archiver.store.timeline import Timeline
from archiver.store.validators import Validators
from archiver.store.vault import PAGE_SIZE, Vault
from archiver.store.views import view_docs, view_statements
from archiver.store.visit_result import CrawlRun, Discovery, VisitResult

__all__ = ["Store", "demand_rows", "vault_path"]

_MAIN_PAGE_SIZE = 4096
_ANY_FRAME = "SELECT EXISTS (SELECT 1 FROM _frame)"


class _TakenBack(Exception):
    """Ends a transaction that was a forecast."""


class Store:
    """An open archive. Use as a context manager; one thread at a time.

    Attributes:
        read_only: opened to read, or written by a newer archiver.
        notice: what a person should be told about how it was opened; "" usually.
    """

    def __init__(self, path: Path, main: Door, vault: Door, notice: str = "") -> None:
        self.path = path
        self.read_only = main.read_only
        self.notice = notice
        self._main = main
        self._vault = Vault(vault)
        self.pages = Pages(main)
        self.evidence = Evidence(main, self._vault)
        self.pruning = Pruning(main, self._vault, self.evidence)
        self.timeline = Timeline(main)
        self.reinterpretations = Reinterpretations(main)
        self._states = PriorStates(main)
        self._results = ResultWriter(main)
        self.frontier = Frontier(main)
        self.rates = Rates(main)
        self.validators = Validators(main)
        self.runs = Runs(main)
        self.history = History(main)
        self.search = Search(main)
        self.captures = Captures(main, self.evidence)
        self.imported = Imported(main)
        self.reported = Reported(main)

    @classmethod
    def open(cls, path: Path, *, write: bool = True) -> Self:
        """Open an archive; to write, make it if there is none and migrate it if it is older.

        Raises:
            NotAnArchive, ArchiveTooNew, ArchiveReadOnly, ArchiveLocked, ArchiveDamaged: each with the mend.
        """
        path = real_file(path)
        if write:
            demand_unmended(path)
            finish((vault_path(path), path))
        demand_rows(path)
        if not write and _is_older(path):
            cls._bring_up_to_date(path)
        main = open_door(
            path, application_id=APPLICATION_ID, migrations=MIGRATIONS, page_size=_MAIN_PAGE_SIZE, write=write
        )
        try:
            vault = _open_vault(main, vault_path(path), write=write)
        except BaseException:
            main.close()
            raise
        try:
            if write:
                demand_unmended(path)  # again: somebody may have begun to, just before we opened the files
                _refresh_views(main)
                _tie(main, vault)
            else:
                overlay_views(main)
            notice = _check_tie(main, vault, path)
        except BaseException:
            main.close()
            vault.close()
            raise
        return cls(path, main, vault, notice)

    @classmethod
    def _bring_up_to_date(cls, path: Path) -> None:
        """Migrate an archive that is to be read, since the views ask for columns that it has not got yet."""
        try:
            cls.open(path, write=True).close()
        except (ArchiveReadOnly, ArchiveLocked) as error:
            raise ArchiveReadOnly(
                f"{path}: made by an older archiver and not brought up to date yet, for which it must be written; "
                "run this again when it may be, or on a copy"
            ) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of both files."""
        self._main.close()
        self._vault.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing in `archive.db`."""
        with self._main.transaction():
            yield

    @contextmanager
    def forecast(self) -> Iterator[None]:
        """Whatever is written to `archive.db` within this is taken back at its end."""
        with suppress(_TakenBack), self._main.transaction():
            yield
            raise _TakenBack

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Within a transaction: undone alone when it raises."""
        with self._main.savepoint():
            yield

    # the way of a visit: `evidence.keep`, then these two

    def state_of(self, visits: Sequence[int], counters: Iterable[tuple[int, str]] = ()) -> dict[int, PriorState]:
        """Return what the archive knew of pages before visits of them, by visit; see `PriorStates.of`."""
        return self._states.of(visits, counters)

    def apply(self, results: Sequence[VisitResult], *, reader: str, crawl: CrawlRun | None = None) -> None:
        """Write what visits come to; see `ResultWriter.apply`."""
        self._results.apply(results, reader=reader, crawl=crawl)

    def discover(self, discovery: Discovery, crawl: CrawlRun) -> None:
        """Put pages on a site's frontier that no visit led to, such as seeds."""
        self._results.discover([discovery], crawl)

    def sql(self, query: str, params: Params = ()) -> Iterator[dict[str, Any]]:
        """Rows of a person's query over the views; it may only read, and sees what was committed when it began.

        It has a connection of its own: a query that is half read does not keep this archive from being written.
        """
        self._main.value("SELECT 1")  # one that is closed says so
        reader = read_only(self._main.path)
        try:
            overlay_views(reader)
            yield from reader.query(query, params)
        finally:
            reader.close()

    @property
    def archive_id(self) -> str:
        """The archive's identity, in both its files and in every copy."""
        return str(self._main.value("SELECT value FROM _meta WHERE key = 'archive_id'") or "")

    def vault_size(self) -> tuple[int, int, int]:
        """How many bodies are kept, their bytes as kept, and the bytes they stand for."""
        return self._vault.size()


def _open_vault(main: Door, path: Path, *, write: bool) -> Door:
    if not path.exists() and _names_bodies(main):
        raise ArchiveDamaged(_without_bodies(main, path))
    return open_door(
        path,
        application_id=VAULT_APPLICATION_ID,
        migrations=VAULT_MIGRATIONS,
        page_size=PAGE_SIZE,
        write=write,
    )


_SAME_VIEWS = (
    "SELECT value = ? FROM _meta WHERE key = 'views'"  # compared there: what is stored may be no text any more
)


def _is_older(path: Path) -> bool:
    door = open_door(path, application_id=APPLICATION_ID, migrations=MIGRATIONS, page_size=_MAIN_PAGE_SIZE, write=False)
    try:
        return 0 < int(door.value("PRAGMA user_version")) < len(MIGRATIONS)
    finally:
        door.close()


def _refresh_views(main: Door) -> None:
    """Make the views anew when the code's differ from the file's: the surface stays what the documentation says."""
    if has_our_views(main):
        return
    with main.transaction():
        for statement in view_statements():
            main.execute(statement)
        main.executemany("INSERT INTO _doc(view, column, meaning) VALUES (?, ?, ?)", view_docs())
        main.execute("INSERT OR REPLACE INTO _meta(key, value) VALUES ('views', ?)", (stored_views(),))


def _tie(main: Door, vault: Door) -> None:
    """Give a new archive its identity, in both files; the vault first, as always."""
    known = main.value("SELECT value FROM _meta WHERE key = 'archive_id'")
    in_vault = vault.value("SELECT value FROM _meta WHERE key = 'archive_id'")
    if known and in_vault:
        return
    if known and _names_bodies(main):
        raise ArchiveDamaged(_without_bodies(main, vault.path))
    if not known and vault.value(_ANY_FRAME):
        raise ArchiveDamaged(_without_rows(main.path))
    with vault.transaction():  # two programs may make an archive at once: the id that the vault has first is the one
        identity = in_vault or known or str(uuid.uuid4())
        vault.execute("INSERT OR IGNORE INTO _meta(key, value) VALUES ('archive_id', ?)", (identity,))
        identity = vault.value("SELECT value FROM _meta WHERE key = 'archive_id'")
        main.execute("INSERT OR IGNORE INTO _meta(key, value) VALUES ('archive_id', ?)", (identity,))


def demand_rows(path: Path) -> None:
    """Raise ArchiveDamaged where bodies lie without any row: a new beginning beside them would make rubbish of them."""
    bodies = vault_path(path)
    if not bodies.exists() or (path.exists() and path.stat().st_size):
        return
    with closing(open_plain(bodies, write=False)) as vault, suppress(ArchiveError):
        if not vault.value(_ANY_FRAME):
            return
    raise ArchiveDamaged(_without_rows(path))


def _without_rows(path: Path) -> str:
    return (
        f"{path}: the rows of {vault_path(path).name} are missing; `archiver repair --from COPY` makes this file anew (or move "
        "the bodies away, to begin another archive here)"
    )


def _names_bodies(main: Door) -> bool:
    return bool(main.value("SELECT EXISTS (SELECT 1 FROM _visit WHERE frame_id IS NOT NULL)"))


def _without_bodies(main: Door, vault: Path) -> str:
    return f"{vault}: the bodies of {main.path} are missing; restore this file from a copy"


def _check_tie(main: Door, vault: Door, path: Path) -> str:
    ours = main.value("SELECT value FROM _meta WHERE key = 'archive_id'")
    if ours != vault.value("SELECT value FROM _meta WHERE key = 'archive_id'"):
        raise ArchiveDamaged(
            f"{vault.path}: these are the bodies of another archive, not of {path}; restore the right file"
        )
    version = main.value("PRAGMA user_version")
    if version > len(MIGRATIONS):
        return str(ArchiveTooNew(f"{path}: written by a newer archiver (schema {version}); opened read-only"))
    return ""
