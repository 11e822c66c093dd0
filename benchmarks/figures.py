"""The figures of a benchmark, their goals, and how they are printed."""

import json
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Figure:
    """One measured value.

    Attributes:
        what: the measurement in words.
        value: the median over the rounds.
        unit: of the value; "x" is a ratio.
        goal: the limit of the value; None when the figure has no goal.
        is_most: the goal is the highest allowed value, not the lowest.
        spread: the lowest and the highest value; None for one round.
    """

    what: str
    value: float
    unit: str
    goal: float | None = None
    is_most: bool = True
    spread: tuple[float, float] | None = None

    @property
    def is_met(self) -> bool:
        """Whether the value is within its goal."""
        return self.goal is None or (self.value <= self.goal if self.is_most else self.value >= self.goal)

    def cells(self) -> tuple[str, str, str, str]:
        """Return what, value, goal and verdict as text."""
        spread = f" ({_short(self.spread[0])}-{_short(self.spread[1])})" if self.spread else ""
        goal = "" if self.goal is None else f"{'≤' if self.is_most else '≥'} {_short(self.goal)}"
        return self.what, f"{_short(self.value)} {self.unit}{spread}", goal, "" if self.is_met else "missed"


def ratio(
    what: str, over: Sequence[float], under: Sequence[float], goal: float | None = None, *, is_most: bool = True
) -> Figure:
    """Return the median ratio of two series, divided round by round."""
    ratios = sorted(one / other for one, other in zip(over, under, strict=True))
    return Figure(what, statistics.median(ratios), "x", goal, is_most, (ratios[0], ratios[-1]))


def finish(figures: Iterable[Figure], *, as_json: bool) -> int:
    """Print figures as a table, or as one line of JSON; return 1 when a goal is missed."""
    shown = list(figures)
    if as_json:
        print(json.dumps({"figures": [asdict(figure) for figure in shown]}, ensure_ascii=False))
    else:
        print(table(shown))
    return int(not all(figure.is_met for figure in shown))


def table(figures: Iterable[Figure]) -> str:
    """Return a Markdown table."""
    rows = ["| measurement | value (spread) | goal | |", "|---|---|---|---|"]
    return "\n".join(rows + [f"| {' | '.join(figure.cells())} |" for figure in figures])


def _short(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
