"""Reads captures that were kept and not read: a run was killed in between, or they were just imported.

Worker processes read them, so that a page that crashes the parser ends a worker and not the run. A capture whose worker
died three times, or on which the reader failed, stays unread until the reader has another version, or until
`archiver extract` tries it again.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from archiver.crawl.fetched import Fetched, KeptPage
from archiver.crawl.judge import Visit
from archiver.crawl.pipeline import Pipeline
from archiver.crawl.read_capture import ReadResult, reader_failed
from archiver.crawl.rounds import Item
from archiver.crawl.site import WorkingSite
from archiver.errors import ArchiveDamaged, BodyPruned
from archiver.extract.reader_version import reader_version
from archiver.model.event import Listener, Noticed
from archiver.model.outcome import Cause
from archiver.model.reason import Reason, ReasonCode
from archiver.store.archive import Store
from archiver.store.evidence import KeptVisit

MAX_DEATHS = 3  # of the processes that read a capture; then it is not tried again

Progressed = Callable[[int, int], bool]
"""Called with the number of captures that are read, and of all; returns whether to continue."""


class WorkerResult(NamedTuple):
    """A worker's result for a capture. `result` None: the worker `died`, or the stored bytes are damaged."""

    visit_id: int
    result: ReadResult | None
    died: bool = False


ReadInWorkers = Callable[[Sequence[int]], Iterable[list[WorkerResult]]]
"""Reads captures, given by visit ids, in worker processes."""


class UnreadCaptures:
    """The captures of one site that are not read yet."""

    def __init__(
        self, store: Store, site: WorkingSite, pipeline: Pipeline, read: ReadInWorkers, listen: Listener
    ) -> None:
        self._store = store
        self._site = site
        self._pipeline = pipeline
        self._read_in_workers = read
        self._listen = listen

    def read(self, progressed: Progressed = lambda _done, _all: True, *, again: bool = False) -> int:
        """Read the captures, page by page and oldest first; return how many were read.

        Args:
            progressed: called before each batch; may end the reading.
            again: also read the captures on which this version of the reader failed.
        """
        visit_ids = self._store.evidence.unread(self._site.site_id, reader_version(), again=again)
        done = 0
        for results in self._read_in_workers(visit_ids) if visit_ids else ():
            if not progressed(done, len(visit_ids)):
                break
            self._settle(results)
            done += len(results)
        return done

    def _settle(self, results: list[WorkerResult]) -> None:
        self._store.evidence.reset_readings([each.visit_id for each in results])
        items: list[tuple[KeptVisit, ReadResult]] = []
        for each in results:
            kept = self._visit(each)
            if kept is None:
                continue
            if each.result is not None:
                items.append((kept, each.result))
            elif each.died:
                items.append((kept, self._died(kept)))
        if items:
            self._pipeline.settle(self._with_previous(items))

    def _visit(self, result: WorkerResult) -> KeptVisit | None:
        """Return the stored capture; None when its bytes are damaged."""
        try:
            return self._store.evidence.visit(result.visit_id)
        except (ArchiveDamaged, BodyPruned) as error:
            self._pipeline.tally.unread += 1
            self._listen(Noticed(self._site.name, f"not read: {error}"))
            return None

    def _died(self, kept: KeptVisit) -> ReadResult:
        """Return the result for a capture whose worker died, or took too long."""
        if self._store.evidence.reader_died(kept.visit_id, MAX_DEATHS):
            return reader_failed(kept.capture, f"the process that read it died {MAX_DEATHS} times, or took too long")
        return reader_failed(kept.capture, "", Cause.READER_DIED)

    def _with_previous(self, items: list[tuple[KeptVisit, ReadResult]]) -> list[Item]:
        pages = [
            KeptPage(kept, Fetched(kept.page_id, kept.capture, *self._depth_and_reason(kept.page_id)))
            for kept, _ in items
        ]
        found = self._pipeline.with_previous(pages)
        return [
            (Visit(kept, result, self._pipeline.read_previous(page), page.previous), page.fetched)
            for (kept, result), page in zip(items, found, strict=True)
        ]

    def _depth_and_reason(self, page_id: int) -> tuple[int, Reason]:
        """Return the depth at which a page was found, and why it is on the frontier."""
        entry = self._store.frontier.entry(page_id)
        return (entry.depth, entry.reason) if entry is not None else (0, Reason.of(ReasonCode.LINK))
