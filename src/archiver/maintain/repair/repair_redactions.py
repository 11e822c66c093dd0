"""Keeps redacted captures redacted in a repair: a copy made before the redaction has their bytes and what was read of them."""

from collections.abc import Sequence
from pathlib import Path

from archiver.errors import ArchiveError
from archiver.maintain.redact.erase import finish_redactions, is_unfinished
from archiver.maintain.redact.noted_acts import restore_acts
from archiver.maintain.repair.repair_derived import rebuild_words
from archiver.maintain.repair.repair_report import RepairReport
from archiver.store.connection import Connection
from archiver.store.plain_files import Progress
from archiver.store.redacted_rows import TAKE_FRAMES, RedactedRows
from archiver.store.redaction_chain import last_link
from archiver.store.redaction_notes import set_pending


def take_redacted(main: Connection, vault: Connection, files: Sequence[Path]) -> list[str]:
    """Restore lost acts of redaction from the vault, and take the bytes of all redacted captures away.

    Within the caller's transactions; return what was done, as text.
    """
    restored = restore_acts(main, vault)
    main.execute(TAKE_FRAMES)
    names = [file.name for file in files]
    return [f"{names[0]}: {restored} redactions of captures were restored from {names[1]}"] if restored else []


def hide_redacted(main: Connection, *, is_mixed: bool) -> None:
    """Hide again what was read of redacted captures, within the caller's transaction.

    Args:
        main: the file.
        is_mixed: whether rows of a copy or of a damaged file may have brought it back.
    """
    redacted = RedactedRows(main)
    if is_mixed and (pages := redacted.redacted_pages()):
        rebuild_words(main)  # first, because deletions need them
        redacted.hide(pages, last_link(main)[0])
        set_pending(main)


def erase_redacted(path: Path, report: RepairReport, progress: Progress) -> None:
    """Erase bytes of redacted captures that damaged files or a copy brought back."""
    try:
        if not is_unfinished(path):
            return
        finish_redactions(path, progress)
    except ArchiveError as error:
        report.faults.append(f"{path.name}: bytes of redacted captures may be in its files ({error})")
    if report.kept_aside:
        names = ", ".join(report.kept_aside)
        report.notes.append(
            f"captures were redacted: {names} may hold their bytes; delete these files when the archive is whole"
        )
