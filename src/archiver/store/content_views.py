"""The views of what versions hold: lists, files, links, sources and reinterpretations."""

from archiver.model.record import LIST_FIELDS
from archiver.store.content_columns import ITEM_FIELDS
from archiver.store.pages import REQUISITE
from archiver.store.source_rows import IS_ITEM, JOIN_ORIGIN, ORIGIN
from archiver.store.view_sql import EVERY, ITEM_FROM, JOIN_PAGE, SITE_PAGE, View, items

_FIELD = "CASE WHEN instr(o.field, '[') > 0 THEN substr(o.field, 1, instr(o.field, '[') - 1) ELSE o.field END"
_POSITION = (
    "CASE WHEN instr(o.field, '[') > 0 THEN CAST(substr(o.field, instr(o.field, '[') + 1, "
    "length(o.field) - instr(o.field, '[') - 1) AS INTEGER) ELSE 1 END"
)
_LISTS = ", ".join(f"'{name}'" for name in LIST_FIELDS)

CONTENT_VIEWS: tuple[View, ...] = (
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
        "are not stored, nor are those of blocks that show a random choice of old pages at each visit; they are in the captured pages",
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
        "v.recorded_at, CASE v.rendered WHEN 1 THEN 'dom' ELSE 'body' END AS read_from FROM _source o JOIN _version v ON v.version_id = o.version_id "
        f"{JOIN_ORIGIN} "
        f"JOIN _extractor e ON e.extractor_id = v.extractor_id {JOIN_PAGE.format('v')} WHERE NOT {IS_ITEM}",
        {
            **EVERY,
            "version_id": "the version",
            "field": "the field; of a list, its first item: see `item_sources`",
            "rule": "the rule that gave the value, or fallback:…",
            "rank": "1 = the profile's first rule for the field; 0 = a fallback",
            "raw": "the text in the page, at most 500 characters",
            "node_path": "where in the page",
            "profile_sha256": "the profile",
            "code_version": "the reader",
            "recorded_at": "when it was read (UTC)",
            "read_from": "body: the bytes that the server sent; dom: the document that a browser made of them, see `renditions`",
        },
    ),
    View(
        "item_sources",
        "the source of each item of the lists: captions, bylines, tags, images, files; at most 100 of a list",
        f"SELECT {SITE_PAGE}, o.version_id, {_FIELD} AS field, {_POSITION} AS position, {ORIGIN} "
        f"FROM _source o JOIN _version v ON v.version_id = o.version_id {JOIN_ORIGIN} {JOIN_PAGE.format('v')} "
        f"WHERE {IS_ITEM} OR o.field IN ({_LISTS})",
        {
            **EVERY,
            "version_id": "the version",
            "field": "the list",
            "position": "1, 2, … in the list",
            "rule": "the rule that gave the item, or fallback:…",
            "rank": "1 = the profile's first rule for the field; 0 = a fallback",
            "raw": "the text in the page, at most 500 characters; empty when it is the item itself",
            "node_path": "where in the page",
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
)
