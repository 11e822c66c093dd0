"""Queries of pages that are gone, came back or moved: light rows of all of them, and the details of a few."""

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from archiver.store.absence_views import CAME_BACK
from archiver.store.connection import Connection, Value
from archiver.store.event_views import title_before
from archiver.store.view_sql import IS_NO_MOVE

MOST = 2_000
"""The most absences, and the most moves, that are listed: the newest."""

_SHOWN = "(:site IS NULL OR p.site_id = :site) AND p.page_id NOT IN (SELECT value FROM json_each(:hidden))"
_ABSENCES = (
    f"SELECT a.absence_id, a.gone_by, CASE WHEN a.back_by IS NULL THEN 'still' ELSE coalesce({CAME_BACK}, 'back') END AS state "
    "FROM _absence a CROSS JOIN _page p WHERE p.page_id = a.page_id AND a.gone_by IS NOT NULL AND a.last_seen IS NOT NULL "
    f"AND {IS_NO_MOVE} AND {_SHOWN} ORDER BY a.gone_by DESC, a.absence_id DESC LIMIT {MOST + 1}"
)
_MOVES = (
    "SELECT m.page_id, t.visit_id, t.visited_at FROM _move m CROSS JOIN _visit t CROSS JOIN _page p "
    f"WHERE t.visit_id = m.visit_id AND p.page_id = m.page_id AND {_SHOWN} ORDER BY t.visited_at DESC, m.page_id DESC LIMIT {MOST + 1}"
)
_NEVER = (
    "SELECT count(*) FROM (SELECT 1 FROM _absence a CROSS JOIN _page p WHERE p.page_id = a.page_id AND a.gone_by IS NOT NULL "
    f"AND a.last_seen IS NULL AND {_SHOWN} LIMIT {MOST})"
)
_PAGE = (
    "s.name AS site, p.url, p.first_seen, p.last_visited, (SELECT x.language FROM _version w JOIN _stored_content x "
    "ON x.content_id = w.content_id WHERE w.page_id = p.page_id AND w.current = 1 ORDER BY w.version DESC LIMIT 1) AS language, "
)
_SEEN = "(SELECT max(z.visit_id) FROM _visit z WHERE z.page_id = a.page_id AND z.visited_at = a.last_seen)"
_DETAILS = (
    f"SELECT a.absence_id, a.page_id, {_PAGE} a.last_seen, a.gone_by, a.last_miss, a.back_by, a.misses, a.evidence, "
    f"{title_before('a.page_id', 'a.gone_by')} AS title, {_SEEN} AS last_visit, "
    "(SELECT w.version FROM _version w WHERE w.page_id = a.page_id AND w.current = 1 AND w.seen_from = a.back_by) AS version "
    "FROM json_each(?) j CROSS JOIN _absence a CROSS JOIN _page p CROSS JOIN _site s WHERE a.absence_id = j.value "
    "AND p.page_id = a.page_id AND s.site_id = p.site_id"
)
_MOVED = (
    f"SELECT m.page_id, m.visit_id, {_PAGE} coalesce(q.url, m.to_url) AS moved_to, m.to_page AS moved_to_page, m.how, m.until, "
    "t.visited_at AS found_at, (SELECT max(z.visited_at) FROM _visit z WHERE z.page_id = m.page_id AND z.visited_at < t.visited_at) "
    f"AS not_before, t.status, {title_before('m.page_id', 't.visited_at')} AS title "
    "FROM json_each(?) j CROSS JOIN _move m CROSS JOIN _visit t CROSS JOIN _page p CROSS JOIN _site s LEFT JOIN _page q ON q.page_id = m.to_page "
    "WHERE m.page_id = j.value ->> 0 AND m.visit_id = j.value ->> 1 AND t.visit_id = m.visit_id AND p.page_id = m.page_id AND s.site_id = p.site_id"
)
_PROOFS = (
    "SELECT t.visit_id, t.visited_at FROM _visit t WHERE t.page_id = ?1 AND t.visited_at IN (SELECT value FROM json_each(?2)) "
    "ORDER BY t.visited_at, t.visit_id"
)
_MISSES = "SELECT misses, last_miss FROM _absence WHERE page_id = ? AND gone_by = ?"


class LostPage(NamedTuple):
    """An absence or a move. `state`: still, same, different, back (not comparable) or moved; `at`: its time (UTC text)."""

    state: str
    at: str
    absence_id: int = 0
    page_id: int = 0
    visit_id: int = 0


class AbsenceQueries:
    """Queries of one archive."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def lost(self, site_id: int | None = None, hidden: Sequence[int] = ()) -> list[LostPage]:
        """Return the newest absences and moves, at most `MOST` + 1 of each, the newest first."""
        values: dict[str, Value] = {"site": site_id, "hidden": json.dumps(list(hidden))}
        found = [
            LostPage(row["state"], row["gone_by"], row["absence_id"])
            for row in self._connection.rows(_ABSENCES, values)
        ]
        found += [
            LostPage("moved", row["visited_at"], 0, row["page_id"], row["visit_id"])
            for row in self._connection.rows(_MOVES, values)
        ]
        return sorted(found, key=lambda each: (each.at, each.absence_id, each.visit_id), reverse=True)

    def never_seen(self, site_id: int | None = None, hidden: Sequence[int] = ()) -> int:
        """Return the number of addresses that were never there, at most `MOST`."""
        return int(self._connection.value(_NEVER, {"site": site_id, "hidden": json.dumps(list(hidden))}))

    def absences(self, absence_ids: Sequence[int]) -> dict[int, dict[str, Any]]:
        """Return some absences with their pages, by absence_id; `last_visit`: the last capture of the page before."""
        rows = self._connection.rows(_DETAILS, (json.dumps(list(absence_ids)),))
        return {row["absence_id"]: dict(row) for row in rows}

    def moves(self, keys: Sequence[tuple[int, int]]) -> dict[tuple[int, int], dict[str, Any]]:
        """Return some moves with their pages, by page_id and visit_id."""
        rows = self._connection.rows(_MOVED, (json.dumps([list(each) for each in keys]),))
        return {(row["page_id"], row["visit_id"]): dict(row) for row in rows}

    def visits_at(self, page_id: int, moments: Sequence[str]) -> dict[str, int]:
        """Return the visits of a page at some moments (UTC text), by moment."""
        rows = self._connection.rows(_PROOFS, (page_id, json.dumps(list(moments))))
        return {row["visited_at"]: row["visit_id"] for row in rows}

    def misses(self, page_id: int, gone_by: str) -> tuple[int, str | None]:
        """Return how many visits found a page gone in an absence, and when the last one did."""
        row = self._connection.row(_MISSES, (page_id, gone_by))
        return (row["misses"], row["last_miss"]) if row else (0, None)
