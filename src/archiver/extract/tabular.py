"""Write tables of data as lines: cells with " | " between them, empty cells kept, spans of columns and rows filled.

"P1 | x |" and "P2 | | x" mean different things, so an empty cell is a cell. In a table for layout, empty cells and
images only separate things and are left out: a table with `role=presentation`, and one without a header cell in
which no row has two cells with content. A single cell across all columns is a heading, and its line is its text.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

from archiver.extract.tree import Node, attribute

Span = tuple[int, int]
"""The number of columns and rows that a cell covers."""
ONE_CELL: Span = (1, 1)
Spans = Mapping[int, Span]
"""By the `mem_id` of the cell."""

_NUMBER = re.compile(r"[ \t\n\f\r]*\+?(\d{1,9})")
_MOST_COLUMNS = 1_000
_MOST_ROWS = 65_534
"""HTML Standard, "Algorithm for processing rows": larger numbers are read as this one."""
_WIDE = 20
"""A cell that covers more columns than these and than the table has means "all of them"."""
_MOST_COVERED = 100_000
"""The maximum number of empty cells that spans may add to one text."""


class Row(NamedTuple):
    """A row of a table.

    Attributes:
        texts: the text of each cell, "" for an empty one; unused when `blocks` is given.
        plain: the texts of the cells as one line, without empty cells and without images.
        filled: the number of cells with a text or an image.
        spans: by the place of a cell, what it covers, if more than one column or row.
        blocks: the paragraphs of a row of which a cell has more than one line.
    """

    texts: list[str]
    plain: str
    filled: int
    spans: Mapping[int, Span] | None
    blocks: list[str] | None


class Budget:
    """The number of empty cells that spans may still add."""

    __slots__ = ("_left",)

    def __init__(self) -> None:
        self._left = _MOST_COVERED

    @property
    def is_spent(self) -> bool:
        """Return whether no cell may be added any more."""
        return not self._left

    def take(self, wanted: int) -> int:
        """Return how many of the wanted cells may be added, and count them."""
        given = min(wanted, self._left)
        self._left -= given
        return given


def spans_of(node: Node) -> Spans:
    """Return the span of each cell in a node that has one."""
    return {
        cell.mem_id: (
            _number(attribute(cell, "colspan"), _MOST_COLUMNS) or 1,
            _number(attribute(cell, "rowspan"), _MOST_ROWS, zero=_MOST_ROWS),
        )
        for cell in node.css("[colspan], [rowspan]")
    }


def _number(value: str | None, most: int, *, zero: int = 1) -> int:
    """Return a number of columns or rows (HTML Standard, "Rules for parsing non-negative integers")."""
    found = _NUMBER.match(value or "")
    return min(int(found[1]) or zero, most) if found else 1


def texts_of(entries: list[Row | str | None], budget: Budget, *, as_data: bool) -> list[str]:
    """Return the line or the paragraphs of each row, and each other text of the table as it is.

    Args:
        entries: in document order: rows, other texts (a caption), and None where a part of the table (`tbody`) begins.
        budget: limits the cells that spans add.
        as_data: keep empty cells and images; in a table with rows of paragraphs, only where two cells have content.
    """
    rows = [entry for entry in entries if isinstance(entry, Row)]
    is_whole = all(row.blocks is None for row in rows)
    width = max((len(row.texts) for row in rows), default=0)
    covered: dict[int, int] = {}
    shown: list[str] = []
    for entry in entries:
        if entry is None:
            covered = {}
        elif isinstance(entry, str):
            shown.append(entry)
        else:
            texts = entry.texts
            if covered or (entry.spans and as_data):
                texts, covered = _spread(entry, covered, width, budget)
            says_more = is_whole or entry.filled > 1
            shown += _shown(entry, texts, as_data=as_data and says_more and not _is_across(entry, width))
    return shown


def _is_across(row: Row, width: int) -> bool:
    """Return whether a row is one cell across the whole table: a heading, or a picture."""
    return len(row.texts) == 1 and row.spans is not None and row.spans.get(0, ONE_CELL)[0] >= width > 1


def _shown(row: Row, texts: list[str], *, as_data: bool) -> list[str]:
    if row.blocks is not None:
        return row.blocks
    if not as_data:
        return [row.plain] if row.plain else []
    if not row.filled:
        return []
    return [" | ".join(texts) if all(texts) else " |".join([f" {text}" if text else "" for text in texts]).lstrip()]


def _spread(row: Row, covered: dict[int, int], width: int, budget: Budget) -> tuple[list[str], dict[int, int]]:
    """Put the cells of a row into columns.

    Args:
        row: its cells, with their spans.
        covered: the columns that cells above cover, and in how many rows, this one included.
        width: the largest number of cells in a row of the table.
        budget: limits the empty cells.

    Returns:
        The texts by column, and the columns that are covered in the next row.
    """
    if budget.is_spent:
        return row.texts, {}
    spans = row.spans or {}
    texts: list[str] = []
    below = {column: rows - 1 for column, rows in covered.items() if rows > 1}
    for place, text in enumerate(row.texts):
        columns, rows = spans.get(place, ONE_CELL)
        while len(texts) in covered and budget.take(1):
            texts.append("")
        if columns > max(width, _WIDE):
            columns = max(1, width - len(texts))  # the table has no more
        first = len(texts)
        texts += [text, *[""] * budget.take(columns - 1)]
        if rows > 1:
            below.update(dict.fromkeys(range(first, len(texts)), rows - 1))
    missing = max(covered, default=-1) + 1 - len(texts)
    if missing > 0:
        texts += [""] * budget.take(missing)
    return texts, below
