"""The later parts of articles (`continues`): the captures of a part, and the pages that are parts of another page.

A part is a page of its own with its visits. It has no versions, no changes and no absences: its text is in the record
of the first part.
"""

import json
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from archiver.model.outcome import Outcome
from archiver.store.connection import Connection
from archiver.store.pages import PART

_TRIED = 10  # captures of a part that are tried on each side of a moment
_OUTCOME = "coalesce(t.read_outcome, t.outcome)"
_CAPTURES = f"""
SELECT p.page_id, t.visited_at, {_OUTCOME} AS outcome, t.location, iif(t.frame_id IS NOT NULL, t.visit_id,
  (SELECT x.visit_id FROM _visit x WHERE x.page_id = t.page_id AND x.sha256 = t.sha256 AND x.frame_id IS NOT NULL LIMIT 1)) AS visit_id
FROM _page p JOIN _visit t ON t.page_id = p.page_id
WHERE p.site_id = ?1 AND p.key = ?2 AND {_OUTCOME} IN ('{Outcome.OK}', '{Outcome.MOVED}')
"""
_SINCE = f"{_CAPTURES} AND t.visited_at >= ?3 AND t.visited_at < ?4 ORDER BY t.visited_at, t.visit_id > ?5, abs(t.visit_id - ?5) LIMIT {_TRIED}"
_BEFORE = f"{_CAPTURES} AND t.visited_at < ?3 ORDER BY t.visited_at DESC, t.visit_id DESC LIMIT {_TRIED}"
_OF_PRESENT_EXTRACTOR = "SELECT v.version_id FROM _version v JOIN _extractor e ON e.extractor_id = v.extractor_id AND e.current = 1 WHERE v.page_id = ?"
_NEVER = "9999-12-31 23:59:59"


class PartCapture(NamedTuple):
    """A capture of a part. `location`: where the answer redirects to; None for a page."""

    page_id: int
    visit_id: int
    at: str
    location: str | None


class PartTime(NamedTuple):
    """The visit of a first part: its id, its time, and when its page is visited next (UTC text)."""

    visit_id: int
    at: str
    until: str


class PartRows:
    """Reads and marks the parts of articles."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def captures(self, site_id: int, key: str, moment: PartTime) -> list[PartCapture]:
        """Return captures of a part, by the key of its page, in the order in which they are tried.

        First those from the visit of the first part until its next one, oldest first; then earlier ones, newest first. Of
        captures of one second, those kept just before the first part come first, since a crawl keeps them together. The
        bytes of a pruned capture are those of another one with the same digest.
        """
        rows = self._connection.rows(_SINCE, (site_id, key, moment.at, moment.until, moment.visit_id))
        rows += self._connection.rows(_BEFORE, (site_id, key, moment.at))
        return [
            PartCapture(row["page_id"], row["visit_id"], row["visited_at"], row["location"])
            for row in rows
            if row["visit_id"] is not None and (row["location"] is not None or row["outcome"] == Outcome.OK)
        ]

    def next_visit(self, page_id: int, at: str) -> str:
        """Return when a page was visited next after a time (UTC text); a time after all others when it was not."""
        sql = "SELECT min(visited_at) FROM _visit WHERE page_id = ? AND visited_at > ?"
        return self._connection.value(sql, (page_id, at)) or _NEVER

    def mark(self, pages: Iterable[int]) -> None:
        """Make pages parts of another page, and delete the histories that they had as articles of their own.

        What other extractors read stays in the tables, as for all replaced readings, and is not shown.
        """
        new = json.dumps(list(pages))
        rows = self._connection.rows(
            "SELECT p.page_id FROM json_each(?) j CROSS JOIN _page p ON p.page_id = j.value AND p.kind IS NOT ?",
            (new, PART),
        )
        for page_id in [row[0] for row in rows]:
            for table in ("_source", "_change", "_version"):
                self._connection.execute(
                    f"DELETE FROM {table} WHERE version_id IN ({_OF_PRESENT_EXTRACTOR})", (page_id,)
                )
            self._connection.execute("UPDATE _version SET current = 0 WHERE page_id = ?", (page_id,))
            self._connection.execute("DELETE FROM _absence WHERE page_id = ?", (page_id,))
            self._connection.execute("DELETE FROM _frontier WHERE page_id = ?", (page_id,))
            self._connection.execute("UPDATE _page SET kind = ?, state = 'unknown' WHERE page_id = ?", (PART, page_id))

    def drop_conditions(self, page_id: int) -> None:
        """Ask for a first part without conditions from now on: a 304 says nothing about the other parts."""
        self._connection.execute(
            "UPDATE _validator SET etag = NULL, modified = NULL WHERE page_id = ? AND coalesce(etag, modified) IS NOT NULL",
            (page_id,),
        )

    def with_parts(self, pages: Sequence[int]) -> tuple[int, ...]:
        """Return pages with the later parts of their articles."""
        rows = self._connection.rows(
            "SELECT p.page_id FROM json_each(?) j CROSS JOIN _page_url u ON u.page_id = j.value AND u.how = 'part' "
            "JOIN _page f ON f.page_id = u.page_id JOIN _page p ON p.site_id = f.site_id AND p.url = u.url AND p.kind = ?",
            (json.dumps(list(pages)), PART),
        )
        return tuple(dict.fromkeys((*pages, *(row[0] for row in rows))))

    def firsts_of_run(self, run_id: int) -> list[int]:
        """Return the pages of first parts of which a run kept captures of later parts, and none of the first part."""
        rows = self._connection.rows(
            "SELECT DISTINCT u.page_id FROM _visit t CROSS JOIN _page p ON p.page_id = t.page_id AND p.kind = ?1 "
            "JOIN _page_url u ON u.url = p.url AND u.how = 'part' "
            "JOIN _page f ON f.page_id = u.page_id AND f.site_id = p.site_id WHERE t.run_id = ?2 "
            "AND NOT EXISTS (SELECT 1 FROM _visit x WHERE x.page_id = u.page_id AND x.run_id = ?2)",
            (PART, run_id),
        )
        return [row[0] for row in rows]

    def first_of(self, page_id: int) -> str | None:
        """Return the address of the page whose record a part belongs to; None when that is not known."""
        found: str | None = self._connection.value(
            "SELECT f.url FROM _page p JOIN _page_url u ON u.url = p.url AND u.how = 'part' JOIN _page f ON f.page_id = u.page_id "
            "WHERE p.page_id = ? AND p.kind = ? AND f.site_id = p.site_id ORDER BY u.seen_last DESC LIMIT 1",
            (page_id, PART),
        )
        return found
