"""Pages in doubt; those whose newest records are broken wait until it is decided whether their visits show them."""

from collections.abc import Iterable
from dataclasses import dataclass

from archiver.model.outcome import Cause, sql_list
from archiver.store.connection import Connection, Row

_BROKEN = (
    "SELECT d.page_id, p.url, p.kind, d.since, d.fields, t.visit_id, EXISTS (SELECT 1 FROM _version v WHERE v.page_id = d.page_id "
    "AND v.current = 1) AS has_version FROM _doubt d CROSS JOIN _page p ON p.page_id = d.page_id "
    "CROSS JOIN _visit t ON t.page_id = d.page_id AND t.visited_at >= d.since "
    f"WHERE d.site_id = ? AND d.fields IS NOT NULL AND t.cause = '{Cause.BROKEN}' "
    "ORDER BY d.since, d.page_id, t.visited_at, t.visit_id"
)
_READ_WELL = (
    "SELECT p.url, max(t.visited_at) AS at, min(t.visited_at) AS first_at, "
    "EXISTS (SELECT 1 FROM _visit q WHERE q.page_id = p.page_id AND q.visited_at < ?2) AS was_known "
    "FROM _page p CROSS JOIN _visit t ON t.page_id = p.page_id AND t.visited_at >= ?2 "
    f"WHERE p.site_id = ?1 AND coalesce(t.read_outcome, t.outcome) IN {sql_list(lambda each: each.is_presence and each.has_body)} "
    "AND t.cause IS NULL AND t.visit_id NOT IN (SELECT visit_id FROM _unread) GROUP BY p.page_id"
)
_ACCEPTED = (
    "SELECT p.url, min(t.visited_at) AS since FROM _page p CROSS JOIN _visit t ON t.page_id = p.page_id "
    "CROSS JOIN _accepted g ON g.visit_id = t.visit_id AND g.extractor_id = ?2 WHERE p.site_id = ?1 GROUP BY p.page_id"
)


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
        has_version: whether the page was read well before.
    """

    page_id: int
    url: str
    kind: str | None
    since: str
    fields: tuple[str, ...]
    visits: tuple[int, ...]
    has_version: bool


@dataclass(frozen=True, slots=True)
class WellReadPage:
    """A page whose last records are not broken. `was_known`: it was visited before the moment that was asked for."""

    url: str
    at: str
    was_known: bool


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

    def read_well(self, site_id: int, since: str) -> list[WellReadPage]:
        """Return the pages of a site with a visit from a moment on (UTC text) that was read and is not doubtful."""
        rows = self._connection.rows(_READ_WELL, (site_id, since))
        return [WellReadPage(row["url"], row["at"], bool(row["was_known"])) for row in rows]

    def accepted(self, site_id: int, extractor_id: int) -> dict[str, str]:
        """Return since when broken records of pages are accepted (UTC text), by address, as an extractor reads them."""
        rows = self._connection.rows(_ACCEPTED, (site_id, extractor_id))
        return {row["url"]: row["since"] for row in rows}

    def accept(self, visits: Iterable[int], extractor_id: int, at: str) -> None:
        """Write that doubtful visits show the page. Its history must be rebuilt after that."""
        self._connection.executemany(
            "INSERT OR IGNORE INTO _accepted(visit_id, extractor_id, accepted_at) VALUES (?, ?, ?)",
            [(visit_id, extractor_id, at) for visit_id in visits],
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
        bool(first["has_version"]),
    )


def doubt_of(row: Row) -> Doubt:
    """Return the doubt of a page from a row of the states of pages."""
    fields = tuple(row["d_fields"].split(",")) if row["d_fields"] else ()
    return Doubt(row["d_since"], row["d_visit"], row["d_at"], row["d_run"], row["d_exact"], row["d_mark"], fields)
