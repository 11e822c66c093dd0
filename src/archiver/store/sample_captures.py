"""Find the captures that profiles are made from and mended with.

Of each page the newest one, or that of its version; of misread pages also the last good one, and others of that time.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from archiver.model.outcome import Outcome
from archiver.model.rendition import REQUESTS, urn
from archiver.store.connection import Connection
from archiver.store.doubt_rows import Doubts
from archiver.store.renditions import SHOWN
from archiver.store.view_sql import IS_PAGE

_MOST_PAGES = 3_000
_MOST_ANSWERS = 500
_STORED = (
    f"t.outcome = '{Outcome.OK}' AND t.frame_id IS NOT NULL AND (t.media_type IS NULL OR t.media_type LIKE '%html%') "
    "AND t.visit_id NOT IN (SELECT visit_id FROM _redacted)"
)
_READ_WELL = f"{_STORED} AND coalesce(t.read_outcome, t.outcome) = '{Outcome.OK}'"
_SHOWS_PAGE = f"{_READ_WELL} AND t.bytes > 0"
_GOOD = f"{_READ_WELL} AND t.cause IS NULL"
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
    f"AND t.visited_at <= n.visited_at AND {SHOWN.format('t')} <> {SHOWN.format('n')} ORDER BY t.visited_at DESC, t.visit_id DESC LIMIT 1"
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
_GOOD_BEFORE = (
    f"SELECT t.visit_id FROM _visit t WHERE t.page_id = ? AND t.visited_at < ? AND {_GOOD} "
    "ORDER BY t.visited_at DESC, t.visit_id DESC LIMIT 1"
)
_SINCE = (
    "SELECT p.page_id, p.url, min(t.visited_at) AS since FROM _page p "
    f"CROSS JOIN _visit t ON t.page_id = p.page_id AND t.visited_at >= ?2 AND {_STORED} "
    f"WHERE p.site_id = ?1 AND {IS_PAGE} GROUP BY p.page_id ORDER BY since, p.page_id"
)
_NEWEST_STORED = f"SELECT t.visit_id FROM _visit t WHERE t.page_id = ? AND {_STORED} ORDER BY t.visited_at DESC, t.visit_id DESC LIMIT 1"
_GOOD_OTHERS = (
    f"SELECT max(t.visit_id) AS visit_id FROM _page p CROSS JOIN _visit t ON t.page_id = p.page_id AND {_GOOD} "
    f"WHERE p.site_id = ?1 AND {IS_PAGE} AND t.visited_at < ?2 GROUP BY p.page_id ORDER BY p.last_visit DESC LIMIT ?3"
)

_OF_BROWSER = (
    "SELECT t.visit_id FROM _visit t JOIN _page p ON p.page_id = t.page_id WHERE t.of_visit = ? AND t.bytes > 0 "
    f"AND (t.made_by IS NULL OR p.url LIKE '{urn(REQUESTS, '')}%') AND coalesce(t.media_type, '') NOT LIKE 'image/%' "
    "AND coalesce(t.media_type, '') NOT LIKE 'font/%' AND coalesce(t.media_type, '') NOT LIKE '%/css%' "
    f"AND t.visit_id NOT IN (SELECT visit_id FROM _redacted) ORDER BY t.visit_id LIMIT {_MOST_ANSWERS}"
)


@dataclass(frozen=True, slots=True)
class SampleCapture:
    """The newest capture of a page.

    Attributes:
        site: the name of its site.
        visited_at: when it was made (UTC text).
        again: an earlier capture of the page that shows something else; None when there is none.
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


@dataclass(frozen=True, slots=True)
class MisreadPage:
    """A page that its profile seems to misread.

    Attributes:
        since: its first doubtful visit (UTC text).
        newest: its newest visit with stored bytes.
        good: its last visit before that was read well; None when there is none.
    """

    page_id: int
    url: str
    since: str
    newest: int
    good: int | None


class SampleCaptures:
    """The captures of one archive, to make a profile from, or to mend one."""

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

    def in_doubt(self, site_id: int) -> list[MisreadPage]:
        """Return the pages of a site whose records are broken, those that are in doubt for longest first."""
        broken = Doubts(self._connection).broken(site_id)
        pages = [self._misread(each.page_id, each.url, each.since) for each in broken]
        return [each for each in pages if each is not None]

    def since(self, site_id: int, moment: str) -> list[MisreadPage]:
        """Return the pages of a site with a stored capture from a moment on (UTC text)."""
        rows = self._connection.rows(_SINCE, (site_id, moment))
        pages = [self._misread(row["page_id"], row["url"], row["since"]) for row in rows]
        return [each for each in pages if each is not None]

    def good_before(self, site_id: int, moment: str, most: int) -> list[int]:
        """Return the newest well read visit of each page before a moment (UTC text), at most so many."""
        return [row["visit_id"] for row in self._connection.rows(_GOOD_OTHERS, (site_id, moment, most))]

    def of_browser(self, visit_id: int) -> list[int]:
        """Return the visits of the answers that a browser got for the page of a visit, and of the log of its requests."""
        return [row["visit_id"] for row in self._connection.rows(_OF_BROWSER, (visit_id,))]

    def _found(self, where: str, values: Sequence[int | str], without: Sequence[int]) -> list[SampleCapture]:
        rows = self._connection.rows(
            f"SELECT s.name, q.url, n.visit_id, n.visited_at, ({_BEFORE}) AS again, coalesce(({_TEXT}), 0) AS characters "
            f"FROM ({_PAGES.format(where=where)}) q CROSS JOIN _visit n ON n.visit_id = ({_NEWEST}) "
            "JOIN _site s ON s.site_id = q.site_id ORDER BY n.visited_at DESC, n.visit_id DESC",
            (*values, json.dumps(list(without))),
        )
        return [SampleCapture(*row) for row in rows]

    def _misread(self, page_id: int, url: str, since: str) -> MisreadPage | None:
        newest = self._connection.value(_NEWEST_STORED, (page_id,))
        good = self._connection.value(_GOOD_BEFORE, (page_id, since))
        return None if newest is None else MisreadPage(page_id, url, since, newest, good)
