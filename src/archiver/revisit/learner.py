"""What a site's visits taught, in one place: what is usual of each kind of page, how it cools, when pages are due.

Pure; times are days. The crawler keeps this in the archive, the benchmark in memory: both learn by the same code.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from archiver.revisit.age_decay import Cooling, Counts
from archiver.revisit.change_rate import Belief, Evidence, refit, usual
from archiver.revisit.ranking import Bounds, Waiting, threshold, to_ask, wait, weight_of

UNBOUNDED = 0.1
"""The threshold where no budget is given: a page is due when there may well be a tenth of a change by now."""


class Watched(NamedTuple):
    """A page as the learner sees it. `age`: days since it was published, or else first seen."""

    kind: str
    evidence: Evidence
    age: float


@dataclass
class Learner:
    """The state of one site's learning. Kinds are those of the profile; all others are "page".

    Attributes:
        threshold: the pressure at which pages are due; `asked`: the visits a day it was last reckoned for.
    """

    usual: dict[str, Belief] = field(default_factory=dict)
    counts: dict[str, Counts] = field(default_factory=dict)
    threshold: float = UNBOUNDED
    asked: float = 0.0
    _curves: dict[str, Cooling] = field(default_factory=dict, repr=False)

    def belief(self, kind: str) -> Belief:
        """What is usual of pages of this kind."""
        return self.usual.get(kind) or self.usual.setdefault(kind, usual(kind))

    def curve(self, kind: str) -> Cooling:
        """How they cool."""
        return self._curves.get(kind) or self._curves.setdefault(kind, self._count(kind).curve(kind))

    def _count(self, kind: str) -> Counts:
        return self.counts.get(kind) or self.counts.setdefault(kind, Counts())

    def waiting(self, page: Watched, hint: float = 0.0, told: str = "") -> Waiting:
        """A page that begins to wait at this age."""
        rate = self.belief(page.kind).given(page.evidence).hopeful
        return Waiting(rate, self.curve(page.kind), page.age, weight_of(page.kind), hint, told)

    def chance(self, page: Watched, gap: float) -> float:
        """How probable it is that the page changed within so many days since it was `page.age` old."""
        exposure = self.curve(page.kind).exposure(page.age, page.age + gap)
        return self.belief(page.kind).given(page.evidence).changed(exposure)

    def wait(self, page: Watched, bounds: Bounds) -> float:
        """Days until it is due."""
        return wait(self.waiting(page), self.threshold, bounds)

    def seen(self, page: Watched, gap: float, *, changed: bool) -> Evidence:
        """What a page's visits say with one more, `gap` days after the one before, at which it was `page.age` old."""
        ages = (page.age, page.age + max(gap, 0.0))
        curve = self.curve(page.kind)
        rate = self.belief(page.kind).given(page.evidence).mean
        self.counts[page.kind] = self._count(page.kind).after(curve, rate, ages, changed=changed)
        return page.evidence.after(changed=changed, exposure=curve.exposure(*ages))

    def refit(self, pages: Sequence[Watched]) -> None:
        """Reckon anew what is usual of each kind, and how it cools. To be done daily; ages are those of now."""
        for kind in {page.kind for page in pages}:
            evidence = [page.evidence for page in pages if page.kind == kind]
            self.usual[kind] = refit(self.belief(kind), evidence, usual(kind))
            self._curves[kind] = self._count(kind).curve(kind)

    def spend(self, pages: Iterable[Watched], budget: float | None, made: float, bounds: Bounds) -> None:
        """Set the threshold at which all pages together take `budget` visits a day; yesterday `made` were made."""
        if budget is None:
            self.threshold, self.asked = UNBOUNDED, 0.0
            return
        paces = [self.waiting(page).pace_at(page.age) for page in pages]
        self.asked = to_ask(self.asked or budget, budget, made)
        self.threshold = min(threshold(paces, self.asked, bounds), _MOST)


_MOST = math.ldexp(1.0, 60)
"""A threshold no page reaches, and yet a number that a database keeps."""
