"""The public views, with a description of each view and column.

DuckDB's SQLite scanner can parse the SQL (except `found` and `found_plain`, which need FTS5).
Each page is shown by its newest reading; earlier readings stay in `reinterpretations`.
"""

from archiver.model.outcome import Outcome, having
from archiver.store.content_columns import ITEM_FIELDS
from archiver.store.pages import REQUISITE
from archiver.store.schema import BLIND
from archiver.store.source_rows import JOIN_ORIGIN, ORIGIN
from archiver.store.view_sql import (
    CHANGED,
    CURRENT,
    EVERY,
    FOUND_CONTEXT,
    IS_PAGE,
    ITEM_FROM,
    JOIN_PAGE,
    PAGE_STATE,
    PLAIN_CONTEXT,
    REQUISITES,
    SHOWN_VERSION,
    SITE_PAGE,
    VERSION_COLUMNS,
    VERSION_DOC,
    View,
    found,
    items,
    one_of,
)

_SHOWN = (
    "version_id", "version", "published", "title", "section", "summary", "body", "captions", "bylines", "content_id",
)  # fmt: skip
_FOR_EVER = "9999-12-31 23:59:59"


VIEWS: tuple[View, ...] = (
    View(
        "sites",
        "the portals of this archive",
        "SELECT s.name AS site, s.name, s.title, s.home, s.language, s.timezone, "
        f"(SELECT count(*) FROM _page p WHERE p.site_id = s.site_id AND {IS_PAGE}) AS pages, "
        "(SELECT max(r.started_at) FROM _run r WHERE r.site_id = s.site_id) AS last_run FROM _site s",
        {
            "site": EVERY["site"],
            "name": "the same",
            "title": "the portal's title",
            "home": "its address",
            "language": "BCP 47; picks month names and number marks; empty when the profile names none",
            "timezone": "IANA; for dates printed without offset",
            "pages": "number of known pages",
            "last_run": "when a command last visited it (UTC)",
        },
    ),
    View(
        "pages",
        "every known page with its current version",
        f"SELECT {SITE_PAGE}, {VERSION_COLUMNS}, p.first_seen, p.last_visited, {PAGE_STATE} AS state, p.views, p.kind "
        "FROM _page p JOIN _site s ON s.site_id = p.site_id "
        "LEFT JOIN _version v ON v.page_id = p.page_id AND v.current = 1 AND v.version = "
        "(SELECT max(x.version) FROM _version x WHERE x.page_id = p.page_id AND x.current = 1) "
        f"LEFT JOIN _content c ON c.content_id = v.content_id WHERE {IS_PAGE}",
        {
            **EVERY,
            **VERSION_DOC,
            "first_seen": "when its address was first found (UTC)",
            "last_visited": "last attempt to fetch it (UTC)",
            "state": "live, missing (a first miss, no second one yet), gone, moved, blocked or unknown",
            "views": "the newest reading called views",
            "kind": "its kind by the profile: listing, article, file",
        },
    ),
    View(
        "versions",
        "spans of time over which a page's content was the same",
        f"SELECT {SITE_PAGE}, {VERSION_COLUMNS} FROM _version v "
        f"JOIN _content c ON c.content_id = v.content_id {JOIN_PAGE.format('v')} WHERE {CURRENT.format('v')}",
        {**EVERY, **VERSION_DOC},
    ),
    View(
        "timeline",
        "what there was at a moment, spans that showed a content and spans that were gone: WHERE since <= :moment AND :moment < until",
        f"SELECT {SITE_PAGE}, 'shown' AS state, v.seen_from AS since, coalesce(v.seen_until, '{_FOR_EVER}') AS until, v.seen_last, "
        "v.version_id, v.version, c.published, c.title, c.section, c.summary, c.body, c.captions, c.bylines, c.content_id, "
        f"NULL AS evidence FROM _version v JOIN _content c ON c.content_id = v.content_id "
        f"{JOIN_PAGE.format('v')} WHERE {CURRENT.format('v')} UNION ALL "
        f"SELECT {SITE_PAGE}, 'gone', a.gone_by, coalesce(a.back_by, '{_FOR_EVER}'), a.last_miss, {', '.join(['NULL'] * 10)}, "
        f"a.evidence FROM _absence a {JOIN_PAGE.format('a')} WHERE a.gone_by IS NOT NULL",
        {
            **EVERY,
            "state": "shown or gone",
            "since": "first visit that found it so (UTC)",
            "until": f"first visit that showed something else (UTC); {_FOR_EVER} while it is current",
            "seen_last": "last visit that found it so (UTC); there is no visit between it and `until`",
            **{name: VERSION_DOC[name] for name in _SHOWN},
            "evidence": "for an absence: the proof",
        },
    ),
    View(
        "changes",
        "one row for each field that differs between two successive versions",
        f"SELECT {SITE_PAGE}, h.change_id, {SHOWN_VERSION} AS version_id, h.field, {CHANGED.format('old')}, "
        f"{CHANGED.format('new')}, h.not_before, h.not_after, "
        f"h.chars_added, h.chars_removed FROM _change h JOIN _version v ON v.version_id = h.version_id AND v.current > 0 "
        f"{JOIN_PAGE.format('h')}",
        {
            **EVERY,
            "change_id": "identity of the change",
            "version_id": "the first version with the new value",
            "field": "title, body, captions, …; extra.NAME for the profile's own",
            "old": "value before; lists are JSON arrays",
            "new": "value after",
            "not_before": "last visit that saw the old value (UTC): the edit came later",
            "not_after": "first visit that saw the new value (UTC): the edit came before",
            "chars_added": "characters the edit added, by word-level difference",
            "chars_removed": "characters it removed",
        },
    ),
    View(
        "readings",
        "counters: what they showed at each visit",
        f"SELECT {SITE_PAGE}, n.name, t.visited_at AS read_at, r.value, r.gained, r.visit_id FROM _reading r "
        f"JOIN _reading_name n ON n.name_id = r.name_id JOIN _visit t ON t.visit_id = r.visit_id {JOIN_PAGE.format('t')}",
        {
            **EVERY,
            "name": "views, site_visits, …",
            "read_at": "the visit (UTC)",
            "value": "the number shown",
            "gained": "difference to the previous reading; negative = a reset; NULL for the first",
            "visit_id": "the visit it was read at",
        },
    ),
    View(
        "visits",
        "every attempt to fetch a page, including failures",
        f"SELECT {SITE_PAGE}, t.visit_id, t.run_id, t.visited_at, t.status, coalesce(t.read_outcome, t.outcome) AS outcome, "
        "coalesce(t.location, t.asked, p.url) AS final_url, t.media_type, t.bytes, lower(hex(t.sha256)) AS sha256, "
        f"t.milliseconds, coalesce(t.read_note, t.note) AS note, t.cause, w.reason, w.code AS reason_code "
        f"FROM _visit t {JOIN_PAGE.format('t')} LEFT JOIN _reason w ON w.reason_id = t.reason_id",
        {
            **EVERY,
            "visit_id": "identity of the visit; rises with time of recording",
            "run_id": "the command that made it",
            "visited_at": "when it began (UTC)",
            "status": "HTTP status; NULL when the server did not answer",
            "outcome": one_of(list(Outcome)),
            "final_url": "the requested address, or the target of the redirect",
            "media_type": "as declared",
            "bytes": "of the body",
            "sha256": "of the body, hex; NULL or empty without an answer",
            "milliseconds": "duration of the whole visit",
            "note": "a remark, as text",
            "cause": "why it ended so, as a code, if the outcome does not show it; see the reference of outcomes",
            "reason": "why it was made, as text",
            "reason_code": "the same as a code; NULL for visits recorded before codes were introduced",
        },
    ),
    View(
        "imported",
        "visits that were imported from WARC files, with the file, the position and the record",
        f"SELECT {SITE_PAGE}, i.visit_id, t.run_id, t.visited_at, f.name AS file, i.place, i.record_id, f.software FROM _imported i "
        f"JOIN _warc f ON f.file_id = i.file_id JOIN _visit t ON t.visit_id = i.visit_id {JOIN_PAGE.format('t')}",
        {
            **EVERY,
            "visit_id": "the visit",
            "run_id": "the run of the import",
            "visited_at": "when it was made (UTC), as the file says",
            "file": "the file as named on the command line; PACKAGE/MEMBER for a file in a WACZ package",
            "place": "offset in the file, in bytes, of the record or of the gzip member that holds it",
            "record_id": "WARC-Record-ID; empty for ARC files",
            "software": "the software that wrote the file, by its own record",
        },
    ),
    View(
        "blind",
        "visits that got no page because of the server, the network or the archiver; changes at that time are unknown",
        f"SELECT {SITE_PAGE}, t.visit_id, t.run_id, t.visited_at, t.status, coalesce(t.read_outcome, t.outcome) AS outcome, "
        "coalesce(t.read_note, t.note) AS note FROM _visit t CROSS JOIN _page p CROSS JOIN _site s "
        f"WHERE p.page_id = t.page_id AND s.site_id = p.site_id AND coalesce(p.kind, '') <> '{REQUISITE}' AND {BLIND.format('t.')}",
        {
            **EVERY,
            "visit_id": "identity of the visit",
            "run_id": "the command that made it",
            "visited_at": "when (UTC)",
            "status": "HTTP status; NULL when the server did not answer",
            "outcome": one_of(having(lambda each: each.is_blind)),
            "note": "a remark, as text",
        },
    ),
    View(
        "absences",
        "spans over which a page was proven gone",
        f"SELECT {SITE_PAGE}, a.last_seen, a.gone_by, a.last_miss, a.back_by, a.misses, a.evidence FROM _absence a "
        f"{JOIN_PAGE.format('a')} WHERE a.gone_by IS NOT NULL",
        {
            **EVERY,
            "last_seen": "last visit that saw the page (UTC); NULL if it was never seen",
            "gone_by": "first visit that found it gone (UTC)",
            "last_miss": "last visit that found it gone (UTC)",
            "back_by": "first visit that found it again (UTC); NULL while it is gone",
            "misses": "number of visits that found it gone",
            "evidence": "the proof: the first miss, the one that proved the absence, and the newest",
        },
    ),
    *map(items, ITEM_FIELDS),
    View(
        "files",
        "one row for each file a version links to, and the newest capture of it",
        f"SELECT {SITE_PAGE}, v.version_id, i.position, i.text AS name, i.url AS file_url, t.media_type, "
        f"lower(hex(t.sha256)) AS sha256, t.visit_id {ITEM_FROM} AND i.field = 'files' "
        f"LEFT JOIN _page q ON q.site_id = p.site_id AND q.url = i.url AND coalesce(q.kind, '') <> '{REQUISITE}' LEFT JOIN _visit t ON t.visit_id = (SELECT max(o.visit_id) "
        "FROM _visit o WHERE o.page_id = q.page_id AND coalesce(o.read_outcome, o.outcome) = 'ok')",
        {
            **EVERY,
            "version_id": "the version that has it",
            "position": "1, 2, … in the page",
            "name": "the link's text",
            "file_url": "the file's address",
            "media_type": "as declared when it was captured; NULL if it was not",
            "sha256": "of the file, hex",
            "visit_id": "the visit that captured it",
        },
    ),
    View(
        "links",
        "links of contents and of listings, with the time in which they were seen. Links of menus, sidebars, headers and footers "
        "are not stored: the captures hold them",
        f"SELECT {SITE_PAGE}, p.url AS from_url, k.to_url, k.text, a.visited_at AS seen_from, z.visited_at AS seen_last "
        f"FROM _link l JOIN _target k ON k.target_id = l.target_id {JOIN_PAGE.format('l')} "
        "JOIN _visit a ON a.visit_id = l.first_visit LEFT JOIN _visit z ON z.visit_id = coalesce(l.last_visit, p.links_visit)",
        {
            **EVERY,
            "from_url": "the page that holds the link: in the nodes of its content or, in a listing, in those that `follow` selects",
            "to_url": "where it points",
            "text": "its text",
            "seen_from": "first visit that saw it (UTC)",
            "seen_last": "last visit that saw it (UTC)",
        },
    ),
    View(
        "sources",
        "the source of each value",
        f"SELECT {SITE_PAGE}, o.version_id, o.field, {ORIGIN}, e.profile_sha256, e.code_version, "
        "v.recorded_at FROM _source o JOIN _version v ON v.version_id = o.version_id "
        f"{JOIN_ORIGIN} "
        f"JOIN _extractor e ON e.extractor_id = v.extractor_id {JOIN_PAGE.format('v')}",
        {
            **EVERY,
            "version_id": "the version",
            "field": "the field",
            "rule": "the rule that gave the value, or fallback:…",
            "rank": "1 = the profile's first rule for the field; 0 = a fallback",
            "raw": "the text in the page, at most 500 characters",
            "node_path": "where in the page",
            "profile_sha256": "the profile",
            "code_version": "the reader",
            "recorded_at": "when it was read (UTC)",
        },
    ),
    View(
        "reinterpretations",
        "values that another profile or reader reads differently; never a change of the site",
        f"SELECT {SITE_PAGE}, x.seen_from, x.field, x.was, x.now, "
        "substr(a.profile_sha256, 1, 12) || ' ' || a.code_version AS was_by, "
        "substr(b.profile_sha256, 1, 12) || ' ' || b.code_version AS now_by "
        "FROM _reinterpretation x JOIN _extractor a ON a.extractor_id = x.was_by JOIN _extractor b ON b.extractor_id = x.now_by "
        f"{JOIN_PAGE.format('x')}",
        {
            **EVERY,
            "seen_from": "start of the span (UTC)",
            "field": "the field",
            "was": "the value by the old reader",
            "now": "the value by the new reader",
            "was_by": "old profile and reader",
            "now_by": "new profile and reader",
        },
    ),
    REQUISITES,
    found("found", "_words", FOUND_CONTEXT, "full text over every version, exact accents"),
    found("found_plain", "_words_plain", PLAIN_CONTEXT, "full text without accents; type d for đ"),
    View(
        "runs",
        "every command that visited or read",
        "SELECT s.name AS site, r.run_id, r.kind, r.started_at, r.finished_at, r.visits, r.new_pages, r.new_versions, r.changed, "
        "r.gone, r.back, r.errors, r.refused, r.ended, r.unread, r.cause FROM _run r LEFT JOIN _site s ON s.site_id = r.site_id",
        {
            "site": EVERY["site"],
            "run_id": "identity of the run",
            "kind": "capture, crawl, extract or import",
            "started_at": "UTC",
            "finished_at": "UTC; NULL while it runs, or when it was killed",
            "visits": "number of visits",
            "new_pages": "pages read for the first time",
            "new_versions": "versions written, including first versions",
            "changed": "pages whose content differs from the version before",
            "gone": "pages proven gone",
            "back": "pages that came back",
            "errors": "visits that failed",
            "refused": "visits that robots.txt forbade",
            "ended": "done, limit, interrupted, stopped (pages were left undone) or failed",
            "unread": "captures that the reader could not read; they are kept and read again by a newer version",
            "cause": "why it stopped; NULL otherwise",
        },
    ),
)


def view_statements() -> list[str]:
    """Return the statements that create all views, and the index with the condition of the view `blind`."""
    statements = []
    for view in VIEWS:
        statements += [f"DROP VIEW IF EXISTS {view.name}", f"CREATE VIEW {view.name} AS {view.sql}"]
    statements += [
        "DROP INDEX IF EXISTS _visit_blind",
        f"CREATE INDEX _visit_blind ON _visit(visited_at) WHERE {BLIND.format('')}",
    ]
    statements.append("DELETE FROM _doc")
    return statements


def view_docs() -> list[tuple[str, str, str]]:
    """Return the rows of `_doc`: (view, column or '' for the view itself, description)."""
    rows = []
    for view in VIEWS:
        rows.append((view.name, "", view.meaning))
        rows.extend((view.name, column, meaning) for column, meaning in view.columns.items())
    return rows
