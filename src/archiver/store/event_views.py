"""The views of what happened, and of when nobody looked: events and unobserved."""

import re

from archiver.model.outcome import DOUBTS, Cause, Outcome, sql_list
from archiver.store.absence_views import PROVING
from archiver.store.redesign_views import NATURE, OF_REDESIGN
from archiver.store.schema import BLIND
from archiver.store.view_sql import (
    CHANGED,
    CURRENT,
    EVERY,
    IS_NO_COPY,
    IS_NO_MOVE,
    IS_PAGE,
    JOIN_PAGE,
    RETURNS,
    SHOWN_VERSION,
    SITE_PAGE,
    View,
)

LEAST_DAYS, TIMES = 3, 3
"""A pause is unusual when it is this many days long, and this many times as long as the page's mean pause."""

_COLUMNS = (
    "kind", "not_before", "not_after", "field", "old", "new", "chars_added", "chars_removed", "nature", "cause", "context",
    "version_id", "change_id", "visit_id", "run_id", "redesign_id", "title",
)  # fmt: skip
_FOUND = "coalesce({0}.read_outcome, {0}.outcome)"
_SITE = "(SELECT s.name FROM _site s WHERE s.site_id = p.site_id) AS site"
"""Not a join, and the joins in the given order: otherwise SQLite may read all pages and sort, instead of an index by time."""
_CERTAIN = sql_list(lambda each: each.is_certain)
_PRESENT = sql_list(lambda each: each.is_presence)
_THERE = sql_list(lambda each: each.state == "live")


def _branch(kind: str, source: str, **values: str) -> str:
    """Return one part of the view `events`: a column without a value is NULL.

    A column has the same type in all parts. Otherwise SQLite would build the whole view before it sorts and limits it.
    """
    given = {"kind": f"'{kind}'", "chars_added": "0", "chars_removed": "0", **values}
    columns = ", ".join(f"{_typed(name, given.get(name, 'NULL'))} AS {name}" for name in _COLUMNS)
    return f"SELECT {SITE_PAGE}, {columns} {source}"


def _typed(name: str, value: str) -> str:
    if re.fullmatch(r"[a-z]\.\w+", value):
        return value
    return f"CAST({value} AS {'BIGINT' if name.endswith('_id') or name.startswith('chars') else 'TEXT'})"


def title_before(page: str, moment: str) -> str:
    """Select the title that a page had before a moment; of a listing, which has no version, its newest one."""
    return (
        "coalesce((SELECT b.title FROM _version w JOIN _stored_content b ON b.content_id = w.content_id WHERE w.current = 1 "
        f"AND w.page_id = {page} AND w.version = (SELECT max(o.version) FROM _version o WHERE o.page_id = {page} "
        f"AND o.current = 1 AND o.seen_from < {moment})), p.title)"
    )


def _visit_at(column: str, page: str, moment: str) -> str:
    return f"(SELECT max(z.{column}) FROM _visit z WHERE z.page_id = {page} AND z.visited_at = {moment})"


def _last_visit(moment: str, outcomes: str) -> str:
    """Select the last visit of the page of a move before a moment that ended with one of some outcomes."""
    return (
        f"(SELECT max(x.visited_at) FROM _visit x WHERE x.page_id = m.page_id AND x.visited_at < {moment} "
        f"AND {_FOUND.format('x')} IN {outcomes} AND coalesce(x.cause, '') NOT IN {DOUBTS})"
    )


_NEW = _branch(
    "new",
    "FROM _version v CROSS JOIN _stored_content c CROSS JOIN _visit t CROSS JOIN _page p WHERE c.content_id = v.content_id "
    f"AND t.visit_id = v.first_visit AND p.page_id = v.page_id AND {CURRENT.format('v')} AND v.version = 1 AND {IS_NO_COPY}",
    not_after="v.seen_from",
    new="c.title",
    chars_added="coalesce(length((SELECT y.body FROM _content y WHERE y.content_id = v.content_id)), 0)",
    version_id="v.version_id",
    visit_id="v.first_visit",
    run_id="t.run_id",
    title="c.title",
).replace("s.name AS site", _SITE, 1)
_EDITED = _branch(
    "edited",
    "FROM _change h CROSS JOIN _version v CROSS JOIN _stored_content b CROSS JOIN _visit t CROSS JOIN _page p "
    "WHERE v.version_id = h.version_id AND v.current > 0 AND b.content_id = v.content_id AND t.visit_id = v.first_visit "
    "AND p.page_id = h.page_id AND h.redesign_id IS NULL",  # by time, not by page
    not_before="h.not_before",
    not_after="h.not_after",
    field="h.field",
    old=CHANGED.format("old").removesuffix(" AS old"),
    new=CHANGED.format("new").removesuffix(" AS new"),
    chars_added="h.chars_added",
    chars_removed="h.chars_removed",
    nature="h.nature",
    context="h.context",
    version_id=SHOWN_VERSION,
    change_id="h.change_id",
    visit_id="v.first_visit",
    run_id="t.run_id",
    title="b.title",
).replace("s.name AS site", _SITE, 1)
_GONE = _branch(
    "gone",
    f"FROM _absence a {JOIN_PAGE.format('a')} WHERE a.gone_by IS NOT NULL AND a.last_seen IS NOT NULL AND {IS_NO_MOVE}",
    not_before="a.last_seen",
    not_after="a.gone_by",
    new="a.evidence",
    visit_id=PROVING,
    run_id=f"(SELECT z.run_id FROM _visit z WHERE z.visit_id = {PROVING})",
    title=title_before("a.page_id", "a.gone_by"),
)
_BACK = _branch(
    "back",
    f"FROM _absence a {JOIN_PAGE.format('a')} WHERE a.gone_by IS NOT NULL AND a.back_by IS NOT NULL",
    not_before="a.last_miss",
    not_after="a.back_by",
    visit_id=_visit_at("visit_id", "a.page_id", "a.back_by"),
    run_id=_visit_at("run_id", "a.page_id", "a.back_by"),
    title=title_before("a.page_id", "a.back_by"),
)
# Pages that were behind a login at the visit before. They were not proven gone, so they have no absence.
_BACK_FROM_LOGIN = _branch(
    "back",
    "FROM _visit g CROSS JOIN _visit t CROSS JOIN _page p CROSS JOIN _site s "  # in this order: few visits end at a login
    "WHERE p.page_id = g.page_id AND s.site_id = p.site_id AND t.visit_id = (SELECT x.visit_id FROM _visit x "
    "WHERE x.page_id = g.page_id AND x.visited_at >= g.visited_at AND (x.visited_at > g.visited_at OR x.visit_id > g.visit_id) "
    f"AND coalesce(x.cause, '') NOT IN {DOUBTS} AND ({_FOUND.format('x')} IN {_CERTAIN} OR coalesce(x.cause, '') = '{Cause.LOGIN}') "
    "ORDER BY x.visited_at, x.visit_id LIMIT 1) "
    f"AND g.cause = '{Cause.LOGIN}' AND {BLIND.format('g.')} AND {_FOUND.format('t')} IN {_PRESENT} "
    "AND EXISTS (SELECT 1 FROM _version w WHERE w.page_id = g.page_id AND w.current = 1 AND w.seen_from < g.visited_at)",
    not_before="g.visited_at",
    not_after="t.visited_at",
    visit_id="t.visit_id",
    run_id="t.run_id",
    title=title_before("g.page_id", "t.visited_at"),
)
# Pages that answer at their old address again. Those that were proven gone, too, are told by the absence.
_BACK_FROM_MOVE = _branch(
    "back",
    f"FROM ({RETURNS}) m {JOIN_PAGE.format('m')} WHERE NOT EXISTS (SELECT 1 FROM _absence a "
    "WHERE a.page_id = m.page_id AND a.gone_by IS NOT NULL AND a.back_by = m.until)",
    not_before=_last_visit("m.until", _CERTAIN),
    not_after="m.until",
    visit_id=_visit_at("visit_id", "m.page_id", "m.until"),
    run_id=_visit_at("run_id", "m.page_id", "m.until"),
    title=title_before("m.page_id", "m.until"),
)
_MOVED = _branch(
    "moved",
    f"FROM _move m JOIN _visit t ON t.visit_id = m.visit_id LEFT JOIN _page q ON q.page_id = m.to_page {JOIN_PAGE.format('m')}",
    not_before=_last_visit("t.visited_at", _THERE),
    not_after="t.visited_at",
    new="coalesce(q.url, m.to_url)",
    visit_id="m.visit_id",
    run_id="t.run_id",
    title=title_before("m.page_id", "t.visited_at"),
)
_REDESIGN = _branch(
    "redesign",
    f"FROM _redesign d JOIN _site s ON s.site_id = d.site_id WHERE EXISTS (SELECT 1 {OF_REDESIGN})",
    not_after="d.since",
    nature=NATURE,
    cause="'template'",
    context="d.what",
    run_id="d.run_id",
    redesign_id="d.redesign_id",
).replace(SITE_PAGE, "s.name AS site, CAST(NULL AS BIGINT) AS page_id, CAST(NULL AS TEXT) AS url")

# a failed visit after one that did not fail: the first of a row of them
_FIRST_FAILED = (
    f"{BLIND.format('b.')} AND coalesce((SELECT CASE WHEN {BLIND.format('x.')} THEN 0 ELSE 1 END FROM _visit x "
    "WHERE x.page_id = b.page_id AND x.visited_at <= b.visited_at AND (x.visited_at < b.visited_at OR x.visit_id < b.visit_id) "
    "ORDER BY x.visited_at DESC, x.visit_id DESC LIMIT 1), 1) = 1"
)
_NEXT_SEEN = (
    "(SELECT min(x.visited_at) FROM _visit x WHERE x.page_id = b.page_id AND x.visited_at > b.visited_at "
    f"AND NOT ({BLIND.format('x.')}))"
)


def _span(since: str, until: str, why: str, *, page: str, failed: str = "0", outcome: str = "NULL") -> str:
    """Return the columns of the view `unobserved`, with the same types in all its parts, as in `_branch`."""
    texts = {"since": since, "until": until, "why": why, "outcome": outcome}
    typed = {name: f"CAST({value} AS TEXT) AS {name}" for name, value in texts.items()}
    return (
        f"SELECT s.name AS site, {page}.page_id, p.url, {typed['since']}, {typed['until']}, {typed['why']}, "
        f"CAST({failed} AS BIGINT) AS failed, {typed['outcome']} "
    )


_FAILED = (
    _span(
        "coalesce((SELECT max(x.visited_at) FROM _visit x WHERE x.page_id = b.page_id AND x.visited_at < b.visited_at), p.first_seen)",
        _NEXT_SEEN,
        f"CASE {_FOUND.format('b')} WHEN '{Outcome.REFUSED}' THEN 'robots' ELSE 'backing_off' END",
        page="b",
        failed="(SELECT count(*) FROM _visit x WHERE x.page_id = b.page_id AND x.visited_at >= b.visited_at "
        f"AND x.visited_at < coalesce({_NEXT_SEEN}, '9999') AND {BLIND.format('x.')})",
        outcome=_FOUND.format("b"),
    )
    + "FROM _visit b CROSS JOIN _page p CROSS JOIN _site s WHERE p.page_id = b.page_id AND s.site_id = p.site_id "
    f"AND {IS_PAGE} AND {_FIRST_FAILED}"
)


def _day(moment: str) -> str:
    """Return the number of a day on the calendar, right to a day; SQLite and DuckDB have no function in common for it."""
    year, month = f"CAST(substr({moment}, 1, 4) AS INTEGER)", f"CAST(substr({moment}, 6, 2) AS INTEGER)"
    before = f"CAST(substr('000031059090120151181212243273304334', 3 * {month} - 2, 3) AS INTEGER)"
    return f"({year} * 365.25 + {before} + {_day_of_month(moment)})"


def _day_of_month(moment: str) -> str:
    return f"CAST(substr({moment}, 9, 2) AS INTEGER)"


def _days(since: str, until: str) -> str:
    """Return the number of days between two moments. Most are in one month; that is three times as fast."""
    return (
        f"CASE WHEN substr({since}, 1, 7) = substr({until}, 1, 7) THEN {_day_of_month(until)} - {_day_of_month(since)} "
        f"ELSE {_day(until)} - {_day(since)} END"
    )


def _is_unusual(since: str, until: str) -> str:
    """The condition of a pause that is listed. The mean is computed only for a long one."""
    days, mean = _days(since, until), f"({_days('min(x.visited_at)', 'max(x.visited_at)')}) / count(*)"
    return f"{days} >= {LEAST_DAYS} AND {days} > {TIMES} * (SELECT {mean} FROM _visit x WHERE x.page_id = p.page_id)"


_NEXT = "(SELECT min(x.visited_at) FROM _visit x WHERE x.page_id = t.page_id AND x.visited_at > t.visited_at)"
# `_NEXT` is not a join: SQLite would choose to read all visits first
_PAUSED = (
    _span(
        "t.visited_at",
        _NEXT,
        "CASE WHEN EXISTS (SELECT 1 FROM _run r WHERE r.site_id = p.site_id AND r.started_at > t.visited_at "
        f"AND r.finished_at < {_NEXT} AND r.kind = 'crawl') THEN 'not_due' ELSE 'no_run' END",
        page="t",
    )
    + f"FROM _visit t {JOIN_PAGE.format('t')} WHERE {IS_PAGE} AND {_is_unusual('t.visited_at', _NEXT)} AND NOT ({BLIND.format('t.')}) "
    f"AND NOT EXISTS (SELECT 1 FROM _visit x WHERE x.page_id = t.page_id AND x.visited_at = {_NEXT} AND {BLIND.format('x.')})"
)
# the last visit of a page, when crawls came after it
_LEFT = (
    _span("p.last_visited", "NULL", "'not_due'", page="p")
    + "FROM _site s CROSS JOIN _run r CROSS JOIN _page p WHERE p.site_id = s.site_id AND r.run_id = "
    "(SELECT max(o.run_id) FROM _run o WHERE o.site_id = s.site_id AND o.kind = 'crawl') "
    f"AND {IS_PAGE} AND {_is_unusual('p.last_visited', 'r.started_at')} "
    f"AND NOT EXISTS (SELECT 1 FROM _visit x WHERE x.page_id = p.page_id AND x.visited_at = p.last_visited AND {BLIND.format('x.')})"
)

_EVENTS = (_NEW, _EDITED, _GONE, _BACK, _BACK_FROM_LOGIN, _BACK_FROM_MOVE, _MOVED, _REDESIGN)

EVENT_VIEWS: tuple[View, ...] = (
    View(
        "events",
        "everything that happened, one row each: pages new, edited, gone, back and moved, and redesigns. "
        "ORDER BY not_after DESC is newest first. Select pages by page_id: "
        "page_id IN (SELECT page_id FROM pages WHERE url = …) is fast, url = … reads all events",
        " UNION ALL ".join(_EVENTS),
        {
            **EVERY,
            "page_id": "the page, by whichever address it was requested; NULL for a redesign",
            "url": "the page's address; NULL for a redesign",
            "kind": "new, edited (one row for each field), gone, back, moved or redesign. Edits of a redesign are in the view `changes`",
            "not_before": "last visit before it (UTC): it happened later; NULL when there is none",
            "not_after": "first visit that shows it (UTC): it happened before",
            "field": "the field that was edited",
            "old": "its value before; lists are JSON arrays",
            "new": "edited: its value after; new: the title; gone: the evidence; moved: the new address",
            "chars_added": "characters the edit added, by word-level difference; new: the length of the body",
            "chars_removed": "characters it removed",
            "nature": "of an edit: words, figures, typography, order or media; of a redesign the strongest one of its changes",
            "cause": "template for a redesign",
            "context": "edited: the changed words with some around them; redesign: what changed",
            "version_id": "the version that shows it; NULL for gone, back, moved and redesign",
            "change_id": "the row in `changes`",
            "visit_id": "the visit that proves it; of a page that is gone a second miss, or one 410",
            "run_id": "the command that found it; of a page that is gone the one that proved it",
            "redesign_id": "the redesign",
            "title": "the page's title then",
        },
    ),
    View(
        "unobserved",
        "spans in which a page could have changed unseen. A span lies between two visits that found the page, or found it gone. The visits "
        f"between them failed, or there was none for at least {LEAST_DAYS} days and for more than {TIMES} times the usual time between visits. "
        "The time after the site's newest crawl is not listed",
        f"{_FAILED} UNION ALL {_PAUSED} UNION ALL {_LEFT}",
        {
            **EVERY,
            "since": "last visit before the span (UTC); when the page was first found, if there was none",
            "until": "first visit after it (UTC); NULL while it lasts",
            "why": "backing_off: visits failed, and each next one waits longer; robots: a rule forbids the visit; "
            "not_due: crawls ran and did not choose the page; no_run: no crawl of the site ran",
            "failed": "number of failed visits in the span",
            "outcome": "outcome of the first failed visit; NULL when none failed",
        },
    ),
)
