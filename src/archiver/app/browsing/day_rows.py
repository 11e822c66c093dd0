"""The rows of a list of events: a page at a visit with its changed words, a page gone, back or moved, a redesign."""

from collections.abc import Iterable, Sequence
from typing import Any

from archiver.app.browsing.absence_proof import proof_of
from archiver.app.browsing.marks import add_marks
from archiver.change.diff import reading_order
from archiver.store.archive import Store
from archiver.store.day_events import LABELS, DayRow
from archiver.store.state_events import StateEvent
from archiver.text.clean import printable
from archiver.text.edit_context import parts_of

LightRow = DayRow | StateEvent
"""A row of the list before its texts are read."""
NO_SECTION = ""
ORDER = ("gone", "back", "moved", *LABELS[:-1], "redesign", "typography", "new")
"""Within a day: state events first, then edits from the strongest to the weakest, then new pages."""

_SUMMARY, _ADDRESS = 240, 2_000


def label_of(row: LightRow) -> str:
    """Return what a row is called: the label of an edit, or the kind of any other event."""
    return (row.label or row.kind) if isinstance(row, DayRow) else row.kind


def found_at(row: LightRow) -> str:
    """Return when a row was found (UTC text)."""
    return row.at if isinstance(row, DayRow) else row.found_at


def in_order(rows: Iterable[LightRow]) -> list[LightRow]:
    """Return the rows of a day in the order in which they are listed."""
    place = {name: number for number, name in enumerate(ORDER)}
    newest = sorted(rows, key=lambda row: (found_at(row), row.page_id), reverse=True)
    return sorted(newest, key=lambda row: place[label_of(row)])


def section_of(row: LightRow) -> str | None:
    """Return the section of an edited or new page; "" without one; None for other events, which no section has."""
    return (row.section or NO_SECTION) if isinstance(row, DayRow) else None


def full_rows(store: Store, rows: Sequence[LightRow], redesign_id: int | None = None) -> list[dict[str, Any]]:
    """Return rows with their texts, as the pages show them; of pages that a redesign changed, its changes."""
    of_pages = [row for row in rows if isinstance(row, DayRow)]
    days = store.browsing.days
    versions = days.versions([row.version_id for row in of_pages])
    texts = days.texts([row.version_id for row in of_pages if row.kind == "edited"], redesign_id)
    made = []
    for row in rows:
        if isinstance(row, DayRow):
            made.append(_page_row(row, versions.get(row.version_id, {}), texts.get(row.version_id, [])))
        elif row.kind == "redesign":
            made.append(redesign_row(store, row.redesign_id, row.found_at))
        else:
            made.append(_event_row(store, row))
    add_marks(store, made)
    return made


def _page_row(row: DayRow, shown: dict[str, Any], changes: list[dict[str, Any]]) -> dict[str, Any]:
    edits = {change["field"]: _edit(change) for change in changes}
    first = changes[0] if changes else {}
    return {
        "kind": row.kind,
        "label": label_of(row),
        "site": row.site,
        "page_id": row.page_id,
        "url": shown.get("url", ""),
        "title": shown.get("title"),
        "language": shown.get("language"),
        "section": row.section,
        "version": shown.get("version", 0),
        "version_id": row.version_id,
        "visit_id": shown.get("first_visit"),
        "not_before": first.get("not_before"),
        "not_after": first.get("not_after", row.at),
        "found_at": row.at,
        "summary": printable(shown.get("summary") or "", _SUMMARY) if row.kind == "new" else None,
        "edits": [edits[name] for name in reading_order(edits)],
    }


def _edit(change: dict[str, Any]) -> dict[str, Any]:
    return {
        "field": change["field"],
        "nature": change["nature"],
        "words": words_of(change["context"]),
        "chars_added": change["chars_added"],
        "chars_removed": change["chars_removed"],
        "change_id": change["change_id"],
    }


def words_of(context: str | None) -> list[tuple[str, str]]:
    """Return the changed words with some around them, as pairs of `equal`, `delete` or `insert` and a text."""
    return [(op, text) for op, text in parts_of(context or "") if text]


def _event_row(store: Store, row: StateEvent) -> dict[str, Any]:
    event = store.browsing.state_events.page_event(row)
    shown = store.event_rows.shown(row.page_id, row.at)
    made = {
        "kind": row.kind,
        "label": row.kind,
        "site": row.site,
        "page_id": row.page_id,
        "url": event.get("url", ""),
        "title": event.get("title"),
        "language": shown.language,
        "version": shown.version,
        "visit_id": event.get("visit_id"),
        "not_before": event.get("not_before"),
        "not_after": row.at,
        "found_at": row.found_at,
    }
    if row.kind == "gone":
        misses, last = store.browsing.absences.misses(row.page_id, row.at)
        made["proof"] = {**proof_of(event.get("new"), misses), "last_miss": last}
    if row.kind == "moved":
        made["moved_to"] = printable(event.get("new") or "", _ADDRESS)
    return made


def redesign_row(store: Store, redesign_id: int, at: str) -> dict[str, Any]:
    """Return the row of a redesign: how many pages, what it did, since when, and the edits that stand by themselves."""
    found = store.browsing.state_events.redesign(redesign_id)
    return {
        "kind": "redesign",
        "label": "redesign",
        "site": found.get("site", ""),
        "redesign_id": redesign_id,
        "run_id": found.get("run_id"),
        "pages": found.get("pages", 0),
        "changes": found.get("changes", 0),
        "what": found.get("what", ""),
        "fields": found.get("fields", ""),
        "nature": found.get("nature"),
        "not_before": found.get("not_before"),
        "not_after": found.get("since", at),
        "found_at": at,
        "edits_beside": store.browsing.state_events.edits_beside(redesign_id),
    }
