"""When and why a capture was redacted, and whether a redaction is unfinished."""

from typing import NamedTuple

from archiver.store.connection import Connection

PENDING = "redaction_pending"
"""The key in `_meta` that is present while the bytes of redacted captures may still be in the files."""


class RedactionNote(NamedTuple):
    """When (UTC text) and why a capture was redacted. As text: `redacted on 2026-01-31 12:00:00 UTC: court order`."""

    redacted_at: str
    reason: str

    def __str__(self) -> str:
        return f"redacted on {self.redacted_at} UTC: {self.reason}"


def note_of(connection: Connection, visit_id: int) -> RedactionNote | None:
    """Return when and why a capture was redacted; None when it was not."""
    row = connection.row(
        "SELECT a.redacted_at, a.reason FROM _redacted r JOIN _redaction a ON a.redaction_id = r.redaction_id "
        "WHERE r.visit_id = ?",
        (visit_id,),
    )
    return None if row is None else RedactionNote(*row)


def set_pending(connection: Connection) -> None:
    """Note that the bytes of redacted captures may still be in the files."""
    connection.execute("INSERT OR REPLACE INTO _meta(key, value) VALUES (?, '1')", (PENDING,))


def is_pending(connection: Connection) -> bool:
    """Whether the bytes of redacted captures may still be in the files."""
    return connection.value("SELECT value FROM _meta WHERE key = ?", (PENDING,)) is not None
