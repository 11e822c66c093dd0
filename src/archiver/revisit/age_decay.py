"""How change falls with a page's age: news is corrected on its first day, hardly ever a month later. Pure; days.

A curve is a guess that a site corrects. The guess for articles: the rate is that of the first day times
(1 + age)^-1.5; for all else: no cooling. The correction is a factor for each span of ages, the changes that
were seen there by the changes that were expected, drawn towards 1 as long as there is little to go by. What has to be
kept of all visits are two numbers a span (`Counts`). A span says how the hazard *falls*; how high it is is the
matter of archiver.revisit.change_rate, so the factors are set right to leave the sum of expected changes as it is.
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
_ARTICLE = 1.5  # the power by which an article's changes fall
_DOUBT = 20.0  # expected changes in a span at which the site's own count weighs as much as the guess
_LEAST, _MOST = 0.02, 50.0  # bounds of a correction


@dataclass(frozen=True, slots=True)
class Cooling:
    """A kind of page's curve: `power` of the guess (0 = no cooling), and a correction a span of ages."""

    power: float
    corrections: tuple[float, ...] = (1.0,) * SPANS
    _sums: tuple[tuple[float, float], ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        sums, total = [], 0.0
        for (start, end), correction in zip(pairwise(EDGES), self.corrections, strict=True):
            low = _guess(start, self.power)
            sums.append((total - correction * low, correction))
            total += correction * (_guess(end, self.power) - low) if math.isfinite(end) else 0.0
        object.__setattr__(self, "_sums", tuple(sums))

    def factor(self, age: float) -> float:
        """The rate at this age (days) by the rate on the first day."""
        if not self.power:
            return 1.0
        return self.corrections[_span(age)] * math.pow(1 + max(age, 0.0), -self.power)

    def exposure(self, start: float, end: float) -> float:
        """Days that the time from one age to another counts for: the gap times the mean age factor."""
        if not self.power:
            return max(end - start, 0.0)
        return max(self._sum(max(end, 0.0)) - self._sum(max(start, 0.0)), 0.0)

    def spans(self, start: float, end: float) -> list[tuple[int, float]]:
        """What the guess alone counts each span for, between two ages."""
        first, last = max(start, 0.0), max(end, 0.0)
        found, at, low = [], _span(first), _guess(first, self.power)
        while first < last:
            first = min(EDGES[at + 1], last)
            high = _guess(first, self.power)
            found.append((at, high - low))
            at, low = at + 1, high
        return found

    def _sum(self, age: float) -> float:
        """Exposure from birth to this age."""
        span = _span(age)
        base, correction = self._sums[span]
        return base + correction * _guess(age, self.power)


@dataclass(frozen=True, slots=True)
class Counts:
    """What a site's visits say of one kind's curve: changes seen and changes expected, by span of ages."""

    seen: tuple[float, ...] = (0.0,) * SPANS
    expected: tuple[float, ...] = (0.0,) * SPANS

    def after(self, curve: Cooling, rate: float, ages: tuple[float, float], *, changed: bool) -> "Counts":
        """With one visit more: the page's `rate` as believed before it, its ages at the last visit and at this one.

        One bit stands for all the changes of a gap: as many as such a rate makes when it makes at least one, shared out
        among the spans of ages the gap went through.
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
        return Counts(tuple(seen), tuple(expected))

    def curve(self, kind: str | None) -> Cooling:
        """The guess for this kind of page, as the counts correct it."""
        guess = cooling_of(kind)
        if not guess.power:
            return guess
        level = (sum(self.seen) + _DOUBT) / (sum(self.expected) + _DOUBT)
        found = [
            (seen + _DOUBT) / (expected * level + _DOUBT)
            for seen, expected in zip(self.seen, self.expected, strict=True)
        ]
        return Cooling(guess.power, tuple([min(max(value, _LEAST), _MOST) for value in found]))

    def to_json(self) -> str:
        """As a database column."""
        return json.dumps([[round(number, 4) for number in row] for row in (self.seen, self.expected)])

    @classmethod
    def from_json(cls, text: str | None) -> Self:
        """Read a column back; what is none of ours counts for nothing."""
        try:
            rows = json.loads(text or "")
        except (ValueError, RecursionError):
            return cls()
        if not isinstance(rows, list) or len(rows) != 2 or not all(map(_is_row, rows)):  # noqa: PLR2004
            return cls()
        return cls(tuple(map(float, rows[0])), tuple(map(float, rows[1])))


def cooling_of(kind: str | None) -> Cooling:
    """The guess before anything is known of the site: articles cool, listings and all else do not."""
    return Cooling(_ARTICLE if kind == "article" else 0.0)


def _is_row(row: object) -> bool:
    return (
        isinstance(row, Sequence)
        and len(row) == SPANS
        and all(isinstance(number, int | float) and math.isfinite(number) and number >= 0 for number in row)
    )


def _span(age: float) -> int:
    return min(bisect_right(EDGES, age), SPANS) - 1 if age > 0 else 0


def _guess(age: float, power: float) -> float:
    """The guess's exposure from birth to this age: the integral of (1 + age)^-power."""
    return (1 - math.pow(1 + age, 1 - power)) / (power - 1)
