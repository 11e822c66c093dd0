"""Mark events. The archive is open for writing only meanwhile."""

from collections.abc import Sequence

from archiver.app.archive import Archive
from archiver.app.browsing.marks import LONGEST_NOTE, event_of
from archiver.errors import NotInArchive, UsageError
from archiver.model.clock import written
from archiver.settings import Settings
from archiver.store.marks import MARKS
from archiver.text.clean import line, printable

LOCAL = "local"
"""Who marked, when the server knows no name."""
_LONGEST_NAME, _MOST_EVENTS = 100, 200


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
