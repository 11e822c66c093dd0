"""Queries of sites: their numbers, the profiles that read them, and their redesigns. Large numbers are those of runs."""

from typing import Any

from archiver.store.connection import Connection
from archiver.store.view_sql import IS_PAGE

_SITES = "SELECT site_id, name AS site, title, home, language, timezone FROM _site ORDER BY name"
_PAGES = f"SELECT p.site_id, p.state, count(*) FROM _page p WHERE {IS_PAGE} GROUP BY 1, 2"
_RUNS = (
    "SELECT site_id, count(*) AS runs, sum(visits) AS visits, min(started_at) AS first_run FROM _run "
    "WHERE site_id IS NOT NULL GROUP BY site_id"
)
_VERSIONS = (
    "SELECT p.site_id, count(*) FROM _page p CROSS JOIN _version v ON v.page_id = p.page_id AND v.current = 1 "
    f"WHERE {IS_PAGE} GROUP BY 1"
)
_EDITS = (
    "SELECT p.site_id, count(*) FROM _change h CROSS JOIN _page p ON p.page_id = h.page_id WHERE h.not_after >= ? "
    "AND h.redesign_id IS NULL AND coalesce(h.nature, '') <> 'typography' GROUP BY 1"
)
_PROFILES = (
    "SELECT e.profile_sha256, e.code_version, e.made_at, e.current, e.current_from, e.current_until, length(e.profile) AS characters "
    "FROM _site s CROSS JOIN _extractor e ON e.site_id = s.site_id WHERE s.name = ? "
    "ORDER BY e.current DESC, e.extractor_id DESC LIMIT ?"
)
_TEXT = (
    "SELECT e.profile FROM _site s CROSS JOIN _extractor e ON e.site_id = s.site_id WHERE s.name = ? AND e.current = 1"
)
_REDESIGNS = (
    "SELECT d.redesign_id, d.since, d.kind, d.fields, d.what, (SELECT count(DISTINCT h.page_id) FROM _change h JOIN _version v "
    "ON v.version_id = h.version_id AND v.current > 0 WHERE h.redesign_id = d.redesign_id) AS pages "
    "FROM _site s CROSS JOIN _redesign d ON d.site_id = s.site_id WHERE s.name = ? ORDER BY d.since DESC, d.redesign_id DESC LIMIT ?"
)


class SiteQueries:
    """Queries of one archive."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def sites(self) -> list[dict[str, Any]]:
        """Return the rows of all sites, by name."""
        return [dict(row) for row in self._connection.rows(_SITES)]

    def states(self) -> dict[int, dict[str, int]]:
        """Return the number of pages of each state, by site."""
        found: dict[int, dict[str, int]] = {}
        for site_id, state, pages in self._connection.rows(_PAGES):
            found.setdefault(site_id, {})[state] = pages
        return found

    def runs(self) -> dict[int, dict[str, Any]]:
        """Return the number of runs and of their visits, and when the first one began, by site."""
        return {row["site_id"]: dict(row) for row in self._connection.rows(_RUNS)}

    def versions(self) -> dict[int, int]:
        """Return the number of versions, by site."""
        return {row[0]: row[1] for row in self._connection.rows(_VERSIONS)}

    def edits(self, since: str) -> dict[int, int]:
        """Return the number of edits of fields since a time (UTC text), by site; without redesigns and typography."""
        return {row[0]: row[1] for row in self._connection.rows(_EDITS, (since,))}

    def profiles(self, site: str, limit: int) -> list[dict[str, Any]]:
        """Return the profiles that read a site, the current one first: hash, reader, and from when to when they did."""
        return [dict(row) for row in self._connection.rows(_PROFILES, (site, limit))]

    def profile_text(self, site: str) -> str:
        """Return the text of the profile that reads a site now; "" without one."""
        return str(self._connection.value(_TEXT, (site,)) or "")

    def redesigns(self, site: str, limit: int) -> list[dict[str, Any]]:
        """Return the newest redesigns of a site."""
        return [dict(row) for row in self._connection.rows(_REDESIGNS, (site, limit))]
