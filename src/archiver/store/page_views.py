"""The views of pages and their histories: sites, pages, versions, timeline and changes."""

from archiver.store.redaction_views import VERSION_DOC as REDACTED_DOC
from archiver.store.redaction_views import VERSION_REDACTED
from archiver.store.research_schema import WORDS
from archiver.store.view_sql import (
    CHANGED,
    CURRENT,
    ENDED_BY,
    EVERY,
    IS_PAGE,
    JOIN_PAGE,
    LABEL,
    PAGE_STATE,
    SHOWN_VERSION,
    SITE_PAGE,
    SPANS_ABSENCE,
    VERSION_COLUMNS,
    VERSION_DOC,
    View,
)

_SHOWN = (
    "version_id", "version", "published", "title", "section", "summary", "body", "captions", "bylines", "content_id",
)  # fmt: skip
_NAMED = VERSION_COLUMNS.replace("c.title", "coalesce(c.title, p.title) AS title")
_FOR_EVER = "9999-12-31 23:59:59"

HISTORY_VIEWS: tuple[View, ...] = (
    View(
        "sites",
        "the portals of this archive",
        "SELECT s.name AS site, s.name, s.title, s.home, s.language, s.timezone, "
        f"(SELECT count(*) FROM _page p WHERE p.site_id = s.site_id AND {IS_PAGE}) AS pages, "
        "(SELECT max(r.started_at) FROM _run r WHERE r.site_id = s.site_id) AS last_run FROM _site s",
        {
            "site": EVERY["site"],
            "name": "the short name of the portal, as in `site`",
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
        f"SELECT {SITE_PAGE}, {_NAMED}, p.first_seen, p.last_visited, {PAGE_STATE} AS state, p.views, p.kind, "
        "(SELECT count(DISTINCT h.not_after) FROM _change h JOIN _version w ON w.version_id = h.version_id AND w.current > 0 "
        f"WHERE h.page_id = p.page_id AND h.redesign_id IS NULL "
        f"AND coalesce(h.nature, '') <> 'typography') AS edits, {WORDS} AS words, "
        "(SELECT max(a.gone_by) FROM _absence a WHERE a.page_id = p.page_id AND a.back_by IS NULL) AS gone_by, "
        "(SELECT m.value FROM _modified m WHERE m.page_id = p.page_id AND m.seen_from = "
        "(SELECT max(x.seen_from) FROM _modified x WHERE x.page_id = p.page_id)) AS modified, "
        "(SELECT coalesce(q.url, m.to_url) FROM _move m LEFT JOIN _page q ON q.page_id = m.to_page WHERE m.page_id = p.page_id AND m.until IS NULL) AS moved_to, "
        f"{LABEL} AS label "
        "FROM _page p JOIN _site s ON s.site_id = p.site_id "
        "LEFT JOIN _version v ON v.page_id = p.page_id AND v.current = 1 AND v.version = "
        "(SELECT max(x.version) FROM _version x WHERE x.page_id = p.page_id AND x.current = 1) "
        f"LEFT JOIN _content c ON c.content_id = v.content_id WHERE {IS_PAGE}",
        {
            **EVERY,
            **VERSION_DOC,
            "title": "headline; of a listing without a rule for it, its newest `<title>`",
            "first_seen": "when its address was first found (UTC)",
            "last_visited": "last attempt to fetch it (UTC)",
            "state": "live, missing (a first miss, no second one yet), gone, moved, blocked or unknown",
            "views": "the newest reading called views",
            "kind": "its kind by the profile: listing, article, file",
            "edits": "number of visits that found it edited; redesigns and edits of typography alone are left out",
            "words": "number of words of its body, by the spaces between them; a text in a script without spaces counts a word "
            "for each of its lines. NULL without a body",
            "gone_by": "first visit that found it gone (UTC), of the present absence; NULL while it is there",
            "modified": "what the page claims about its latest change, as in `modified`; NULL when it claims nothing",
            "moved_to": "the address where its content is now; NULL when it did not move",
            "label": "what tells it from other pages of its address: `page 2` of a listing with a paging form; NULL for other pages",
        },
    ),
    View(
        "versions",
        "spans of time over which a page's content was the same",
        f"SELECT {SITE_PAGE}, {VERSION_COLUMNS}, v.first_visit AS first_visit_id, v.last_visit AS last_visit_id, "
        f"{ENDED_BY} AS ended_by, {VERSION_REDACTED} FROM _version v "
        f"JOIN _content c ON c.content_id = v.content_id {JOIN_PAGE.format('v')} WHERE {CURRENT.format('v')}",
        {
            **EVERY,
            **VERSION_DOC,
            "first_visit_id": "the first visit that saw this content",
            "last_visit_id": "the last visit that saw this content",
            "ended_by": "what ended it: edit (the next version), gone (the page was proven gone), moved (its content is at another "
            "address); standing while it is current",
            **REDACTED_DOC,
        },
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
        "h.chars_added, h.chars_removed, h.nature, CASE WHEN h.redesign_id IS NOT NULL THEN 'template' END AS cause, h.context, "
        f"h.before_visit AS before_visit_id, v.first_visit AS after_visit_id, t.run_id, {SPANS_ABSENCE} AS spans_absence, "
        "h.redesign_id FROM _change h JOIN _version v ON v.version_id = h.version_id AND v.current > 0 "
        f"JOIN _visit t ON t.visit_id = v.first_visit {JOIN_PAGE.format('h')}",
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
            "nature": "the kind of edit: words, figures (only numbers), typography (punctuation, quotes, case, spaces), order or media",
            "cause": "template: many pages changed in the same way in one run; NULL for an edit of this page",
            "context": "the changed words with some around them: … [-278-]{+337+} …",
            "before_visit_id": "the last visit that saw the old value",
            "after_visit_id": "the first visit that saw the new value",
            "run_id": "the command that found it",
            "spans_absence": "1 when the page was gone between the two visits",
            "redesign_id": "the same for all changes of one redesign; NULL otherwise",
        },
    ),
)
