"""When a site is to be crawled again after a slice. Pure: the time is an argument."""

from dataclasses import dataclass
from datetime import datetime

from archiver.app.reading.state import CrawlSummary
from archiver.model.clock import instant
from archiver.model.profile import CrawlRules

LEAST = 60.0
"""Seconds between the end of a crawl that visited all that was due, and the next one, at least."""
_UNVISITED = 600.0
"""Seconds until pages are tried again that a slice could not visit: a robots.txt that did not answer is, too."""
_BUDGET_SPENT = 3600.0
"""Seconds, at least, between two crawls of a site whose daily budget is spent."""
_LONGEST = 86_400.0


@dataclass(frozen=True, slots=True)
class AfterSlice:
    """What follows a slice.

    Attributes:
        goes_on: pages are due that the slice had no time for.
        due_in: seconds until the next crawl, when the lease ends now.
        wait: seconds for which the server asked to be left alone; None: it did not.
    """

    goes_on: bool
    due_in: float
    wait: float | None = None


def after_slice(
    summary: CrawlSummary, rules: CrawlRules, now: datetime, *, seconds: float, not_before: str | None
) -> AfterSlice:
    """Return what follows a slice.

    Args:
        summary: of the slice.
        rules: of the profile.
        now: the time.
        seconds: how long the slice was to last at most.
        not_before: when the server may be requested again (UTC text); None: it may be.
    """
    wait = (instant(not_before) - now).total_seconds() if not_before else 0.0
    wait = min(wait, _LONGEST) if wait > 0 else 0.0
    left = (instant(summary.next_due) - now).total_seconds() if summary.next_due else _LONGEST
    is_cut = summary.ended == "interrupted" or (summary.ended == "limit" and summary.seconds >= seconds)
    if is_cut and left <= 0:
        return AfterSlice(goes_on=not wait, due_in=wait, wait=wait or None)
    if left > 0:
        due_in = max(left, LEAST)
    elif summary.ended == "limit" and rules.revisit_budget:
        due_in = max(_BUDGET_SPENT, _LONGEST / rules.revisit_budget)
    else:
        due_in = LEAST if summary.tally.visits else _UNVISITED
    return AfterSlice(goes_on=False, due_in=min(max(due_in, wait), _LONGEST), wait=wait or None)
