"""Selects the pages of one site that one run visits next, most urgent first. The cost does not grow with the frontier.

A site's frontier consists of queues: one for each priority and each range of intervals (`_frontier.queue`, a generated
column in `schema`). In a queue, the page that has been due longest comes first. An index gives the first pages of each
queue, so a selection reads some pages of each queue, never the whole frontier.
"""

import json
from collections.abc import Collection, MutableSet
from itertools import groupby

from archiver.store.connection import Connection, Row
from archiver.store.frontier import ENTRIES, LATEST, QUEUES, Due, entry_of

REQUISITE_PRIORITY = 1.0  # no other pages have it: requisites come after listings, and before other pages
_RANGES = 10  # numbers of queues for each priority: intervals of 0, up to 1 h, 4 h, 16 h, 2.7, 11, 43 days, and more
_REQUISITES = -2  # the number of their queues, divided by `_RANGES`
_FIRST = """SELECT page_id, due_at, (julianday(?4) - julianday(due_at)) / iif(interval, max(interval, 900.0), 86400.0) AS urgency
  FROM _frontier WHERE site_id = ?1 AND queue = ?2 AND run_id IS NOT ?3 AND due_at BETWEEN ?5 AND ?6
  AND page_id NOT IN (SELECT value FROM json_each(?8))
  ORDER BY due_at LIMIT ?7"""


class DueQueues:
    """The queues of one site, as one run reads them.

    The order of pages: by priority; within a priority, by the time a page has been due divided by its interval, among the
    first pages of each queue. A page that was never visited has an interval of a day, so that neither new nor old pages
    starve under a budget.

    For each queue it remembers the due time of the first page that the run has not taken. So it does not read again the
    pages that the run has taken, which may be due again or, with `everything`, come before others.

    Args:
        connection: the archive.
        site_id: the site.
        run_id: the run; it takes each page once.
        moved: early due times that were written to the site's frontier since the last call of `next_pages`, which
            empties it (`archiver.store.apply.ResultWriter.moved`).
        everything: also select pages that are not due, after those of the same priority that are. Requisites are only
            selected when they are due.
    """

    def __init__(
        self, connection: Connection, site_id: int, run_id: int, moved: MutableSet[str], *, everything: bool
    ) -> None:
        self._connection = connection
        self._moved = moved
        self._site_id = site_id
        self._run_id = run_id
        self._everything = everything
        self._first_due: dict[int, str] = {}
        self._first_ahead: dict[int, str] = {}
        self._started = "[]"

    def restart(self) -> None:
        """Read the queues from their beginning: another program may have moved pages before the remembered ones."""
        self._first_due.clear()
        self._first_ahead.clear()

    def _read_moved(self, now: str) -> None:
        """Read the queues from the earliest due time that was written since the last call."""
        moved = sorted(self._moved)
        self._moved.clear()
        ahead = [due_at for due_at in moved if due_at > now]
        for marks, times in ((self._first_due, moved), (self._first_ahead, ahead)):
            if times:
                marks.update({queue: min(mark, times[0]) for queue, mark in marks.items()})

    def next_pages(
        self,
        now: str,
        limit: int,
        started: Collection[int] = (),
        *,
        rush: bool = False,
        only_requisites: bool = False,
    ) -> list[Due]:
        """Return the next pages that the run has not taken.

        Args:
            now: the time (UTC text).
            limit: how many pages to return at most.
            started: pages that the run has taken, and that the archive does not know of yet; they are left out.
            rush: pages that were never visited come first; for a server that is shutting down.
            only_requisites: select no pages.
        """
        found: list[int] = []
        self._started = json.dumps(list(started))
        self._read_moved(now)
        for queues in self._by_priority(rush=rush):
            if only_requisites and not _is_of_requisites(queues[0]):
                continue
            first = [row for queue in queues for row in self._first_of(queue, now, limit)]
            first.sort(key=lambda row: (-row["urgency"], row["page_id"]))
            found += [row["page_id"] for row in first[: limit - len(found)]]
            if len(found) >= limit:
                break
        return self._entries(found)

    def _by_priority(self, *, rush: bool) -> list[list[int]]:
        """Return the queues, grouped by priority, highest first."""
        rows = self._connection.rows(f"{QUEUES} SELECT queue FROM queues WHERE queue IS NOT NULL", (self._site_id,))

        def place(queue: int) -> tuple[bool, int]:
            return rush and queue % _RANGES > 0, queue // _RANGES

        return [list(group) for _, group in groupby(sorted((row["queue"] for row in rows), key=place), place)]

    def _first_of(self, queue: int, now: str, limit: int) -> list[Row]:
        first = min(self._first_due.get(queue, ""), now)
        found = self._between(queue, now, (first, now), limit)
        self._first_due[queue] = found[0]["due_at"] if found else now
        if self._everything and len(found) < limit and not _is_of_requisites(queue):
            first = max(self._first_ahead.get(queue, ""), f"{now}+")  # the plus sign: after now
            ahead = self._between(queue, now, (first, LATEST), limit)
            self._first_ahead[queue] = ahead[0]["due_at"] if ahead else LATEST
            found += ahead
        return found

    def _between(self, queue: int, now: str, times: tuple[str, str], limit: int) -> list[Row]:
        return self._connection.rows(_FIRST, (self._site_id, queue, self._run_id, now, *times, limit, self._started))

    def _entries(self, pages: list[int]) -> list[Due]:
        rows = self._connection.rows(
            f"{ENTRIES} WHERE f.page_id IN (SELECT value FROM json_each(?))", (json.dumps(pages),)
        )
        entries = {row["page_id"]: entry_of(row, row["content"] or b"") for row in rows}
        return [entries[page] for page in pages]


def _is_of_requisites(queue: int) -> bool:
    return queue // _RANGES == _REQUISITES
