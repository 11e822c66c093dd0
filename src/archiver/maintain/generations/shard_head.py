"""The identity of an archive, and the heads of its chains, as a manifest names them."""

import sqlite3
from pathlib import Path

from archiver.errors import ArchiveDamaged, ArchiveError
from archiver.model.generation import ShardHead
from archiver.store.connection import as_archive_error
from archiver.store.plain_files import PlainConnection
from archiver.store.redaction_chain import last_link
from archiver.text.digest import GENESIS

_IDENTITY = "SELECT value FROM _meta WHERE key = 'archive_id'"
_LAST = "SELECT visit_id, lower(hex(chain)) FROM _visit ORDER BY visit_id DESC LIMIT 1"


def read_head(rows: sqlite3.Connection, vault: sqlite3.Connection) -> tuple[str, ShardHead]:
    """Return the identity of an archive, and how far its chains go.

    Args:
        rows: `archive.db`.
        vault: its vault.

    Raises:
        ArchiveDamaged: one is no archive, or they belong to different archives.
    """
    try:
        identity, other = (_only(file, _IDENTITY) for file in (rows, vault))
        if not isinstance(identity, str) or identity != other:
            raise ArchiveDamaged("the two files belong to different archives")
        last = rows.execute(_LAST).fetchone()
        link = last_link(PlainConnection(Path(), rows, read_only=True))
        head = ShardHead(
            visits=_only(rows, "SELECT count(*) FROM _visit"),  # type: ignore[arg-type]
            last_visit=last[0] if last else 0,
            chain=last[1] if last else GENESIS,
            redactions=link[0],
            redaction_chain=link[1],
        )
    except sqlite3.Error as error:
        raise as_archive_error(error, Path("archive.db")) or ArchiveError(str(error)) from error
    return identity, head


def _only(connection: sqlite3.Connection, sql: str) -> object:
    row = connection.execute(sql).fetchone()
    return row[0] if row else None
