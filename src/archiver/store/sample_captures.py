"""Find captures that show what the pages of a site look like: the newest of each page, or those of versions."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from archiver.model.outcome import Outcome
from archiver.store.connection import Connection
from archiver.store.view_sql import IS_PAGE

_MOST_PAGES = 3_000
_SHOWS_PAGE = (
    f"t.outcome = '{Outcome.OK}' AND coalesce(t.read_outcome, t.outcome) = '{Outcome.OK}' AND t.frame_id IS NOT NULL "
    "AND t.bytes > 0 AND (t.media_type IS NULL OR t.media_type LIKE '%html%') "
    "AND t.visit_id NOT IN (SELECT visit_id FROM _redacted)"
)
_PAGES = (
    "SELECT p.page_id, p.site_id, p.url FROM _page p WHERE {where} AND p.last_visit IS NOT NULL "
    f"AND {IS_PAGE} AND p.page_id NOT IN (SELECT value FROM json_each(?)) ORDER BY p.last_visit DESC LIMIT {_MOST_PAGES}"
)
_NEWEST = (
    f"SELECT t.visit_id FROM _visit t WHERE t.page_id = q.page_id AND {_SHOWS_PAGE} "
    "ORDER BY t.visited_at DESC, t.visit_id DESC LIMIT 1"
)
_BEFORE = (
    f"SELECT t.visit_id FROM _visit t WHERE t.page_id = q.page_id AND {_SHOWS_PAGE} AND t.visit_id <> n.visit_id "
    "AND t.visited_at <= n.visited_at AND t.sha256 IS NOT n.sha256 ORDER BY t.visited_at DESC, t.visit_id DESC LIMIT 1"
)
_TEXT = (
    "SELECT length(c.body) FROM _version v JOIN _content c ON c.content_id = v.content_id "
    "WHERE v.page_id = q.page_id AND v.current = 1 ORDER BY v.version DESC LIMIT 1"
)

_VERSIONS = (
    "SELECT p.page_id, p.url, v.version, n.visit_id, v.seen_from FROM (SELECT p.page_id, p.url FROM _page p "
    f"WHERE p.site_id = (SELECT site_id FROM _site WHERE name = ?1) AND {IS_PAGE} ORDER BY p.last_visited DESC LIMIT ?2) p "
    "CROSS JOIN _version v ON v.page_id = p.page_id AND v.current = 1 AND v.version = "
    "(SELECT max(x.version) FROM _version x WHERE x.page_id = p.page_id AND x.current = 1) "
    f"CROSS JOIN _visit n ON n.visit_id = ({_NEWEST.replace('q.page_id', 'p.page_id')})"
)


@dataclass(frozen=True, slots=True)
class SampleCapture:
    """The newest capture of a page.

    Attributes:
        site: the name of its site.
        visited_at: when it was made (UTC text).
        again: an earlier capture of the page with other bytes; None when there is none.
        characters: the length of the text that was read from the page; 0 when there was none.
    """

    site: str
    url: str
    visit_id: int
    visited_at: str
    again: int | None
    characters: int


class SampleVersion(NamedTuple):
    """The newest version of a page, and its newest capture, which may wait as doubtful. `seen_from`: UTC text."""

    page_id: int
    url: str
    version: int
    visit_id: int
    seen_from: str


class SampleCaptures:
    """The captures of one archive."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of_site(self, site_id: int, without: Sequence[int] = ()) -> list[SampleCapture]:
        """Return the newest HTML capture of each page of a site, the newest first; at most 3,000 pages.

        Args:
            site_id: the site.
            without: pages that are left out.
        """
        return self._found("p.site_id = ?", (site_id,), without)

    def of_origin(self, origin: str, without: Sequence[int] = ()) -> list[SampleCapture]:
        """Return the same of all pages whose addresses begin with an origin, such as `https://portal.example`."""
        return self._found("p.url >= ? AND p.url < ?", (f"{origin}/", f"{origin}0"), without)

    def versions(self, site: str, limit: int) -> list[SampleVersion]:
        """Return the newest versions of the pages of a site that were visited last; those without bytes are left out."""
        return [SampleVersion(*row) for row in self._connection.rows(_VERSIONS, (site, limit))]

    def _found(self, where: str, values: Sequence[int | str], without: Sequence[int]) -> list[SampleCapture]:
        rows = self._connection.rows(
            f"SELECT s.name, q.url, n.visit_id, n.visited_at, ({_BEFORE}) AS again, coalesce(({_TEXT}), 0) AS characters "
            f"FROM ({_PAGES.format(where=where)}) q CROSS JOIN _visit n ON n.visit_id = ({_NEWEST}) "
            "JOIN _site s ON s.site_id = q.site_id ORDER BY n.visited_at DESC, n.visit_id DESC",
            (*values, json.dumps(list(without))),
        )
        return [SampleCapture(*row) for row in rows]
