"""Pages in doubt; those whose newest records are broken wait until it is decided whether their visits show them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from archiver.model.outcome import Cause, Outcome, sql_list
from archiver.store.connection import Connection, Row
from archiver.store.view_sql import IS_PAGE

_WELL = (
    f"coalesce(t.read_outcome, t.outcome) IN {sql_list(lambda each: each.is_presence and each.has_body)} "
    f"AND coalesce(t.cause, '') IN ('', '{Cause.PARTLY_READ}') "
    "AND t.visit_id NOT IN (SELECT visit_id FROM _unread) AND t.visit_id NOT IN (SELECT visit_id FROM _accepted)"
)
"""The visits whose records are not broken."""
_BROKEN = (
    "SELECT d.page_id, p.url, p.kind, d.since, d.fields, t.visit_id, (SELECT max(v.seen_last) FROM _version v "
    "WHERE v.page_id = d.page_id AND v.current = 1) AS last_well FROM _doubt d CROSS JOIN _page p ON p.page_id = d.page_id "
    "CROSS JOIN _visit t ON t.page_id = d.page_id AND t.visited_at >= d.since "
    f"WHERE d.site_id = ? AND d.fields IS NOT NULL AND t.cause = '{Cause.BROKEN}' "
    "ORDER BY d.since, d.page_id, t.visited_at, t.visit_id"
)
_READ_WELL = (
    "SELECT p.url, max(t.visited_at) AS at, (SELECT min(q.visited_at) FROM _visit q WHERE q.page_id = p.page_id) AS first_at "
    "FROM _page p CROSS JOIN _visit t ON t.page_id = p.page_id AND t.visited_at >= ?2 "
    f"WHERE p.site_id = ?1 AND {IS_PAGE} AND {_WELL} GROUP BY p.page_id"
)
_EVER_WELL = (
    "SELECT p.url FROM _page p WHERE p.site_id = ?1 AND (EXISTS (SELECT 1 FROM _version v CROSS JOIN _visit t "
    f"ON t.visit_id = v.first_visit WHERE v.page_id = p.page_id AND v.current > 0 AND {_WELL} AND NOT EXISTS (SELECT 1 FROM _source o "
    "WHERE o.version_id = v.version_id AND o.field = 'body' AND o.rank = 0)) OR (p.kind = 'listing' AND EXISTS (SELECT 1 FROM _visit t "
    f"WHERE t.page_id = p.page_id AND {_WELL}))) ORDER BY p.page_id DESC LIMIT ?2"
)
"""Pages with a version whose body no fallback read, and listings, which have no versions."""
_ACCEPTED = (
    "SELECT p.url, g.why, max(t.visited_at) AS at, max(t.run_id) AS run_id FROM _page p CROSS JOIN _visit t ON t.page_id = p.page_id "
    "CROSS JOIN _accepted g ON g.visit_id = t.visit_id AND g.extractor_id = ?2 WHERE p.site_id = ?1 GROUP BY p.page_id, g.why"
)
_CAPTURES = (
    "SELECT t.visit_id FROM _visit t WHERE t.page_id = ? AND t.visited_at >= ? AND t.visit_id < ? AND t.frame_id IS NOT NULL "
    f"AND t.cause = '{Cause.BROKEN}' AND t.outcome = '{Outcome.OK}' ORDER BY t.visit_id DESC LIMIT 8"
)
_MOST_KNOWN = 10_000


@dataclass(frozen=True, slots=True)
class Doubt:
    """What a page shows instead of its content, until another visit agrees or the content is back. Times are UTC text.

    Attributes:
        since: the first visit that did not show the content.
        visit_id, at, run_id: the first visit with this text.
        exact: a fingerprint of what the last visit showed.
        mark: a fingerprint of its words without numbers.
        fields: the fields that the profile's rules seem to misread; () when a tiny text is in doubt, not a broken record.
    """

    since: str
    visit_id: int
    at: str
    run_id: int | None
    exact: str
    mark: str
    fields: tuple[str, ...] = ()

    @property
    def is_broken(self) -> bool:
        """Whether the rules of the profile seem to misread the page."""
        return bool(self.fields)


@dataclass(frozen=True, slots=True)
class BrokenPage:
    """A page in doubt whose records the profile's rules seem to misread.

    Attributes:
        kind: the kind of the page by its address.
        since: the first visit in doubt (UTC text).
        fields: the fields that seem to be misread at the last visit.
        visits: its doubtful visits since then, oldest first; their captures are kept.
        last_well: the last visit that showed its newest version (UTC text); None for a page without one.
    """

    page_id: int
    url: str
    kind: str | None
    since: str
    fields: tuple[str, ...]
    visits: tuple[int, ...]
    last_well: str | None

    @property
    def has_version(self) -> bool:
        """Whether the page was read before."""
        return self.last_well is not None


class WellReadPage(NamedTuple):
    """A page with a record that is not broken: its last such visit, and its first visit (UTC text)."""

    url: str
    at: str
    first_at: str


class AcceptedPage(NamedTuple):
    """A page with a broken record that was accepted: why, and the last such visit (UTC text) and its run."""

    url: str
    why: str
    at: str
    run_id: int | None


class Doubts:
    """Reads the pages in doubt, and writes which of their visits are accepted as they are."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def broken(self, site_id: int) -> list[BrokenPage]:
        """Return the pages of a site whose newest records are broken, those that are in doubt for longest first."""
        found: dict[int, list[Row]] = {}
        for row in self._connection.rows(_BROKEN, (site_id,)):
            found.setdefault(row["page_id"], []).append(row)
        return [_page(rows) for rows in found.values()]

    def captures(self, page_id: int, since: str, before: int) -> list[int]:
        """Return the newest doubtful visits of a page with stored bytes, from a moment on (UTC text), before a visit."""
        return [row["visit_id"] for row in self._connection.rows(_CAPTURES, (page_id, since, before))]

    def read_well(self, site_id: int, since: str) -> list[WellReadPage]:
        """Return the pages of a site that were read from a moment on (UTC text), and whose records are not broken."""
        return [WellReadPage(*row) for row in self._connection.rows(_READ_WELL, (site_id, since))]

    def ever_well(self, site_id: int) -> list[str]:
        """Return the addresses of pages of a site that the rules ever read well: the newest 10,000."""
        return [row["url"] for row in self._connection.rows(_EVER_WELL, (site_id, _MOST_KNOWN))]

    def accepted(self, site_id: int, extractor_id: int) -> list[AcceptedPage]:
        """Return the pages of a site of which broken records, as an extractor reads them, were accepted."""
        return [AcceptedPage(*row) for row in self._connection.rows(_ACCEPTED, (site_id, extractor_id))]

    def accept(self, visits: Iterable[int], extractor_id: int, at: str, why: str) -> None:
        """Write that doubtful visits show the page. The history of a page that was judged must be rebuilt after that.

        `why`: alone, rare or unfit.
        """
        self._connection.executemany(
            "INSERT OR IGNORE INTO _accepted(page_id, visit_id, extractor_id, accepted_at, why) "
            "SELECT page_id, visit_id, ?2, ?3, ?4 FROM _visit WHERE visit_id = ?1",
            [(visit_id, extractor_id, at, why) for visit_id in visits],
        )


def _page(rows: list[Row]) -> BrokenPage:
    first = rows[0]
    return BrokenPage(
        first["page_id"],
        first["url"],
        first["kind"],
        first["since"],
        tuple(first["fields"].split(",")),
        tuple(row["visit_id"] for row in rows),
        first["last_well"],
    )


def doubt_of(row: Row) -> Doubt:
    """Return the doubt of a page from a row of the states of pages."""
    fields = tuple(row["d_fields"].split(",")) if row["d_fields"] else ()
    return Doubt(row["d_since"], row["d_visit"], row["d_at"], row["d_run"], row["d_exact"], row["d_mark"], fields)
