"""How long a page waits that was not there to be read: it failed, is missing, or moved away.

The longer that lasts, the longer the waits: twice as long each time. They begin short, for an outage that answers all
pages with "not found" or sends them to one page of maintenance must not cost a month of news.
"""

from archiver.model.capture import Outcome
from archiver.revisit.ranking import Bounds
from archiver.revisit.visit_result import Found

_FAILED, _LOST = 0.25, 1.0  # days, the first time
_FAILURES = frozenset(str(each) for each in Outcome if each.is_failure)
REASONS = frozenset({"gone", "missing once", "moved", *_FAILURES})
"""How the reasons given here begin, before their colon."""


def wait_in_trouble(found: Found, waited: float, reason: str, bounds: Bounds) -> tuple[float, str] | None:
    """The days until it is due, and why; None for a page that was there.

    `waited`, `reason`: the days it waited for this visit, and what was foreseen for it.
    """
    outcome = found.outcome
    if outcome.is_absence and not found.proven:
        return bounds.least, "missing once: a second proof is needed"
    if outcome.is_failure:
        first, words = _FAILED, f"{outcome}: later"
    elif outcome.is_absence or outcome is Outcome.MOVED:
        first = _LOST if found.was_there else bounds.most
        words = "gone: seldom" if outcome.is_absence else "moved: seldom"
    else:
        return None
    days = waited * 2 if _trouble(reason) == _trouble(words) else first
    return min(max(days, bounds.least), bounds.most), words


def _trouble(reason: str) -> str:
    head = reason.partition(":")[0]
    return "failed" if head in _FAILURES else head
