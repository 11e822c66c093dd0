"""Reads captures that were kept and never read: a run was killed between the two, or they were just imported.

They are read in worker processes, so that a page that crashes the parser costs a worker and not the run. Only the death
of its worker counts against a capture. One that killed its worker three times, or that the reader failed on, stays on
the list until another version of the reader comes, or `archiver extract` tries it again.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from archiver.crawl.fetched import Fetched, KeptPage
from archiver.crawl.judge import Visit
from archiver.crawl.pipeline import Item, Pipeline
from archiver.crawl.read_capture import ReadResult, reader_failed
from archiver.crawl.site import WorkingSite
from archiver.errors import ArchiveDamaged
from archiver.extract.read import reader_version
from archiver.model.event import Listener, Noticed
from archiver.model.outcome import Cause
from archiver.model.reason import Reason, ReasonCode
from archiver.store.archive import Store
from archiver.store.evidence import KeptVisit

MOST_DEATHS = 3  # of the process that reads a capture; then it is given up

Progressed = Callable[[int, int], bool]
"""Called with how many are read, of how many; returns whether to go on."""


class WorkerResult(NamedTuple):
    """What a worker process gave for a capture. `result` None: the bytes are damaged, or, if `died`, it died."""

    visit_id: int
    result: ReadResult | None
    died: bool = False


ReadApart = Callable[[Sequence[int]], Iterable[list[WorkerResult]]]
"""Reads captures, by their numbers, in worker processes."""


class UnreadCaptures:
    """The captures of one site that nobody has read."""

    def __init__(self, store: Store, site: WorkingSite, pipeline: Pipeline, read: ReadApart, listen: Listener) -> None:
        self._store = store
        self._site = site
        self._pipeline = pipeline
        self._read_apart = read
        self._listen = listen

    def read(self, progressed: Progressed = lambda _done, _all: True, *, again: bool = False) -> int:
        """Read them, page by page and oldest first; return how many were read.

        Args:
            progressed: hears how far it is, and may end it.
            again: try those again that this reader failed on.
        """
        numbers = self._store.evidence.unread(self._site.site_id, reader_version(), again=again)
        done = 0
        for results in self._read_apart(numbers) if numbers else ():
            if not progressed(done, len(numbers)):
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
        """The capture again, in this process; None when its bytes are damaged."""
        try:
            return self._store.evidence.visit(result.visit_id)
        except ArchiveDamaged as error:
            self._pipeline.tally.unread += 1
            self._listen(Noticed(self._site.name, f"not read: {error}"))
            return None

    def _died(self, kept: KeptVisit) -> ReadResult:
        """The result of a capture whose worker died, or took too long."""
        if self._store.evidence.reader_died(kept.visit_id, MOST_DEATHS):
            return reader_failed(kept.capture, f"the process that read it died {MOST_DEATHS} times, or took too long")
        return reader_failed(kept.capture, "", Cause.READER_DIED)

    def _with_previous(self, items: list[tuple[KeptVisit, ReadResult]]) -> list[Item]:
        pages = [
            KeptPage(kept, Fetched(kept.page_id, kept.capture, *self._found_as(kept.page_id))) for kept, _ in items
        ]
        found = self._pipeline.with_previous(pages)
        return [
            (Visit(kept, result, self._pipeline.read_previous(page)), page.fetched)
            for (kept, result), page in zip(items, found, strict=True)
        ]

    def _found_as(self, page_id: int) -> tuple[int, Reason]:
        """How deep a page was found, and why it is on the frontier."""
        entry = self._store.frontier.entry(page_id)
        return (entry.depth, entry.reason) if entry is not None else (0, Reason.of(ReasonCode.LINK))
