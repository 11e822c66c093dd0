"""Numbers of rows that were lost are the names of what is lost: a copy may bring it back, and visits go on naming it.

SQLite gives a new row the number after the largest that is there. Where the last rows of a table were lost, these are
numbers visits still name. A repair that finds such a table leaves a mark in `_meta`; new rows come after it.
"""

from collections.abc import Iterable

NUMBERED = {
    "_site": "site_id", "_run": "run_id", "_page": "page_id", "_request": "request_id", "_warc": "file_id",
}  # fmt: skip
"""Tables that visits lean on, and their keys."""

_FAR = 10_000  # numbers beyond four times those that are known


def mark_of(table: str) -> str:
    """The key in `_meta` of the highest number a table has given: `last_page`."""
    return f"last{table}"


def new_number(table: str) -> str:
    """SQL for the key of a new row, after the mark; NULL where there is none, for which SQLite takes the next.

    Part of the INSERT itself, so that two programs never take the same one.
    """
    highest = f"(SELECT coalesce(max({NUMBERED[table]}), 0) FROM {table})"
    return f"(SELECT 1 + max(CAST(value AS INTEGER), {highest}) FROM _meta WHERE key = '{mark_of(table)}')"


def highest(sure: int, rows: int, claims: Iterable[object]) -> int:
    """The highest number that was given, by what is there and by what speaks of others.

    Nothing vouches for a claim, and a bit that flipped in one must not cost all the numbers there are.

    Args:
        sure: the highest that is there.
        rows: how many there may have been, at least.
        claims: one that is far beyond both is not believed.
    """
    bound = 4 * max(sure, rows) + _FAR
    return max([sure, *(claim for claim in claims if isinstance(claim, int) and claim <= bound)])
