"""Finds the visits that the chain does not confirm."""

from archiver.maintain.verify.row_ranges import DAMAGE, last_key, rows_by_range
from archiver.store.chain import VISITS, canonical
from archiver.store.connection import Connection, Row
from archiver.text.digest import GENESIS, chain_link

_IN_RANGE = f"{VISITS} WHERE t.visit_id BETWEEN ? AND ? ORDER BY t.visit_id"


def broken_links(connection: Connection) -> list[int]:
    """Return the visits that the chain does not confirm: altered, unreadable, or missing."""
    broken: list[int] = []
    link, number = GENESIS, 0
    last = last_key(connection, "_visit", "visit_id")
    for _, rows in rows_by_range(connection, _IN_RANGE, last, lambda _number, _why: None):
        for row in rows:
            broken += range(number + 1, row["visit_id"])
            number, kept = row["visit_id"], kept_link(row)
            if link_of(link, row) != kept:
                broken.append(number)
            link = kept
    return broken + list(range(number + 1, last + 1))


def kept_link(row: Row) -> str:
    """Return the link stored in a row; "" when it is not a link."""
    return row["chain"].hex() if isinstance(row["chain"], bytes) else ""


def link_of(link: str, row: Row) -> str | None:
    """Return the link that a row should have after another link; None when the row cannot be read."""
    try:
        return chain_link(link, canonical(row))
    except DAMAGE:
        return None
