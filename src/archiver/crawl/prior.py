"""Loads the states of pages before their visits are judged, with all that the results of reading ask for."""

from collections.abc import Iterable, Sequence

from archiver.change.doubtful import mark_of
from archiver.crawl.judge import Visit
from archiver.crawl.site import WorkingSite
from archiver.errors import SiteBusy
from archiver.store.archive import Store
from archiver.store.page_state import PriorState


def states_before(store: Store, visits: Sequence[Visit]) -> dict[int, PriorState]:
    """Return the state of each page before its visit, by visit id. Each visit is of a different page."""
    records = {each.kept.visit_id: each.read.record for each in visits if each.read.record is not None}
    counters = [(visit_id, name) for visit_id, record in records.items() for name, _ in record.readings]
    marks = {visit_id: mark for visit_id, record in records.items() if (mark := mark_of(record.content))}
    return store.state_of([each.kept.visit_id for each in visits], counters, marks)


def check_extractor(states: Iterable[PriorState], site: WorkingSite) -> None:
    """Raise SiteBusy when another program changed the site's extractor since this command began."""
    ours = site.extractor.extractor_id
    if any(state.extractor_id not in (None, ours) for state in states):
        raise SiteBusy(
            f"{site.name}: another program changed the profile of this site meanwhile; the captures are kept "
            "and the next command on this site reads them"
        )
