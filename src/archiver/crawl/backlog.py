"""Captures of a site that were kept and never read: a reader died between the two, or they were just imported."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Protocol

from archiver.crawl.reading import Reading
from archiver.errors import ArchiveError, ArchiverError
from archiver.model.capture import Capture, Outcome
from archiver.store.archive import Store
from archiver.store.evidence import KeptVisit

MOST_TRIES = 3  # of a capture whose reading was cut off
_TOGETHER = 50  # that nobody tried to read yet
_HOPELESS = f"its reader was cut off {MOST_TRIES} times; the capture is kept"

Hears = Callable[[int, int], bool]
"""Told how many are read, of how many; gives whether to go on."""


class Reader(Protocol):
    """Reads and writes down; a desk."""

    def read_one(self, capture: Capture, *, apart: bool) -> Reading:
        """Read one capture, in a process of its own if there is one and it is asked for."""

    def settle_again(self, visits: Sequence[KeptVisit], readings: Sequence[Reading]) -> None:
        """Write down what was read of visits that were kept before, in one transaction."""


class Backlog:
    """The unread captures of one site.

    A try is counted before it is made: what a page did to its reader three times, it will do again. One that came to
    its end is taken back when its reading cannot be written down: a full disk is not the page's doing.
    """

    def __init__(self, store: Store, site_id: int, reader: Reader) -> None:
        self._store = store
        self._site_id = site_id
        self._reader = reader

    def read(self, hears: Hears = lambda _done, _all: True) -> int:
        """Read them, page by page and oldest first, as long as `hears` wants it; gives how many were read.

        Those that were tried before are read last and one by one.
        """
        fresh, tried = self._store.evidence.unread(self._site_id)
        total, done = len(fresh) + len(tried), 0
        chunks = [fresh[at : at + _TOGETHER] for at in range(0, len(fresh), _TOGETHER)] + [[each] for each in tried]
        for chunk in chunks:
            if not hears(done, total):
                break
            self._read(chunk)
            done += len(chunk)
        return done

    def _read(self, numbers: Sequence[int]) -> None:
        evidence = self._store.evidence
        tries = evidence.trying(numbers)
        visits = [evidence.visit(number) for number in numbers]
        readings = [self._tried(visit.capture, tries) for visit in visits]
        try:
            self._reader.settle_again(visits, readings)
        except ArchiverError:
            with suppress(ArchiveError):
                evidence.take_back(numbers)
            raise

    def _tried(self, capture: Capture, tries: int) -> Reading:
        """A capture whose reader was cut off: first as any other, then in a process of its own, then not again."""
        if tries > MOST_TRIES:
            return Reading(Outcome.UNREADABLE, None, _HOPELESS)
        return self._reader.read_one(capture, apart=tries > 1)
