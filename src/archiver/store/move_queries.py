"""Queries of moved pages, and of edits that pages do not own up to. They read the public views."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from archiver.store.connection import Connection, Row, Value

_MOST_STEPS = 10  # of a chain of moves


@dataclass(frozen=True, slots=True)
class PageMove:
    """A move of a page: its old address, its new one, how that is known, and the visit (UTC text) that showed it.

    `until`: the first visit that found the page at its old address again, or moved on (UTC text); None while it stands.
    """

    page_id: int
    url: str
    moved_to: str
    moved_to_page: int | None
    how: str
    found_at: str
    until: str | None = None

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

    def steps(self, page_id: int) -> list[PageMove]:
        """Return all moves of a page, also those that ended, in the order in which they were found."""
        rows = self._connection.rows("SELECT * FROM moves WHERE page_id = ? ORDER BY found_at, visit_id", (page_id,))
        return [_move(row) for row in rows]

    def _step(self, page_id: int) -> PageMove | None:
        row = self._connection.row("SELECT * FROM moves WHERE page_id = ? AND until IS NULL", (page_id,))
        return None if row is None else _move(row)

    def to_page(self, page_id: int) -> list[PageMove]:
        """Return the moves of other pages to a page, also those that ended, in the order in which they were found."""
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

    def silent_edits(
        self,
        filters: dict[str, str | None],
        natures: Sequence[str] = (),
        *,
        template: bool = False,
        limit: int | None = None,
        newest_first: bool = False,
    ) -> list[dict[str, Any]]:
        """Return rows of `silent_edits` with the page's title then, oldest first. Typography is left out.

        Args:
            filters: site, field, since and until (UTC text, compared with `not_after`).
            natures: only edits of these natures, also of typography.
            template: only changes of redesigns, of all natures; by default these are left out.
            limit: the maximum number of rows.
            newest_first: the newest first; the edits of one page at one visit stay in their order.
        """
        which = ["cause IS NOT NULL" if template else "cause IS NULL"]
        if natures:
            which.append("nature IN (SELECT value FROM json_each(:natures))")
        elif not template:
            which.append("nature IS NOT 'typography'")
        down = " DESC" if newest_first else ""
        order = f"ORDER BY not_after{down}, page_id{down}, change_id"
        values: dict[str, Value] = {name: filters.get(name) for name in ("site", "field", "since", "until")}
        values |= {"natures": json.dumps(list(natures)), "limit": -1 if limit is None else limit}
        rows = self._connection.rows(
            "SELECT e.*, (SELECT v.title FROM versions v WHERE v.page_id = e.page_id AND v.seen_from <= e.not_after "
            "ORDER BY v.version DESC LIMIT 1) AS title FROM (SELECT * FROM silent_edits WHERE "
            "(:site IS NULL OR site = :site) AND (:field IS NULL OR field = :field) AND (:since IS NULL OR not_after >= :since) "
            f"AND (:until IS NULL OR not_after < :until) AND {' AND '.join(which)} {order} LIMIT :limit) e {order}",
            values,
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
    return PageMove(
        row["page_id"], row["url"], row["moved_to"], row["moved_to_page"], row["how"], row["found_at"], row["until"]
    )
