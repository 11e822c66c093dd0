"""Queries of the list of known pages: which pages, in which order, and how many of each state, kind and section."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from archiver.store.connection import Connection, Value
from archiver.store.search import words_query
from archiver.store.view_sql import IS_PAGE, PAGE_STATE

_NEWEST = (
    "LEFT JOIN _version v ON v.page_id = p.page_id AND v.current = 1 AND v.version = "
    "(SELECT max(x.version) FROM _version x WHERE x.page_id = p.page_id AND x.current = 1) "
    "LEFT JOIN _stored_content c ON c.content_id = v.content_id"
)
_EDITS = (
    "LEFT JOIN (SELECT h.page_id, count(DISTINCT h.not_after) AS edits FROM _change h CROSS JOIN _version w "
    "ON w.version_id = h.version_id AND w.current > 0 WHERE h.redesign_id IS NULL AND coalesce(h.nature, '') <> 'typography' "
    "GROUP BY h.page_id) e ON e.page_id = p.page_id"
)
_TITLE = "coalesce(c.title, p.title)"
_TEXT = (
    "(p.url LIKE :like ESCAPE '\\' OR p.title LIKE :like ESCAPE '\\' OR v.content_id IN "
    "(SELECT rowid FROM _words_plain WHERE _words_plain MATCH :words))"
)
_ORDERS: dict[str, tuple[str, str, bool]] = {
    "changed": ("v.seen_from", _NEWEST, True),
    "visited": ("p.last_visited", "", True),
    "found": ("p.first_seen", "", True),
    "title": (_TITLE, _NEWEST, False),
    "address": ("p.url", "", False),
    "edits": ("coalesce(e.edits, 0)", _EDITS, True),
    "views": ("p.views", "", True),
}
"""By its name: the value, the joins that it needs, and whether the highest comes first."""
PAGE_ORDERS = tuple(_ORDERS)
_ROWS = (
    "SELECT g.site, g.page_id, g.url, g.title, g.section, g.language, g.state, g.kind, g.label, g.version_id, g.version, "
    "g.seen_from, g.first_seen, g.last_visited, g.gone_by, g.moved_to, g.edits, g.words, g.views FROM json_each(?) j "
    "CROSS JOIN pages g ON g.page_id = j.value ORDER BY j.key"
)


@dataclass(frozen=True, slots=True)
class PageChoice:
    """Which pages are listed.

    Attributes:
        site, state, kind, section: only such pages; None: all. `kind` and `section` may be "": pages without one.
        text: words of the title, or a part of the address.
        without: not these pages.
    """

    site: str | None = None
    state: str | None = None
    kind: str | None = None
    section: str | None = None
    text: str = ""
    without: Sequence[int] = ()

    @property
    def conditions(self) -> list[str]:
        """Return the conditions of SQL that select these pages."""
        wanted = {
            "p.site_id = (SELECT s.site_id FROM _site s WHERE s.name = :site)": self.site is not None,
            f"{PAGE_STATE} = :state": self.state is not None,
            "coalesce(p.kind, '') = :kind": self.kind is not None,
            "coalesce(c.section, '') = :section": self.section is not None,
            _TEXT: bool(self.text),
            "p.page_id NOT IN (SELECT value FROM json_each(:without))": bool(self.without),
        }
        return [IS_PAGE, *(condition for condition, is_wanted in wanted.items() if is_wanted)]

    @property
    def joins(self) -> str:
        """Return the joins that the conditions need."""
        return _NEWEST if self.section is not None or self.text else ""

    @property
    def values(self) -> dict[str, Value]:
        """Return the named values of the conditions."""
        part = self.text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        words = words_query(self.text, plain=True)
        return {
            "site": self.site,
            "state": self.state,
            "kind": self.kind,
            "section": self.section,
            "like": f"%{part}%",
            "words": f"{{title}} : ({words})",
            "without": json.dumps(list(self.without)),
        }


class PageListQueries:
    """Queries of one archive."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def pages(self, chosen: PageChoice, order: str, *, turned: bool, limit: int, offset: int) -> list[dict[str, Any]]:
        """Return rows of the view `pages`, without bodies.

        Args:
            chosen: which pages.
            order: of `PAGE_ORDERS`; pages without the value come last.
            turned: in the opposite order.
            limit: the most rows.
            offset: the number of rows before them.
        """
        value, needed, is_down = _ORDERS[order]
        joins = " ".join(dict.fromkeys(each for each in (chosen.joins, needed) if each))
        down = " DESC" if is_down != turned else ""
        found = self._connection.rows(
            f"SELECT p.page_id FROM _page p {joins} WHERE {' AND '.join(chosen.conditions)} "
            f"ORDER BY {value} IS NULL, {value}{down}, p.page_id LIMIT :limit OFFSET :offset",
            {**chosen.values, "limit": limit, "offset": offset},
        )
        rows = self._connection.rows(_ROWS, (json.dumps([row[0] for row in found]),))
        return [dict(row) for row in rows]

    def counts(self, chosen: PageChoice) -> list[tuple[str, str, int]]:
        """Return the number of the pages of each state and kind: state, kind ("" for none), pages."""
        rows = self._connection.rows(
            f"SELECT {PAGE_STATE} AS state, coalesce(p.kind, ''), count(*) FROM _page p {chosen.joins} "
            f"WHERE {' AND '.join(chosen.conditions)} GROUP BY 1, 2 ORDER BY 3 DESC",
            chosen.values,
        )
        return [(row[0], row[1], row[2]) for row in rows]

    def sections(self, site: str, without: Sequence[int], limit: int) -> list[dict[str, Any]]:
        """Return the kinds and sections of a site's pages: kind, section (both "" for none), pages, and when one changed last."""
        rows = self._connection.rows(
            "SELECT coalesce(p.kind, '') AS kind, coalesce(c.section, '') AS section, count(*) AS pages, max(v.seen_from) AS changed "
            f"FROM _page p {_NEWEST} WHERE p.site_id = (SELECT s.site_id FROM _site s WHERE s.name = ?1) AND {IS_PAGE} "
            "AND p.page_id NOT IN (SELECT value FROM json_each(?2)) GROUP BY 1, 2 ORDER BY 1, 3 DESC, 2 LIMIT ?3",
            (site, json.dumps(list(without)), limit),
        )
        return [dict(row) for row in rows]
