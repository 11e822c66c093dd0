"""Common parts of the views: recurring columns with their descriptions, joins, and the context of search hits."""

from collections.abc import Sequence
from dataclasses import dataclass

from archiver.model.outcome import Outcome
from archiver.model.record import ContentField
from archiver.store.content_columns import SEARCHED, VIEWED, held_text
from archiver.store.pages import EVIDENCE_ONLY, FORM, PART, REQUISITE

SITE_PAGE = "s.name AS site, p.page_id, p.url"
JOIN_PAGE = "JOIN _page p ON p.page_id = {0}.page_id JOIN _site s ON s.site_id = p.site_id"
_NO_PAGES = ", ".join(f"'{kind}'" for kind in (*EVIDENCE_ONLY, PART))
IS_PAGE = f"coalesce(p.kind, '') NOT IN ({_NO_PAGES})"
"""The condition of the pages that are shown as pages."""
LABEL = f"coalesce(p.label, CASE WHEN instr(p.key, '{FORM}') > 0 THEN 'form ' || substr(p.key, instr(p.key, '{FORM}') + {len(FORM)}) END)"
"""What tells a page from others of its address."""
CURRENT = "{0}.current = 1"
"""The condition of the versions that the views show: each page's newest reading."""
SHOWN_VERSION = (
    "CASE v.current WHEN 1 THEN v.version_id ELSE (SELECT x.version_id FROM _version x "
    "WHERE x.page_id = v.page_id AND x.version = v.version AND x.current = 1) END"
)
"""Selects the version that the views show in place of a replaced version."""
CHANGED = (
    "CASE WHEN h.{0}_content IS NULL THEN h.{0} ELSE "
    f"(SELECT {held_text('c', 'h.field')} FROM _content c WHERE c.content_id = h.{{0}}_content) END AS {{0}}"
)
"""The value of a change before (`old`) or after it (`new`)."""
SPANS_ABSENCE = "EXISTS (SELECT 1 FROM _absence a WHERE a.page_id = h.page_id AND a.gone_by > h.not_before AND a.gone_by <= h.not_after)"
"""Whether the page was gone within the bracket of a change."""
MOVED_MEANWHILE = (
    "EXISTS (SELECT 1 FROM _move m JOIN _visit y ON y.visit_id = m.visit_id WHERE m.page_id = a.page_id "
    "AND (m.until IS NULL OR m.until > a.gone_by) AND (a.back_by IS NULL OR y.visited_at < a.back_by) "
    "AND (m.how <> 'redirect' OR y.visited_at <= a.gone_by))"
)
"""Whether the absence a is that of a page whose content was at another address. A redirect that came later changes nothing."""
RETURNS = (
    "SELECT m.page_id, t.visited_at AS since, m.until FROM _move m JOIN _visit t ON t.visit_id = m.visit_id WHERE m.until IS NOT NULL "
    "AND NOT EXISTS (SELECT 1 FROM _move n JOIN _visit y ON y.visit_id = n.visit_id WHERE n.page_id = m.page_id AND y.visited_at = m.until)"
)
"""Selects the moves that ended because the page answers at its old address again."""
ENDED_BY = (
    "CASE WHEN v.seen_until IS NULL THEN 'standing' WHEN EXISTS (SELECT 1 FROM _version x WHERE x.page_id = v.page_id "
    "AND x.current = 1 AND x.version = v.version + 1 AND x.seen_from = v.seen_until) THEN 'edit' "
    f"WHEN EXISTS (SELECT 1 FROM _absence a WHERE a.page_id = v.page_id AND a.gone_by = v.seen_until AND NOT {MOVED_MEANWHILE}) "
    "THEN 'gone' "
    "ELSE 'moved' END"
)
"""What ended the version v."""
IS_NO_COPY = (
    "v.verdict <> 'reread' AND NOT EXISTS (SELECT 1 FROM _move m JOIN _visit x ON x.visit_id = m.visit_id WHERE m.to_page = v.page_id "
    "AND (m.how <> 'redirect' OR v.seen_from >= x.visited_at OR NOT EXISTS (SELECT 1 FROM _version o JOIN _visit l ON l.visit_id = o.last_visit "
    "WHERE o.page_id = m.page_id AND o.current = 1 AND o.seen_last <= x.visited_at "
    "AND (o.seen_last > v.seen_from OR (o.seen_last = v.seen_from AND l.run_id >= v.run_id)))))"
)
"""Whether the page of the first version v is new: no other page moved to it, and it is no file captured before files had versions.

A page to which another one redirects is not new if it was first seen after that one was last seen with content: a crawl may find
the new address in a listing before it visits the old one.
"""
IS_NO_MOVE = f"NOT {MOVED_MEANWHILE}"
"""Whether the page of the absence a was gone, and did not move."""
VERSION_COLUMNS = (
    "v.version_id, v.version, v.seen_from, v.seen_last, v.seen_until, "
    f"{', '.join(f'c.{name}' for name in VIEWED)}, c.extra, c.content_id"
)
ITEM_FROM = (
    f"FROM _version v {JOIN_PAGE.format('v')} JOIN _item i ON i.content_id = v.content_id AND {CURRENT.format('v')}"
)


def proved_at(evidence: str, gone_by: str) -> str:
    """Select when a page was proven gone: by the second miss, or by one 410. `gone_by` is the first miss."""
    proof = f"substr({evidence}, instr({evidence}, '; ') + 2)"
    return (
        f"coalesce(CASE WHEN instr({evidence}, '; ') > 0 AND {evidence} NOT LIKE '410 %' "
        f"THEN datetime(substr({proof}, instr({proof}, ' at ') + 4, 19)) END, {gone_by})"
    )


EVERY = {
    "site": "the site's name, as on the command line",
    "page_id": "the page, by whichever address it was requested",
    "url": "the page's address",
}
VERSION_DOC = {
    "version_id": "identity of the version in this archive",
    "version": "1, 2, … within the page",
    "seen_from": "first visit that saw this content (UTC)",
    "seen_last": "last visit that saw this content (UTC)",
    "seen_until": "first visit that showed something else (UTC); NULL while it is current",
    **VIEWED,
    "extra": "JSON object of the profile's own fields",
    "content_id": "the same for equal contents: compare versions by it",
}


@dataclass(frozen=True, slots=True)
class View:
    """One view: its SQL, its description, and the descriptions of its columns."""

    name: str
    meaning: str
    sql: str
    columns: dict[str, str]


def one_of(outcomes: Sequence[Outcome]) -> str:
    """Return outcomes as words for a description: `ok, moved or gone`."""
    return f"{', '.join(outcomes[:-1])} or {outcomes[-1]}"


def items(field: ContentField) -> View:
    """Return a view with a row for each item of a list field."""
    column, meaning = field.item or ("text", field.meaning)
    sql = f"SELECT {SITE_PAGE}, v.version_id, i.position, i.text AS {column} {ITEM_FROM} AND i.field = '{field.name}'"
    doc = {**EVERY, "version_id": "the version that has it", "position": "1, 2, … in the page", column: meaning}
    return View(field.name, f"one row for each of a version's {field.name}", sql, doc)


FOUND_CONTEXT = "snippet(_words, -1, '[', ']', ' … ', 14)"
_PLAIN_COLUMNS = tuple(each.name for each in SEARCHED)
# The plain index stores d for đ, and so does its snippet. The snippet is located in the original text letter by letter,
# and the marks, char(2) and char(3), are inserted at the same places.
PLAIN_CONTEXT = (
    "(WITH RECURSIVE hit(marked, bare) AS (SELECT m, replace(replace(m, char(2), ''), char(3), '') "
    "FROM (SELECT snippet(_words_plain, -1, char(2), char(3), '', 14) AS m)), "
    "place(marked, size, real, at) AS ("
    + " UNION ALL ".join(
        f"SELECT marked, length(bare), c.{name}, instr(replace(replace(c.{name}, 'đ', 'd'), 'Đ', 'D'), bare) FROM hit"
        for name in _PLAIN_COLUMNS
    )
    + "), step(done, marked, real, mark, head, tail) AS (SELECT * FROM (SELECT '', marked, substr(real, at, size), 2, at > 1, "
    "at + size <= length(real) FROM place WHERE at > 0 LIMIT 1) UNION ALL "
    "SELECT done || substr(real, 1, instr(marked, char(mark)) - 1) || CASE mark WHEN 2 THEN '[' ELSE ']' END, "
    "substr(marked, instr(marked, char(mark)) + 1), substr(real, instr(marked, char(mark))), 5 - mark, head, tail "
    "FROM step WHERE instr(marked, char(mark)) > 0) "
    "SELECT CASE WHEN head THEN ' … ' ELSE '' END || done || real || CASE WHEN tail THEN ' … ' ELSE '' END FROM step "
    "WHERE instr(marked, char(mark)) = 0)"
)


PAGE_STATE = (
    "CASE WHEN EXISTS (SELECT 1 FROM _move m WHERE m.page_id = p.page_id AND m.until IS NULL) THEN 'moved' "
    "WHEN p.state IN ('live', 'unknown') AND EXISTS (SELECT 1 FROM _absence a WHERE a.page_id = p.page_id "
    "AND a.gone_by IS NULL AND a.back_by IS NULL) THEN 'missing' ELSE p.state END"
)
"""The state of the page p. A first miss is an absence that is not proven yet."""


def found(name: str, table: str, context: str, meaning: str) -> View:
    """Return a view over a full-text index, joined with the versions of each content."""
    sql = (
        f"SELECT f.{table} AS words, {SITE_PAGE}, c.title, {context} AS context, "
        f"v.seen_from, v.seen_last, v.seen_until, v.version_id, f.rowid AS content_id FROM {table} f "
        f"CROSS JOIN _version v ON v.content_id = f.rowid AND v.current = 1 "
        f"JOIN _content c ON c.content_id = f.rowid {JOIN_PAGE.format('v')}"
    )
    doc = {
        "words": "search with WHERE words MATCH '…' (FTS5 query syntax)",
        **EVERY,
        "title": "title of that version",
        "context": "the text around the hit, hits in [ ]",
        **{name: VERSION_DOC[name] for name in ("seen_from", "seen_last", "seen_until", "version_id")},
        "content_id": "rises as contents are recorded: ORDER BY content_id DESC is newest first, at once, at any size",
    }
    return View(name, meaning, sql, doc)


REQUISITES = View(
    "requisites",
    "what browsers need to show pages: images, style sheets, fonts, icons, scripts; with the newest capture of each",
    f"SELECT {SITE_PAGE}, p.first_seen, p.last_visited, p.state, t.visit_id, t.media_type, t.bytes, lower(hex(t.sha256)) AS sha256 "
    "FROM _page p JOIN _site s ON s.site_id = p.site_id LEFT JOIN _visit t ON t.visit_id = (SELECT max(o.visit_id) FROM _visit o "
    f"WHERE o.page_id = p.page_id AND coalesce(o.read_outcome, o.outcome) = 'ok') WHERE p.kind = '{REQUISITE}'",
    {
        **EVERY,
        "page_id": "the requisite",
        "url": "its address",
        "first_seen": "when a page or a style sheet first named it (UTC)",
        "last_visited": "last attempt to fetch it (UTC); NULL before the first",
        "state": "live, gone, moved, blocked or unknown",
        "visit_id": "the visit that captured it; NULL if none did",
        "media_type": "as declared",
        "bytes": "of the body",
        "sha256": "of the body, hex",
    },
)
