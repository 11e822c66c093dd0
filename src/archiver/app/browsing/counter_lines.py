"""The counters of a page as lines over time, broken where nobody looked and where they were set back."""

from collections.abc import Sequence
from dataclasses import dataclass

from archiver.store.archive import Store
from archiver.store.span_queries import Window

MOST_LINES = 3
_MOST_POINTS = 240
_MOST_RESETS = 20
_FIRST = "views"

Reading = tuple[str, int]
"""When a counter was read (UTC text), and what it showed."""


@dataclass(frozen=True, slots=True)
class CounterLine:
    """A counter over time.

    Attributes:
        highest: the largest value.
        stretches: readings without a break between them.
        resets: readings at which it was set back.
    """

    name: str
    highest: int
    stretches: tuple[tuple[Reading, ...], ...]
    resets: tuple[Reading, ...] = ()


def counter_lines(
    store: Store, window: Window, span: tuple[str, str], breaks: Sequence[tuple[str, str]] = ()
) -> tuple[CounterLine, ...]:
    """Return the counters of a page, at most three of them: `views` first, then by name.

    Args:
        store: the archive.
        window: the page, and the span of time of the readings.
        span: the time that is shown (UTC text).
        breaks: spans in which the page was gone, or nobody looked.
    """
    names = sorted(store.browsing.spans.counters(window.page), key=lambda name: (name != _FIRST, name))[:MOST_LINES]
    if not names:
        return ()
    readings: dict[str, list[Reading]] = {name: [] for name in names}
    resets: dict[str, list[Reading]] = {name: [] for name in names}
    for row in store.browsing.spans.readings(window, names, span, _MOST_POINTS):
        readings[row["name"]].append((row["at"], row["value"]))
    for row in store.browsing.spans.resets(window, names, _MOST_RESETS):
        resets[row["name"]].append((row["at"], row["value"]))
    return tuple(_line(name, readings[name], sorted(resets[name]), breaks) for name in names if readings[name])


def _line(
    name: str, readings: Sequence[Reading], resets: Sequence[Reading], breaks: Sequence[tuple[str, str]]
) -> CounterLine:
    # A reset replaces the reading of its part of the time, and begins a stretch.
    merged = sorted({**dict(resets), **dict(readings)}.items())
    starts = {at for at, _ in resets}
    stretches: list[list[Reading]] = []
    for reading in merged:
        is_broken = not stretches or reading[0] in starts or _is_between(stretches[-1][-1][0], reading[0], breaks)
        if is_broken:
            stretches.append([])
        stretches[-1].append(reading)
    highest = max(value for _, value in merged)
    return CounterLine(name, highest, tuple(map(tuple, stretches)), tuple(resets))


def _is_between(before: str, after: str, breaks: Sequence[tuple[str, str]]) -> bool:
    return any(before <= since and until <= after for since, until in breaks)
