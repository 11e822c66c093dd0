"""Ids of lost rows are never reused: visits still refer to them, and a copy may restore the rows.

SQLite gives a new row the id after the largest one present. When the last rows of a table are lost, visits still refer
to these ids. A repair that finds such a table stores the highest id in `_meta`, and new rows get ids after it.
"""

from collections.abc import Iterable

NUMBERED = {
    "_site": "site_id", "_run": "run_id", "_page": "page_id", "_request": "request_id", "_warc": "file_id",
    "_reason": "reason_id", "_reading_name": "name_id", "_target": "target_id",
}  # fmt: skip
"""Tables that visits, readings and links reference, and their keys."""

_FAR = 10_000  # ids added to four times the known ones


def mark_of(table: str) -> str:
    """Return the key in `_meta` of the highest id of a table: `last_page`."""
    return f"last{table}"


def new_number(table: str) -> str:
    """Return SQL for the key of a new row, after the stored highest id; NULL (SQLite's next id) when none is stored.

    It is part of the INSERT, so that two programs never take the same id.
    """
    highest = f"(SELECT coalesce(max({NUMBERED[table]}), 0) FROM {table})"
    return f"(SELECT 1 + max(CAST(value AS INTEGER), {highest}) FROM _meta WHERE key = '{mark_of(table)}')"


def highest(sure: int, rows: int, claims: Iterable[object]) -> int:
    """Return the highest id in use, by the rows present and by references to lost rows.

    A reference may be damaged, so an implausibly high one is ignored; otherwise a flipped bit would use up all ids.

    Args:
        sure: the highest id present.
        rows: the least number of rows that existed.
        claims: referenced ids; one far beyond both is ignored.
    """
    bound = 4 * max(sure, rows) + _FAR
    return max([sure, *(claim for claim in claims if isinstance(claim, int) and claim <= bound)])
