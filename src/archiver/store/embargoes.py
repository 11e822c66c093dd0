"""Embargoes as rows, and the pages that they hold back."""

import json
from collections.abc import Sequence

from archiver.model.embargo import Embargo, is_embargoed
from archiver.store.connection import Connection
from archiver.store.pages import RENDITION, REQUISITE

_STANDING = (
    "SELECT e.embargo_id, s.name AS site, e.pattern, e.until, e.reason FROM _embargo e "
    "LEFT JOIN _site s ON s.site_id = e.site_id WHERE e.lifted_at IS NULL AND e.until > ? ORDER BY e.embargo_id"
)
_BY_BROWSER = (
    "SELECT DISTINCT t.page_id FROM json_each(?1) j CROSS JOIN _visit o ON o.page_id = j.value CROSS JOIN _visit t "
    "ON t.of_visit = o.visit_id WHERE t.made_by IS NOT NULL OR NOT EXISTS (SELECT 1 FROM _visit x LEFT JOIN _visit y "
    "ON y.visit_id = x.of_visit WHERE x.page_id = t.page_id AND (y.page_id IS NULL OR y.page_id NOT IN "
    "(SELECT value FROM json_each(?1))))"
)
"""Selects what a browser made of pages, and the answers that it got for these pages only."""


class Embargoes:
    """The embargoes of one archive. Times are UTC text."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def standing(self, at: str) -> list[Embargo]:
        """Return the rules that hold at a time."""
        return [Embargo(*row) for row in self._connection.rows(_STANDING, (at,))]

    def is_embargoed(self, url: str, at: str, site: str | None = None) -> bool:
        """Whether a page may not be shown to others at a time. A server asks this before it shows a page or a capture.

        Args:
            url: any address of the page.
            at: the present time.
            site: the page's site; None: any site that has the page.
        """
        rules = self.standing(at)
        if not rules:
            return False
        rows = self._connection.rows(
            "SELECT DISTINCT s.name, p.url, p.page_id, p.kind FROM _page p JOIN _site s ON s.site_id = p.site_id WHERE (?2 IS NULL OR s.name = ?2) "
            "AND (p.url = ?1 OR p.page_id IN (SELECT u.page_id FROM _page_url u WHERE u.url = ?1))",
            (url, site),
        )
        known = [(row["name"], row["url"]) for row in rows] or [(site or "", url)]
        if any(is_embargoed(rules, name, (url, address), at) for name, address in known):
            return True
        browser = {row["page_id"] for row in rows if row["kind"] in (REQUISITE, RENDITION)}
        return bool(browser) and not browser.isdisjoint(self.pages(at))

    def pages(self, at: str) -> list[int]:
        """Return the pages that may not be shown at a time: by their address, or one that they were asked by.

        With what a browser made of them, and what it fetched for no other page.
        """
        rules = self.standing(at)
        if not rules:
            return []
        rows = self._connection.rows(
            "SELECT p.page_id, s.name, p.url FROM _page p JOIN _site s ON s.site_id = p.site_id UNION "
            "SELECT p.page_id, s.name, u.url FROM _page_url u JOIN _page p ON p.page_id = u.page_id "
            "JOIN _site s ON s.site_id = p.site_id WHERE u.how = 'asked'"
        )
        found = {row["page_id"] for row in rows if is_embargoed(rules, row["name"], (row["url"],), at)}
        made = self._connection.rows(_BY_BROWSER, (json.dumps(sorted(found)),))
        return sorted(found | {row["page_id"] for row in made})

    def count(self, pages: Sequence[int]) -> int:
        """Return how many of some pages are pages, and not what a browser made of one."""
        sql = "SELECT count(*) FROM json_each(?) j CROSS JOIN _page p ON p.page_id = j.value WHERE p.kind IS NOT ?"
        return int(self._connection.value(sql, (json.dumps(list(pages)), RENDITION)))

    def set(self, pattern: str, site: str | None, until: str, reason: str, at: str) -> int:
        """Add a rule; return its id."""
        with self._connection.transaction():
            return self._connection.insert(
                "INSERT INTO _embargo(site_id, pattern, until, reason, set_at) "
                "VALUES ((SELECT site_id FROM _site WHERE name = ?), ?, ?, ?, ?)",
                (site, pattern, until, reason, at),
            )

    def lift(self, pattern: str, site: str | None, at: str) -> int:
        """Lift the standing rules with this pattern and site; return their number."""
        with self._connection.transaction():
            return self._connection.execute(
                "UPDATE _embargo SET lifted_at = ?1 WHERE lifted_at IS NULL AND pattern = ?2 AND until > ?1 "
                "AND site_id IS (SELECT site_id FROM _site WHERE name = ?3)",
                (at, pattern, site),
            ).rowcount
