"""Erases the bytes of redacted captures from both files of an archive: the second half of a redaction.

The act is durable in `archive.db` before, with the mark `PENDING`. Then, with the archive locked against other programs:

1. the vault: frames of redacted captures are removed, and those that reference them are coded again, in one transaction
2. `archive.db`: both full-text indexes are rebuilt, and samples of indexes (`sqlite_stat4`) are deleted
3. both files are rewritten without free pages (`VACUUM`), and their write-ahead logs are cut to nothing
4. the records that an interrupted `extract` left next to the archive are deleted
5. the mark is deleted

Each step finds by itself what is left to do, so an interrupted redaction runs again from the start. Every act is also
noted in the vault: a repair of a lost `archive.db` from an older copy redacts the captures again.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from archiver.errors import ArchiveError, ArchiveLocked
from archiver.maintain.redact.noted_acts import note_acts
from archiver.store.connection import Connection, as_archive_error
from archiver.store.erase_frames import FrameEraser
from archiver.store.plain_files import Progress, open_plain, silent
from archiver.store.real_file import real_file, vault_path
from archiver.store.redaction_notes import PENDING, is_pending
from archiver.store.word_index import WORD_INDEXES

_WAIT = 2.0  # seconds to wait for another program
_SAMPLES = "SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_stat4'"
_REDACTED = (
    "SELECT r.frame_id, t.block_sha256, CASE WHEN t.bytes > 0 THEN t.sha256 END AS sha256 FROM _redacted r "
    "JOIN _visit t ON t.visit_id = r.visit_id"
)

_IS_COMPLETE = (
    "SELECT (SELECT count(*) = coalesce(max(visit_id), 0) FROM _visit) AND NOT EXISTS (SELECT 1 FROM _visit "
    "WHERE frame_id IS NULL AND block_sha256 IS NOT NULL AND visit_id NOT IN (SELECT visit_id FROM _pruned) "
    "AND visit_id NOT IN (SELECT visit_id FROM _redacted))"
)
"""Whether no visit and no reference to a body is lost. Otherwise a frame without a visit may be the body of one."""


@dataclass(frozen=True, slots=True)
class Erased:
    """What was erased.

    Attributes:
        frames: the number of frames that were removed.
        rewritten: the number of frames that were coded again, because they referenced one of those.
        bytes: by which both files are smaller now; negative when they are larger.
        left: frames that could not be coded again, because they are damaged.
    """

    frames: int
    rewritten: int
    bytes: int
    left: tuple[int, ...] = ()


def is_unfinished(path: Path) -> bool:
    """Whether bytes of redacted captures may still be in the files of an archive. `path`: `archive.db`."""
    path = real_file(path)
    if not path.is_file():
        return False
    with closing(open_plain(path, write=False)) as main:
        try:
            return is_pending(main)
        except ArchiveError:
            return False


def finish_redactions(path: Path, progress: Progress = silent) -> Erased:
    """Erase what is left of redacted captures. Nothing is done when no redaction is unfinished.

    Args:
        path: `archive.db`.
        progress: called with the present step.

    Raises:
        ArchiveLocked: another program has the archive open.
        ArchiveFull: the disk has no room to rewrite a file.
        ArchiveError: the archive cannot be written.
    """
    path = real_file(path)
    if not is_unfinished(path):
        return Erased(0, 0, 0)
    files = (path, vault_path(path))
    with _alone(path) as main:
        before = _size(files)
        progress("erasing bytes", 0, None)
        erased, eraser = _erase_frames(main, files[1])
        for file in path.parent.glob(f".{path.name}.*.reading*"):
            file.unlink(missing_ok=True)
        progress("rebuilding the full-text indexes", 0, None)
        _rebuild_words(main)
        progress(f"rewriting {files[1].name}", 0, None)
        if files[1].exists():
            with closing(open_plain(files[1], write=True, wait=_WAIT)) as vault:
                _rewrite(vault)
        progress(f"rewriting {path.name}", 0, None)
        _rewrite(main)
        main.execute("PRAGMA secure_delete=ON")
        main.execute("DELETE FROM _meta WHERE key = ?", (PENDING,))
        _cut_log(main)
        after = _size(files)
    return Erased(erased, len(eraser.rewritten), before - after, tuple(eraser.unreadable))


@contextmanager
def _alone(path: Path) -> Iterator[Connection]:
    """Open `archive.db` so that no other program can open it."""
    with closing(open_plain(path, write=True, wait=_WAIT)) as main:
        main.execute("PRAGMA locking_mode=EXCLUSIVE")
        try:
            main.execute("BEGIN IMMEDIATE")
            main.execute("COMMIT")
        except ArchiveLocked:
            raise ArchiveLocked(
                f"{path}: another program has it open, so the redacted bytes are still in its files; "
                "run `archiver redact --resume` when it has finished"
            ) from None
        main.execute("PRAGMA synchronous=FULL")
        yield main


def _erase_frames(main: Connection, path: Path) -> tuple[int, FrameEraser]:
    redacted = main.rows(_REDACTED)
    named = {row[0] for row in main.rows("SELECT frame_id FROM _visit WHERE frame_id IS NOT NULL")}
    digests = {digest for row in redacted for digest in (row["block_sha256"], row["sha256"]) if digest is not None}
    if not path.exists():
        return 0, FrameEraser(main)
    with closing(open_plain(path, write=True, wait=_WAIT)) as vault:
        vault.execute("PRAGMA synchronous=FULL")
        vault.execute("PRAGMA secure_delete=ON")
        vault.execute("PRAGMA foreign_keys=OFF")  # otherwise each removal scans all frames
        eraser = FrameEraser(vault)
        with vault.transaction():
            frames = {row["frame_id"] for row in redacted if row["frame_id"] is not None}
            doomed = eraser.doomed(named, frames, digests)
            if main.value(_IS_COMPLETE):
                doomed |= eraser.unnamed(named)
            eraser.erase(doomed)
            note_acts(main, vault)
        return len(doomed), eraser


def _rebuild_words(main: Connection) -> None:
    with main.transaction():
        for name in WORD_INDEXES:
            main.execute(f"INSERT INTO {name}({name}) VALUES ('rebuild')")
        if main.value(_SAMPLES):
            main.execute("DELETE FROM sqlite_stat4")


def _rewrite(connection: Connection) -> None:
    """Rewrite a file without free pages and old bytes, and empty its log."""
    try:
        connection.raw.execute("VACUUM")
    except sqlite3.Error as error:
        raise as_archive_error(error, connection.path) or ArchiveError(f"{connection.path}: {error}") from error
    _cut_log(connection)


def _cut_log(connection: Connection) -> None:
    busy, *_ = connection.rows("PRAGMA wal_checkpoint(TRUNCATE)")[0]
    if busy:
        raise ArchiveLocked(
            f"{connection.path}: another program reads it, so redacted bytes may still be in its log; "
            "run `archiver redact --resume` when it has finished"
        )


def _size(files: tuple[Path, ...]) -> int:
    ends = ("", "-wal")
    every = (file.with_name(file.name + end) for file in files for end in ends)
    return sum(file.stat().st_size for file in every if file.exists())
