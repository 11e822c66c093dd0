"""Which pages to visit next, and why. Pure; times are days, rates changes a day, budgets visits a day.

A page's *pressure* is weight x rate x exposure x elapsed^0.2, where exposure is the time since the last visit times
the mean age factor: the changes to expect by now, and the longer they wait the more. With no cooling that is weight x
rate x elapsed^1.2: near to power 1, which catches most versions, and with something of power 2, which leaves least
unseen for least time. Pressure only grows while a page waits, hence two ways to choose, which come to the same:

- **the K pages under most pressure** (`choose`): exact, but each choice looks at all pages again;
- **a threshold**: every page is due when its pressure reaches one value θ, the same for all, at which all
  together ask for the budget (`threshold`). Then a page's next time can be told when it is visited (`wait`).

**A crawler stores the second**, one `due_at` a page. A run by cron asks the index "due by now?" and looks at no other
page; `next_due` says when to come back; a killed run loses nothing; and whoever reads the table sees when, and why. θ
moves slowly: it is computed once a day, with what is usual on the site, and all `due_at` with it (some 0.1 ms a page).
What a stored time cannot do is to fit the budget to the hour: when more pages are due than a run may visit, `choose`
takes those under most pressure; when fewer are, the run is over early, and `to_ask` asks for more the next day.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from heapq import nlargest
from typing import NamedTuple

from archiver.model.reason import Reason, ReasonCode
from archiver.revisit.age_decay import Cooling

_PATIENCE = 0.2  # the power of elapsed time beside the exposure's
_HALVINGS = 20  # of an interval of a month: to seconds
_STEP = 1.1  # a day's correction of what is asked for, at most
_SOON = 0.75  # days a hinted change is taken to have waited, at least, if it is there
_WEIGHTS = {"listing": 0.35}  # all else 1
_AGES = 1000  # days; what is longer is all the same to a reader


@dataclass(frozen=True, slots=True)
class Bounds:
    """A page is never visited more often than every `least` days, and, while it lives, at least every `most`."""

    least: float
    most: float


@dataclass(frozen=True, slots=True)
class Waiting:
    """What is known of a page that waits for its next visit.

    Attributes:
        rate: changes a day to plan by (`Belief.hopeful`; for an article: on its first day).
        cooling: the curve of its kind.
        age: days from its publication, or else its first sight, to its last visit.
        weight: what a change of it is worth beside others.
        hint: how probable a change is by what others said since the last visit (`Trust.probability`); 0: nothing said.
        told: who said so, in a word: listing, feed, sitemap.
    """

    rate: float
    cooling: Cooling
    age: float = 0.0
    weight: float = 1.0
    hint: float = 0.0
    told: str = ""

    @property
    def pace(self) -> float:
        """Weight x changes a day, at the age of the last visit."""
        return self.pace_at(self.age)

    def pace_at(self, age: float) -> float:
        """Weight x changes a day, at another age: what `threshold` wants of today."""
        return self.weight * self.rate * self.cooling.factor(age)

    def expected(self, elapsed: float) -> float:
        """Changes to expect since the last visit; a hint is worth one change as far as it is trusted."""
        return max(self.rate * self.cooling.exposure(self.age, self.age + elapsed), self.hint)

    def pressure(self, elapsed: float) -> float:
        """How much this page asks to be visited, `elapsed` days after its last visit."""
        waited = max(elapsed, _SOON) if self.hint else max(elapsed, 0.0)
        return self.weight * self.expected(elapsed) * math.pow(waited, _PATIENCE)


class Choice(NamedTuple):
    """A page to visit (its place among those asked about), how urgent it is, and why."""

    place: int
    pressure: float
    reason: Reason


@dataclass(frozen=True, slots=True)
class Trust:
    """How far a kind of hint is to be trusted, learned by what visits found: counts of the four cases.

    The first values say what is believed before: 8 of 10 hints are true, and of changes 5 in 10 are hinted at.
    """

    hinted_changed: float = 4.0
    hinted_same: float = 1.0
    silent_changed: float = 4.0
    silent_same: float = 40.0

    def after(self, *, hinted: bool, changed: bool) -> "Trust":
        """With one visit more."""
        return Trust(
            self.hinted_changed + (hinted and changed),
            self.hinted_same + (hinted and not changed),
            self.silent_changed + (not hinted and changed),
            self.silent_same + (not hinted and not changed),
        )

    def probability(self, prior: float) -> float:
        """How probable a change is when it is hinted at, `prior` (`Belief.changed`) being what it was without."""
        true = self.hinted_changed / (self.hinted_changed + self.silent_changed)
        false = self.hinted_same / (self.hinted_same + self.silent_same)
        return prior * true / (prior * true + (1 - prior) * false) if prior > 0 else 0.0


def weight_of(kind: str | None) -> float:
    """What a change is worth: a listing's news is mostly the articles', which have visits of their own."""
    return _WEIGHTS.get(kind or "", 1.0)


def wait(page: Waiting, threshold: float, bounds: Bounds) -> float:
    """Days from its last visit until a page is due: when its pressure reaches the threshold, within the bounds."""
    if page.pressure(bounds.most) <= threshold:
        return bounds.most
    low, high = 0.0, bounds.most
    if page.pressure(bounds.least) >= threshold:
        return bounds.least
    if not page.cooling.power and not page.hint:
        return min(max(math.pow(threshold / page.pace, 1 / (1 + _PATIENCE)), bounds.least), bounds.most)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if page.pressure(middle) < threshold else (low, middle)
    return min(max(high, bounds.least), bounds.most)


def threshold(paces: Sequence[float], budget: float, bounds: Bounds) -> float:
    """The pressure at which pages are due so that all together take `budget` visits a day.

    `paces`: `Waiting.pace` of each page at its age now. One of pace p waits (θ/p)^(1/1.2) days within the bounds, so it
    takes p^(1/1.2) x s visits a day, s being θ^(-1/1.2), but no fewer than 1/most and no more than 1/least. Their sum
    bends where a page meets a bound; between two bends it is a line, which is solved exactly. 0: all pages as often as
    they may; infinite: even once every `most` days is more than the budget.
    """
    shares = [pace ** (1 / (1 + _PATIENCE)) for pace in paces if pace > 0]
    slowest, fastest = 1 / bounds.most, 1 / bounds.least
    total = slowest * len(paces)
    if total >= budget:
        return math.inf
    bends = sorted([(slowest / share, share) for share in shares] + [(fastest / share, -share) for share in shares])
    slope, at = 0.0, 0.0
    for bend, share in bends:
        if slope > 0 and total + slope * (bend - at) >= budget:
            return math.pow((budget - total) / slope + at, -(1 + _PATIENCE))
        total += slope * (bend - at)
        slope, at = max(slope + share, 0.0), bend
    return 0.0


def to_ask(asked: float, budget: float, made: float) -> float:
    """What to ask of `threshold` today for `budget` visits, when yesterday `asked` was asked for and `made` were made.

    Articles cool while they wait, so fewer fall due than their paces promised: some tenth. The answer lies between the
    budget and twice the budget.
    """
    step = min(max(math.sqrt(budget / made), 1 / _STEP), _STEP) if made > 0 else 1.0
    return min(max(asked * step, budget), 2 * budget)


def choose(pages: Iterable[tuple[Waiting, float]], count: int, bounds: Bounds) -> list[Choice]:
    """The `count` pages to visit now, most urgent first; pages come with the days since their last visit.

    Pages that were not seen for `most` days come first, pages seen within `least` days not at all.
    """
    found = [
        (elapsed >= bounds.most, page.pressure(elapsed), -place, page, elapsed)
        for place, (page, elapsed) in enumerate(pages)
        if elapsed >= bounds.least
    ]
    best = nlargest(count, found, key=lambda one: one[:3])
    return [Choice(-place, pressure, why(page, elapsed, bounds)) for _, pressure, place, page, elapsed in best]


def why(page: Waiting, elapsed: float, bounds: Bounds) -> Reason:
    """Return why a page is visited after so many days."""
    if page.hint and page.hint >= page.rate * page.cooling.exposure(page.age, page.age + elapsed):
        return Reason.of(ReasonCode.HINT, page.told or "another page")
    if elapsed >= bounds.most:
        return Reason.of(ReasonCode.CEILING, _days(elapsed))
    pace = page.rate * page.cooling.factor(page.age + elapsed)
    waited = f"waited {_days(elapsed)}"
    return Reason.of(ReasonCode.RATE, f"changes about every {_days(1 / pace)}, {waited}" if pace else waited)


def _days(days: float) -> str:
    if days < 2 / 24:
        return f"{max(round(days * 1440), 1)} minutes"
    if days < 2:  # noqa: PLR2004
        return f"{round(days * 24)} hours"
    return f"{round(days)} days" if days < _AGES else f"{_AGES} days or more"
