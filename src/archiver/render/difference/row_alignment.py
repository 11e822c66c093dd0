"""Align the rows (or columns) of two pictures: which runs of rows differ, when equal rows may stand higher or lower.

Rows that occur once on both sides, alone or after the same row, align the rest (Cohen's patience diff).
Blank rows never do: they are everywhere.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple, TypeVar

Key = int | bytes
"""What stands for a row: the hash of its pixels, or the one colour of a blank row, as bytes."""

_T = TypeVar("_T", bound=Hashable)

_MOST_ROUNDS = 12
"""How often a run that differs is searched for rows that occur once in it."""


class DifferingRun(NamedTuple):
    """Rows `old_start` to `old_end` of the earlier picture, in whose place the later one has others."""

    old_start: int
    old_end: int
    new_start: int
    new_end: int


def differing_runs(old: Sequence[Key], new: Sequence[Key]) -> list[DifferingRun]:
    """Return the runs that differ, in order. All rows between them are equal."""
    found: list[DifferingRun] = []
    waiting = [(DifferingRun(0, len(old), 0, len(new)), 0)]
    while waiting:
        run, rounds = waiting.pop()
        run = _trimmed(old, new, run)
        if run.old_start == run.old_end and run.new_start == run.new_end:
            continue
        anchors = _anchors(old, new, run) if rounds < _MOST_ROUNDS else []
        if anchors:
            waiting += [(each, rounds + 1) for each in _between(run, anchors)]
        else:
            found += _by_place(old, new, run)
    return sorted(found)


def without_short_runs(runs: list[DifferingRun], least: int) -> list[DifferingRun]:
    """Return runs that differ, joined where fewer than `least` equal rows are between them."""
    joined: list[DifferingRun] = []
    for run in runs:
        if joined and run.old_start - joined[-1].old_end < least:
            joined[-1] = DifferingRun(joined[-1].old_start, run.old_end, joined[-1].new_start, run.new_end)
        else:
            joined.append(run)
    return joined


def at_longest_runs(runs: list[DifferingRun]) -> list[DifferingRun]:
    """Return runs that differ, divided only where the most equal rows are between them, or three quarters as many."""
    longest = max((run.old_start - before.old_end for before, run in pairwise(runs)), default=0)
    return without_short_runs(runs, (3 * longest + 3) // 4)


def _trimmed(old: Sequence[Key], new: Sequence[Key], run: DifferingRun) -> DifferingRun:
    """Return a run without the rows at its ends that are equal."""
    old_start, old_end, new_start, new_end = run
    while old_start < old_end and new_start < new_end and old[old_start] == new[new_start]:
        old_start, new_start = old_start + 1, new_start + 1
    while old_start < old_end and new_start < new_end and old[old_end - 1] == new[new_end - 1]:
        old_end, new_end = old_end - 1, new_end - 1
    return DifferingRun(old_start, old_end, new_start, new_end)


def _anchors(old: Sequence[Key], new: Sequence[Key], run: DifferingRun) -> list[tuple[int, int]]:
    """Return pairs of rows that occur once on each side of a run, as many as are in the same order on both."""
    pairs = _pairs(_once(old, run.old_start, run.old_end), _once(new, run.new_start, run.new_end))
    if not pairs:
        pairs = _pairs(_once_after(old, run.old_start, run.old_end), _once_after(new, run.new_start, run.new_end))
    ends: list[int] = []
    links: list[int] = []
    chain: list[int] = []
    for number, (_, place) in enumerate(pairs):
        length = bisect_left(ends, place)
        links.append(chain[length - 1] if length else -1)
        ends[length : length + 1] = [place]
        chain[length : length + 1] = [number]
    kept = []
    number = chain[-1] if chain else -1
    while number >= 0:
        kept.append(pairs[number])
        number = links[number]
    return kept[::-1]


def _pairs(old: Mapping[_T, int], new: Mapping[_T, int]) -> list[tuple[int, int]]:
    return [(place, new[key]) for key, place in old.items() if key in new]


def _once(rows: Sequence[Key], start: int, end: int) -> dict[Key, int]:
    """Return the places of rows that are not blank and occur once, in order."""
    part = rows[start:end]
    counts = Counter(part)
    return {key: start + place for place, key in enumerate(part) if counts[key] == 1 and isinstance(key, int)}


def _once_after(rows: Sequence[Key], start: int, end: int) -> dict[tuple[Key, Key], int]:
    """Return the places of rows that are not blank and occur once after the row that is before them."""
    part = rows[start:end]
    neighbours = list(pairwise(part))
    counts = Counter(neighbours)
    return {
        pair: start + place
        for place, pair in enumerate(neighbours, 1)
        if counts[pair] == 1 and isinstance(pair[1], int) and pair[0] != pair[1]
    }


def _between(run: DifferingRun, anchors: list[tuple[int, int]]) -> list[DifferingRun]:
    """Return the parts of a run between pairs of equal rows, unless they are empty on both sides."""
    starts = [(run.old_start, run.new_start), *((old + 1, new + 1) for old, new in anchors)]
    ends = [*anchors, (run.old_end, run.new_end)]
    return [
        DifferingRun(old_start, old_end, new_start, new_end)
        for (old_start, new_start), (old_end, new_end) in zip(starts, ends, strict=True)
        if old_start < old_end or new_start < new_end
    ]


def _by_place(old: Sequence[Key], new: Sequence[Key], run: DifferingRun) -> list[DifferingRun]:
    """Divide a run with as many rows on both sides at the rows that are equal at the same place."""
    length = run.old_end - run.old_start
    if length != run.new_end - run.new_start:
        return [run]
    found: list[DifferingRun] = []
    start: int | None = None
    for place in range(length + 1):
        differs = place < length and old[run.old_start + place] != new[run.new_start + place]
        if differs and start is None:
            start = place
        elif not differs and start is not None:
            found.append(
                DifferingRun(run.old_start + start, run.old_start + place, run.new_start + start, run.new_start + place)
            )
            start = None
    return found
