"""Queries of the pages that browsers could not show, by run."""

from typing import NamedTuple

from archiver.model.outcome import Cause
from archiver.store.connection import Connection

_OPENED = (
    "SELECT count(*) AS opened, coalesce(sum(t.cause IS :cause), 0) AS failed, max(iif(t.cause IS :cause, p.url, NULL)) AS url, "
    "max(iif(t.cause IS :cause, t.read_note, NULL)) AS note FROM _visit t CROSS JOIN _page p ON p.page_id = t.page_id "
    "WHERE t.visited_at >= :since AND t.run_id = :run AND t.of_visit IS NULL "
    "AND EXISTS (SELECT 1 FROM _visit d WHERE d.of_visit = t.visit_id AND d.made_by IS NOT NULL)"
)
_SHOWN_LAST = (
    "SELECT max(t.visited_at) FROM _visit t JOIN _page p ON p.page_id = t.page_id WHERE p.site_id = :site AND t.made_by IS NOT NULL "
    "AND t.bytes > 0 AND p.url LIKE 'urn:dom:%'"
)


class RenderFailures(NamedTuple):
    """The visits of a run whose page a browser opened, and those of them that it could not show.

    `url`, `note`: one of these, and why.
    """

    opened: int
    failed: int
    url: str | None
    note: str | None


class RenderFailureQueries:
    """Queries of one archive."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of(self, run_id: int, since: str) -> RenderFailures:
        """Return the failures of a run. `since`: when it began (UTC text)."""
        row = self._connection.row(_OPENED, {"run": run_id, "since": since, "cause": Cause.NOT_RENDERED})
        return RenderFailures(*row) if row else RenderFailures(0, 0, None, None)

    def shown_last(self, site_id: int) -> str | None:
        """Return when a browser last showed a page of a site (UTC text)."""
        found: str | None = self._connection.value(_SHOWN_LAST, {"site": site_id})
        return found
