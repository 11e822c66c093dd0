"""The views of what pages claim about their latest change, of edits that they do not own up to, and of moved pages."""

from archiver.model.outcome import sql_list
from archiver.store.view_sql import EVERY, JOIN_PAGE, SHOWN_VERSION, SITE_PAGE, View

_AT = (
    "LEFT JOIN _modified {0} ON {0}.page_id = h.page_id AND {0}.seen_from = "
    "(SELECT max(x.seen_from) FROM _modified x WHERE x.page_id = h.page_id AND x.seen_from <= h.{1})"
)
_NOT_READ = "substr(e.code_version, 2, 1) = ' ' AND e.code_version < '9'"
"""Readers before version 9 read no claims."""
_CLAIM = (
    "CASE WHEN a.value IS NULL THEN CASE WHEN a.raw IS NOT NULL THEN 'unreadable' "
    "WHEN coalesce(b.value, b.raw) IS NOT NULL THEN 'removed' "
    f"WHEN {_NOT_READ} THEN 'unknown' ELSE 'none' END "
    "WHEN length(a.value) = 10 AND a.value >= substr(h.not_before, 1, 10) THEN 'same_day' ELSE 'unchanged' END"
)
_SEEN = sql_list(lambda each: each.is_presence)
_PAGE = "CROSS JOIN _page p CROSS JOIN _site s"
_IS_PAGE = "p.page_id = {0}.page_id AND s.site_id = p.site_id"
"""Pages are joined after changes and claims: people ask for the newest of them, and not for all pages."""
SILENT = (
    f"SELECT {SITE_PAGE}, 'silent' AS kind, {_CLAIM} AS claim, b.value AS modified_before, a.value AS modified_after, "
    f"h.change_id, {SHOWN_VERSION} AS version_id, h.field, h.nature, "
    "CASE WHEN h.redesign_id IS NOT NULL THEN 'template' END AS cause, h.context, h.not_before, h.not_after, "
    "v.first_visit AS visit_id FROM _change h CROSS JOIN _version v "
    f"{_PAGE} JOIN _extractor e ON e.extractor_id = h.extractor_id {_AT.format('b', 'not_before')} "
    f"{_AT.format('a', 'not_after')} WHERE v.version_id = h.version_id AND v.current > 0 "
    f"AND {_IS_PAGE.format('h')} AND (a.value IS NULL OR a.seen_from <= h.not_before)"
)
ONLY_CLAIMED = (
    f"SELECT {SITE_PAGE}, 'only_claimed', 'moved', (SELECT l.value FROM _modified l WHERE l.page_id = m.page_id AND l.seen_from = "
    "(SELECT max(x.seen_from) FROM _modified x WHERE x.page_id = m.page_id AND x.seen_from < m.seen_from)), m.value, "
    f"NULL, NULL, NULL, NULL, NULL, NULL, m.only_since, m.seen_from, m.visit_id FROM _modified m {_PAGE} "
    f"WHERE m.only_since IS NOT NULL AND {_IS_PAGE.format('m')}"
)

CLAIM_VIEWS: tuple[View, ...] = (
    View(
        "modified",
        "when pages claim to have been changed last: one row for each claim, from the first visit that saw it to the last",
        f"SELECT {SITE_PAGE}, m.value AS modified, m.utc AS modified_utc, m.raw AS modified_raw, m.seen_from, "
        f"(SELECT max(t.visited_at) FROM _visit t WHERE t.page_id = m.page_id AND t.visited_at >= m.seen_from "
        f"AND coalesce(t.read_outcome, t.outcome) IN {_SEEN} AND NOT EXISTS (SELECT 1 FROM _modified x "
        "WHERE x.page_id = m.page_id AND x.seen_from > m.seen_from AND x.seen_from <= t.visited_at)) AS seen_last, "
        f"m.visit_id FROM _modified m {JOIN_PAGE.format('m')} WHERE coalesce(m.value, m.raw) IS NOT NULL",
        {
            **EVERY,
            "modified": "what the page claims, local wall time at the site; only a date when it states only a day; NULL: the text is no certain date",
            "modified_utc": "the instant of `modified` (UTC); NULL when the page states only a day, or neither zone nor offset is known",
            "modified_raw": "what was printed or declared; while no text is a certain date, the first one",
            "seen_from": "first visit that saw this claim (UTC)",
            "seen_last": "last visit that saw this claim (UTC)",
            "visit_id": "the first visit that saw it",
        },
    ),
    View(
        "silent_edits",
        "edits that pages do not own up to (kind silent), and claims of an edit without one (kind only_claimed)",
        f"{SILENT} UNION ALL {ONLY_CLAIMED}",
        {
            **EVERY,
            "kind": "silent: the content changed, and the claim did not; only_claimed: the claim moved, and nothing changed",
            "claim": "unchanged; same_day (it states only a day, on which the page was visited before the edit); removed; unreadable "
            "(the text after the edit is no certain date; see `modified_raw` in `modified`); none (the page makes no claim); unknown (read before archiver read claims); moved (of only_claimed)",
            "modified_before": "what the page claimed before; see `modified`",
            "modified_after": "what it claimed after",
            "change_id": "the change, in `changes`; NULL for only_claimed",
            "version_id": "the first version with the new value; NULL for only_claimed",
            "field": "the field; NULL for only_claimed",
            "nature": "the kind of edit: words, figures, typography, order or media",
            "cause": "template: a redesign; NULL for an edit of this page",
            "context": "the changed words with some around them",
            "not_before": "last visit that saw the old value, or the old claim (UTC)",
            "not_after": "first visit that saw the new value, or the new claim (UTC)",
            "visit_id": "the visit at `not_after`",
        },
    ),
    View(
        "moves",
        "pages whose content is, or was, at another address: one row for each move",
        f"SELECT {SITE_PAGE}, coalesce(q.url, m.to_url) AS moved_to, m.to_page AS moved_to_page, m.how, "
        f"t.visited_at AS found_at, m.until, m.visit_id, t.run_id FROM _move m {JOIN_PAGE.format('m')} "
        "JOIN _visit t ON t.visit_id = m.visit_id LEFT JOIN _page q ON q.page_id = m.to_page",
        {
            **EVERY,
            "url": "the page's former address",
            "moved_to": "the address where it was found",
            "moved_to_page": "the page at that address; NULL when the archive has none",
            "how": "redirect: a permanent redirect; same_content: the same content; near: the same title and nearly the same text",
            "found_at": "when a visit showed the move (UTC)",
            "until": "first visit that found the page at its old address again, or moved on (UTC); NULL while the move stands",
            "visit_id": "the visit at `found_at`",
            "run_id": "the command that made this visit",
        },
    ),
)
