"""A table on its way from the archive to a file: its columns, each with a kind and a meaning, and its rows as a stream.

Cells are what SQLite gives. Text that is no UTF-8 in the archive bears lone surrogates for the wrong bytes (as Python's
`surrogateescape` makes them); whoever writes a table puts U+FFFD for each and counts.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

Cell = str | int | float | bytes | None
Row = Sequence[Cell]


class ColumnKind(StrEnum):
    """What a column's cells are."""

    TEXT = "text"
    INTEGER = "integer"
    TIME = "time"
    """UTC, `YYYY-MM-DD HH:MM:SS`."""
    LIST = "list"
    """A JSON array of texts."""
    OBJECT = "object"
    """A JSON object."""
    UNKNOWN = "unknown"
    """Whatever a person's own query gives."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, what its cells are, and what they mean ("" when nobody said)."""

    name: str
    kind: ColumnKind = ColumnKind.UNKNOWN
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class Reference:
    """A column whose values are found in a column of another table."""

    column: str
    table: str
    target: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table whose rows are read once, as they are asked for.

    Attributes:
        key: the columns no two rows agree in; () when there are none, or nobody knows.
        references: where its columns point.
    """

    name: str
    columns: tuple[Column, ...]
    rows: Iterator[Row]
    meaning: str = ""
    key: tuple[str, ...] = ()
    references: tuple[Reference, ...] = ()


def batches(rows: Iterable[Row], most: int, size: int) -> Iterator[list[Row]]:
    """The rows in lists of at most `most`, each ended as well when its texts and bytes reach `size`."""
    batch: list[Row] = []
    held = 0
    for row in rows:
        batch.append(row)
        for cell in row:
            if cell.__class__ is str or cell.__class__ is bytes:
                held += len(cell)  # a class test is half the price of isinstance
        if len(batch) >= most or held >= size:
            yield batch
            batch, held = [], 0
    if batch:
        yield batch


def mended(text: str) -> str:
    """Text with U+FFFD for each run of bytes that were no UTF-8."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def mended_rows(rows: Sequence[Row]) -> tuple[list[Row], int]:
    """The rows with their texts mended, and how many rows needed it."""
    done: list[Row] = [tuple(mended(cell) if isinstance(cell, str) else cell for cell in row) for row in rows]
    return done, sum(before != after for before, after in zip(map(tuple, rows), done, strict=True))
