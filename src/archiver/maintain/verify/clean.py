"""Removes unused frames from a vault: frames that no visit and no used frame references.

They come from writers that were killed between the commit of the bodies and that of the rows, and from interrupted
pruning. The frames of a running writer look the same until it commits its rows. Neither their ids (two writers may
commit rows in another order than bodies) nor their age (a writer may be suspended) tells the difference. So nothing is
removed while another program has the archive open: this module first takes SQLite's exclusive lock on `archive.db`. A
writer opens that file before the vault and keeps it open, so with the lock no frame waits for its row.
"""

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from archiver.errors import ArchiveDamaged, ArchiveLocked
from archiver.store.archive import vault_path
from archiver.store.plain_files import open_plain
from archiver.store.vault import Vault

_WAIT = 2.0  # seconds to wait for another program


@dataclass(frozen=True, slots=True)
class CleanResult:
    """The removed frames and their bytes, which the vault reuses."""

    frames: int
    bytes: int


def clean(path: Path) -> CleanResult:
    """Remove the unused frames of an undamaged vault.

    Raises:
        ArchiveLocked: another program has the archive open; nothing was removed.
        ArchiveError: the archive cannot be written; nothing was removed.
    """
    with closing(open_plain(path, write=True, wait=_WAIT)) as main:
        main.execute("PRAGMA locking_mode=EXCLUSIVE")
        try:
            main.execute("BEGIN IMMEDIATE")
        except ArchiveLocked:
            raise ArchiveLocked(
                f"{path}: another program has it open, so nothing was removed; run this again when it has finished"
            ) from None
        named = {row[0] for row in main.rows("SELECT frame_id FROM _visit WHERE frame_id IS NOT NULL")}
        with closing(open_plain(vault_path(path), write=True, wait=_WAIT)) as vault:
            if not named and vault.value("SELECT EXISTS (SELECT 1 FROM _frame)"):
                raise ArchiveDamaged(
                    f"{path}: no visit references a body, so its rows may be lost; nothing was removed; run `archiver verify`"
                )
            vault.execute("PRAGMA synchronous=FULL")
            count = "SELECT count(*) FROM (SELECT frame_id FROM _frame UNION SELECT frame_id FROM _mirror)"
            kept = "SELECT frame_id FROM _frame UNION SELECT frame_id FROM _mirror"
            before = vault.value(count)
            freed = Vault(vault).remove({row[0] for row in vault.rows(kept)} - named)
            removed = before - vault.value(count)
        main.execute("ROLLBACK")
    return CleanResult(removed, freed)
