"""Backoff: how long a page waits after a visit that failed, or that found the page missing or redirected.

The wait doubles with each such visit. The first wait is short, because an outage can answer all pages with "not found"
or redirect them to a maintenance page, and a crawl must soon visit them again.
"""

from archiver.model.outcome import Outcome
from archiver.model.reason import Reason, ReasonCode
from archiver.revisit.observed import Observed
from archiver.revisit.ranking import Bounds

_FIRST_AFTER_FAILURE, _FIRST_AFTER_LOSS = 0.25, 1.0  # days


def backoff(seen: Observed, waited: float, reason: Reason | None, bounds: Bounds) -> tuple[float, Reason] | None:
    """Return the days until a page is due again, and why; None when the visit found the page.

    Args:
        seen: what the visit found.
        waited: the planned days between the visit before and this one.
        reason: why the page was due.
        bounds: the shortest and the longest wait.
    """
    outcome = seen.outcome
    if not outcome.traits.backs_off and not seen.is_doubtful:
        return None
    if outcome.is_absence and not seen.is_proven_gone:
        return bounds.min_days, Reason.of(ReasonCode.MISSING_ONCE)
    if seen.is_doubtful:
        first, why = bounds.min_days, Reason.of(ReasonCode.DOUBTFUL)
    elif outcome.is_failure:
        first, why = _FIRST_AFTER_FAILURE, Reason.of(ReasonCode.FAILED, outcome)
    else:
        first = _FIRST_AFTER_LOSS if seen.was_there else bounds.max_days
        why = Reason.of(ReasonCode.MOVED if outcome is Outcome.MOVED else ReasonCode.GONE)
    days = waited * 2 if reason is not None and reason.code is why.code else first
    return min(max(days, bounds.min_days), bounds.max_days), why
