"""The chain of redactions: each link is a SHA-256 of the link before, the act, and the links of its visits.

The form is part of the archive's format and documented in docs/reference/evidence.md.
"""

import hashlib
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from archiver.store.connection import Connection, Row
from archiver.text.digest import GENESIS, chain_link

_ACTS = "SELECT * FROM _redaction ORDER BY redaction_id"
_VISITS = (
    "SELECT r.visit_id, lower(hex(t.chain)) AS chain FROM _redacted r JOIN _visit t ON t.visit_id = r.visit_id "
    "WHERE r.redaction_id = ? ORDER BY r.visit_id"
)
_SAID = ("redaction_id", "site_id", "redacted_at", "reason", "redacted_by", "wanted", "visits")


class ActLink(NamedTuple):
    """One act of the chain: its row, its link as stored and as computed, and how many of its visits are there."""

    row: Row
    stored: str
    computed: str
    visits: int


def link_of_act(previous: str, act: Sequence[str | int | None], visits: Sequence[tuple[int, str]]) -> str:
    """Return the link (hex) of an act.

    Args:
        previous: the link before; `GENESIS` for the first act.
        act: the values of the columns redaction_id, site_id, redacted_at, reason, redacted_by, wanted, visits.
        visits: for each visit in rising order, its id and its link in the chain of visits (hex).
    """
    lines = "".join(f"{visit} {link}\n" for visit, link in visits)
    values: dict[str, str | int | None] = dict(zip(_SAID, act, strict=True))
    values["visits_sha256"] = hashlib.sha256(lines.encode("ascii")).hexdigest()
    return chain_link(previous, values)


def last_link(connection: Connection) -> tuple[int, str]:
    """Return the id of the last act and its link; 0 and `GENESIS` when there is none, also in a file of an earlier schema."""
    if connection.value("SELECT 1 FROM sqlite_schema WHERE name = '_redaction'") is None:
        return 0, GENESIS
    row = connection.row("SELECT redaction_id, lower(hex(chain)) FROM _redaction ORDER BY redaction_id DESC LIMIT 1")
    return (row[0], row[1]) if row else (0, GENESIS)


def visits_of_act(connection: Connection, redaction_id: int) -> list[tuple[int, str]]:
    """Return the visits of an act, each with its link in the chain of visits."""
    return [(row[0], row[1]) for row in connection.rows(_VISITS, (redaction_id,))]


def links(connection: Connection) -> Iterator[ActLink]:
    """Yield every act with its link computed again from the stored link before."""
    previous = GENESIS
    for row in connection.rows(_ACTS):
        visits = visits_of_act(connection, row["redaction_id"])
        stored = bytes(row["chain"]).hex()
        yield ActLink(row, stored, link_of_act(previous, [row[name] for name in _SAID], visits), len(visits))
        previous = stored
