"""The identity of an archive, in both its files; and what is to be said about it when it is opened."""

import uuid
from pathlib import Path

from archiver.errors import ArchiveDamaged, ArchiveTooNew, VaultMissing
from archiver.store.connection import Connection
from archiver.store.missing_vault import ANY_FRAME, names_bodies, without_bodies, without_rows
from archiver.store.redaction_notes import is_pending
from archiver.store.schema import MIGRATIONS


def write_identity(main: Connection, vault: Connection) -> None:
    """Write the identity of a new archive into both files, the vault first."""
    known = main.value("SELECT value FROM _meta WHERE key = 'archive_id'")
    in_vault = vault.value("SELECT value FROM _meta WHERE key = 'archive_id'")
    if known and in_vault:
        return
    if known and names_bodies(main):
        raise VaultMissing(without_bodies(main.path))
    if not known and vault.value(ANY_FRAME):
        raise ArchiveDamaged(without_rows(main.path))
    with vault.transaction():  # two programs may create an archive at once: the first id in the vault wins
        identity = in_vault or known or str(uuid.uuid4())
        vault.execute("INSERT OR IGNORE INTO _meta(key, value) VALUES ('archive_id', ?)", (identity,))
        identity = vault.value("SELECT value FROM _meta WHERE key = 'archive_id'")
        main.execute("INSERT OR IGNORE INTO _meta(key, value) VALUES ('archive_id', ?)", (identity,))


def check_identity(main: Connection, vault: Connection, path: Path) -> str:
    """Return a message for the user about the archive, usually "".

    Raises:
        ArchiveDamaged: the files belong to different archives.
    """
    ours = main.value("SELECT value FROM _meta WHERE key = 'archive_id'")
    if ours != vault.value("SELECT value FROM _meta WHERE key = 'archive_id'"):
        raise ArchiveDamaged(
            f"{vault.path}: it holds the bodies of another archive, not of {path}; restore the right file"
        )
    version = main.value("PRAGMA user_version")
    if version > len(MIGRATIONS):
        return str(ArchiveTooNew(f"{path}: written by a newer archiver (schema {version}); opened read-only"))
    if is_pending(main):
        return f"{path}: a redaction is not finished; erase what is left with `archiver redact --resume`"
    return ""
