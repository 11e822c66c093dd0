"""Writes and reads what pages claim about their latest change: a row for each visit whose claim differs."""

from collections.abc import Sequence

from archiver.model.record import Published
from archiver.store.connection import Connection, Value
from archiver.store.page_state import Claim
from archiver.store.visit_result import HistoryUpdate

_PUT = (
    "INSERT OR REPLACE INTO _modified(page_id, seen_from, visit_id, extractor_id, value, utc, raw, only_since) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)
_AGAIN = (
    "INSERT OR REPLACE INTO _modified(page_id, seen_from, visit_id, extractor_id, value, utc, raw) SELECT ?1, "
    "coalesce(m.seen_from, ?2), coalesce(m.visit_id, ?3), ?4, ?5, ?6, ?7 FROM (SELECT 1) LEFT JOIN _modified m "
    "ON m.page_id = ?1 AND m.seen_from = (SELECT max(x.seen_from) FROM _modified x WHERE x.page_id = ?1 AND x.seen_from <= ?8)"
)


def put_claims(connection: Connection, items: Sequence[HistoryUpdate]) -> None:
    """Write the claims of a batch of visits. Visits with the claim of the visit before write nothing."""
    again: list[tuple[Value, ...]] = [
        (each.page_id, each.before.seen_from, each.before.first_visit, *_cells(each, each.claim_again), each.at)
        for each in items
        if each.claim_again is not None and each.before is not None
    ]
    new: list[tuple[Value, ...]] = [
        (each.page_id, each.since, each.first_visit or each.visit_id, *_cells(each, each.claim), each.claimed_since)
        for each in items
        if each.claim is not None
    ]
    for sql, rows in ((_AGAIN, again), (_PUT, new)):
        if rows:
            connection.executemany(sql, rows)


def _cells(history: HistoryUpdate, claim: Claim) -> tuple[Value, ...]:
    return history.extractor_id, claim.value, claim.utc, claim.raw


def claims_of(connection: Connection, page_id: int) -> list[tuple[str, Published | None]]:
    """Return since when (UTC text) a page makes each of its claims, oldest first; None: it claims nothing since then."""
    rows = connection.rows(
        "SELECT seen_from, value, utc, raw FROM _modified WHERE page_id = ? ORDER BY seen_from", (page_id,)
    )
    return [(row["seen_from"], _published(row["value"], row["utc"], row["raw"])) for row in rows]


def _published(value: str | None, utc: str | None, raw: str | None) -> Published | None:
    return None if value is None and raw is None else Published(value, utc, raw or "")
