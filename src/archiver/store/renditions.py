"""What a browser made of pages, and fetched for them, in SQL: which captures show the same, and which belong together."""

from collections.abc import Sequence

from archiver.model.outcome import sql_list
from archiver.model.rendition import DOM, urn
from archiver.store.connection import Connection

GOES_WITH_PAGE = (
    "(t.of_visit IS NOT NULL AND (t.made_by IS NOT NULL OR NOT (coalesce(t.media_type, '') LIKE 'image/%' "
    "OR t.media_type LIKE 'font/%' OR t.media_type LIKE '%/css%' OR t.media_type LIKE '%javascript%')))"
)
"""Whether the visit t is a rendition, or data that was fetched for one page. Other answers are for other pages, too."""

SHOWN = (
    "(coalesce((SELECT hex(dm.sha256) FROM _visit dm JOIN _page dp ON dp.page_id = dm.page_id WHERE dm.of_visit = {0}.visit_id "
    f"AND dm.made_by IS NOT NULL AND dp.url LIKE '{urn(DOM, '')}%'), '') || coalesce(hex({{0}}.sha256), ''))"
)
"""What the visit {0} shows, as hex digits: the digests of the document, if a browser opened the page, and of the body.

The shell of a script is the same for many pages: equal bodies show the same only when their documents are equal, too.
"""

SHOWS_BY_BROWSER = (
    "(EXISTS (SELECT 1 FROM _visit dm WHERE dm.of_visit = {0}.visit_id AND dm.made_by IS NOT NULL AND dm.bytes > 0) "
    "AND EXISTS (SELECT 1 FROM _version dv WHERE dv.page_id = {0}.page_id AND dv.rendered = 1))"
)
"""Whether a browser's document shows the page of the visit {0}, and its body is a shell that other pages have, too."""

_ROOTS = (
    "SELECT CASE WHEN r.made_by IS NULL THEN r.visit_id ELSE r.of_visit END FROM json_each(?1) j "
    "CROSS JOIN _visit r ON r.visit_id = j.value"
)
BELONGING = (
    f"SELECT t.visit_id FROM _visit t WHERE t.visit_id IN ({_ROOTS}) OR (t.of_visit IN ({_ROOTS}) AND ({GOES_WITH_PAGE} OR NOT "
    "(t.media_type LIKE '%/css%' OR t.media_type LIKE 'font/%' OR EXISTS (SELECT 1 FROM _visit o"
    " WHERE o.page_id = t.page_id AND o.sha256 = t.sha256 AND o.visit_id <> t.visit_id AND (o.of_visit IS NULL "
    f"OR o.of_visit NOT IN ({_ROOTS}))))))"
)
"""Selects captures with all that shows the same: renditions of a visit, and what was fetched for it alone.

A rendition stands for the visit that it is of. Style sheets and fonts stay, and scripts and images that another visit has.
"""

_LAST_VISITS = (
    "UPDATE _page SET (last_visit, last_visited) = (t.visit_id, t.visited_at), state = iif(t.outcome IN "
    f"{sql_list(lambda each: each.is_presence)}, 'live', _page.state) FROM _visit t "
    "WHERE t.visit_id = ? AND _page.page_id = t.page_id AND t.visited_at >= coalesce(_page.last_visited, '')"
)


def note_last_visits(connection: Connection, visits: Sequence[int]) -> None:
    """Note visits as the last ones of their pages: those of answers and renditions, which are judged by nobody."""
    if visits:
        connection.executemany(_LAST_VISITS, [(visit_id,) for visit_id in visits])
