"""Inserts an out-of-order visit and rebuilds the history of its page.

Out-of-order visits come from imports, from captures made during a crawl, and from clocks that were set back. All visits
of the page are judged again in the order of time, by the same calls as new visits. The archive stores the results of
reading, so only visits that another extractor read are read again.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from archiver.crawl.article_parts import PartJoiner
from archiver.crawl.judge import Visit, judge_history
from archiver.crawl.prior import states_before
from archiver.crawl.read_capture import ReadResult, read_capture
from archiver.crawl.site import WorkingSite
from archiver.errors import ArchiveDamaged
from archiver.extract.slow_steps import SlowSteps
from archiver.model.clock import written
from archiver.model.outcome import Outcome
from archiver.store.archive import Store
from archiver.store.page_state import PriorState
from archiver.store.timeline import PastVisit
from archiver.store.visit_result import HistoryUpdate, VisitResult

AHEAD = timedelta(days=1)
"""A visit that is dated more than this after now has a wrong date. It is kept, and left out of the history."""


Reader = Callable[[int], ReadResult]
"""Returns how a visit is read, by its id."""


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """The result of rebuilding a history.

    Attributes:
        judged: for each inserted visit, the state before it and its history.
        left_out: visits that are dated in the future.
    """

    judged: tuple[tuple[PriorState, HistoryUpdate], ...]
    left_out: tuple[int, ...]


def rebuild_history(
    store: Store,
    site: WorkingSite,
    inserted: Sequence[Visit],
    now: datetime,
    *,
    steps: SlowSteps | None,
    reader: str,
    lacking_since: str | None = None,
    page_id: int | None = None,
    read: Reader | None = None,
) -> Rebuilt:
    """Insert visits of one page into its history. Call this within a transaction.

    Args:
        store: the archive.
        site: the site's rules.
        inserted: visits that the archive has no result for yet.
        now: visits that are dated more than a day after it are left out.
        steps: the slow steps of reading.
        reader: the version of the reader.
        lacking_since: visits after this time (UTC text) are missing in the history and are read again; None: none is.
        page_id: the page; None when visits are inserted.
        read: reads the visits that must be read again; None: their captures are read here.
    """
    extractor, page_id = site.extractor.extractor_id, page_id or inserted[0].kept.page_id
    latest = written(now + AHEAD)
    past = store.timeline.of(page_id)
    past_visit = _reader(store, site, steps, lacking_since, read)
    visits = [past_visit(each) for each in past if each.at <= latest] + list(inserted)
    kept_by = _only_read_by_others(past, extractor, {visit.kept.visit_id for visit in visits if _is_read(visit)})
    doubtful = {each.visit_id for each in past if each.is_doubtful}
    store.timeline.forget(page_id, extractor)
    judged: dict[int, tuple[PriorState, HistoryUpdate]] = {}
    for visit in sorted(visits, key=lambda each: (each.kept.visited_at, each.kept.visit_id)):
        visit_id = visit.kept.visit_id
        state = states_before(store, [visit])[visit_id]
        history = _judged(visit, state, site, kept_by.get(visit_id), written(now))
        if visit_id in doubtful:
            store.evidence.reset_readings([visit_id])
        store.apply([VisitResult(visit.kept.capture, history)], reader=reader)
        judged[visit_id] = state, history
    store.timeline.regain(page_id)
    store.timeline.refute_moves(page_id)
    store.reinterpretations.compare(page_id, extractor, None)
    left_out = tuple(each.visit_id for each in past if each.at > latest)
    return Rebuilt(tuple(judged[each.kept.visit_id] for each in inserted), left_out)


def _is_read(visit: Visit) -> bool:
    return visit.read.record is not None or visit.read.outcome is not Outcome.OK


def _only_read_by_others(past: Sequence[PastVisit], extractor: int, read_now: set[int]) -> dict[int, PastVisit]:
    """Return the visits of versions that another extractor read and of which no capture can be read again.

    Those versions stay as they are: their bytes are pruned or damaged. No change is claimed between them and others.
    """
    readable = {each.version_id for each in past if each.visit_id in read_now}
    return {
        each.visit_id: each
        for each in past
        if each.extractor_id not in (None, extractor) and each.version_id not in readable
    }


def _judged(visit: Visit, state: PriorState, site: WorkingSite, old: PastVisit | None, now: str) -> HistoryUpdate:
    """Judge a visit; `old`: by what another extractor read of it."""
    if old is None or old.extractor_id is None:
        return judge_history(visit, state, site, now)
    site = replace(site, extractor=replace(site.extractor, extractor_id=old.extractor_id))
    history = judge_history(Visit(visit.kept, ReadResult(old.outcome, old.record)), state, site, now)
    return replace(history, is_first_visit=False)  # that extractor's rows are still there


def _reader(
    store: Store, site: WorkingSite, steps: SlowSteps | None, lacking_since: str | None, known: Reader | None
) -> Callable[[PastVisit], Visit]:
    """Return a function that turns a past visit into one to be judged again."""
    extractor = site.extractor.extractor_id
    files: dict[str, ReadResult] = {}  # each file is read once, however often it was captured
    joiner = PartJoiner(store, site, steps, lambda result, _: result)

    def read(past: PastVisit) -> Visit:
        kept, result = past.kept, ReadResult(past.outcome, past.record)
        is_lacking = lacking_since is not None and past.at > lacking_since and past.outcome is Outcome.OK
        is_unread = past.is_doubtful and past.record is None and past.outcome is not Outcome.NOT_MODIFIED
        is_lacking = is_lacking or is_unread
        if past.extractor_id in (None, extractor) and not is_lacking:
            return Visit(kept, result)
        if not past.has_body:  # its body is pruned, so it is judged without content
            return Visit(kept, replace(result, record=None))
        try:
            capture = store.evidence.visit(kept.visit_id).capture
        except ArchiveDamaged:
            return Visit(kept, replace(result, record=None))
        found = (
            known(kept.visit_id) if known else files.get(capture.sha256) or read_capture(capture, site.profile, steps)
        )
        if found.record is not None and found.record.content.file is not None:
            files[capture.sha256] = found
        return joiner.of_visit(Visit(kept, found))

    return read
