"""Queries of the changes that runs found: the edits, and the redesigns. They read tables, not stored counts."""

import json
from collections.abc import Sequence
from typing import Any

from archiver.store.connection import Connection

_FOUND = (
    "FROM json_each(?) j CROSS JOIN _version v ON v.run_id = j.value AND v.current > 0 "
    "CROSS JOIN _change h ON h.version_id = v.version_id "
)
"""The changes of runs. A change belongs to the run of the first visit that showed it, whichever run read this visit."""


class RunChanges:
    """Queries of the changes of runs of one site."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def edited(self, runs: Sequence[int]) -> list[dict[str, Any]]:
        """Return the edits of pages, without those of redesigns: url, field, nature, run_id, content_id (afterwards)."""
        return self._dicts(
            f"SELECT p.url, h.field, h.nature, v.run_id, v.content_id {_FOUND} AND h.redesign_id IS NULL "
            "CROSS JOIN _page p ON p.page_id = h.page_id ORDER BY v.first_visit, h.change_id",
            runs,
        )

    def redesigns(self, runs: Sequence[int]) -> list[dict[str, Any]]:
        """Return the redesigns that the runs saw, with the numbers of their pages and changes in these runs, oldest first."""
        return self._dicts(
            "SELECT d.redesign_id, d.since, d.kind, count(DISTINCT h.page_id) AS pages, count(*) AS changes, d.fields, d.what "
            f"{_FOUND} AND h.redesign_id IS NOT NULL CROSS JOIN _redesign d ON d.redesign_id = h.redesign_id "
            "GROUP BY d.redesign_id ORDER BY d.since, d.redesign_id",
            runs,
        )

    def counts(self, run_id: int) -> dict[str, int]:
        """Return how many new pages, new versions, edited pages and moved pages a run found, by the names of `Tally`."""
        row = self._connection.row(
            "SELECT new_pages, new_versions, changed, (SELECT count(*) FROM _move m CROSS JOIN _visit t "
            "ON t.visit_id = m.visit_id WHERE t.run_id = ?1) AS moved FROM runs WHERE run_id = ?1",
            (run_id,),
        )
        return dict(row) if row else {}

    def _dicts(self, sql: str, runs: Sequence[int]) -> list[dict[str, Any]]:
        return [dict(row) for row in self._connection.rows(sql, (json.dumps(list(runs)),))]
