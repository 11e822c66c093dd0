"""Finds and stores where pages moved to: by a permanent redirect, or by the same content at a new address.

A page that does not answer any more moved to a page whose first version has its content, or its title and nearly its
text, and appeared later. It is searched when a page gets its first version, and when a page is missed for the first time.
A move ends when the page is back, or redirects to another address. The row stays, with the time of its end.
"""

import json
from collections.abc import Sequence

from archiver.model.outcome import Outcome
from archiver.model.version import Verdict
from archiver.store.connection import Connection, Row, Value
from archiver.store.pages import PART, RENDITION, REQUISITE
from archiver.store.visit_result import HistoryUpdate
from archiver.text.page_names import is_same_place
from archiver.text.same_text import is_nearly_same

_LEAST = 150
"""Characters of the shortest text that shows that two pages are the same; error pages are shorter."""
_MOST_SAME = 3
"""Pages with the same content; more of them have a text of the site's template."""
_MOST_TITLED = 20
"""Contents with the same title that are compared."""
_MOST_COMPARED = 40
"""Versions that are compared; a text of a site's template may have any number."""
_NO_ARTICLE = f"('listing', 'robots', 'probe', 'sitemap', 'feed', '{REQUISITE}', '{RENDITION}', '{PART}')"
_IS_PAGE = f"coalesce({{0}}.kind, '') NOT IN {_NO_ARTICLE}"
_IS_MISSING = (
    "EXISTS (SELECT 1 FROM _absence a WHERE a.page_id = {0}.page_id AND a.back_by IS NULL AND a.last_seen IS NOT NULL)"
)
_IS_LOST = f"({{0}}.state IN ('gone', 'moved') OR {_IS_MISSING})"
_NEWEST = "(SELECT max(x.version) FROM _version x WHERE x.page_id = {0}.page_id AND x.current = 1)"
_FIRST_SEEN = "(SELECT min(x.seen_from) FROM _version x WHERE x.page_id = {0}.page_id AND x.current = 1)"
_ALIKE = (
    "(SELECT y.version_id FROM _version y WHERE y.content_id IN (SELECT {0}.content_id UNION SELECT content_id FROM "
    "(SELECT x.content_id FROM _stored_content x WHERE x.title = (SELECT c.title FROM _stored_content c "
    f"WHERE c.content_id = {{0}}.content_id) LIMIT {_MOST_TITLED})) AND y.current = 1 LIMIT {_MOST_COMPARED})"
)
"""Selects versions with the content of a version, or with its title."""
_CHOSEN = (
    "SELECT o.page_id AS old_page, n.page_id AS new_page, o.url AS old_url, n.url AS new_url, w.content_id AS old_content, "
    "v.content_id AS new_content, v.first_visit AS new_visit, v.seen_from AS new_from "
)
# the pages of a batch that have their first version; older pages that are lost
_ARRIVED = (
    f"{_CHOSEN} FROM json_each(?) j CROSS JOIN _page n ON n.page_id = j.value AND {_IS_PAGE.format('n')} "
    "CROSS JOIN _version v ON v.page_id = n.page_id AND v.current = 1 AND v.version = 1 "
    f"CROSS JOIN _version w ON w.version_id IN {_ALIKE.format('v')} AND w.page_id <> v.page_id "
    f"AND {_FIRST_SEEN.format('w')} < v.seen_from CROSS JOIN _page o ON o.page_id = w.page_id AND o.site_id = n.site_id AND {_IS_PAGE.format('o')} "
    f"AND {_IS_LOST.format('o')} AND w.version = {_NEWEST.format('o')} WHERE NOT EXISTS (SELECT 1 FROM _move m "
    "WHERE m.page_id = o.page_id AND m.until IS NULL) ORDER BY o.page_id, n.page_id"
)
# the pages of a batch that are lost; newer pages that are there
_LOST = (
    f"{_CHOSEN} FROM json_each(?) j CROSS JOIN _page o ON o.page_id = j.value AND {_IS_PAGE.format('o')} "
    f"CROSS JOIN _version w ON w.page_id = o.page_id AND w.current = 1 AND w.version = {_NEWEST.format('o')} "
    f"CROSS JOIN _version v ON v.version_id IN {_ALIKE.format('w')} AND v.version = 1 AND v.page_id <> w.page_id "
    "CROSS JOIN _page n ON n.page_id = v.page_id AND n.site_id = o.site_id AND n.state = 'live' "
    f"AND {_IS_PAGE.format('n')} AND NOT {_IS_MISSING.format('n')} WHERE v.seen_from > {_FIRST_SEEN.format('o')} AND NOT EXISTS (SELECT 1 FROM _move m WHERE m.page_id = o.page_id "
    "AND m.until IS NULL) ORDER BY o.page_id, v.content_id <> w.content_id, n.page_id"
)
_LATER_MISS = (
    "SELECT t.visit_id FROM _absence a JOIN _visit t ON t.page_id = a.page_id AND t.visited_at = a.first_miss "
    "WHERE a.page_id = ?1 AND a.back_by IS NULL AND a.first_miss > (SELECT visited_at FROM _visit WHERE visit_id = ?2)"
)
"""Selects the first miss of a page, if it is later than a visit: a history that is rebuilt finds the copy again first."""
_PUT = "INSERT INTO _move(page_id, to_page, to_url, how, visit_id) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
_REDIRECTED = (
    "INSERT OR REPLACE INTO _move(page_id, to_page, to_url, how, visit_id) SELECT p.page_id, q.page_id, ?2, 'redirect', ?4 "
    "FROM _page p LEFT JOIN _page q ON q.site_id = p.site_id AND q.key = ?3 WHERE p.page_id = ?1"
)
_TARGETED = (
    "UPDATE _move SET to_page = (SELECT q.page_id FROM _page p JOIN _page q ON q.site_id = p.site_id AND q.key = ?2 "
    "WHERE p.page_id = ?1) WHERE page_id = ?1 AND how = 'redirect' AND to_page IS NULL AND until IS NULL"
)
_END = "UPDATE _move SET until = ?2 WHERE page_id = ?1 AND until IS NULL"
_NEVER_STOOD = (
    "DELETE FROM _move WHERE page_id = ?1 AND until IS NULL "
    "AND visit_id IN (SELECT t.visit_id FROM _visit t WHERE t.visit_id = _move.visit_id AND t.visited_at >= ?2)"
)
"""A history that is rebuilt knows the later copies of a page. Those found after the page was back show no move."""


class MoveRows:
    """Stores where pages moved to."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def write(self, items: Sequence[HistoryUpdate]) -> None:
        """Write the moves that a batch of visits shows. Their histories are written."""
        ended = [(each.page_id, each.since) for each in items if each.ends_move or each.moved is not None]
        for sql in (_NEVER_STOOD, _END) if ended else ():
            self._connection.executemany(sql, ended)
        redirected: list[tuple[Value, ...]] = [
            (each.page_id, each.moved.url, each.moved.key, each.visit_id) for each in items if each.moved is not None
        ]
        if redirected:
            self._connection.executemany(_REDIRECTED, redirected)
        visits = {each.page_id: each for each in items}
        for sql, pages in ((_ARRIVED, filter(_is_arrived, items)), (_LOST, filter(_is_lost, items))):
            self._search(sql, [each.page_id for each in pages], visits)

    def find_targets(self, targets: Sequence[tuple[int, str]]) -> None:
        """Store the pages to which redirects lead, which may be new: (page that redirects, identity of the target)."""
        if targets:
            self._connection.executemany(_TARGETED, targets)

    def _search(self, sql: str, pages: list[int], visits: dict[int, HistoryUpdate]) -> None:
        moved: set[int] = set()
        for row in self._connection.rows(sql, (json.dumps(pages),)) if pages else ():
            how = None if row["old_page"] in moved else self._how(row)
            if how is not None:
                moved.add(row["old_page"])
                history = visits.get(row["new_page"]) or visits[row["old_page"]]
                visit = row["new_visit"] if row["new_from"] > history.at else history.visit_id
                shown_by = self._connection.value(_LATER_MISS, (row["old_page"], visit)) or visit
                self._connection.execute(_PUT, (row["old_page"], row["new_page"], row["new_url"], how, shown_by))

    def _how(self, row: Row) -> str | None:
        """Return how two pages show that one moved to the other; None when they do not."""
        if is_same_place(row["old_url"], row["new_url"]):
            return None
        old, new = row["old_content"], row["new_content"]
        if old != new:
            one, other = (self._body(content) for content in (old, new))
            is_alike = min(len(one), len(other)) >= _LEAST and is_nearly_same(one, other)
            return "near" if is_alike else None
        is_file = self._connection.value("SELECT file IS NOT NULL FROM _stored_content WHERE content_id = ?", (old,))
        if not is_file and len(self._body(old)) < _LEAST:
            return None
        shared = self._connection.value(
            "SELECT count(*) FROM (SELECT DISTINCT page_id FROM _version WHERE content_id = ? AND current = 1 LIMIT ?)",
            (old, _MOST_SAME + 1),
        )
        return "same_content" if shared <= _MOST_SAME else None

    def _body(self, content_id: int) -> str:
        return self._connection.value("SELECT body FROM _content WHERE content_id = ?", (content_id,)) or ""


def _is_arrived(history: HistoryUpdate) -> bool:
    return history.content is not None and history.decision is not None and history.decision.verdict is Verdict.FIRST


def _is_lost(history: HistoryUpdate) -> bool:
    """Return whether a page that was read before is missed for the first time, or redirected for now."""
    if history.before is None or history.moved is not None:
        return False
    is_first_miss = history.absence is not None and history.absence.absence_id is None
    return is_first_miss or (history.outcome is Outcome.MOVED and history.state == "moved")
