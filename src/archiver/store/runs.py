"""Runs: one row for each command that visits or reads. Every visit references its run."""

from collections.abc import Mapping
from dataclasses import dataclass

from archiver.store.connection import Connection
from archiver.store.lost_ids import new_number
from archiver.store.view_sql import IS_NO_MOVE, IS_PAGE, proved_at

_KNOWN = f"SELECT count(*) FROM _page p WHERE p.site_id = ?2 AND {IS_PAGE}"
_DUE = (
    "SELECT count(*) FROM _frontier f CROSS JOIN _page p ON p.page_id = f.page_id "
    f"WHERE f.site_id = ?2 AND f.due_at <= ?3 AND {IS_PAGE}"
)
_LOST = (
    "SELECT run_id, count(*) AS gone FROM (SELECT (SELECT max(t.run_id) FROM _visit t WHERE t.page_id = a.page_id "
    f"AND t.visited_at = {proved_at('a.evidence', 'a.gone_by')}) AS run_id FROM _absence a CROSS JOIN _page p "
    f"ON p.page_id = a.page_id AND p.site_id = ?1 WHERE a.gone_by IS NOT NULL AND a.last_seen IS NOT NULL AND {IS_NO_MOVE}) "
    "GROUP BY run_id"
)
"""The pages of a site that are or were gone, by the run that proved it; without those that moved."""


@dataclass
class Tally:
    """The counts of a run, updated while it runs.

    `moved`: pages that this run found at another address. They count neither as gone nor, there, as new.
    """

    visits: int = 0
    new_pages: int = 0
    new_versions: int = 0
    changed: int = 0
    gone: int = 0
    back: int = 0
    errors: int = 0
    refused: int = 0
    unread: int = 0
    moved: int = 0


class Runs:
    """Starts, updates and ends runs."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def begin(self, kind: str, site_id: int | None, now: str, *, code_version: str, command: str) -> int:
        """Start a run; return its id. A crawl also stores how many pages of the site are known and due (`now`: UTC text)."""
        return self._connection.insert(
            "INSERT INTO _run(run_id, kind, site_id, started_at, code_version, command, known, due) "
            f"SELECT {new_number('_run')}, ?1, ?2, ?3, ?4, ?5, CASE WHEN ?1 = 'crawl' THEN ({_KNOWN}) END, "
            f"CASE WHEN ?1 = 'crawl' THEN ({_DUE}) END",
            (kind, site_id, now, code_version, command),
        )

    def count(self, run_id: int, tally: Tally) -> None:
        """Store the counts of a run. Those of new and changed pages and of new versions are counted by the view `runs`."""
        self._connection.execute(
            "UPDATE _run SET visits = ?, gone = ?, back = ?, errors = ?, refused = ?, unread = ? WHERE run_id = ?",
            (tally.visits, tally.gone, tally.back, tally.errors, tally.refused, tally.unread, run_id),
        )

    def count_again(self, site_id: int, back: Mapping[int | None, int]) -> None:
        """Store how many pages the runs of a site proved gone and how many came back, after its captures were read again.

        `back`: the second number by run; other runs have none. Versions and changes are counted by the view `runs`.
        """
        self._connection.execute("UPDATE _run SET back = 0 WHERE site_id = ?", (site_id,))
        self._connection.executemany(
            "UPDATE _run SET back = ? WHERE run_id = ?", [(count, run_id) for run_id, count in back.items()]
        )
        self.count_gone(site_id)

    def count_gone(self, site_id: int, run_id: int | None = None) -> int:
        """Store how many pages each run of a site proved gone, and return the number of one run; 0 for no run.

        A later run may find that a page moved or is back.
        """
        self._connection.execute(
            f"WITH lost AS ({_LOST}) UPDATE _run SET gone = coalesce((SELECT gone FROM lost WHERE lost.run_id = _run.run_id), 0) "
            "WHERE site_id = ?1 AND gone <> coalesce((SELECT gone FROM lost WHERE lost.run_id = _run.run_id), 0)",
            (site_id,),
        )
        return int(self._connection.value("SELECT gone FROM _run WHERE run_id = ?", (run_id,)) or 0)

    def end(self, run_id: int, now: str, ended: str, cause: str = "") -> None:
        """End a run as done, limit, interrupted, stopped or failed. `cause`: why it stopped."""
        self._connection.execute(
            "UPDATE _run SET finished_at = ?, ended = ?, cause = ? WHERE run_id = ?",
            (now, ended, cause or None, run_id),
        )

    def resumed_from(self, run_id: int) -> int:
        """Return the first of the interrupted runs of the last day that this run resumes; its own id if there is none."""
        found = self._connection.value(
            "SELECT min(r.run_id) FROM _run r JOIN _run our ON our.run_id = ?1 WHERE r.site_id = our.site_id "
            "AND r.kind = our.kind AND r.run_id <= ?1 AND julianday(r.started_at) >= julianday(our.started_at) - 1 "
            "AND r.run_id > (SELECT coalesce(max(whole.run_id), 0) FROM _run whole WHERE whole.site_id = our.site_id "
            "AND whole.kind = our.kind AND whole.run_id < ?1 AND whole.ended IN ('done', 'limit'))",
            (run_id,),
        )
        return int(found or run_id)

    def sweep(self, site_id: int, kind: str) -> int:
        """Mark killed runs as interrupted; return their number. The caller holds the site's lock."""
        cursor = self._connection.execute(
            "UPDATE _run SET ended = 'interrupted' WHERE site_id = ? AND kind = ? AND ended IS NULL", (site_id, kind)
        )
        if cursor.rowcount:
            self.count_gone(site_id)
        return cursor.rowcount
