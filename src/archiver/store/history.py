"""Queries of page histories: versions, changes, readings, visits and absences. They read the public views."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from archiver.model.outcome import Cause
from archiver.model.record import Content, Source
from archiver.store.connection import Connection, Row
from archiver.store.content_columns import STORED
from archiver.store.content_rows import content_of
from archiver.store.event_query import event_query, mark_others
from archiver.store.redaction_notes import RedactionNote
from archiver.store.source_rows import sources_of


@dataclass(frozen=True, slots=True)
class KeptVersion:
    """A version as the views show it. Times are UTC text; `first_visit` and `last_visit` are its first and last visit.

    Attributes:
        redacted: when and why its content was redacted; None otherwise.
        is_rendered: whether it was read from the document that a browser made.
    """

    version_id: int
    page_id: int
    site: str
    url: str
    version: int
    seen_from: str
    seen_last: str
    seen_until: str | None
    first_visit: int
    last_visit: int
    content: Content
    verdict: str
    redacted: RedactionNote | None = None
    is_rendered: bool = False

    @property
    def read_from(self) -> str:
        """Return what it was read from, in words."""
        return "the browser's document" if self.is_rendered else "the server's bytes"


@dataclass(frozen=True, slots=True)
class VisitRow:
    """A row of the view `visits`."""

    visit_id: int
    visited_at: str
    status: int | None
    outcome: str
    final_url: str
    sha256: str | None
    bytes: int | None
    note: str | None
    media_type: str | None = None
    cause: str | None = None
    redacted: RedactionNote | None = None


_MAX_VERSIONS = 2**31  # a larger number is a typing error, and SQLite does not accept it
_VERSION = (
    "SELECT w.site, w.page_id, w.url, w.version_id, w.version, w.seen_from, w.seen_last, w.seen_until, v.first_visit, v.last_visit, "
    f"v.verdict, v.rendered, w.redacted_at, w.redaction_reason, {', '.join(f'c.{name}' for name in STORED)} FROM versions w "
    "JOIN _version v ON v.version_id = w.version_id JOIN _content c ON c.content_id = w.content_id "
)


class FirstMiss(NamedTuple):
    """A visit that did not find a page, without a second one. Times are UTC text.

    Attributes:
        at: when it was; `last_seen`: the last visit before that saw the page.
        evidence: what it found.
        due_at: when the next visit is due; None: it is not planned.
    """

    at: str
    last_seen: str | None
    evidence: str
    due_at: str | None


class History:
    """Queries of one archive."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    # one page

    def versions(self, page_id: int) -> list[KeptVersion]:
        """Return all versions of a page, oldest first."""
        return [
            _kept(row) for row in self._connection.rows(_VERSION + "WHERE w.page_id = ? ORDER BY w.version", (page_id,))
        ]

    def version(self, page_id: int, number: int) -> KeptVersion | None:
        """Return one version by its number; negative numbers count from the newest (-1)."""
        if abs(number) > _MAX_VERSIONS:
            return None
        if number < 0:
            newest = self._connection.value("SELECT max(version) FROM versions WHERE page_id = ?", (page_id,)) or 0
            number = newest + 1 + number
        row = self._connection.row(_VERSION + "WHERE w.page_id = ? AND w.version = ?", (page_id, number))
        return None if row is None else _kept(row)

    def version_by_id(self, version_id: int) -> KeptVersion | None:
        """Return one version by its `version_id`, if the views show it."""
        row = self._connection.row(_VERSION + "WHERE w.version_id = ?", (version_id,))
        return None if row is None else _kept(row)

    def version_at(self, page_id: int, moment: str) -> KeptVersion | None:
        """Return the version of a time (UTC text); None before the first version and during an absence."""
        row = self._connection.row(
            _VERSION + "WHERE w.page_id = ?1 AND w.seen_from <= ?2 AND (w.seen_until IS NULL OR w.seen_until > ?2) "
            "ORDER BY w.version DESC LIMIT 1",
            (page_id, moment),
        )
        return None if row is None else _kept(row)

    def sources(self, version_id: int) -> dict[str, Source]:
        """Return the sources of a version's values; of a list, that of its first item."""
        return {name: each for name, each in sources_of(self._connection, version_id).items() if "[" not in name}

    def readings_at(self, page_id: int, moment: str | None = None) -> dict[str, int]:
        """Return the newest value of each counter, or its value at a time (UTC text)."""
        rows = self._connection.rows(
            "SELECT n.name, r.value FROM _visit t CROSS JOIN _reading r ON r.visit_id = t.visit_id "
            "JOIN _reading_name n ON n.name_id = r.name_id WHERE t.page_id = ?1 AND (?2 IS NULL OR t.visited_at <= ?2) "
            "ORDER BY n.name, t.visited_at, t.visit_id",
            (page_id, moment),
        )
        return {row["name"]: row["value"] for row in rows}

    def readings_of(self, visit_id: int) -> dict[str, int]:
        """Return the counters of one visit."""
        rows = self._connection.rows(
            "SELECT n.name, r.value FROM _reading r JOIN _reading_name n ON n.name_id = r.name_id "
            "WHERE r.visit_id = ? ORDER BY n.name",
            (visit_id,),
        )
        return {row["name"]: row["value"] for row in rows}

    def series(self, page_id: int, name: str | None = None) -> list[dict[str, Any]]:
        """Return the rows of `readings` of a page, oldest first."""
        return self._dicts(
            "SELECT name, read_at, value, gained, visit_id FROM readings WHERE page_id = ?1 AND (?2 IS NULL OR name = ?2) "
            "ORDER BY name, read_at, visit_id",
            (page_id, name),
        )

    def absences(self, page_id: int) -> list[dict[str, Any]]:
        """Return the rows of `absences` of a page, oldest first."""
        return self._dicts(
            "SELECT last_seen, gone_by, back_by, misses, evidence FROM absences WHERE page_id = ? ORDER BY gone_by",
            (page_id,),
        )

    def missed_once(self, page_id: int) -> FirstMiss | None:
        """Return the first miss of a page that no second one proves yet; None when there is none."""
        row = self._connection.row(
            "SELECT a.first_miss, a.last_seen, a.evidence, f.due_at FROM _absence a LEFT JOIN _frontier f ON f.page_id = a.page_id "
            "WHERE a.page_id = ? AND a.gone_by IS NULL AND a.back_by IS NULL",
            (page_id,),
        )
        return None if row is None else FirstMiss(*row)

    def missed_in(self, run_id: int) -> tuple[int, str | None]:
        """Return how many pages that were there this run missed once, and when the first one is due again (UTC text)."""
        row = self._connection.row(
            "SELECT count(*), min(f.due_at) FROM _absence a LEFT JOIN _frontier f ON f.page_id = a.page_id "
            "WHERE a.gone_by IS NULL AND a.back_by IS NULL AND a.last_run = ? AND a.last_seen IS NOT NULL "
            "AND NOT EXISTS (SELECT 1 FROM _move m WHERE m.page_id = a.page_id AND m.until IS NULL)",
            (run_id,),
        )
        return (0, None) if row is None else (int(row[0]), row[1])

    def doubtful_in(self, run_id: int, cause: Cause) -> int:
        """Return how many pages are in doubt for a cause since a visit of this run, or still are."""
        return int(
            self._connection.value(
                "SELECT count(*) FROM _doubt d CROSS JOIN _page p ON p.page_id = d.page_id "
                "CROSS JOIN _visit t ON t.visit_id = p.last_visit WHERE t.run_id = ? AND t.cause = ?",
                (run_id, cause),
            )
        )

    def shown_state(self, page_id: int) -> str | None:
        """Return the state of a page in the view `pages`; None for a page that it does not show."""
        state: str | None = self._connection.value("SELECT state FROM pages WHERE page_id = ?", (page_id,))
        return state

    def changes_of(self, page_id: int) -> list[dict[str, Any]]:
        """Return the rows of `changes` of a page, oldest first."""
        return self._dicts("SELECT * FROM changes WHERE page_id = ? ORDER BY change_id", (page_id,))

    def visits_of(self, page_id: int) -> list[VisitRow]:
        """Return all visits of a page, oldest first."""
        return [
            visit_of(row)
            for row in self._connection.rows(
                "SELECT * FROM visits WHERE page_id = ? ORDER BY visited_at, visit_id", (page_id,)
            )
        ]

    def visit(self, visit_id: int) -> VisitRow | None:
        """Return one visit."""
        row = self._connection.row("SELECT * FROM visits WHERE visit_id = ?", (visit_id,))
        return None if row is None else visit_of(row)

    # the whole archive

    def events(
        self,
        kinds: list[str],
        filters: dict[str, str | None],
        *,
        natures: Sequence[str] = (),
        limit: int | None = None,
        newest_first: bool = False,
    ) -> list[dict[str, Any]]:
        """Return rows of the view `events`, oldest first; those of a folder and its index page with equal content have `also`.

        Args:
            kinds: of new, edited, gone, moved, back; and template, for the single changes of redesigns.
            filters: site, field, since and until (UTC text, compared with the first visit that shows the event).
            natures: only edits of these natures; none: of all.
            limit: the maximum number of rows.
            newest_first: the newest first. The edits of one page at one visit stay in reading order.
        """
        if not kinds:
            return []
        rows = self._dicts(*event_query(kinds, filters, natures, limit, newest_first=newest_first))
        mark_others(rows, self._contents_of)
        return rows

    def _contents_of(self, versions: Sequence[int]) -> dict[int, int]:
        rows = self._connection.rows(
            "SELECT version_id, content_id FROM _version WHERE version_id IN (SELECT value FROM json_each(?))",
            (json.dumps(list(versions)),),
        )
        return {row["version_id"]: row["content_id"] for row in rows}

    def sites(self) -> list[dict[str, Any]]:
        """Return the rows of `sites` with counts of visits, versions, changes and pages that are gone."""
        return self._dicts(
            "SELECT s.*, (SELECT count(*) FROM visits t WHERE t.site = s.site) AS visits, "
            "(SELECT count(*) FROM versions v WHERE v.site = s.site) AS versions, "
            "(SELECT count(*) FROM changes c WHERE c.site = s.site) AS changes, "
            "(SELECT count(*) FROM absences a WHERE a.site = s.site AND a.back_by IS NULL) AS gone FROM sites s ORDER BY s.site"
        )

    def outcomes(self) -> dict[str, int]:
        """Return the number of visits of each outcome."""
        rows = self._connection.rows(
            "SELECT coalesce(read_outcome, outcome) AS outcome, count(*) AS visits FROM _visit WHERE made_by IS NULL "
            "GROUP BY 1 ORDER BY 2 DESC"
        )
        return {row["outcome"]: row["visits"] for row in rows}

    def later_than(self, moment: str) -> int:
        """Return the number of visits that are dated later than a time (UTC text)."""
        return int(
            self._connection.value("SELECT count(*) FROM _visit WHERE visited_at > ? AND made_by IS NULL", (moment,))
        )

    def _dicts(self, sql: str, values: tuple[Any, ...] | dict[str, Any] = ()) -> list[dict[str, Any]]:
        return [dict(row) for row in self._connection.rows(sql, values)]


def _kept(row: Row) -> KeptVersion:
    return KeptVersion(
        row["version_id"],
        row["page_id"],
        row["site"],
        row["url"],
        row["version"],
        row["seen_from"],
        row["seen_last"],
        row["seen_until"],
        row["first_visit"],
        row["last_visit"],
        content_of(row),
        row["verdict"],
        _note(row),
        bool(row["rendered"]),
    )


def visit_of(row: Row) -> VisitRow:
    """Return the visit of a row of the view `visits`."""
    return VisitRow(
        row["visit_id"],
        row["visited_at"],
        row["status"],
        row["outcome"],
        row["final_url"],
        row["sha256"] or None,
        row["bytes"],
        row["note"],
        row["media_type"],
        row["cause"],
        _note(row),
    )


def _note(row: Row) -> RedactionNote | None:
    return None if row["redacted_at"] is None else RedactionNote(row["redacted_at"], row["redaction_reason"])
