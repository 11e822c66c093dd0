"""What rows that are derived from visits cannot be: each rule finds them, and says how `repair` removes them.

The archive derives them again from the captures, so removing a row that contradicts others loses nothing. A rule is
certain: no row that the archiver writes breaks it.
"""

from typing import NamedTuple

from archiver.store.research_schema import COUNTED


class DerivedRule(NamedTuple):
    """A rule for the rows of one table.

    Attributes:
        faults: selects `key`, `visit_id` and `what` of rows that break it.
        remedy: statements that remove the rows with the keys in ?1, a JSON list.
        again: what is said of sites whose rows must be derived again; "" when the remedy is complete.
        is_deep: whether the rule reads much, so that only `verify --deep` and `repair` apply it.
    """

    table: str
    faults: str
    remedy: tuple[str, ...]
    again: str
    is_deep: bool = False


EXTRACT = "were deleted; `archiver extract --site {site}` derives them again"
REGROUPED = "were undone; the next crawl of {site} looks for redesigns again"
_KEYS = "(SELECT value FROM json_each(?1))"
_NO_LISTING = (
    f"DELETE FROM _placed WHERE page_id IN {_KEYS}",
    f"DELETE FROM _edition WHERE page_id IN {_KEYS}",
    f"DELETE FROM _rotation WHERE page_id IN {_KEYS}",
    f"UPDATE _page SET links_digest = '' WHERE page_id IN {_KEYS} AND links_digest IS NOT NULL",
)
"""The next visit of a listing then stores its first edition, as after a migration."""
_UNGROUPED = (
    f"INSERT OR REPLACE INTO _ungrouped(change_id, is_new) SELECT change_id, 1 FROM _change WHERE {{0}} IN {_KEYS}",
    f"UPDATE _change SET redesign_id = NULL, nature = NULL, context = NULL WHERE {{0}} IN {_KEYS}",
)
"""The next opening describes the changes again, and the next crawl groups them."""

_HAS_ITEMS = (
    "EXISTS (SELECT 1 FROM _placed l WHERE l.page_id = {0}.page_id AND l.volume = {0}.volume AND l.first <= {0}.number "
    "AND coalesce(l.last, {0}.number) >= {0}.number)"
)
_IS_REDACTED = (
    "({0}.first_visit IN (SELECT visit_id FROM _redacted) OR b.first_visit IN (SELECT visit_id FROM _redacted))"
)
"""Whether the edition e or the one before it may lack items that were redacted."""
_EDITION_FAULT = (
    "CASE WHEN a.page_id IS NOT e.page_id OR (e.last_visit IS NOT NULL AND z.page_id IS NOT e.page_id) "
    "THEN 'rests on visits of another page' "
    "WHEN e.number > 1 AND b.number IS NULL THEN 'has lost the edition before it' "
    "WHEN e.last_visit IS NULL AND n.number IS NOT NULL THEN 'has no last visit, and another one follows' "
    "WHEN e.volume > e.number OR (e.volume < e.number AND b.volume <> e.volume) THEN 'is in a wrong volume' "
    f"WHEN {_IS_REDACTED.format('e')} THEN NULL "
    "WHEN e.volume < e.number AND NOT EXISTS (SELECT 1 FROM _placed l WHERE l.page_id = e.page_id AND l.volume = e.volume "
    "AND (l.first = e.number OR l.last = e.number - 1)) THEN 'shows the same as the one before it' "
    f"WHEN e.number > 1 AND NOT {_HAS_ITEMS.format('e')} AND NOT {_HAS_ITEMS.format('b')} "
    "THEN 'shows the same as the one before it' END"
)
_EDITIONS = (
    "SELECT key, visit_id, 'edition ' || number || ' of page ' || key || ' ' || fault AS what FROM ("
    f"SELECT e.page_id AS key, e.number, e.first_visit AS visit_id, {_EDITION_FAULT} AS fault FROM _edition e "
    "LEFT JOIN _visit a ON a.visit_id = e.first_visit LEFT JOIN _visit z ON z.visit_id = e.last_visit "
    "LEFT JOIN _edition b ON b.page_id = e.page_id AND b.number = e.number - 1 "
    "LEFT JOIN _edition n ON n.page_id = e.page_id AND n.number = e.number + 1) WHERE fault IS NOT NULL"
)
_PLACED = (
    "SELECT l.page_id AS key, NULL AS visit_id, "
    "count(*) || ' items of editions of page ' || l.page_id || ' have lost their edition or their address' AS what "
    "FROM _placed l LEFT JOIN _edition e ON e.page_id = l.page_id AND e.number = l.first AND e.volume = l.volume "
    "LEFT JOIN _target k ON k.target_id = l.target_id WHERE e.number IS NULL OR k.target_id IS NULL GROUP BY l.page_id"
)
_CLAIMS = (
    "SELECT m.page_id AS key, m.visit_id, 'a claim of page ' || m.page_id || ' rests on a visit of another page or time' AS what "
    "FROM _modified m LEFT JOIN _visit t ON t.visit_id = m.visit_id "
    "WHERE t.page_id IS NOT m.page_id OR t.visited_at IS NOT m.seen_from"
)
_MOVES = (
    "SELECT m.page_id AS key, m.visit_id, 'the move of page ' || m.page_id || "
    "CASE WHEN t.page_id IS NULL OR t.page_id NOT IN (m.page_id, coalesce(m.to_page, m.page_id)) "
    "THEN ' rests on a visit of another page' ELSE ' leads to another address than its page or its redirect' END AS what "
    "FROM _move m LEFT JOIN _visit t ON t.visit_id = m.visit_id LEFT JOIN _page q ON q.page_id = m.to_page "
    "WHERE t.page_id IS NULL OR t.page_id NOT IN (m.page_id, coalesce(m.to_page, m.page_id)) "
    "OR CASE m.how WHEN 'redirect' THEN t.location ELSE q.url END IS NOT m.to_url OR (m.until IS NOT NULL AND "
    "(m.until <= t.visited_at OR NOT EXISTS (SELECT 1 FROM _visit x WHERE x.page_id = m.page_id AND x.visited_at = m.until))) "
    "OR (m.until IS NULL AND EXISTS (SELECT 1 FROM _version v WHERE v.page_id = m.page_id AND v.current = 1 AND v.seen_last > t.visited_at))"
)
_SOURCES = (
    "SELECT o.page_id AS key, o.visit_id, 'a source of counters of page ' || o.page_id || "
    "' rests on a visit of another page, or has lost its rule or its form' AS what FROM _reading_source o "
    "LEFT JOIN _visit t ON t.visit_id = o.visit_id LEFT JOIN _origin g ON g.origin_id = o.origin_id "
    "LEFT JOIN _form m ON m.form_id = o.form_id LEFT JOIN _reading_name n ON n.name_id = o.name_id "
    "WHERE t.page_id IS NOT o.page_id OR g.origin_id IS NULL OR m.form_id IS NULL OR n.name_id IS NULL"
)
_LOST_REDESIGNS = (
    "SELECT h.change_id AS key, NULL AS visit_id, 'change ' || h.change_id || ' has lost its redesign' AS what FROM _change h "
    "WHERE h.redesign_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM _redesign d WHERE d.redesign_id = h.redesign_id)"
)
_EMPTY_REDESIGNS = (
    "SELECT d.redesign_id AS key, NULL AS visit_id, 'redesign ' || d.redesign_id || ' does not say what it changes' AS what "
    "FROM _redesign d WHERE NOT EXISTS (SELECT 1 FROM _redesign_part q WHERE q.redesign_id = d.redesign_id)"
)
_PARTS = (
    "SELECT DISTINCT q.redesign_id AS key, NULL AS visit_id, 'redesign ' || q.redesign_id || ' is lost, and its parts are not' AS what "
    "FROM _redesign_part q WHERE NOT EXISTS (SELECT 1 FROM _redesign d WHERE d.redesign_id = q.redesign_id)"
)
_WORDS = (
    "SELECT o.content_id AS key, NULL AS visit_id, 'content ' || o.content_id || ' has another number of words' AS what "
    "FROM _content_words o LEFT JOIN _content c ON c.content_id = o.content_id "
    f"WHERE c.content_id IS NULL OR c.body IS NULL OR o.words <> {COUNTED}"
)
_HEALTH = (
    "SELECT DISTINCT k.run_id AS key, NULL AS visit_id, 'the health of run ' || k.run_id || ' is impossible' AS what FROM ("
    "SELECT run_id, found NOT BETWEEN 0 AND read OR before_found NOT BETWEEN 0 AND before_read AS is_wrong FROM _health "
    "UNION ALL SELECT run_id, 0 FROM _alarm) k LEFT JOIN _run r ON r.run_id = k.run_id WHERE k.is_wrong OR r.has_health IS NOT 1"
)

RULES = (
    DerivedRule("_edition", _EDITIONS, _NO_LISTING, EXTRACT),
    DerivedRule("_placed", _PLACED, _NO_LISTING, EXTRACT),
    DerivedRule("_modified", _CLAIMS, (f"DELETE FROM _modified WHERE page_id IN {_KEYS}",), EXTRACT),
    DerivedRule("_move", _MOVES, (f"DELETE FROM _move WHERE page_id IN {_KEYS}",), EXTRACT),
    DerivedRule("_reading_source", _SOURCES, (f"DELETE FROM _reading_source WHERE page_id IN {_KEYS}",), EXTRACT),
    DerivedRule("_change", _LOST_REDESIGNS, tuple(sql.format("change_id") for sql in _UNGROUPED), REGROUPED),
    DerivedRule(
        "_redesign",
        _EMPTY_REDESIGNS,
        (
            *(sql.format("redesign_id") for sql in _UNGROUPED),
            f"DELETE FROM _redesign WHERE redesign_id IN {_KEYS}",
        ),
        REGROUPED,
    ),
    DerivedRule("_redesign_part", _PARTS, (f"DELETE FROM _redesign_part WHERE redesign_id IN {_KEYS}",), ""),
    DerivedRule(
        "_content_words",
        _WORDS,
        (
            f"DELETE FROM _content_words WHERE content_id IN {_KEYS}",
            (
                f"INSERT INTO _content_words SELECT c.content_id, {COUNTED} FROM _content c "
                f"WHERE c.content_id IN {_KEYS} AND c.body IS NOT NULL"
            ),
        ),
        "",
        is_deep=True,
    ),
    DerivedRule(
        "_health",
        _HEALTH,
        (
            f"DELETE FROM _health WHERE run_id IN {_KEYS}",
            f"DELETE FROM _alarm WHERE run_id IN {_KEYS}",
            f"UPDATE _run SET has_health = 0 WHERE run_id IN {_KEYS}",
        ),
        "",
    ),
)
