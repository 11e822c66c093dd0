"""A small line of a counter: its readings over a period, broken where it was not read and where it fell."""

import itertools
from collections.abc import Callable, Sequence

from markupsafe import Markup

from archiver.web.svg.shared import TimeScale

_HEIGHT = 24.0
_LINE = Markup('<polyline class="cnt" points="{}"/>')
_DOT = Markup('<rect class="b1" x="{:.2f}%" y="{:.1f}" width="3" height="3"/>')
_RESET = Markup('<line class="reset" x1="{0:.2f}%" x2="{0:.2f}%" y1="0" y2="26"/>')
_GAP = Markup('<rect class="un" x="{:.2f}%" y="0" width="{:.2f}%" height="26"/>')
_WHOLE = Markup(
    '<svg class="spark" height="28" role="img" aria-label="{}">{}<svg y="1" height="24" viewBox="0 0 100 24" '
    'preserveAspectRatio="none">{}</svg></svg>'
)

Point = tuple[str, int]


def spark(points: Sequence[Point], gaps: Sequence[tuple[str, str]], since: str, until: str, name: str) -> Markup:
    """Return the line as SVG, on a scale of its own: from its lowest value to its highest.

    Args:
        points: time (UTC text) and value, in order.
        gaps: pauses without readings: from, until.
        since: where the line begins (UTC text).
        until: where it ends.
        name: what it shows, for readers that do not see it.
    """
    if not points:
        return Markup()
    across = TimeScale.between(since, until).at
    low, high = min(value for _, value in points), max(value for _, value in points)

    def down(value: int) -> float:
        return _HEIGHT - (_HEIGHT - 2) * (value - low) / max(1, high - low) - 1

    stretches = _stretches(points, {start for start, _ in gaps})
    marks = [_GAP.format(across(start), across(stop) - across(start)) for start, stop in gaps]
    marks += [_RESET.format(across(at)) for at, _ in _falls(stretches)]
    marks += [_DOT.format(across(each[0][0]), down(each[0][1])) for each in stretches if len(each) == 1]
    lines = [_LINE.format(_places(each, across, down)) for each in stretches if len(each) > 1]
    return _WHOLE.format(name, Markup().join(marks), Markup().join(lines))


def _places(points: Sequence[Point], across: Callable[[str], float], down: Callable[[int], float]) -> str:
    return " ".join(f"{across(at):.1f},{down(value):.1f}" for at, value in points)


def _stretches(points: Sequence[Point], breaks: set[str]) -> list[list[Point]]:
    """Return the points in stretches that only rise; one ends where a gap begins or where the next value is lower."""
    stretches = [[points[0]]]
    for before, point in itertools.pairwise(points):
        if before[0] in breaks or point[1] < before[1]:
            stretches.append([])
        stretches[-1].append(point)
    return stretches


def _falls(stretches: list[list[Point]]) -> list[Point]:
    """Return the first points after a fall."""
    return [after[0] for before, after in itertools.pairwise(stretches) if after[0][1] < before[-1][1]]
