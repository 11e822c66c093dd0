"""Queries of captures that stand for a site: the one that each page's newest version was read from."""

from typing import NamedTuple

from archiver.store.connection import Connection
from archiver.store.view_sql import IS_PAGE


class SampledCapture(NamedTuple):
    """The capture that the newest version of a page was read from. `seen_from`: UTC text."""

    page_id: int
    url: str
    version: int
    visit_id: int
    seen_from: str


_NEWEST = (
    "SELECT p.page_id, p.url, v.version, v.first_visit AS visit_id, v.seen_from FROM (SELECT p.page_id, p.url FROM _page p "
    f"WHERE p.site_id = (SELECT site_id FROM _site WHERE name = ?1) AND {IS_PAGE} ORDER BY p.last_visited DESC LIMIT ?2) p "
    "CROSS JOIN _version v ON v.page_id = p.page_id AND v.current = 1 AND v.version = "
    "(SELECT max(x.version) FROM _version x WHERE x.page_id = p.page_id AND x.current = 1) "
    "JOIN _visit t ON t.visit_id = v.first_visit AND t.frame_id IS NOT NULL"
)


class SampleQueries:
    """Queries of one archive."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def newest(self, site: str, limit: int) -> list[SampledCapture]:
        """Return the captures of the pages of a site that were visited last; pages without bytes are left out."""
        return [SampledCapture(*tuple(row)) for row in self._connection.rows(_NEWEST, (site, limit))]
