"""The query of the command `changes`: rows of the view `events`, in the order of time; and which of them are of one page."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from archiver.store.connection import Value
from archiver.text.page_names import by_place, folder_of

_COLUMNS = (
    "site, page_id, url, {0} AS kind, field, old, new, not_before, not_after, version_id, chars_added, chars_removed, nature, "
    "cause, context, change_id, redesign_id, {1} AS visit_id, run_id, {2} AS title"
)
_EVENTS = f"SELECT {_COLUMNS.format('kind', 'visit_id', 'title')} FROM events WHERE kind IN ({{0}})"
_TEMPLATE = (
    "SELECT " + _COLUMNS.format("'template'", "after_visit_id", "NULL") + " FROM changes WHERE cause IS NOT NULL"
)
"""The changes that redesigns group."""
_CONDITIONS = {
    "site": "site = :site",
    "field": "field = :field",
    "since": "not_after >= :since",
    "until": "not_after < :until",
    "natures": "nature IN (SELECT value FROM json_each(:natures))",
}
_OF_EDITS = ("field", "natures")


def has_changes(conditions: Iterable[str]) -> str:
    """Return the condition of a row of `events` that is a redesign, one of whose changes meets all conditions.

    A redesign has several fields and natures. Each of its changes has one.
    """
    met = " AND ".join(["c.redesign_id = events.redesign_id", *conditions])
    return f"(kind = 'redesign' AND EXISTS (SELECT 1 FROM changes c WHERE {met}))"


def event_query(
    kinds: Sequence[str],
    filters: Mapping[str, str | None],
    natures: Sequence[str] = (),
    limit: int | None = None,
    *,
    newest_first: bool = False,
) -> tuple[str, dict[str, Value]]:
    """Return the SQL and its values.

    Args:
        kinds: kinds of the view `events`; and template, for the single changes of redesigns.
        filters: site, field, since and until (UTC text); None or missing: all.
        natures: only edits of these natures, and redesigns that have changes of these; so with the field.
        limit: the maximum number of rows.
        newest_first: the newest first; the edits of one page at one visit stay in reading order.
    """
    values: dict[str, Value] = {name: value for name, value in filters.items() if value is not None}
    if natures:
        values["natures"] = json.dumps(list(natures))
    named = ", ".join(f"'{kind}'" for kind in kinds if kind != "template")
    selects = [_EVENTS.format(named)] * bool(named) + [_TEMPLATE] * ("template" in kinds)
    plain = [_CONDITIONS[name] for name in values if name not in _OF_EDITS]
    of_edits = [_CONDITIONS[name] for name in values if name in _OF_EDITS]
    met = [f"(({' AND '.join(of_edits)}) OR {has_changes(of_edits)})"] if of_edits and "redesign" in kinds else of_edits
    found = " UNION ALL ".join(
        " AND ".join([each, *plain, *(of_edits if each is _TEMPLATE else met)]) for each in selects
    )
    down = " DESC" if newest_first else ""
    return f"{found} ORDER BY not_after{down}, page_id{down}, change_id LIMIT :limit", values | {
        "limit": -1 if limit is None else limit
    }


def mark_others(rows: list[dict[str, Any]], contents_of: Callable[[list[int]], dict[int, int]]) -> None:
    """Put into the rows of a folder and its index page that are the same `also`: the other's address.

    `contents_of`: returns the content_id of each of some versions.
    """
    of_pages = [row for row in rows if row["kind"] in ("new", "edited")]
    places = Counter(folder_of(url) for url in {row["url"] for row in of_pages})
    found = [row for row in of_pages if places[folder_of(row["url"])] > 1]
    contents = contents_of([row["version_id"] for row in found]) if found else {}
    for group in by_place(
        found,
        lambda row: row["url"],
        lambda row: (row["kind"], row["run_id"], row["field"], contents.get(row["version_id"])),
    ):
        for row in group if len(group) > 1 else ():
            row["also"] = [each["url"] for each in group if each is not row]
