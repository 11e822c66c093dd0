"""A visit older than ones already told of: a capture made beside a crawl, one read late, a clock set back.

It lands in its place in time: the page's history is told anew, from what the archive holds of each of its visits.
Nothing is read again, so bodies that were pruned do not matter.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from archiver.change.decide import decide
from archiver.crawl.site import WorkingSite
from archiver.model.capture import Capture, Outcome, Request
from archiver.model.clock import instant, written
from archiver.model.record import Record
from archiver.model.version import Decision
from archiver.store.archive import Store
from archiver.store.evidence import KeptVisit
from archiver.store.timeline import Stood
from archiver.store.versions import Applied, Latest, Observation

T = TypeVar("T")

Judge = Callable[[Latest | None], Observation]
"""What the late visit is, once it is known what stood before it."""


def tell_anew(
    store: Store, site: WorkingSite, late: Sequence[tuple[KeptVisit, Judge]]
) -> list[tuple[Observation, Applied]]:
    """Put late visits of one page, oldest first, into their places; gives what each was there.

    To be called within a transaction, with all of them unread.
    """
    extractor = site.extractor.extractor_id
    page_id = late[0][0].page_id
    stood = store.timeline.of(page_id, extractor, without=late[0][0].visit_id)
    store.timeline.forget(page_id, extractor)
    told: list[tuple[Observation, Applied]] = []
    moments: list[Stood | tuple[KeptVisit, Judge]] = [*stood, *late]
    for moment in sorted(moments, key=_when):
        last = store.versions.latest(page_id, extractor)
        seen = _observed(page_id, moment, last, site) if isinstance(moment, Stood) else moment[1](last)
        applied = store.versions.apply(seen, last)
        if not isinstance(moment, Stood):
            told.append((seen, applied))
    store.timeline.regain(page_id)
    return told


def _when(moment: Stood | tuple[KeptVisit, Judge]) -> tuple[str, int]:
    if isinstance(moment, Stood):
        return moment.at, moment.visit_id
    return written(moment[0].visited_at), moment[0].visit_id


def together(kept: Sequence[T], page_of: Callable[[T], int], is_late: Callable[[T], bool]) -> Iterator[list[T]]:
    """In their order, late visits of a page that follow one another together, each other visit alone.

    A page's history is told anew once for all of them, and not once for each.
    """
    run: list[T] = []
    for item in kept:
        if run and not (is_late(run[-1]) and page_of(run[-1]) == page_of(item) and is_late(item)):
            yield run
            run = []
        run.append(item)
    if run:
        yield run


def _observed(page_id: int, moment: Stood, last: Latest | None, site: WorkingSite) -> Observation:
    capture = Capture(
        Request(moment.asked), instant(moment.at), Outcome(moment.outcome), moment.status, location=moment.location
    )
    visit = KeptVisit(moment.visit_id, page_id, moment.run_id, capture.visited_at, capture)
    record, decision = None, None
    if moment.content is not None:
        record = Record(moment.content, sources=moment.sources)
        decision = _decided(last, record)
    return Observation(
        visit,
        capture.outcome,
        record,
        decision,
        site.extractor.extractor_id,
        moment.recorded_at,
        site.moves_away(capture),
    )


def _decided(last: Latest | None, record: Record) -> Decision:
    return decide(last.content if last else None, record.content, absent=bool(last and last.ended))
