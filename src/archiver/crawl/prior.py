"""Loads the states of pages before their visits are judged, with all that the results of reading ask for."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from archiver.change.doubtful import mark_of
from archiver.crawl.judge import Visit
from archiver.crawl.site import WorkingSite
from archiver.errors import ArchiveDamaged, BodyPruned, SiteBusy
from archiver.model.capture import Capture, Outcome, parse_head
from archiver.store.archive import Store
from archiver.store.page_state import PriorState


def states_before(store: Store, visits: Sequence[Visit]) -> dict[int, PriorState]:
    """Return the state of each page before its visit, by visit id. Each visit is of a different page."""
    records = {each.kept.visit_id: each.read.record for each in visits if each.read.record is not None}
    counters = [(visit_id, name) for visit_id, record in records.items() for name, _ in record.readings]
    marks = {visit_id: mark for visit_id, record in records.items() if (mark := mark_of(record.content))}
    states = store.state_of([each.kept.visit_id for each in visits], counters, marks)
    for each in visits:
        state = states[each.kept.visit_id]
        if each.read.outcome is Outcome.NOT_MODIFIED and state.doubt is not None and state.doubt.is_broken:
            states[each.kept.visit_id] = replace(state, confirms_doubt=_confirms_doubt(store, each, state.doubt.since))
    return states


def _confirms_doubt(store: Store, visit: Visit, since: str) -> bool:
    """Return whether a 304 confirms a doubtful capture: the request has the validators of that one.

    They were sent because the capture was not doubtful then: another profile read it, or it was accepted.
    """
    kept = visit.kept
    asked = _capture(store, kept.visit_id)
    if asked is None:
        return False
    sent = {name.lower(): value.strip() for name, value in parse_head(b"\r\n" + asked.request_head)}
    doubtful = (_capture(store, each) for each in store.doubts.captures(kept.page_id, since, kept.visit_id))
    return any(_is_named(each, sent) for each in doubtful if each is not None)


def _is_named(capture: Capture, sent: Mapping[bytes, bytes]) -> bool:
    """Return whether a conditional request names a capture (RFC 9110, 13.1: `Last-Modified` only without an ETag)."""
    if b"if-none-match" in sent:
        return capture.raw_header("etag") == sent[b"if-none-match"]
    modified = sent.get(b"if-modified-since")
    return modified is not None and capture.raw_header("last-modified") == modified


def _capture(store: Store, visit_id: int) -> Capture | None:
    try:
        return store.evidence.visit(visit_id).capture
    except (ArchiveDamaged, BodyPruned):
        return None


def check_extractor(states: Iterable[PriorState], site: WorkingSite) -> None:
    """Raise SiteBusy when another program changed the site's extractor since this command began."""
    ours = site.extractor.extractor_id
    if any(state.extractor_id not in (None, ours) for state in states):
        raise SiteBusy(
            f"{site.name}: another program changed the profile of this site meanwhile; the captures are kept "
            "and the next command on this site reads them"
        )
