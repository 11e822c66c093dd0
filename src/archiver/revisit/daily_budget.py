"""How much of a budget of visits a day is left: a bucket that fills with time and holds one day's visits at most.

Pure. What a run left unused, a later one may use, so that runs at odd hours spend what was allowed, and none of them
more than a day's at once.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

_DAY = timedelta(days=1)


def left(budget: float, runs: Iterable[tuple[datetime, int]], now: datetime, *, full: bool) -> int:
    """Visits that may be made now.

    `budget`: visits a day; `runs`: when each began and how many visits it made, the first one first; `full`: the
    bucket was full when the first of them began (else empty): nothing had been visited for a day. A run that began
    after `now`, by a clock that was wrong, began just now.
    """
    amount, at = budget if full else 0.0, None
    for began, made in runs:
        amount = _filled(amount, budget, at, min(began, now))
        amount, at = max(amount - made, 0.0), min(began, now)
    return int(_filled(amount, budget, at, now) + 1e-6)


def _filled(amount: float, budget: float, since: datetime | None, until: datetime) -> float:
    if since is None:
        return amount
    return min(amount + budget * max((until - since) / _DAY, 0.0), budget)
