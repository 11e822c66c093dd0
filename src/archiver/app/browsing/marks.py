"""Triage: events marked as seen or important, and notes on them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

from archiver.app.archive import Archive
from archiver.app.reading.questions import ArchiveReader
from archiver.errors import NotInArchive, UsageError
from archiver.model.clock import instant, written
from archiver.settings import Settings
from archiver.store.marks import MARKS, EventKey, EventMark, EventName
from archiver.text.clean import line, printable

LONGEST_NOTE = 2_000
LOCAL = "local"
"""Who marked, when the server knows no name."""
_LONGEST_NAME, _MOST_EVENTS, _MOST_DIGITS = 100, 200, 18
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


def marks_of(archive: ArchiveReader, events: Iterable[Mapping[str, Any]]) -> dict[str, Triage]:
    """Return the marks of rows of the view `events`, by their `event_text`. Events without marks are left out."""
    names = {event_text(row): EventName.of(dict(row)) for row in events}
    pages = {name.page_id for name in names.values() if name.page_id is not None}
    found: dict[EventKey, list[EventMark]] = {}
    marks = archive.store.marks
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


def mark_events(
    settings: Settings, events: Sequence[str], mark: str, *, note: str = "", by: str = LOCAL, withdraw: bool = False
) -> int:
    """Mark events, or withdraw a mark; return how many changed. The archive is open for writing only meanwhile.

    Args:
        settings: name the archive.
        events: as `event_text` names them.
        mark: seen, important or note. A note takes the place of the one before; an empty note withdraws it.
        note: the text of a note.
        by: who marks.
        withdraw: take the mark back. The row stays in the view `marks`, with the time.

    Raises:
        UsageError: an unknown mark, a text that names no event, or a note that is too long.
        NotInArchive: there is no such event.
        ArchiveError: the archive cannot be written.
    """
    if mark not in MARKS:
        raise UsageError(f"{printable(mark, 40)}: no such mark; known: {', '.join(MARKS)}")
    if not events or len(events) > _MOST_EVENTS:
        raise UsageError(f"mark between 1 and {_MOST_EVENTS} events at once")
    if len(note) > LONGEST_NOTE:
        raise UsageError(f"a note has at most {LONGEST_NOTE} characters; shorten it")
    names, text = [event_of(each) for each in events], printable(line(note), LONGEST_NOTE)
    with Archive(settings) as archive:
        at, marks = written(settings.clock()), archive.store.marks
        if withdraw or (mark == "note" and not text):
            return marks.withdraw(names, mark, at)
        for name in names:
            if not marks.exists(name):
                raise NotInArchive(f"{name.kind} of {name.page_id or name.site}: this archive has no such event")
        return marks.put(names, mark, text if mark == "note" else None, at, printable(by, _LONGEST_NAME) or LOCAL)
