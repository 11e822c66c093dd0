"""The query of what happened in an archive: new pages, edits, absences and returns, in the order of time.

With a limit, each kind of event is limited by itself before all are put together, and new pages and edits are read by
their index by time, so that SQLite reads only the newest or the oldest rows.
"""

import json
from collections.abc import Mapping, Sequence

_COLUMNS = (
    "site, page_id, url, kind, field, old, new, not_before, {0} AS not_after, e.version_id, chars_added, chars_removed"
)
_BY_TIME = "(SELECT {0} AS k_id, {1} AS k_time FROM {2}) k CROSS JOIN ({{0}}) e ON e.{0} = k.k_id"
"""Reads events in the order of a table's index by time. CROSS JOIN, because SQLite may prefer to scan all pages."""
_OF_NEW = _BY_TIME.format("version_id", "seen_from", "_version")
_OF_EDIT = _BY_TIME.format("change_id", "not_after", "_change")
_OF_EDITS = ("change_id", "nature", "cause", "context")
_TITLE = "(SELECT c.title FROM _version w JOIN _stored_content c ON c.content_id = w.content_id WHERE {0}) AS title"
_OF_VERSION = _TITLE.format("w.version_id = e.version_id")
_OF_PAGE = _TITLE.format(
    "w.page_id = e.page_id AND w.current = 1 "
    "AND w.version = (SELECT max(x.version) FROM _version x WHERE x.page_id = e.page_id AND x.current = 1)"
)
_CONDITIONS = {
    "site": "+site = :site",  # without an index: a site's events are found by time, too
    "field": "field = :field",
    "since": "not_after >= :since",
    "until": "not_after < :until",
    "natures": "nature IN (SELECT value FROM json_each(:natures))",
}


def event_query(
    selects: Mapping[str, str],
    filters: Mapping[str, str | None],
    natures: Sequence[str] = (),
    limit: int | None = None,
    *,
    newest_first: bool = False,
) -> tuple[str, dict[str, str | int | None]]:
    """Return the SQL and its values.

    Args:
        selects: for each kind, the SELECT of its events with the columns that all kinds have; those of edits have also
            `change_id`, `nature`, `cause` and `context`.
        filters: site, field, since and until (UTC text); None or missing: all.
        natures: only edits of these natures.
        limit: the maximum number of rows.
        newest_first: the newest first.
    """
    values: dict[str, str | int | None] = {name: value for name, value in filters.items() if value is not None}
    if natures:
        values["natures"] = json.dumps(list(natures))
    where = " AND ".join(_CONDITIONS[name] for name in values) or "1"
    down = " DESC" if newest_first else ""
    order = f"ORDER BY not_after{down}, page_id{down}, change_id"
    if limit is not None:
        values["limit"] = limit
        order += " LIMIT :limit"
    inner = order if limit is not None else ""
    parts = [
        f"SELECT * FROM (SELECT * FROM ({_described(kind, select)}) WHERE {where} {inner})"
        for kind, select in selects.items()
    ]
    return f"{' UNION ALL '.join(parts)} {order}", values


def _described(kind: str, select: str) -> str:
    """Return a SELECT with the columns of edits, and the page's title then."""
    is_edit = "context" in select
    edits = ", ".join(name if is_edit else f"NULL AS {name}" for name in _OF_EDITS)
    title = _OF_VERSION if is_edit or kind == "new" else _OF_PAGE
    source = _OF_EDIT if is_edit else _OF_NEW if kind == "new" else "({0}) e"
    time = "k.k_time" if is_edit or kind == "new" else "e.not_after"
    return f"SELECT {_COLUMNS.format(time)}, {edits}, {title} FROM {source.format(select)}"
