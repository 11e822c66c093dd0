"""The daily budget of visits, as a token bucket: it fills with time and holds one day's visits at most. Pure.

A run can use visits that earlier runs left unused, so runs at irregular times use the whole budget. No run makes more
than one day's visits.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

_DAY = timedelta(days=1)


def left(budget: float, runs: Iterable[tuple[datetime, int]], now: datetime, *, full: bool) -> int:
    """Return how many visits may be made now.

    Args:
        budget: visits a day.
        runs: when each run began and how many visits it made, oldest first.
        now: the time. A run that a wrong clock dated later counts as begun now.
        full: whether the bucket was full when the first run began; else it was empty.
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
