"""A visit older than ones already told of: a capture made beside a crawl, one read late, a clock set back.

It lands in its place in time: the page's history is told anew, from what the archive holds of each of its visits.
Nothing is read again, so bodies that were pruned do not matter.
"""

from collections.abc import Callable, Iterator

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

Judge = Callable[[Latest | None], Observation]
"""What the late visit is, once it is known what stood before it."""


def tell_anew(store: Store, site: WorkingSite, visit: KeptVisit, judge: Judge) -> tuple[Observation, Applied]:
    """Put a late visit into its place; gives what it was there. To be called within a transaction."""
    extractor = site.extractor.extractor_id
    stood = store.timeline.of(visit.page_id, extractor, without=visit.visit_id)
    store.timeline.forget(visit.page_id, extractor)
    told: tuple[Observation, Applied] | None = None
    here = (written(visit.visited_at), visit.visit_id)
    for moment in _in_order(stood, here):
        last = store.versions.latest(visit.page_id, extractor)
        seen = judge(last) if moment is None else _observed(visit.page_id, moment, last, site)
        applied = store.versions.apply(seen, last)
        if moment is None:
            told = (seen, applied)
    store.timeline.regain(visit.page_id)
    assert told is not None  # noqa: S101  (None comes once)
    return told


def _in_order(stood: list[Stood], here: tuple[str, int]) -> Iterator[Stood | None]:
    """The visits in time order, None where the late one belongs."""
    before = [moment for moment in stood if (moment.at, moment.visit_id) < here]
    yield from before
    yield None
    yield from stood[len(before) :]


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
