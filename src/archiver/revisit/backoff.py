"""How long a page waits that was not there to be read: it failed, is missing, or moved away.

The wait doubles each time. It begins short: an outage that answers all pages with "not found", or sends them to one
page of maintenance, must not cost a month of news.
"""

from archiver.model.outcome import Outcome
from archiver.model.reason import Reason, ReasonCode
from archiver.revisit.observed import Observed
from archiver.revisit.ranking import Bounds

_FAILED, _LOST = 0.25, 1.0  # days, the first time


def backoff(seen: Observed, waited: float, reason: Reason | None, bounds: Bounds) -> tuple[float, Reason] | None:
    """Return the days until a page is due, and why; None for a page that was there.

    Args:
        seen: what the visit found.
        waited: the days the page waited for this visit.
        reason: why it was due.
        bounds: how often a page may be visited, and must be.
    """
    outcome = seen.outcome
    if not outcome.traits.backs_off:
        return None
    if outcome.is_absence and not seen.proven:
        return bounds.least, Reason.of(ReasonCode.MISSING_ONCE)
    if outcome.is_failure:
        first, why = _FAILED, Reason.of(ReasonCode.FAILED, outcome)
    else:
        first = _LOST if seen.was_there else bounds.most
        why = Reason.of(ReasonCode.MOVED if outcome is Outcome.MOVED else ReasonCode.GONE)
    days = waited * 2 if reason is not None and reason.code is why.code else first
    return min(max(days, bounds.least), bounds.most), why
