"""A redesign: what it did, and the pages that it changed."""

from dataclasses import dataclass
from typing import Any

from archiver.app.browsing.day_rows import full_rows, redesign_row
from archiver.app.reading.questions import ArchiveReader
from archiver.errors import NotInArchive

PAGE = 40
"""Pages of the list on one page."""


@dataclass(frozen=True, slots=True)
class RedesignPages:
    """A redesign. `event`: as in a list of events; `rows`: its pages with their changed words; `next`: 0 at the end."""

    event: dict[str, Any]
    alarms: list[str]
    rows: list[dict[str, Any]]
    start: int
    next: int

    def as_json(self) -> dict[str, Any]:
        """Return the redesign as JSON has it."""
        return {**self.event, "alarms": self.alarms, "start": self.start, "rows": self.rows, "next": self.next}


def redesign_of(archive: ArchiveReader, redesign_id: int, start: int = 0) -> RedesignPages:
    """Return a redesign with a part of its pages, from the `start`-th on.

    Raises:
        NotInArchive: there is no such redesign.
    """
    store = archive.store
    events = store.browsing.state_events
    if not events.redesign(redesign_id):
        raise NotInArchive(f"{redesign_id}: no such redesign in {store.path}; the view `redesigns` has them")
    light = events.changed_pages(redesign_id, archive.embargoed_pages(), limit=PAGE + 1, offset=start)
    rows = full_rows(store, light[:PAGE], redesign_id)
    alarms = store.redesigns.alarms(redesign_id)
    following = start + PAGE if len(light) > PAGE else 0
    return RedesignPages(redesign_row(store, redesign_id, ""), alarms, rows, start, following)
