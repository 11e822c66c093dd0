"""Queries of moved pages, and of edits that pages do not own up to. They read the public views."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from archiver.store.connection import Connection, Row

_MOST_STEPS = 10  # of a chain of moves


@dataclass(frozen=True, slots=True)
class PageMove:
    """A page that moved: its former address, its address now, how that is known, and the visit (UTC text) that showed it."""

    page_id: int
    url: str
    moved_to: str
    moved_to_page: int | None
    how: str
    found_at: str

    @property
    def reason(self) -> str:
        """Return how the move is known, in words."""
        return {
            "redirect": "permanent redirect",
            "same_content": "same content",
            "near": "same title, nearly the same text",
        }[self.how]


class MoveQueries:
    """Queries of one archive."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of_page(self, page_id: int) -> PageMove | None:
        """Return where a page moved to; of several moves one after another, the last. None when it did not move."""
        found = self._step(page_id)
        seen = {page_id}
        last = found
        while last is not None and last.moved_to_page is not None and len(seen) < _MOST_STEPS:
            seen.add(last.moved_to_page)
            step = self._step(last.moved_to_page)
            if step is None or step.moved_to_page in seen:
                break
            last = step
        if found is None or last is None:
            return None
        return PageMove(page_id, found.url, last.moved_to, last.moved_to_page, found.how, found.found_at)

    def _step(self, page_id: int) -> PageMove | None:
        row = self._connection.row("SELECT * FROM moves WHERE page_id = ?", (page_id,))
        return None if row is None else _move(row)

    def to_page(self, page_id: int) -> list[PageMove]:
        """Return the pages that moved to a page, in the order in which that was found."""
        rows = self._connection.rows(
            "SELECT * FROM moves WHERE moved_to_page = ? ORDER BY found_at, page_id", (page_id,)
        )
        return [_move(row) for row in rows]

    def of_runs(self, runs: Collection[int]) -> list[PageMove]:
        """Return the moves that some runs found, in the order of their visits."""
        rows = self._connection.rows(
            "SELECT * FROM moves WHERE run_id IN (SELECT value FROM json_each(?)) ORDER BY visit_id, page_id",
            (json.dumps(list(runs)),),
        )
        return [_move(row) for row in rows]

    def silent_edits(self, filters: dict[str, str | None]) -> list[dict[str, Any]]:
        """Return rows of `silent_edits`, oldest first.

        Args:
            filters: site, field, since and until (UTC text, compared with `not_after`).
        """
        rows = self._connection.rows(
            "SELECT * FROM silent_edits WHERE (:site IS NULL OR site = :site) AND (:field IS NULL OR field = :field) "
            "AND (:since IS NULL OR not_after >= :since) AND (:until IS NULL OR not_after < :until) "
            "ORDER BY not_after, page_id, change_id",
            {name: filters.get(name) for name in ("site", "field", "since", "until")},
        )
        return [dict(row) for row in rows]

    def claim_at(self, page_id: int, moment: str | None = None) -> dict[str, str | None]:
        """Return what a page claims about its latest change, or claimed at a time (UTC text): modified, _utc and _raw."""
        row = self._connection.row(
            "SELECT value, utc, raw FROM _modified WHERE page_id = ?1 AND (?2 IS NULL OR seen_from <= ?2) "
            "ORDER BY seen_from DESC LIMIT 1",
            (page_id, moment),
        )
        value, utc, raw = tuple(row) if row is not None else (None, None, None)
        return {"modified": value, "modified_utc": utc, "modified_raw": raw}


def _move(row: Row) -> PageMove:
    return PageMove(row["page_id"], row["url"], row["moved_to"], row["moved_to_page"], row["how"], row["found_at"])
