"""Verifies an archive: reports what is damaged, what depends on it, and what mirrors can repair.

Theory of operation. The files are opened without checks, rows are read by ranges of their key, and every error of SQLite
or of a row becomes a finding, after which the next check continues. All checks see the archive as of one time; other
programs may write meanwhile. The checks, in order:

1. each file: pages, indexes, types (`integrity_check`); tables and triggers as this code creates them; foreign keys
2. both files have the same archive identity
3. every visit's row against the chain, from the first to the last; every redaction against the chain of redactions
4. every frame that a visit needs exists, and keyframes are stored twice, byte for byte the same
5. versions, changes, readings and contents against the visits; stored times against their form and the present;
   the full-text indexes against the contents
6. bodies against the digests of their visits: all (`deep`), or the next share of them; all if the vault is damaged, and
   then also the index of large bodies

Each run without `deep` reads the next thirtieth of the bodies (at least a thousand) and stores its position in `_meta`,
so thirty runs read all bodies.
"""

import time
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from archiver.errors import ArchiveError, ArchiveFull, NotAnArchive
from archiver.maintain.verify.damaged_visits import add_dependents
from archiver.maintain.verify.finding import Finding, Findings
from archiver.maintain.verify.large_bodies import check_large
from archiver.maintain.verify.row_ranges import DAMAGE, last_key, open_unchecked
from archiver.maintain.verify.verify_bodies import BEGINNING, BodyCheck, Place
from archiver.maintain.verify.verify_chain import ChainWalk, RowCheck
from archiver.maintain.verify.verify_derived import check_derived
from archiver.maintain.verify.verify_file import check_pages, check_references, check_schema, check_search, check_tie
from archiver.maintain.verify.verify_frames import FrameCheck
from archiver.maintain.verify.verify_redactions import check_redactions
from archiver.maintain.verify.verify_times import check_times
from archiver.store.connection import Connection
from archiver.store.plain_files import PlainConnection, Progress, open_plain, silent
from archiver.store.real_file import real_file, vault_path
from archiver.store.schema import APPLICATION_ID, MIGRATIONS, VAULT_APPLICATION_ID, VAULT_MIGRATIONS
from archiver.text.digest import GENESIS

LEAST, SHARE = 1000, 30
"""The least number of bodies per run, and the number of shares."""

_TRIES = 20  # attempts to read both files as of one time while others write
_WAIT = 5.0  # seconds to wait for another program's write
_MANY = 200_000  # contents whose full-text indexes are checked in about 10 s each; nobody can write meanwhile
_TO = "verified_to"


@dataclass
class VerifyResult:
    """The result of verifying an archive.

    Attributes:
        archive_id: "" when it cannot be read.
        visits: the number of rows; `last`: the id of the last, `chain`: its link.
        chain_at: the link of the requested visit; None when it is missing.
        bodies: visits whose bytes are stored; `read`: those read in this run. `pruned`: visits whose bytes were deleted;
            `redacted`: visits that were redacted.
        redactions: the links of the acts of redaction, in hex.
        is_redaction_unfinished: bytes of redacted visits may still be in the files.
        unneeded: frames that no visit and no used frame references, with their bytes.
        notes: checks that were not possible, and other messages.
    """

    archive: Path
    all_findings: Findings
    archive_id: str = ""
    visits: int = 0
    last: int = 0
    chain: str = GENESIS
    chain_at: str | None = None
    bodies: int = 0
    read: int = 0
    pruned: int = 0
    redacted: int = 0
    redactions: list[str] = field(default_factory=list)
    is_redaction_unfinished: bool = False
    unneeded: dict[int, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @property
    def findings(self) -> list[Finding]:
        """Return the findings, at most `MAX_FINDINGS` of each kind."""
        return self.all_findings.all

    @property
    def whole(self) -> bool:
        """Whether there is no damage. Visits dated later than now are reported but are not damage."""
        return set(self.all_findings.counts) <= {"future"}

    def confirms_to(self, visit_id: int) -> bool:
        """Whether the chain confirms every visit up to this one."""
        return self.all_findings.first_row is None or self.all_findings.first_row > visit_id

    def as_json(self) -> dict[str, Any]:
        """Return the summary, with counts of findings."""
        return {
            "whole": self.whole,
            "archive": str(self.archive),
            "archive_id": self.archive_id,
            "visits": self.visits,
            "last_visit": self.last,
            "chain": self.chain,
            "bodies": self.bodies,
            "bodies_read": self.read,
            "pruned": self.pruned,
            "redacted": self.redacted,
            "redactions": len(self.redactions),
            "findings": self.all_findings.counts.total(),
            "findings_left_out": self.all_findings.left_out,
            "damaged_visits": self.all_findings.damaged_visits,
            "healed_visits": self.all_findings.healed_visits,
            "unneeded_frames": len(self.unneeded),
            "unneeded_bytes": sum(self.unneeded.values()),
            "notes": self.notes,
        }


def verify(
    path: Path, *, deep: bool = False, progress: Progress = silent, asked: int = 0, now: datetime | None = None
) -> VerifyResult:
    """Check an archive; continue after each fault.

    Args:
        path: `archive.db`.
        deep: read all bodies, not a share of them.
        progress: called with the present step.
        asked: a visit whose link to return.
        now: the present time; later times are findings. None checks only that times parse.

    Raises:
        ArchiveFull: the disk is full, so some checks were not possible.
        ArchiveError: there is no archive, or an older archiver made it.
    """
    path = real_file(path)
    _check_is_archive(path)
    return _Verification(path, progress, now).run(deep=deep, asked=asked)


def _check_is_archive(path: Path) -> None:
    """Raise ArchiveError unless this is an archive, perhaps damaged: by its id, its tables, or its vault."""
    if not path.exists():
        raise ArchiveError(
            f"{path}: there is no archive here; create one with `archiver capture URL`, or name another with --archive"
        )
    if vault_path(path).exists():
        return
    with suppress(*DAMAGE), closing(open_unchecked(path)) as connection:
        tables = connection.value("SELECT count(*) FROM sqlite_schema WHERE name = '_visit'")
        if tables or connection.value("PRAGMA application_id") == APPLICATION_ID:
            return
    raise NotAnArchive(f"{path}: this is not an archive and was not changed; name another with --archive")


class _Verification:
    """One check of one archive."""

    def __init__(self, path: Path, progress: Progress, now: datetime | None) -> None:
        self._path = path
        self._now = now
        self._progress = progress
        self._findings = Findings()
        self._result = VerifyResult(path, self._findings)

    def run(self, *, deep: bool, asked: int) -> VerifyResult:
        with ExitStack() as stack:
            main, vault = (self._open(stack, path) for path in (self._path, vault_path(self._path)))
            self._one_moment(main, vault)
            self._files(main, vault)
            walk = self._rows(main, asked) if main else ChainWalk()
            if vault:
                self._redactions(main, vault, walk)
                self._result.unneeded = FrameCheck(vault, self._findings).walk(walk.named, self._progress)
            if main:
                check_derived(main, self._findings, self._progress, deep=deep)
                check_times(main, self._findings, self._now)
                self._note(self._search(main, deep=deep))
            if main and vault:
                self._bodies(main, vault, walk, deep=deep)
            if main:
                self._findings.all[:] = add_dependents(main, self._findings.all)
            for connection in (main, vault):
                if connection is not None and connection.full is not None:
                    raise connection.full  # then the findings say nothing about the archive
        return self._result

    def _open(self, stack: ExitStack, path: Path) -> PlainConnection | None:
        try:
            return stack.enter_context(closing(open_unchecked(path)))
        except ArchiveFull:
            raise
        except DAMAGE as error:
            what = f"it cannot be opened: {error}"
            if not path.exists():
                what = "it is missing; restore this file from a copy, or run `archiver repair --from COPY`"
            self._findings.add(Finding("file", path.name, what))
            return None

    def _one_moment(self, main: PlainConnection | None, vault: PlainConnection | None) -> None:
        """Start to read both files as of one time, with no commit in between.

        Otherwise pruning could move a body and delete its frame in between, and sound data would look damaged.
        """
        if main is None or vault is None:
            return
        for attempt in range(_TRIES):
            with suppress(*DAMAGE), closing(open_unchecked(self._path)) as witness:
                before = witness.value("PRAGMA data_version")
                for connection in (main, vault):
                    connection.execute("BEGIN")
                    connection.value("SELECT count(*) FROM sqlite_schema")
                if witness.value("PRAGMA data_version") == before or attempt == _TRIES - 1:
                    return
            for connection in (main, vault):
                with suppress(*DAMAGE):
                    connection.execute("ROLLBACK")
            time.sleep(0.01)

    def _files(self, main: PlainConnection | None, vault: PlainConnection | None) -> None:
        kinds = ((main, APPLICATION_ID, MIGRATIONS, True), (vault, VAULT_APPLICATION_ID, VAULT_MIGRATIONS, False))
        for connection, application_id, migrations, views in kinds:
            if connection is None:
                continue
            self._progress(f"pages of {connection.path.name}", 0, None)
            check_pages(connection, self._findings)
            self._note(check_schema(connection, application_id, migrations, self._findings, views=views))
            check_references(connection, self._findings)
        if main and vault:
            self._result.archive_id = check_tie(main, vault, self._findings)

    def _rows(self, main: Connection, asked: int) -> ChainWalk:
        walk = RowCheck(main, self._findings, asked).walk(self._progress)
        result = self._result
        result.visits, result.last, result.chain, result.chain_at = walk.visits, walk.last, walk.link, walk.link_at
        result.bodies, result.pruned, result.redacted = walk.bodies.count(1), walk.pruned, walk.redacted
        return walk

    def _redactions(self, main: Connection | None, vault: Connection, walk: ChainWalk) -> None:
        if main is None:
            return
        found = check_redactions(main, vault, walk.named, self._findings)
        self._result.redactions, self._result.is_redaction_unfinished = found

    def _search(self, main: Connection, *, deep: bool) -> str:
        if not deep and last_key(main, "_content", "content_id") > _MANY:
            return "the full-text indexes were not checked: that would block writers for long; use --deep"
        self._progress("full text", 0, None)
        return check_search(self._path, self._findings)

    def _bodies(self, main: Connection, vault: Connection, walk: ChainWalk, *, deep: bool) -> None:
        check = BodyCheck(main, vault, walk, self._findings, self._progress)
        count = max(LEAST, -(-self._result.bodies // SHARE))
        if deep or self._is_damaged(vault):
            check.rest()
            check_large(vault, self._findings, self._progress)
        else:
            place = check.share(_place(main), count)
            if self._is_damaged(vault):
                check.rest()
            if self._result.whole:
                self._note(_put_position(self._path, place))
        self._result.read = check.read
        if self._is_damaged(vault) and not deep:
            self._note("the vault is damaged, so every body was read")

    def _is_damaged(self, vault: Connection) -> bool:
        return any(found.file == vault.path.name for found in self._findings.all)

    def _note(self, text: str) -> None:
        if text:
            self._result.notes.append(text)


def _place(main: Connection) -> Place:
    """Return the position of earlier runs."""
    try:
        page, visit = main.value("SELECT value FROM _meta WHERE key = ?", (_TO,)).split(":")
        return int(page), int(visit)
    except DAMAGE:
        return BEGINNING


def _put_position(path: Path, place: Place) -> str:
    """Store the position; return a message when the archive cannot be written."""
    try:
        with closing(open_plain(path, write=True, wait=_WAIT)) as connection:
            values = (_TO, f"{place[0]}:{place[1]}")
            connection.execute("INSERT OR REPLACE INTO _meta(key, value) VALUES (?, ?)", values)
    except ArchiveError:
        return "the position could not be stored; the next run reads the same bodies"
    return ""
