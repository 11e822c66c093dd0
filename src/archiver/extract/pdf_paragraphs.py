"""Join the lines of a PDF's pages to paragraphs, by their places.

A line begins a paragraph when the distance to the line above is larger than usual on the page, when it is indented,
when it is at the top of another column, or when its first word would have had room at the end of the line above.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from archiver.text.clean import paragraphs

_WIDE_GAP = 1.35
"""Multiple of the usual distance between two lines."""
_INDENT = 0.8
"""Indentation of a first line, in heights of a line."""
_LEAST_STEPS = 3
"""In a column with fewer distances between lines, none is the usual one."""
_USUAL_GAP = 2.0
"""The most distance between two lines of such a column, in heights of a line."""
_MARK = re.compile(r"(?:[-–—•*+▪●○■□]|\(?[\divxIVX]{1,4}[.)]|\(?[a-zđ][.)])\s")
"""A list mark: the lines after it are indented."""
_PAGE_NUMBER = re.compile(r"[\s–—-]*\d{1,4}[\s–—-]*\Z")


class TextLine(NamedTuple):
    """A line of a page, and its place in points from the lower left corner."""

    text: str
    left: float
    bottom: float
    right: float
    top: float

    @property
    def height(self) -> float:
        """The height of its letters."""
        return max(self.top - self.bottom, 1.0)


def pages_text(pages: Iterable[Sequence[TextLine]]) -> str:
    """Return the text of pages as paragraphs. Page numbers are left out; a paragraph may go on on the next page."""
    found: list[str] = []
    is_open = False
    for page in pages:
        lines = _without_number(page)
        for column in _columns(lines):
            edge = max(each.right for each in column)
            for place, (text, is_last_full) in enumerate(_paragraphs(column, edge)):
                if place == 0 and is_open and text[:1].islower():
                    found[-1] = f"{found[-1]} {text}"
                else:
                    found.append(text)
                is_open = is_last_full
    return paragraphs(found)


def _without_number(page: Sequence[TextLine]) -> Sequence[TextLine]:
    """Leave out a page number at the top or at the bottom of a page."""
    if page and _PAGE_NUMBER.match(page[0].text):
        return page[1:]
    return page[:-1] if page and _PAGE_NUMBER.match(page[-1].text) else page


def _columns(lines: Sequence[TextLine]) -> Iterator[list[TextLine]]:
    """Yield runs of lines, each below the one before."""
    column: list[TextLine] = []
    for each in lines:
        if column and each.bottom > column[-1].bottom + column[-1].height / 2:
            yield column
            column = []
        column.append(each)
    if column:
        yield column


def _paragraphs(column: Sequence[TextLine], edge: float) -> Iterator[tuple[str, bool]]:
    """Yield the paragraphs of a column, and whether the last line of each reaches the right edge."""
    steps = [above.bottom - below.bottom for above, below in pairwise(column)]
    usual = median(steps) if len(steps) >= _LEAST_STEPS else min([*steps, _USUAL_GAP * column[0].height])
    parts = [column[0]]
    is_marked = bool(_MARK.match(column[0].text))
    for (above, below), step in zip(pairwise(column), steps, strict=True):
        if step > _WIDE_GAP * usual or _begins(above, below, edge, is_marked=is_marked and len(parts) == 1):
            yield " ".join(each.text for each in parts), _is_full(parts[-1], edge)
            parts = []
            is_marked = bool(_MARK.match(below.text))
        parts.append(below)
    yield " ".join(each.text for each in parts), _is_full(parts[-1], edge)


def _begins(above: TextLine, below: TextLine, edge: float, *, is_marked: bool) -> bool:
    """Return whether a line begins a paragraph. `is_marked`: the line above begins with a list mark."""
    if _MARK.match(below.text) or (below.left - above.left > _INDENT * below.height and not is_marked):
        return True
    letter = (above.right - above.left) / max(len(above.text), 1)
    return above.right + letter * (len(below.text.partition(" ")[0]) + 1) < edge - above.height / 2


def _is_full(last: TextLine, edge: float) -> bool:
    return last.right > edge - 4 * last.height
