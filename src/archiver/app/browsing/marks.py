"""Triage: which events are marked as seen or important, and notes on them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

from archiver.errors import UsageError
from archiver.model.clock import instant, written
from archiver.store.archive import Store
from archiver.store.marks import EventKey, EventMark, EventName
from archiver.text.clean import printable

LONGEST_NOTE = 2_000
_MOST_DIGITS = 18
_NUMBERS = ("page_id", "visit_id", "run_id")


@dataclass(frozen=True, slots=True)
class Triage:
    """The marks of one event. `note`: None without one; `by`: who noted it."""

    seen: bool = False
    important: bool = False
    note: str | None = None
    by: str = ""


def event_text(event: Mapping[str, Any]) -> str:
    """Return the name of an event as one text, for a form. `event`: a row of the view `events`."""
    name = EventName.of(dict(event))._asdict()
    return urlencode({key: value for key, value in name.items() if value is not None})


def event_of(text: str) -> EventName:
    """Return the event that a text of `event_text` names.

    Raises:
        UsageError: the text is no such name.
    """
    try:
        given = dict(parse_qsl(text[:LONGEST_NOTE], max_num_fields=len(EventName._fields)))
        numbers = {name: _number(given[name]) if name in given else None for name in _NUMBERS}
        return EventName(
            given["kind"],
            given["site"],
            numbers["page_id"],
            given.get("field"),
            numbers["visit_id"],
            numbers["run_id"],
            written(instant(given["not_after"])),
        )
    except (KeyError, ValueError):
        raise UsageError(f"{printable(text, 80)}: this names no event; reload the page and mark it again") from None


def _number(text: str) -> int:
    if not text.isdecimal() or len(text) > _MOST_DIGITS:
        raise ValueError(text)
    return int(text)


def marks_of(store: Store, events: Iterable[Mapping[str, Any]]) -> dict[str, Triage]:
    """Return the marks of rows of the view `events`, by their `event_text`. Events without marks are left out."""
    names = {event_text(row): EventName.of(dict(row)) for row in events}
    pages = {name.page_id for name in names.values() if name.page_id is not None}
    found: dict[EventKey, list[EventMark]] = {}
    marks = store.marks
    redesigns = marks.of_redesigns() if any(name.page_id is None for name in names.values()) else []
    for mark in (*marks.of_pages(pages), *redesigns):
        found.setdefault(mark.event.key, []).append(mark)
    return {text: _triage(found[name.key]) for text, name in names.items() if name.key in found}


def _triage(marks: Sequence[EventMark]) -> Triage:
    by_mark = {each.mark: each for each in marks}
    note = by_mark.get("note")
    return Triage(
        "seen" in by_mark, "important" in by_mark, note.note if note else None, note.marked_by if note else ""
    )


def add_marks(store: Store, rows: Sequence[dict[str, Any]]) -> None:
    """Add to the rows of a list which events they are (`events`), and their marks (`marks`: None without any).

    A row of an edited page is several events, one for each field. It is seen when all are.
    """
    for row in rows:
        row["events"] = [event_text(event) for event in _events_of(row)]
    found = marks_of(store, [event for row in rows for event in _events_of(row)])
    for row in rows:
        marked = [found[text] for text in row["events"] if text in found]
        row["marks"] = _together(marked, len(row["events"])) if marked else None


def _events_of(row: Mapping[str, Any]) -> list[dict[str, Any]]:
    names = {name: row.get(name) for name in EventName._fields}
    fields = [edit["field"] for edit in row.get("edits") or ()] if row["kind"] == "edited" else [None]
    return [{**names, "field": field} for field in fields]


def _together(marked: Sequence[Triage], count: int) -> dict[str, Any]:
    noted = next((each for each in marked if each.note), Triage())
    is_seen = len(marked) == count and all(each.seen for each in marked)
    return asdict(Triage(is_seen, any(each.important for each in marked), noted.note, noted.by))
