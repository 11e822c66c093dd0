"""Removing rubbish from a vault: frames that no visit names and that no named frame leans on.

They come from writers that died between the commit of the bodies and that of the rows, and from pruning that was cut
short. A writer that lives looks the same in between: its frames are there, and no visit names them yet. Their number
tells nothing (two writers may commit their rows in another order than their bodies), nor does their age (a writer may
be suspended). So nothing is removed while any other program has the archive open: SQLite's exclusive lock on `archive.db` is
taken first. A writer opens that file before the vault and holds it until it is done, so whoever gets the lock knows that
no frame waits for its row, and nobody begins to write before it is given back.
"""

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from archiver.errors import ArchiveDamaged, ArchiveLocked
from archiver.store.archive import vault_path
from archiver.store.plain_files import open_plain
from archiver.store.vault import Vault

_WAIT = 2.0  # seconds for another program to let go


@dataclass(frozen=True, slots=True)
class CleanResult:
    """What was removed: frames, and their bytes, which the vault uses for new bodies."""

    frames: int
    bytes: int


def clean(path: Path) -> CleanResult:
    """Remove the rubbish of a vault that was found whole.

    Raises:
        ArchiveLocked: another program has the archive open; nothing was removed.
        ArchiveError: it may not be written; nothing was removed.
    """
    with closing(open_plain(path, write=True, wait=_WAIT)) as main:
        main.execute("PRAGMA locking_mode=EXCLUSIVE")
        try:
            main.execute("BEGIN IMMEDIATE")
        except ArchiveLocked:
            raise ArchiveLocked(
                f"{path}: another program has it open, so nothing was removed; run this again when it is done"
            ) from None
        named = {row[0] for row in main.rows("SELECT frame_id FROM _visit WHERE frame_id IS NOT NULL")}
        with closing(open_plain(vault_path(path), write=True, wait=_WAIT)) as vault:
            if not named and vault.value("SELECT EXISTS (SELECT 1 FROM _frame)"):
                raise ArchiveDamaged(f"{path}: no visit names any body; were its rows lost? Nothing was removed")
            vault.execute("PRAGMA synchronous=FULL")
            count = "SELECT count(*) FROM (SELECT frame_id FROM _frame UNION SELECT frame_id FROM _mirror)"
            kept = "SELECT frame_id FROM _frame UNION SELECT frame_id FROM _mirror"
            before = vault.value(count)
            freed = Vault(vault).remove({row[0] for row in vault.rows(kept)} - named)
            removed = before - vault.value(count)
        main.execute("ROLLBACK")
    return CleanResult(removed, freed)
