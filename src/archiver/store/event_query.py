"""The query of what happened in an archive: new pages, edits, absences and returns, in the order of time.

With a limit, each kind of event is limited by itself before all are put together, and new pages and edits are read by
their index by time, so that SQLite reads only the newest or the oldest rows.
"""

import json
from collections.abc import Mapping, Sequence

_COLUMNS = (
    "site, page_id, url, kind, field, old, new, not_before, not_after, version_id, chars_added, chars_removed, change_id, nature, "
    "cause, context, redesign_id, title"
)
_TEMPLATE = (
    "SELECT h.*, 'template' AS kind, (SELECT c.title FROM _version w JOIN _stored_content c ON c.content_id = w.content_id "
    "WHERE w.version_id = h.version_id) AS title FROM changes h WHERE h.cause IS NOT NULL"
)
"""The changes that redesigns group."""
_CONDITIONS = {
    "site": "+site = :site",  # without an index: a site's events are found by time, too
    "field": "field = :field",
    "since": "not_after >= :since",
    "until": "not_after < :until",
    "natures": "nature IN (SELECT value FROM json_each(:natures))",
}


def event_query(
    kinds: Sequence[str],
    filters: Mapping[str, str | None],
    natures: Sequence[str] = (),
    limit: int | None = None,
    *,
    newest_first: bool = False,
) -> tuple[str, dict[str, str | int | None]]:
    """Return the SQL and its values.

    Args:
        kinds: of those of the view `events`, and template for the single changes of redesigns.
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
    parts = [f"SELECT * FROM (SELECT {_COLUMNS} FROM {_source(kind)} WHERE {where} {inner})" for kind in kinds]
    return f"{' UNION ALL '.join(parts)} {order}", values


def _source(kind: str) -> str:
    return f"({_TEMPLATE})" if kind == "template" else f"(SELECT * FROM events WHERE kind = '{kind}')"
