"""Ranks pages for their next visit, with a reason. Pure; times are days, rates changes a day, budgets visits a day.

The *pressure* of a page is weight x rate x exposure x elapsed^0.2. The exposure is the time since the last visit times
the mean decay factor, so rate x exposure is the number of changes to expect. Without decay, the pressure is weight x
rate x elapsed^1.2. The power 1 would catch most versions, and the power 2 would keep changes unseen for the shortest
time; 1.2 is a compromise near the first. The pressure of a page grows with time. So there are two equivalent ways to
select pages:

- **the K pages with the greatest pressure** (`choose`): exact, but each call computes the pressure of all pages;
- **a threshold θ**: a page is due when its pressure reaches θ, which is the same for all pages, and at which all pages
  together need the budget (`threshold`). Then the due time of a page is known when it is visited (`wait`).

**The crawler uses the second way** and stores one `due_at` per page. A run reads only the pages that are due, by an
index; `next_due` gives the time of the next run; a killed run loses nothing; and the table shows when a page is due and
why. θ changes slowly: it is computed once a day, and all `due_at` with it (about 0.1 ms per page). When more pages are
due than the budget allows, a run visits the most overdue pages first. When fewer are due, the run ends early, and
`requested_visits` requests more visits for the next day.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from heapq import nlargest
from typing import NamedTuple

from archiver.model.reason import Reason, ReasonCode
from archiver.revisit.age_decay import DecayCurve

_ELAPSED_POWER = 0.2  # of the elapsed time in the pressure
_BISECTIONS = 20  # of an interval of a month: accurate to seconds
_MAX_STEP = 1.1  # the greatest daily factor of the requested visits
_MIN_HINTED_WAIT = 0.75  # days that a hinted change counts as waiting, at least
_WEIGHTS = {"listing": 0.35}  # other kinds: 1
_MAX_SHOWN_DAYS = 1000  # a reason shows no longer time


@dataclass(frozen=True, slots=True)
class Bounds:
    """The shortest and the longest wait between two visits of a page that is not gone, in days."""

    min_days: float
    max_days: float


@dataclass(frozen=True, slots=True)
class RevisitCandidate:
    """A page that waits for its next visit.

    Attributes:
        rate: changes a day (`RateDistribution.planning_rate`); for an article: on its first day.
        curve: the decay curve of its kind.
        age: days from its publication, or else from when it was first seen, to its last visit.
        weight: the value of a change of this page, relative to other pages.
        hint: the probability of a change by a hint since the last visit (`HintAccuracy.probability`); 0: no hint.
        hint_source: what gave the hint: feed, sitemap.
        silence: the factor of the expected changes when a list that dates the page does not say that it is newer
            (`HintAccuracy.silence`); 1: no list dates it.
    """

    rate: float
    curve: DecayCurve
    age: float = 0.0
    weight: float = 1.0
    hint: float = 0.0
    hint_source: str = ""
    silence: float = 1.0

    @property
    def weighted_rate(self) -> float:
        """Weight x changes a day, at the age of the last visit."""
        return self.weighted_rate_at(self.age)

    def weighted_rate_at(self, age: float) -> float:
        """Return weight x changes a day at another age; `threshold` takes these values of today."""
        return self.weight * self.silence * self.rate * self.curve.factor(age)

    def expected(self, elapsed: float) -> float:
        """Return the changes to expect `elapsed` days after the last visit; a hint counts with its probability."""
        return max(self.silence * self.rate * self.curve.exposure(self.age, self.age + elapsed), self.hint)

    def pressure(self, elapsed: float) -> float:
        """Return the pressure of the page `elapsed` days after its last visit."""
        waited = max(elapsed, _MIN_HINTED_WAIT) if self.hint else max(elapsed, 0.0)
        return self.weight * self.expected(elapsed) * math.pow(waited, _ELAPSED_POWER)


class Choice(NamedTuple):
    """A page to visit: its number in the given pages, its pressure, and the reason."""

    number: int
    pressure: float
    reason: Reason


@dataclass(frozen=True, slots=True)
class HintAccuracy:
    """The accuracy of hints, learned from visits: how many of them, with and without a hint, found a change.

    The default values are the prior: 8 of 10 hints are true, and 5 of 10 changes are hinted at.
    """

    hinted_changed: float = 4.0
    hinted_same: float = 1.0
    silent_changed: float = 4.0
    silent_same: float = 40.0

    def with_visit(self, *, hinted: bool, changed: bool) -> "HintAccuracy":
        """Return the counts with one more visit."""
        return HintAccuracy(
            self.hinted_changed + (hinted and changed),
            self.hinted_same + (hinted and not changed),
            self.silent_changed + (not hinted and changed),
            self.silent_same + (not hinted and not changed),
        )

    def probability(self, prior: float) -> float:
        """Return the probability of a change with a hint; `prior` is the probability without it."""
        true = self.hinted_changed / (self.hinted_changed + self.silent_changed)
        false = self.hinted_same / (self.hinted_same + self.silent_same)
        return prior * true / (prior * true + (1 - prior) * false) if prior > 0 else 0.0

    @property
    def silence(self) -> float:
        """The factor of the probability of a change when there is no hint, for small probabilities; 1 at most."""
        missed = self.silent_changed / (self.hinted_changed + self.silent_changed)
        quiet = self.silent_same / (self.hinted_same + self.silent_same)
        return min(missed / quiet, 1.0)


def weight_of(kind: str | None) -> float:
    """Return the weight of a kind of page. Listings have a low one, because most of their changes are new articles."""
    return _WEIGHTS.get(kind or "", 1.0)


def wait(page: RevisitCandidate, threshold: float, bounds: Bounds) -> float:
    """Return the days from a page's last visit until its pressure reaches the threshold, within the bounds."""
    if page.pressure(bounds.max_days) <= threshold:
        return bounds.max_days
    low, high = 0.0, bounds.max_days
    if page.pressure(bounds.min_days) >= threshold:
        return bounds.min_days
    if not page.curve.power and not page.hint:
        days = math.pow(threshold / page.weighted_rate, 1 / (1 + _ELAPSED_POWER))
        return min(max(days, bounds.min_days), bounds.max_days)
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        low, high = (middle, high) if page.pressure(middle) < threshold else (low, middle)
    return min(max(high, bounds.min_days), bounds.max_days)


def threshold(rates: Sequence[float], budget: float, bounds: Bounds) -> float:
    """Return the pressure at which pages are due, so that all together take `budget` visits a day.

    A page with weighted rate p waits (θ/p)^(1/1.2) days within the bounds. So it takes p^(1/1.2) x s visits a day with
    s = θ^(-1/1.2), at least 1/max_days and at most 1/min_days. The sum over all pages is a piecewise linear function of
    s, with a bend where a page reaches a bound. It is solved exactly between two bends.

    Args:
        rates: `RevisitCandidate.weighted_rate_at` of each page at its age now.
        budget: visits a day.
        bounds: the shortest and the longest wait.

    Returns:
        The threshold. 0: the budget allows all pages as often as `min_days` does. Infinite: the budget is smaller than
        one visit per page in `max_days`.
    """
    shares = [rate ** (1 / (1 + _ELAPSED_POWER)) for rate in rates if rate > 0]
    slowest, fastest = 1 / bounds.max_days, 1 / bounds.min_days
    total = slowest * len(rates)
    if total >= budget:
        return math.inf
    bends = sorted([(slowest / share, share) for share in shares] + [(fastest / share, -share) for share in shares])
    slope, at = 0.0, 0.0
    for bend, share in bends:
        if slope > 0 and total + slope * (bend - at) >= budget:
            return math.pow((budget - total) / slope + at, -(1 + _ELAPSED_POWER))
        total += slope * (bend - at)
        slope, at = max(slope + share, 0.0), bend
    return 0.0


def requested_visits(requested: float, budget: float, made: float) -> float:
    """Return the visits a day to compute the threshold for, so that `budget` visits are made.

    The rates of articles decay while they wait, so about a tenth fewer pages are due than computed. The result is
    between the budget and twice the budget.

    Args:
        requested: the result of the day before.
        budget: visits a day.
        made: visits that were made in the last day.
    """
    step = min(max(math.sqrt(budget / made), 1 / _MAX_STEP), _MAX_STEP) if made > 0 else 1.0
    return min(max(requested * step, budget), 2 * budget)


def choose(pages: Iterable[tuple[RevisitCandidate, float]], count: int, bounds: Bounds) -> list[Choice]:
    """Return the `count` pages to visit now, greatest pressure first.

    Pages whose last visit is at least `max_days` ago come first. Pages visited within `min_days` are left out.

    Args:
        pages: each page with the days since its last visit.
        count: how many pages.
        bounds: the shortest and the longest wait.
    """
    found = [
        (elapsed >= bounds.max_days, page.pressure(elapsed), -index, page, elapsed)
        for index, (page, elapsed) in enumerate(pages)
        if elapsed >= bounds.min_days
    ]
    best = nlargest(count, found, key=lambda one: one[:3])
    return [Choice(-index, pressure, why(page, elapsed, bounds)) for _, pressure, index, page, elapsed in best]


def why(page: RevisitCandidate, elapsed: float, bounds: Bounds) -> Reason:
    """Return why a page is visited after so many days."""
    if page.hint and page.hint >= page.rate * page.curve.exposure(page.age, page.age + elapsed):
        return Reason.of(ReasonCode.HINT, page.hint_source or "another page")
    if elapsed >= bounds.max_days:
        return Reason.of(ReasonCode.CEILING, _days(elapsed))
    rate = page.rate * page.curve.factor(page.age + elapsed)
    waited = f"waited {_days(elapsed)}"
    return Reason.of(ReasonCode.RATE, f"changes about every {_days(1 / rate)}, {waited}" if rate else waited)


def _days(days: float) -> str:
    if days < 2 / 24:
        return f"{max(round(days * 1440), 1)} minutes"
    if days < 2:  # noqa: PLR2004
        return f"{round(days * 24)} hours"
    return f"{round(days)} days" if days < _MAX_SHOWN_DAYS else f"{_MAX_SHOWN_DAYS} days or more"
