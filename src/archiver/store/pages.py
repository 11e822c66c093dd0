"""Sites, their extractors, pages, and the addresses of pages."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from archiver.model.profile import SiteInfo
from archiver.store.connection import Connection, Row
from archiver.store.frontier import Due, entry_of
from archiver.store.lost_ids import new_number


@dataclass(frozen=True, slots=True)
class KnownPage:
    """A page of the archive. `state`: live, gone, moved, blocked or unknown. Times are UTC text."""

    page_id: int
    site_id: int
    site: str
    key: str
    url: str
    kind: str | None
    state: str
    first_seen: str
    last_visited: str | None
    last_visit: int | None


@dataclass(frozen=True, slots=True)
class ListedPage:
    """A page by its id (None: it is not inserted yet), and its row of the frontier, if it is on it.

    `url` and `last_visited` (UTC text): its address, and its last visit. `is_part`: it is a later part of an article.
    """

    page_id: int | None
    entry: Due | None
    url: str = ""
    last_visited: str | None = None
    is_part: bool = False


@dataclass(frozen=True, slots=True)
class Extractor:
    """A profile (its hash and text) and the version of the code that reads with it."""

    extractor_id: int
    profile_sha256: str
    profile: str
    code_version: str


FORM = " POST "
"""Separates the address of a paging form from the digest of its content, in the key of the page it leads to."""

OURS = ("robots", "probe", "sitemap", "feed")
"""Kinds that the crawler sets regardless of the profile. The first two are evidence and are not shown as pages."""

REQUISITE = "requisite"
"""The kind of what a browser needs to show a page. It is evidence and not shown as a page; see the view `requisites`."""

REQUISITE_MARK = " REQUISITE"
"""Ends the key of a requisite, after its exact address: the profile's `[url]` rules are for pages."""

RENDITION = "rendition"
"""The kind of what a browser made of a page: `urn:dom:URL`, `urn:screenshot:URL`, `urn:requests:URL`. It is evidence and not
shown as a page; see the view `renditions`."""

EVIDENCE_ONLY = ("robots", "probe", REQUISITE, RENDITION)
"""Kinds that are evidence and are not shown as pages."""

PART = "part"
"""The kind of a page that is a later part of an article. Its text is in the record of the first part."""

_PAGE = "SELECT p.*, s.name AS site FROM _page p JOIN _site s ON s.site_id = p.site_id "


class Pages:
    """Reads and writes sites, extractors, pages and addresses."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    # sites and extractors

    def put_site(self, site: SiteInfo) -> int:
        """Insert or update a site; return its id."""
        values = (site.title or site.name, site.home, site.language, site.timezone)
        row = self._connection.row("SELECT * FROM _site WHERE name = ?", (site.name,))
        if row is None:
            return self._connection.insert(
                f"INSERT INTO _site(site_id, name, title, home, language, timezone) VALUES ({new_number('_site')}, ?, ?, ?, ?, ?)",
                (site.name, *values),
            )
        if tuple(row)[2:] != values:
            self._connection.execute(
                "UPDATE _site SET title = ?, home = ?, language = ?, timezone = ? WHERE site_id = ?",
                (*values, row["site_id"]),
            )
        return int(row["site_id"])

    def site_id(self, name: str) -> int | None:
        """Return a site's id, if the archive has the site."""
        found: int | None = self._connection.value("SELECT site_id FROM _site WHERE name = ?", (name,))
        return found

    def site_title(self, name: str) -> str:
        """Return a site's title; its name when the archive does not have the site."""
        return self._connection.value("SELECT title FROM _site WHERE name = ?", (name,)) or name

    def current_extractor(self, site_id: int) -> Extractor | None:
        """Return the site's current extractor."""
        row = self._connection.row("SELECT * FROM _extractor WHERE site_id = ? AND current = 1", (site_id,))
        return None if row is None else _extractor(row)

    def extractor_of(self, version_id: int) -> Extractor | None:
        """Return the extractor of a version."""
        row = self._connection.row(
            "SELECT e.* FROM _extractor e JOIN _version v ON v.extractor_id = e.extractor_id WHERE v.version_id = ?",
            (version_id,),
        )
        return None if row is None else _extractor(row)

    def first_capture_of(self, version_id: int) -> tuple[KnownPage, str] | None:
        """Return the page of a version of any extractor, and when the version was first seen (UTC text)."""
        row = self._connection.row("SELECT page_id, seen_from FROM _version WHERE version_id = ?", (version_id,))
        known = self.page(row["page_id"]) if row is not None else None
        return None if row is None or known is None else (known, row["seen_from"])

    def has_other_extractors(self, site_id: int, extractor_id: int) -> bool:
        """Whether a site has extractors other than this one."""
        sql = "SELECT 1 FROM _extractor WHERE site_id = ? AND extractor_id <> ? LIMIT 1"
        return self._connection.row(sql, (site_id, extractor_id)) is not None

    def put_extractor(self, site_id: int, profile_sha256: str, profile: str, code_version: str, now: str) -> Extractor:
        """Return the extractor with this profile and code; insert it if new. It does not become current."""
        key = (site_id, profile_sha256, code_version)
        self._connection.execute(
            "INSERT INTO _extractor(site_id, profile_sha256, code_version, profile, made_at) VALUES (?, ?, ?, ?, ?) "
            "ON CONFLICT DO NOTHING",
            (*key, profile, now),
        )
        row = self._connection.row(
            "SELECT * FROM _extractor WHERE site_id = ? AND profile_sha256 = ? AND code_version = ?", key
        )
        assert row is not None  # noqa: S101  (just inserted)
        return _extractor(row)

    def make_current(self, site_id: int, extractor_id: int, now: str) -> None:
        """Make an extractor the current one of its site."""
        self._connection.execute(
            "UPDATE _extractor SET current = 0, current_until = ? WHERE site_id = ? AND current = 1 AND extractor_id <> ?",
            (now, site_id, extractor_id),
        )
        self._connection.execute(
            "UPDATE _extractor SET current = 1, current_from = ?, current_until = NULL WHERE extractor_id = ? AND current = 0",
            (now, extractor_id),
        )

    # pages

    def put_page(self, site_id: int, key: str, url: str, now: str, kind: str | None = None) -> tuple[int, bool]:
        """Return a page's id and whether it is new; insert it if new."""
        found = self._connection.row("SELECT page_id, kind FROM _page WHERE site_id = ? AND key = ?", (site_id, key))
        if found is None:
            page_id = self._connection.insert(
                f"INSERT INTO _page(page_id, site_id, key, url, kind, first_seen) VALUES ({new_number('_page')}, ?, ?, ?, ?, ?)",
                (site_id, key, url, kind, now),
            )
            return page_id, True
        if kind is not None and found["kind"] not in (kind, PART):
            self._connection.execute("UPDATE _page SET kind = ? WHERE page_id = ?", (kind, found["page_id"]))
        return int(found["page_id"]), False

    def seen_by(self, page_id: int, at: str) -> None:
        """Record that a page was seen at a time (UTC text), which may be before its `first_seen`."""
        self._connection.execute(
            "UPDATE _page SET first_seen = ? WHERE page_id = ? AND first_seen > ?", (at, page_id, at)
        )

    def rename(self, site_id: int, key_of: Callable[[str], str], kind_of: Callable[[str], str | None]) -> int:
        """Apply new rules for keys and kinds to a site's pages; return the number of duplicates.

        Of pages with the same new key, the oldest is visited from now on. The others keep their history and are not
        visited again.
        """
        rows = self._connection.rows(
            "SELECT page_id, key, url, kind FROM _page WHERE site_id = ? AND kind IS NOT ? AND kind IS NOT ? ORDER BY page_id",
            (site_id, REQUISITE, RENDITION),
        )
        wanted = {row["page_id"]: _renamed(row, key_of(row["url"])) for row in rows}
        strays, taken = [], set[str]()
        for page_id, key in wanted.items():
            if key in taken:
                strays.append(page_id)
                wanted[page_id] = f"{key} #{page_id}"
            taken.add(key)
        moved = [(wanted[row["page_id"]], row["page_id"]) for row in rows if wanted[row["page_id"]] != row["key"]]
        self._connection.executemany(
            "UPDATE _page SET key = ? WHERE page_id = ?", [(f"\n{page}", page) for _, page in moved]
        )
        self._connection.executemany("UPDATE _page SET key = ? WHERE page_id = ?", moved)
        kinds = [(kind_of(row["url"]), row["page_id"], row["kind"]) for row in rows]
        self._connection.executemany(
            "UPDATE _page SET kind = ? WHERE page_id = ?",
            [(kind, page) for kind, page, was in kinds if (kind not in (None, was) and was not in OURS) or was == PART],
        )
        self._connection.executemany("DELETE FROM _frontier WHERE page_id = ?", [(page,) for page in strays])
        return len(strays)

    def page(self, page_id: int) -> KnownPage | None:
        """Return a page by its id."""
        row = self._connection.row(_PAGE + "WHERE p.page_id = ?", (page_id,))
        return None if row is None else known_page(row)

    def by_key(self, site_id: int, key: str) -> KnownPage | None:
        """Return a page by its key."""
        row = self._connection.row(_PAGE + "WHERE p.site_id = ? AND p.key = ?", (site_id, key))
        return None if row is None else known_page(row)

    def last_visits(self, pages: Iterable[int]) -> dict[int, str]:
        """Return when pages were visited last (UTC text); pages without visits are left out."""
        rows = self._connection.rows(
            "SELECT p.page_id, p.last_visited FROM json_each(?) j CROSS JOIN _page p ON p.page_id = j.value "
            "WHERE p.last_visited IS NOT NULL",
            (json.dumps(list(pages)),),
        )
        return {row["page_id"]: row["last_visited"] for row in rows}

    def reset_last_visits(self, site_id: int, latest: str) -> None:
        """Set `last_visited` of a site's pages to their last visit up to a time (UTC text)."""
        self._connection.execute(
            "UPDATE _page SET (last_visit, last_visited) = (SELECT t.visit_id, t.visited_at FROM _visit t "
            "WHERE t.page_id = _page.page_id AND t.visited_at <= ?2 AND t.visit_id NOT IN (SELECT visit_id FROM _unread WHERE failed_by IS NULL) "
            "ORDER BY t.visited_at DESC, t.visit_id DESC LIMIT 1) WHERE site_id = ?1",
            (site_id, latest),
        )

    def listed(self, site_id: int, keys: Iterable[str]) -> dict[str, "ListedPage"]:
        """Return the pages with these keys, each with its row of the frontier."""
        rows = self._connection.rows(
            "SELECT p.key, p.page_id, p.url, p.kind, p.last_visited, f.page_id AS listed, f.* FROM json_each(?) j "
            "CROSS JOIN _page p ON p.site_id = ? AND p.key = j.value LEFT JOIN _frontier f ON f.page_id = p.page_id",
            (json.dumps(list(keys)), site_id),
        )
        return {row["key"]: _listed(row) for row in rows}

    def by_address(self, url: str) -> list[KnownPage]:
        """Return the pages with this canonical address, now or as an address asked, redirected from or declared."""
        rows = self._connection.rows(
            _PAGE
            + "WHERE p.url = ?1 OR p.page_id IN (SELECT page_id FROM _page_url WHERE url = ?1) ORDER BY p.url <> ?1, p.page_id",
            (url,),
        )
        return [known_page(row) for row in rows]

    def similar(self, url: str, limit: int = 3) -> list[str]:
        """Return addresses of the archive with the longest common prefix, for messages."""
        for end in range(len(url), 12, -4):
            rows = self._connection.rows(
                "SELECT url FROM _page WHERE url >= ?1 AND url < ?1 || char(1114111) LIMIT ?2", (url[:end], limit)
            )
            if rows:
                return [row["url"] for row in rows]
        return []


def _listed(row: Row) -> ListedPage:
    entry = entry_of(row) if row["listed"] is not None else None
    return ListedPage(row[1], entry, row["url"], row["last_visited"], row["kind"] == PART)


def _renamed(row: Row, key: str) -> str:
    """Return the key of a page by new rules; the digest of a form's content stays part of it."""
    _, form, event = row["key"].partition(FORM)
    return f"{key}{form}{event}"


def _extractor(row: Row) -> Extractor:
    return Extractor(row["extractor_id"], row["profile_sha256"], row["profile"], row["code_version"])


def known_page(row: Row) -> KnownPage:
    """Return the page that a row of `_page` joined with `_site` describes."""
    return KnownPage(
        row["page_id"],
        row["site_id"],
        row["site"],
        row["key"],
        row["url"],
        row["kind"],
        row["state"],
        row["first_seen"],
        row["last_visited"],
        row["last_visit"],
    )
