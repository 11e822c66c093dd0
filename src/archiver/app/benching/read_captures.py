"""Read captures with a profile: in this process, or many in worker processes."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from archiver.crawl.read_capture import ReadResult, read_capture, read_quickly
from archiver.crawl.result_bytes import from_bytes
from archiver.errors import ArchiveDamaged, BodyPruned
from archiver.extract.slow_steps import IN_PROCESS
from archiver.model.capture import Capture
from archiver.model.profile import Profile
from archiver.store.archive import Store

MOST_HERE = 400
"""Captures that are read in this process: worker processes take about as long to start."""

Reading = tuple[int, ReadResult | None]
"""A visit id and its result; None when the bytes are damaged or the reader died."""


class CaptureReader:
    """Reads captures of one archive with profiles.

    Args:
        store: the archive.
        fallback: also use the slow fallback where no rule gives a body.
    """

    def __init__(self, store: Store, *, fallback: bool) -> None:
        self._store = store
        self._fallback = fallback

    def capture(self, visit_id: int) -> Capture | None:
        """Return a capture; None when its bytes cannot be read."""
        try:
            return self._store.evidence.visit(visit_id).capture
        except (ArchiveDamaged, BodyPruned):
            return None

    def read(self, capture: Capture, profile: Profile) -> ReadResult:
        """Read a capture in this process."""
        return read_capture(capture, profile, IN_PROCESS) if self._fallback else read_quickly(capture, profile)

    def read_many(self, visits: Sequence[int], profile: Profile, workers: int | None) -> Iterator[Reading]:
        """Yield the results of visits in their order; many are read in worker processes."""
        if len(visits) <= MOST_HERE:
            for visit in visits:
                capture = self.capture(visit)
                yield visit, None if capture is None else self.read(capture, profile)
            return
        from archiver.app.crawling.reread_workers import RereadWorkers  # noqa: PLC0415  (start-up)

        with RereadWorkers(Path(self._store.path), profile, workers, quick=not self._fallback) as pool:
            for chunk in pool.read(visits):
                for each in chunk:
                    yield each.visit_id, None if each.data is None else from_bytes(each.data)
