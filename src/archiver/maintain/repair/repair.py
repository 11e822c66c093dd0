"""Repairs a damaged archive from its mirrors and from a copy, and reports what cannot be repaired.

The source of a value proves nothing: a body is used when it matches the digest in its visit's row, and a row when the
chain confirms it. A file that SQLite cannot open is rebuilt as a new file, and the damaged file is kept.
"""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path

from archiver.errors import ArchiveDamaged, ArchiveError, ArchiveLocked, NotAnArchive, UsageError
from archiver.maintain.backup.backup import check_copy
from archiver.maintain.repair.drop_contradictory import READ_AGAIN, describe_again, drop_contradictory, set_version_runs
from archiver.maintain.repair.file_faults import differing_characters, faults_of
from archiver.maintain.repair.find_copy import find_copy
from archiver.maintain.repair.repair_derived import rebuild_words, repair_derived, repair_marks, restore_missing
from archiver.maintain.repair.repair_frames import CopyConnections, FrameRepairer
from archiver.maintain.repair.repair_lost_ids import keep_frame_numbers, keep_row_numbers
from archiver.maintain.repair.repair_redactions import erase_redacted, hide_redacted, take_redacted
from archiver.maintain.repair.repair_report import RepairReport
from archiver.maintain.repair.repair_rows import drop_dangling, first_difference, last_known_visit, repair_rows
from archiver.maintain.repair.repair_sites import repair_sites
from archiver.maintain.repair.repair_times import repair_times
from archiver.maintain.repair.restore_marks import restore_marks
from archiver.maintain.repair.salvage import DatabaseKind, duplicate_of, present_copy, rebuild, remove
from archiver.maintain.repair.small_tables import restore_values
from archiver.maintain.verify.row_ranges import open_unchecked
from archiver.maintain.verify.verify import verify
from archiver.store.archive import Store, vault_path
from archiver.store.connection import Connection
from archiver.store.plain_files import PlainConnection, Progress, open_plain, silent
from archiver.store.real_file import real_file
from archiver.store.repair_lock import NEW, announce, finish, force_to_disk, is_announced, repair_lock
from archiver.store.schema import APPLICATION_ID, MIGRATIONS, VAULT_APPLICATION_ID, VAULT_MIGRATIONS

_KINDS = (DatabaseKind(APPLICATION_ID, MIGRATIONS), DatabaseKind(VAULT_APPLICATION_ID, VAULT_MIGRATIONS))
_IDENTITY = "SELECT value FROM _meta WHERE key = 'archive_id'"
_ANY_VISIT = "SELECT EXISTS (SELECT 1 FROM _visit)"
_INDEX = ("missing from index", "wrong # of entries in index", "non-unique entry in index", "row missing from index")
_WAIT = 2.0  # seconds to wait for another program
_FLIPPED = 3  # characters of an identity that damage may alter; two identities differ in about thirty


_REPORTED_ELSEWHERE = frozenset(("_visit", "_frame", "_mirror", "_base", "_large", "_meta", "_unread", "_host"))
"""Tables whose lost rows are reported one by one, or whose rows are written again anyway."""


def repair(
    path: Path, copy: Path | None = None, *, stamp: str, dry_run: bool = False, progress: Progress = silent
) -> RepairReport:
    """Repair an archive from its own mirrors and from a copy.

    Args:
        path: `archive.db`.
        copy: a folder made by `back_up`, or the `archive.db` of a copy.
        stamp: part of the new names of damaged files.
        dry_run: do everything except the last step; change nothing.
        progress: called with the present step.

    Raises:
        UsageError: the copy is not a copy, or is of another archive.
        ArchiveLocked: another program has the archive open.
        ArchiveError: the archive does not exist or cannot be written.
    """
    path = real_file(path)
    spare = real_file(find_copy(copy)) if copy else None
    files = (path, vault_path(path))
    if not any(file.is_file() for file in files):
        raise ArchiveError(
            f"{path}: there is no archive here; to restore one, copy the files of a backup to this folder"
        )
    if spare is not None and any(file.resolve() == path.resolve() for file in (spare, vault_path(spare))):
        raise UsageError(f"{copy}: this is the archive itself; name a copy of it")
    with repair_lock(path):
        kept = [] if dry_run else finish(files[::-1])
        for file in files:
            _check_alone(file)
        job = _Repair(files, spare, RepairReport(dry_run), progress)
        job.report.kept_aside += [file.name for file in kept]
        try:
            job.run()
            if not dry_run:
                job.put_in_place(stamp)
        finally:
            for file in files:
                new = file.with_name(file.name + NEW)
                remove(duplicate_of(new))
                if not is_announced(file):
                    remove(new)
    if not dry_run or not job.report.is_repaired:
        job.verify_again()
    return job.report


def _check_alone(path: Path) -> None:
    """Raise ArchiveLocked if another program has the file open. A file that SQLite cannot open is not in use."""
    if not path.is_file():
        return
    with closing(open_plain(path, write=True, wait=_WAIT)) as connection:
        try:
            connection.execute("PRAGMA locking_mode=EXCLUSIVE")
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("ROLLBACK")
        except ArchiveLocked:
            raise ArchiveLocked(f"{path}: another program has it open; let it finish, then run this again") from None
        except (ArchiveDamaged, NotAnArchive):
            pass


class _Repair:
    """The repair of one archive."""

    def __init__(self, files: tuple[Path, Path], spare: Path | None, report: RepairReport, progress: Progress) -> None:
        self._files = files
        self._spares = (spare, vault_path(spare)) if spare else (None, None)
        self.report = report
        self._progress = progress
        self._rebuilt: list[Path] = []
        self._duplicate = duplicate_of(files[0].with_name(files[0].name + NEW))  # of an earlier copy
        self._counted: list[int] = []  # the highest frame ids, by SQLite's own counters

    def run(self) -> None:
        """Do everything except the swap of files; a dry run is rolled back."""
        remove(self._duplicate)  # of a killed repair
        work = [self._sound_file(number) for number in (0, 1)]
        with ExitStack() as stack:
            main, vault = (stack.enter_context(closing(open_plain(path, write=True))) for path in work)
            copy = self._open_copy(stack, work[0])
            stack.enter_context(self._transaction(main))
            stack.enter_context(self._transaction(vault))  # the last transaction to begin is the first to commit
            self._repair_identity(main, vault, copy)
            self._repair_all(main, vault, copy)
            self._demand_visits(main, vault, copy)

    def _sound_file(self, number: int) -> Path:
        """Return the file to work on: the file itself, or a rebuilt one."""
        path, spare = self._files[number], self._spares[number]
        self._progress(f"checking {path.name}", 0, None)
        found = faults_of(path, _KINDS[number], views=number == 0)
        if found and path.is_file() and all(any(mark in line for mark in _INDEX) for line in found):
            self.report.notes.append(f"{path.name}: indexes were rebuilt")
            found = self._indexed(path, number)
        if not found:
            return path
        new = path.with_name(path.name + NEW)
        salvaged = rebuild(path, new, spare, _KINDS[number], self._progress)
        self._rebuilt.append(path)
        self.report.files.append(path.name)
        self._counted += salvaged.counted
        if salvaged.schema < (newest := len(_KINDS[number].migrations)):
            self.report.notes.append(f"{path.name}: schema {salvaged.schema} was migrated to schema {newest}")
        for what, counts in (("could not be read", salvaged.unread), ("were taken from the copy", salvaged.filled)):
            if counts:
                rows = ", ".join(f"{count} of {table}" for table, count in counts.items())
                self.report.notes.append(f"{path.name}: rows that {what}: {rows}")
        lost = sorted(set(salvaged.unread) - set(salvaged.filled) - salvaged.bare - _REPORTED_ELSEWHERE)
        if lost:
            self.report.faults.append(f"{path.name}: rows of {', '.join(lost)} could not be read and are lost")
        return new

    def _indexed(self, path: Path, number: int) -> list[str]:
        """Rebuild the indexes; return the remaining errors."""
        if self.report.dry_run:
            return []
        with closing(open_plain(path, write=True)) as connection:
            connection.execute("REINDEX")
        return faults_of(path, _KINDS[number], views=number == 0)

    def _open_copy(self, stack: ExitStack, work: Path) -> CopyConnections | None:
        main, vault = self._spares
        if main is None or vault is None:
            return None
        try:
            manifest = check_copy(main.parent, progress=self._progress)
            proved = manifest.proof(main.name) is not None
        except ArchiveError as error:
            proved = False
            if (main.parent / "manifest.json").exists():
                self.report.notes.append(f"the copy is also damaged ({error}); only confirmed values are taken from it")
        duplicate = self._duplicate
        is_made = duplicate.exists()
        present = duplicate if is_made else present_copy(main, duplicate, work, _KINDS[0], self._progress)
        connections = [stack.enter_context(closing(open_unchecked(path))) for path in (present, vault)]
        return CopyConnections(connections[0], connections[1], proved)

    @contextmanager
    def _transaction(self, connection: PlainConnection) -> Iterator[None]:
        """Run a transaction; roll it back on an exception and in a dry run."""
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("ROLLBACK" if self.report.dry_run else "COMMIT")

    def _repair_identity(self, main: Connection, vault: Connection, copy: CopyConnections | None) -> None:
        """Make sure that both files and the copy have the same archive identity."""
        identities = [connection.value(_IDENTITY) for connection in (main, vault)]
        known = [identity for identity in identities if identity is not None]
        theirs = copy.main.value(_IDENTITY) if copy else None
        if theirs is not None and theirs not in known:
            raise UsageError(
                f"{self._spares[0]}: this is not a copy of this archive, or the identity of both files is lost; nothing was changed"
            )
        if len(known) == len(identities) and differing_characters(*known) > _FLIPPED:
            raise UsageError(
                f"{vault.path}: it holds the bodies of another archive, not of {main.path}; nothing was changed; "
                "put the right file in its place"
            )
        if theirs is None and (not known or len(set(known)) > 1):
            raise ArchiveDamaged(f"{main.path}: the identity of the archive cannot be read; name a copy with --from")
        identity = theirs if theirs is not None else known[0]
        if identities != [identity, identity]:
            for connection in (main, vault):
                connection.execute("INSERT OR REPLACE INTO _meta(key, value) VALUES ('archive_id', ?)", (identity,))
            self.report.notes.append("the identity that links the two files was restored")

    def _repair_all(self, main: Connection, vault: Connection, copy: CopyConnections | None) -> None:
        report = self.report
        self._progress("rows", 0, None)
        if self._files[1] in self._rebuilt:
            keep_frame_numbers(main, vault, self._counted)
        self._repair_visits(main, copy.main if copy else None)
        report.notes += take_redacted(main, vault, self._files)
        repaired = FrameRepairer(main, vault, copy).repair(self._progress)
        report.frames, report.mirrors, report.moved = repaired.frames, repaired.mirrors, repaired.moved
        report.lost_bodies = repaired.lost
        if repaired.large:
            report.notes.append(f"{self._files[1].name}: {repaired.large} rows of _large were corrected")
        if copy and copy.is_proved:
            self._note("{} lost rows of {} were taken from the copy", restore_values(main, copy.main))
        if self._files[0] in self._rebuilt:
            self._drop_contradictory(main)  # before rows of lost redesigns and addresses are deleted one by one
            self._drop(main)
        is_mixed = copy is not None or bool(self._rebuilt)
        hide_redacted(main, is_mixed=is_mixed)  # before rows are compared with those of the copy
        self._note("in {} rows of {}, values outside the evidence were corrected", repair_marks(main))
        if copy and copy.is_proved:
            self._note(
                "{} lost rows of {} were taken from the copy",
                {**restore_missing(main, copy.main, report.rows), **restore_marks(main, copy.main)},
            )
            self._note("{} rows of {} were taken from the copy", repair_times(main, copy.main))
            self._note("{} rows of {} were taken from the copy", repair_derived(main, copy.main))
        set_version_runs(main)
        self._drop_contradictory(main)
        if wrong := describe_again(main):
            self._note("{} descriptions of {} are computed again", {"_change": wrong})
        hide_redacted(main, is_mixed=is_mixed)
        main.execute("DELETE FROM _meta WHERE key = 'views'")  # the next opening creates the views again
        for table in rebuild_words(main):
            report.notes.append(f"{self._files[0].name}: the full-text index {table} was rebuilt")

    def _demand_visits(self, main: Connection, vault: Connection, copy: CopyConnections | None) -> None:
        """Raise ArchiveDamaged when a rebuilt file has no visit although there were visits."""
        if self._files[0] not in self._rebuilt or main.value(_ANY_VISIT):
            return
        if vault.value("SELECT EXISTS (SELECT 1 FROM _frame)") or (copy and copy.main.value(_ANY_VISIT)):
            source = "the copy has none that its chain confirms" if copy else "no copy was named"
            raise ArchiveDamaged(
                f"{self._files[0]}: none of its visits can be read, and {source}; nothing was changed; "
                "name another copy with --from"
            )

    def _repair_visits(self, main: Connection, copy: Connection | None) -> None:
        """Repair the rows of visits, and report those that are lost, also at the end of a rebuilt file."""
        report = self.report
        last = 0
        if self._files[0] in self._rebuilt:
            last = last_known_visit(main, copy)
            keep_row_numbers(main, copy)
        for name in repair_sites(main, copy):
            report.notes.append(f"{self._files[0].name}: the site {name} was restored")
        report.rows, report.lost_rows = repair_rows(main, copy)
        newest = main.value("SELECT max(visit_id) FROM _visit") or 0
        report.lost_rows += range(newest + 1, last + 1)
        if newest < last:  # their ids are never reused: a copy may restore them
            main.execute("INSERT OR REPLACE INTO _meta(key, value) VALUES ('last_visit', ?)", (str(last),))
        elif copy and (parted := first_difference(main, copy)):
            report.faults.append(f"from visit {parted} on, the copy has other visits than this archive")

    def _drop(self, main: Connection) -> None:
        """Delete derived rows that reference lost rows; the next crawl reads the captures again."""
        dropped = drop_dangling(main)
        self._note("{} rows of {} were deleted because rows they reference are lost", dropped)
        if dropped:
            main.execute(READ_AGAIN)
            self.report.notes.append("the next crawl of each site reads its captures again")

    def _drop_contradictory(self, main: Connection) -> None:
        self.report.notes += [f"{self._files[0].name}: {note}" for note in drop_contradictory(main)]

    def _note(self, text: str, counts: Mapping[str, int]) -> None:
        for table, count in counts.items():
            self.report.notes.append(f"{self._files[0].name}: {text.format(count, table)}")

    def put_in_place(self, stamp: str) -> None:
        """Swap in the rebuilt files."""
        for path in self._rebuilt:
            new = path.with_name(path.name + NEW)
            with closing(open_plain(new, write=True)) as connection:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            force_to_disk(new)
        files = self._rebuilt[::-1]  # the vault first
        announce(files, stamp)
        self.report.kept_aside += [aside.name for aside in finish(files)]

    def verify_again(self) -> None:
        """Add the remaining faults to the report."""
        if not self.report.dry_run:
            with suppress(ArchiveError):  # the archive still cannot be opened; `verify` reports why
                Store.open(self._files[0]).close()
            erase_redacted(self._files[0], self.report, self._progress)
        known = {*self.report.lost_rows, *self.report.lost_bodies}
        result = verify(self._files[0], deep=True, progress=self._progress)
        for found in result.findings:
            if found.visit_id not in known:
                visit = f"visit {found.visit_id}: " if found.visit_id else ""
                self.report.faults.append(f"{visit or found.file + ': '}{found.what}")
        self.report.faults += result.all_findings.left_out_lines
