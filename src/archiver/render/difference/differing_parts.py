"""Find the parts of two pictures that differ, when equal content may stand elsewhere in its column, line or paragraph.

A part is divided by the first of these ways that divides it, and what is left is divided again: by long runs of equal
rows of pixels, of equal columns of pixels, at gutters, by words, and at the longest runs of equal rows and columns.
"""

from collections.abc import Callable
from functools import cached_property, partial

from PIL import Image, ImageChops

from archiver.render.difference.part_words import differing_words
from archiver.render.difference.picture import Picture, difference_mask, inked, row_keys
from archiver.render.difference.region import Box, DifferingPart
from archiver.render.difference.row_alignment import DifferingRun, at_longest_runs, differing_runs, without_short_runs
from archiver.render.difference.same_word import SameWords

_MOST_LINES, _MOST_PARTS = 400_000, 500
"""How many rows and columns of pixels are aligned, and how many parts there may be. Pages that need more are
redesigned: the rest stays as it is."""
_DEEPEST = 20
_LEAST_LENGTH = 4
"""Rows of fewer pixels are not aligned: they are equal by chance."""
_LONG = 32
"""Shorter runs of equal rows are equal by chance when a part has several columns: one of them is blank there."""
_GUTTER = 8
"""The least width of the empty space between columns, in pixels."""


class _PartView:
    """A part of two pictures, and the runs of its rows and columns that differ."""

    def __init__(self, before: Picture, after: Picture, part: DifferingPart) -> None:
        self.before, self.after, self.part = before, after, part
        self.pictures = before.crop(part.before), after.crop(part.after)

    @cached_property
    def rows(self) -> list[DifferingRun]:
        return differing_runs(*map(row_keys, self.pictures))

    @cached_property
    def columns(self) -> list[DifferingRun]:
        return differing_runs(*(row_keys(each.transpose(Image.Transpose.TRANSPOSE)) for each in self.pictures))


_Way = Callable[[_PartView], list[DifferingPart]]


def differing_parts(before: Picture, after: Picture) -> list[DifferingPart]:
    """Return the parts of two pictures of one width that differ."""
    ways = _ways()
    found: list[DifferingPart] = []
    whole = DifferingPart(Box(0, 0, before.width, before.height), Box(0, 0, after.width, after.height))
    waiting = [(whole, 0)]
    lines = 0
    while waiting:
        part, depth = waiting.pop()
        if _looks_equal(before, after, part):
            continue
        lines += sum(box.width + box.height for box in part)
        may_divide = depth < _DEEPEST and lines <= _MOST_LINES
        smaller = _divided(ways, _PartView(before, after, part)) if may_divide else [part]
        if smaller == [part] or len(found) + len(waiting) + len(smaller) > _MOST_PARTS:
            found.append(part)
        else:
            waiting += [(each, depth + 1) for each in reversed(smaller)]
    return found


def _ways() -> tuple[_Way, ...]:
    known = SameWords()
    return (
        partial(_by_rows, _LONG),
        partial(_by_columns, _LONG),
        _between_gutters,
        lambda view: differing_words(known, view.before, view.after, view.part),
        partial(_by_rows, None),
        partial(_by_columns, None),
    )


def _looks_equal(before: Picture, after: Picture, part: DifferingPart) -> bool:
    old, new = part
    if (old.width, old.height) != (new.width, new.height):
        return False
    return not old.area or difference_mask(before.crop(old), after.crop(new)).getbbox() is None


def _divided(ways: tuple[_Way, ...], view: _PartView) -> list[DifferingPart]:
    """Return the parts of a part that differ; the part itself when it cannot be divided."""
    if view.part.before.area and view.part.after.area:
        for way in ways:
            smaller = way(view)
            if smaller != [view.part]:
                return smaller
    return [view.part]


def _by_rows(least: int | None, view: _PartView) -> list[DifferingPart]:
    """Divide a part by its rows of pixels, at runs of at least this many that are equal; None: the longest."""
    old, new = view.part
    if old.width != new.width or old.width < _LEAST_LENGTH:
        return [view.part]
    return [
        DifferingPart(
            Box(old.left, old.top + run.old_start, old.right, old.top + run.old_end),
            Box(new.left, new.top + run.new_start, new.right, new.top + run.new_end),
        )
        for run in _chosen(view.rows, least)
    ]


def _by_columns(least: int | None, view: _PartView) -> list[DifferingPart]:
    """Divide a part by its columns of pixels, at runs of at least this many that are equal; None: the longest."""
    old, new = view.part
    if old.height != new.height or old.height < _LEAST_LENGTH:
        return [view.part]
    return [_of_columns(view.part, run) for run in _chosen(view.columns, least)]


def _chosen(runs: list[DifferingRun], least: int | None) -> list[DifferingRun]:
    return at_longest_runs(runs) if least is None else without_short_runs(runs, least)


def _of_columns(part: DifferingPart, run: DifferingRun) -> DifferingPart:
    old, new = part
    return DifferingPart(
        Box(old.left + run.old_start, old.top, old.left + run.old_end, old.bottom),
        Box(new.left + run.new_start, new.top, new.left + run.new_end, new.bottom),
    )


def _between_gutters(view: _PartView) -> list[DifferingPart]:
    """Divide a part at the gutters that both pictures have at the same place."""
    old, new = view.part
    if old.width != new.width or min(old.height, new.height) < _LONG:
        return [view.part]
    pictures = view.pictures
    tops = ImageChops.difference(*(each.crop((0, 0, each.width, 1)) for each in pictures)).getprojection()[0]
    columns = _columns_of([any(each) for each in zip(*(inked(picture)[0] for picture in pictures), tops, strict=True)])
    if len(columns) < 2:  # noqa: PLR2004
        return [view.part]
    return [_of_columns(view.part, DifferingRun(start, end, start, end)) for start, end in columns]


def _columns_of(has_inks: list[bool]) -> list[tuple[int, int]]:
    """Return the columns that gutters divide, as start and end."""
    found: list[tuple[int, int]] = []
    for place, has_ink in enumerate(has_inks):
        if not has_ink:
            continue
        if found and place - found[-1][1] < _GUTTER:
            found[-1] = (found[-1][0], place + 1)
        else:
            found.append((place, place + 1))
    return found
