"""The decay of a page's change rate with its age: most corrections of news are made on the first day. Pure; days.

A decay curve gives the change rate at an age, relative to the rate on the first day. It is the product of a default and
of corrections that are learned from a site's visits. The default for articles is (1 + age)^-1.5; other pages do not
decay. There is one correction for each span of ages: the changes seen in it divided by the changes expected in it. With
few visits the correction stays near 1. Two numbers per span summarise all visits (`ChangeCounts`).

The corrections change the shape of the curve and not its level, which is learned by `archiver.revisit.change_rate`. So
they are scaled such that the sum of the expected changes stays the same.
"""

import json
import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Self

EDGES = (0.0, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, math.inf)  # days
SPANS = len(EDGES) - 1
_ARTICLE_POWER = 1.5  # of the default curve
_PRIOR_CHANGES = 20.0  # expected changes in a span at which the site's counts weigh as much as the default
_MIN_CORRECTION, _MAX_CORRECTION = 0.02, 50.0


@dataclass(frozen=True, slots=True)
class DecayCurve:
    """The decay curve of one kind of page.

    Attributes:
        power: of the default curve (1 + age)^-power; 0: no decay.
        corrections: a factor for each span of ages.
    """

    power: float
    corrections: tuple[float, ...] = (1.0,) * SPANS
    _sums: tuple[tuple[float, float], ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        sums, total = [], 0.0
        for (start, end), correction in zip(pairwise(EDGES), self.corrections, strict=True):
            low = _default_exposure(start, self.power)
            sums.append((total - correction * low, correction))
            total += correction * (_default_exposure(end, self.power) - low) if math.isfinite(end) else 0.0
        object.__setattr__(self, "_sums", tuple(sums))

    def factor(self, age: float) -> float:
        """Return the rate at an age (days), divided by the rate on the first day."""
        if not self.power:
            return 1.0
        return self.corrections[_span(age)] * math.pow(1 + max(age, 0.0), -self.power)

    def exposure(self, start: float, end: float) -> float:
        """Return the exposure between two ages, in days: their difference times the mean factor."""
        if not self.power:
            return max(end - start, 0.0)
        return max(self._sum(max(end, 0.0)) - self._sum(max(start, 0.0)), 0.0)

    def spans(self, start: float, end: float) -> list[tuple[int, float]]:
        """Return the exposure by the default curve between two ages (days), as (span, exposure) for each span."""
        first, last = max(start, 0.0), max(end, 0.0)
        found, at, low = [], _span(first), _default_exposure(first, self.power)
        while first < last:
            first = min(EDGES[at + 1], last)
            high = _default_exposure(first, self.power)
            found.append((at, high - low))
            at, low = at + 1, high
        return found

    def _sum(self, age: float) -> float:
        """Return the exposure from publication to this age."""
        span = _span(age)
        base, correction = self._sums[span]
        return base + correction * _default_exposure(age, self.power)


@dataclass(frozen=True, slots=True)
class ChangeCounts:
    """The changes seen and the changes expected in a site's visits of one kind of page, by span of ages."""

    seen: tuple[float, ...] = (0.0,) * SPANS
    expected: tuple[float, ...] = (0.0,) * SPANS

    def with_visit(self, curve: DecayCurve, rate: float, ages: tuple[float, float], *, changed: bool) -> "ChangeCounts":
        """Return the counts with one more visit.

        A visit only tells that there was at least one change since the last visit. The count is then the number of
        changes to expect on that condition. It is split between the spans of ages since the last visit.

        Args:
            curve: the curve of the kind.
            rate: the page's estimated rate before this visit, in changes a day.
            ages: the page's ages (days) at the last visit and at this one.
            changed: whether this visit found a change.
        """
        if not curve.power:
            return self
        seen, expected = list(self.seen), list(self.expected)
        spans = curve.spans(*ages)
        total = rate * sum([curve.corrections[span] * days for span, days in spans])
        share = 1 / -math.expm1(-total) if changed and total > 0 else 0.0
        for span, days in spans:
            expected[span] += rate * days
            seen[span] += share * rate * days * curve.corrections[span]
        return ChangeCounts(tuple(seen), tuple(expected))

    def curve(self, kind: str | None) -> DecayCurve:
        """Return the decay curve of a kind of page: the default, corrected by these counts."""
        default = default_curve(kind)
        if not default.power:
            return default
        level = (sum(self.seen) + _PRIOR_CHANGES) / (sum(self.expected) + _PRIOR_CHANGES)
        found = [
            (seen + _PRIOR_CHANGES) / (expected * level + _PRIOR_CHANGES)
            for seen, expected in zip(self.seen, self.expected, strict=True)
        ]
        return DecayCurve(default.power, tuple([min(max(value, _MIN_CORRECTION), _MAX_CORRECTION) for value in found]))

    def to_json(self) -> str:
        """Return the counts as a database column."""
        return json.dumps([[round(number, 4) for number in row] for row in (self.seen, self.expected)])

    @classmethod
    def from_json(cls, text: str | None) -> Self:
        """Read a database column; return zero counts for an invalid text."""
        try:
            rows = json.loads(text or "")
        except (ValueError, RecursionError):
            return cls()
        if not isinstance(rows, list) or len(rows) != 2 or not all(map(_is_row, rows)):  # noqa: PLR2004
            return cls()
        return cls(tuple(map(float, rows[0])), tuple(map(float, rows[1])))


def default_curve(kind: str | None) -> DecayCurve:
    """Return the curve that is used before a site has visits: only articles decay."""
    return DecayCurve(_ARTICLE_POWER if kind == "article" else 0.0)


def _is_row(row: object) -> bool:
    return (
        isinstance(row, Sequence)
        and len(row) == SPANS
        and all(isinstance(number, int | float) and math.isfinite(number) and number >= 0 for number in row)
    )


def _span(age: float) -> int:
    return min(bisect_right(EDGES, age), SPANS) - 1 if age > 0 else 0


def _default_exposure(age: float, power: float) -> float:
    """Return the exposure by the default curve from publication to this age: the integral of (1 + age)^-power."""
    return (1 - math.pow(1 + age, 1 - power)) / (power - 1)
