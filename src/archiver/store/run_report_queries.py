"""Queries of what runs fetched and read, for reports and alarms. They write nothing.

They read only what every run stores (visits, versions, changes, absences, sources, readings), so a report of any past
run is possible. A run's visits are found through its site's pages, because visits have no index by run.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from archiver.model.outcome import Cause, sql_list
from archiver.store.connection import Connection, Row
from archiver.store.frontier import REQUISITES
from archiver.store.kept_health import KeptHealth
from archiver.store.pages import EVIDENCE_ONLY
from archiver.store.redesign_views import RUN_COUNTS
from archiver.store.render_failures import RenderFailureQueries
from archiver.store.run_changes import RunChanges
from archiver.store.source_rows import HAS_VALUE, IS_ITEM
from archiver.store.view_sql import IS_NO_COPY, IS_NO_MOVE, RETURNS, proved_at

_NO_PAGES = ", ".join(f"'{kind}'" for kind in EVIDENCE_ONLY)
_PAGES = f"coalesce(p.kind, '') NOT IN ({_NO_PAGES})"
_OUTCOME = "coalesce(t.read_outcome, t.outcome)"
_CERTAIN = sql_list(lambda each: each.is_certain)
_READ_PAGE = ("page_id", "url", "visit_id", "visited_at", "version_id", "note", "broken")
_PRESENT = sql_list(lambda each: each.is_presence)
_TAKEN = (
    "WITH taken AS (SELECT t.*, " + _OUTCOME + " AS ended, p.url, p.kind FROM _page p "
    "CROSS JOIN _visit t ON t.page_id = p.page_id AND t.visited_at >= :started "
    f"WHERE p.site_id = :site AND p.last_visited >= :started AND {_PAGES} "
    "AND t.run_id IN (SELECT value FROM json_each(:runs))) "
)
"""Selects the visits of some runs of one site."""
_IS_NO_FILE = (
    "NOT EXISTS (SELECT 1 FROM _version w CROSS JOIN _stored_content c ON c.content_id = w.content_id "
    "WHERE w.page_id = {}.page_id AND w.current = 1 AND c.file IS NOT NULL)"
)
"""Whether a page is no file; a file at an address without an ending is of no kind."""


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run of one site. Times are UTC text."""

    run_id: int
    site_id: int
    site: str
    kind: str
    started_at: str
    finished_at: str | None
    ended: str | None
    counts: dict[str, int]


@dataclass(frozen=True, slots=True)
class ReadPage:
    """A page that a run read. A 304 is not a reading.

    Attributes:
        version_id: None when the reading gave no content.
        note: the reader's note.
        broken: the fields that the rules misread, when its record is broken; nothing is known of the others.
    """

    page_id: int
    url: str
    visit_id: int
    visited_at: str
    version_id: int | None
    note: str
    broken: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EarlierPage:
    """A page that was read before a certain visit."""

    page_id: int
    url: str
    first_visit: int


@dataclass(frozen=True, slots=True)
class EarlierField:
    """A field that a page had before a certain visit, and the last visit that showed it."""

    page_id: int
    field: str
    visit_id: int


@dataclass(frozen=True, slots=True)
class LastCertainVisit:
    """The last visit of a site with a certain outcome; 0, 0 and "" when there is none."""

    visit_id: int
    run_id: int
    visited_at: str


@dataclass(frozen=True, slots=True)
class FailureCount:
    """The visits with one outcome since the last certain visit: their number, their pages, and the newest run."""

    outcome: str
    status: int | None
    visits: int
    pages: int
    last_run: int
    url: str


_RUN = (
    "r.run_id, r.site_id, s.name AS site, r.kind, r.started_at, r.finished_at, r.ended, r.visits, r.gone, r.back, r.errors, "
    f"r.refused, {RUN_COUNTS}"
)
_COUNTS = ("visits", "new_pages", "new_versions", "changed", "gone", "back", "errors", "refused")


class RunReports:
    """Queries about runs."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.kept_health = KeptHealth(connection)
        self.changes = RunChanges(connection)
        self.rendering = RenderFailureQueries(connection)

    def run(self, run_id: int) -> RunRow | None:
        """Return one run by its id."""
        row = self._connection.row(
            f"SELECT {_RUN} FROM _run r JOIN _site s ON s.site_id = r.site_id WHERE r.run_id = ?", (run_id,)
        )
        return _run(row) if row else None

    def runs(
        self, site: str, *, since: str = "", until_run: int | None = None, limit: int = -1, visiting: bool = False
    ) -> list[RunRow]:
        """Return the crawls of a site, newest first; `visiting`: only crawls with visits."""
        rows = self._connection.rows(
            f"SELECT {_RUN} FROM _site s CROSS JOIN _run r ON r.site_id = s.site_id WHERE s.name = :site "
            "AND r.kind = 'crawl' AND r.started_at >= :since AND r.run_id <= coalesce(:until, r.run_id) "
            "AND (r.visits > 0 OR NOT :visiting) ORDER BY r.run_id DESC LIMIT :limit",
            {"site": site, "since": since, "until": until_run, "visiting": int(visiting), "limit": limit},
        )
        return [_run(row) for row in rows]

    def outcomes(self, runs: list[RunRow]) -> list[dict[str, Any]]:
        """Return the outcomes of the visits: outcome, status, number of visits, and an example page (url) with its note."""
        return self._of(
            runs,
            "SELECT ended AS outcome, status, count(*) AS visits, url, max(coalesce(read_note, note)) AS note FROM taken "
            "GROUP BY ended, status ORDER BY visits DESC, ended, status",
        )

    def new(self, runs: list[RunRow]) -> list[dict[str, Any]]:
        """Return the pages read for the first time, without copies of pages that moved: url, title, content_id."""
        return self._of(
            runs,
            "SELECT taken.url, c.title, v.content_id FROM taken JOIN _version v ON v.page_id = taken.page_id AND v.first_visit = taken.visit_id "
            f"AND v.version = 1 AND v.current = 1 AND {IS_NO_COPY} JOIN _content c ON c.content_id = v.content_id ORDER BY taken.visit_id",
        )

    def gone(self, runs: list[RunRow]) -> list[dict[str, Any]]:
        """Return the known pages that these runs proved gone: url, evidence. Pages that moved are left out."""
        return self._of(
            runs,
            "SELECT DISTINCT taken.url, a.evidence FROM taken JOIN _absence a ON a.page_id = taken.page_id AND a.gone_by IS NOT NULL "
            f"AND a.last_seen IS NOT NULL AND taken.visited_at = {proved_at('a.evidence', 'a.gone_by')} "
            f"WHERE {IS_NO_MOVE} ORDER BY taken.url",
        )

    def back(self, runs: list[RunRow]) -> list[dict[str, Any]]:
        """Return the pages that came back: url, gone_by. The latter is when the page was first missing at its address."""
        return self._of(
            runs,
            "SELECT taken.url, min(coalesce(a.gone_by, e.since)) AS gone_by FROM taken LEFT JOIN _absence a "
            f"ON a.page_id = taken.page_id AND a.back_by = taken.visited_at LEFT JOIN ({RETURNS}) e "
            f"ON e.page_id = taken.page_id AND e.until = taken.visited_at WHERE taken.ended IN {_PRESENT} "
            "AND coalesce(a.gone_by, e.since) IS NOT NULL GROUP BY taken.url ORDER BY taken.url",
        )

    def _of(self, runs: list[RunRow], sql: str) -> list[dict[str, Any]]:
        return [dict(row) for row in self._connection.rows(_TAKEN + sql, _named(runs))] if runs else []

    def read_pages(self, runs: list[RunRow]) -> list[ReadPage]:
        """Return the last reading of each page in these runs. Files, and listings without any field, are left out."""
        rows = self._of(
            runs,
            "SELECT *, coalesce(iif(x.cause = 'broken', (SELECT d.fields FROM _doubt d WHERE d.page_id = x.page_id), ''), '') AS broken "
            "FROM (SELECT taken.cause, taken.page_id, url, visit_id, visited_at, ended, coalesce(read_note, note, '') AS note, (SELECT v.version_id FROM _version v "
            "WHERE v.page_id = taken.page_id AND v.current = 1 AND taken.ended = 'ok' "
            "AND v.first_visit <= taken.visit_id AND v.last_visit >= taken.visit_id ORDER BY v.version DESC LIMIT 1) AS version_id "
            f"FROM taken WHERE ended IN ('ok', 'unreadable') AND coalesce(cause, '') NOT IN ('{Cause.READER_FAILED}', '{Cause.NOT_RENDERED}') AND coalesce(kind, '') <> 'file') x "
            f"WHERE {_IS_NO_FILE.format('x')} AND (version_id IS NOT NULL OR ended = 'unreadable' OR EXISTS (SELECT 1 FROM _version v WHERE v.page_id = x.page_id AND v.current = 1)) "
            "ORDER BY visit_id",
        )
        pages = {row["page_id"]: {name: row[name] for name in _READ_PAGE} for row in rows}
        return [
            ReadPage(**each | {"broken": tuple(filter(None, each["broken"].split(",")))}) for each in pages.values()
        ]

    def given(self, pages: Iterable[ReadPage]) -> dict[int, set[str]]:
        """Return the fields that each page's reading gave, by page."""
        pages = list(pages)
        found: dict[int, set[str]] = {page.page_id: set() for page in pages}
        of_version = {page.version_id: page.page_id for page in pages}
        for row in self._connection.rows(
            "SELECT o.version_id, o.field FROM json_each(?) j CROSS JOIN _source o ON o.version_id = j.value "
            f"WHERE o.field NOT LIKE 'readings.%' AND NOT {IS_ITEM} AND {HAS_VALUE}",
            (json.dumps([number for number in of_version if number is not None]),),
        ):
            found[of_version[row["version_id"]]].add(row["field"])
        for row in self._connection.rows(
            "SELECT t.page_id, n.name FROM json_each(?) j CROSS JOIN _visit t ON t.visit_id = j.value "
            "CROSS JOIN _reading r ON r.visit_id = t.visit_id CROSS JOIN _reading_name n ON n.name_id = r.name_id",
            (json.dumps([page.visit_id for page in pages]),),
        ):
            found[row["page_id"]].add(f"readings.{row['name']}")
        return found

    def sample(self, site_id: int, before: int, limit: int) -> list[int]:
        """Return the newest pages of a site that were read before a visit; files are left out."""
        rows = self._connection.rows(
            f"SELECT p.page_id FROM _page p WHERE p.site_id = ?1 AND coalesce(p.kind, '') <> 'file' AND {_IS_NO_FILE.format('p')} "
            "AND EXISTS (SELECT 1 FROM _version v "
            "WHERE v.page_id = p.page_id AND v.current = 1 AND v.first_visit < ?2) "
            "ORDER BY p.page_id DESC LIMIT ?3",
            (site_id, before, limit),
        )
        return [row["page_id"] for row in rows]

    def known(self, pages: Iterable[int], before: int) -> list[EarlierPage]:
        """Return those of these pages that were read before a visit."""
        rows = self._connection.rows(
            "SELECT p.page_id, p.url, min(v.first_visit) AS first_visit FROM json_each(?) j CROSS JOIN _page p ON p.page_id = j.value "
            "JOIN _version v ON v.page_id = p.page_id AND v.current = 1 "
            "WHERE v.first_visit < ? GROUP BY p.page_id",
            (json.dumps(list(pages)), before),
        )
        return [EarlierPage(row["page_id"], row["url"], row["first_visit"]) for row in rows]

    def fields_before(self, pages: Iterable[int], before: int, ruled: Iterable[str]) -> list[EarlierField]:
        """Return the fields in which the current extractor found a value on these pages before a visit.

        Fields with rules (`ruled`) count only when a rule gave the value, not a fallback.
        """
        rows = self._connection.rows(
            "SELECT v.page_id, o.field, max(min(v.last_visit, ?2 - 1)) AS seen FROM json_each(?1) j "
            "CROSS JOIN _version v ON v.page_id = j.value AND v.current = 1 "
            "CROSS JOIN _source o ON o.version_id = v.version_id AND o.field NOT LIKE 'readings.%' "
            f"AND NOT {IS_ITEM} AND {HAS_VALUE} AND (o.rank > 0 OR o.field NOT IN (SELECT value FROM json_each(?3))) WHERE v.first_visit < ?2 GROUP BY v.page_id, o.field UNION ALL "
            "SELECT t.page_id, 'readings.' || n.name, max(r.visit_id) FROM json_each(?1) j "
            "CROSS JOIN _visit t ON t.page_id = j.value CROSS JOIN _reading r ON r.visit_id = t.visit_id "
            "CROSS JOIN _reading_name n ON n.name_id = r.name_id WHERE t.visit_id < ?2 GROUP BY t.page_id, n.name",
            (json.dumps(list(pages)), before, json.dumps(list(ruled))),
        )
        return [EarlierField(row["page_id"], row["field"], row["seen"]) for row in rows]

    # the state of the site

    def last_certain_visit(self, run: RunRow) -> LastCertainVisit:
        """Return the last visit with a certain outcome, up to the end of a run."""
        row = self._connection.row(
            "SELECT t.visit_id, t.run_id, t.visited_at FROM _visit t CROSS JOIN _page p ON p.page_id = t.page_id "
            f"WHERE p.site_id = ? AND t.run_id <= ? AND {_PAGES} AND {_OUTCOME} IN {_CERTAIN} ORDER BY t.visit_id DESC LIMIT 1",
            (run.site_id, run.run_id),
        )
        return LastCertainVisit(*row) if row else LastCertainVisit(0, 0, "")

    def failed_since(self, run: RunRow, certain: LastCertainVisit) -> list[FailureCount]:
        """Return the outcomes of visits after a certain one, from later runs up to the end of a run; most frequent first.

        Pages that robots.txt always refused, and skipped pages, are left out.
        """
        rows = self._connection.rows(
            f"SELECT {_OUTCOME} AS ended, t.status, count(*) AS visits, count(DISTINCT p.page_id) AS pages, "
            "max(t.run_id) AS last_run, p.url FROM _page p "
            "CROSS JOIN _visit t ON t.page_id = p.page_id AND t.visited_at >= :since "
            f"WHERE p.site_id = :site AND p.last_visited >= :since AND {_PAGES} AND t.visit_id > :visit "
            f"AND t.run_id > :run AND t.run_id <= :until AND {_OUTCOME} <> 'skipped' "
            f"AND ({_OUTCOME} <> 'refused' OR EXISTS (SELECT 1 FROM _visit b WHERE b.page_id = p.page_id "
            f"AND b.visit_id <= :visit AND coalesce(b.read_outcome, b.outcome) IN {_CERTAIN})) "
            "GROUP BY ended, t.status ORDER BY visits DESC, ended, t.status",
            {
                "site": run.site_id,
                "since": certain.visited_at,
                "visit": certain.visit_id,
                "run": certain.run_id,
                "until": run.run_id,
            },
        )
        return [FailureCount(*row) for row in rows]

    def when(self, visit_id: int) -> str:
        """Return the time of a visit (UTC text)."""
        return str(self._connection.value("SELECT visited_at FROM _visit WHERE visit_id = ?", (visit_id,)) or "")

    def pages(self, site_id: int, now: str) -> tuple[int, int]:
        """Return the number of known pages of a site, and the number that are due."""
        known = self._connection.value(f"SELECT count(*) FROM _page p WHERE p.site_id = ? AND {_PAGES}", (site_id,))
        due = self._connection.value(
            f"SELECT count(*) FROM _frontier WHERE site_id = ? AND due_at <= ? AND queue NOT {REQUISITES}",
            (site_id, now),
        )
        return int(known), int(due)


def _named(runs: list[RunRow]) -> dict[str, str | int | float | bytes | None]:
    numbers = json.dumps([run.run_id for run in runs])
    return {"site": runs[0].site_id, "started": min(run.started_at for run in runs), "runs": numbers}


def _run(row: Row) -> RunRow:
    counts = {name: row[name] for name in _COUNTS}
    return RunRow(
        row["run_id"],
        row["site_id"],
        row["site"],
        row["kind"],
        row["started_at"],
        row["finished_at"],
        row["ended"],
        counts,
    )
