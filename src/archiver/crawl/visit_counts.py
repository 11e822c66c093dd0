"""The counts of a run's visits."""

from collections import Counter

from archiver.crawl.follow_up import Judged
from archiver.model.outcome import Outcome
from archiver.revisit.observed import cause_of
from archiver.store.runs import Tally

_MAX_CAUSES = 30  # that are counted separately, because a hostile server can produce any number


def count_visit(tally: Tally, causes: Counter[str], judged: Judged) -> None:
    """Add a visit of a page to the counts of its run. `causes`: the causes of failed visits.

    New, changed and moved pages are counted from the tables when the run has ended (`Pipeline.finish`).
    """
    history, capture = judged.history, judged.capture
    outcome = history.outcome
    tally.visits += 1
    tally.refused += outcome is Outcome.REFUSED
    tally.unread += history.read_later is not None
    if outcome.traits.is_error:
        tally.errors += 1
        cause = cause_of(capture, outcome)
        causes[cause if cause in causes or len(causes) < _MAX_CAUSES else "other causes"] += 1
    tally.back += history.returned
    tally.gone += history.lost and judged.state.moved_to is None
