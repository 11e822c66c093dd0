"""A table on its way from the archive to a file: columns with a kind and a meaning, and a stream of rows.

Cells are values of SQLite. Text in the archive that is not UTF-8 has lone surrogates for the invalid bytes (Python's
`surrogateescape`); the writer of a file replaces them by U+FFFD and counts the rows.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

Cell = str | int | float | bytes | None
Row = Sequence[Cell]


class ColumnKind(StrEnum):
    """What the cells of a column hold."""

    TEXT = "text"
    INTEGER = "integer"
    TIME = "time"
    """UTC, `YYYY-MM-DD HH:MM:SS`."""
    LIST = "list"
    """A JSON array of texts."""
    OBJECT = "object"
    """A JSON object."""
    UNKNOWN = "unknown"
    """Unknown: a column of a person's own query."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, the kind of its cells, and its meaning ("" when unknown)."""

    name: str
    kind: ColumnKind = ColumnKind.UNKNOWN
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class Reference:
    """A column that refers to a column of another table."""

    column: str
    table: str
    target: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table whose rows can be read once, as a stream.

    Attributes:
        key: the columns that identify a row; () when there are none or they are unknown.
        references: the references of its columns.
    """

    name: str
    columns: tuple[Column, ...]
    rows: Iterator[Row]
    meaning: str = ""
    key: tuple[str, ...] = ()
    references: tuple[Reference, ...] = ()


def batches(rows: Iterable[Row], most: int, size: int) -> Iterator[list[Row]]:
    """Yield the rows in lists of at most `most` rows; a list also ends when its texts and bytes reach `size`."""
    batch: list[Row] = []
    held = 0
    for row in rows:
        batch.append(row)
        for cell in row:
            if cell.__class__ is str or cell.__class__ is bytes:
                held += len(cell)  # comparing classes takes half the time of isinstance
        if len(batch) >= most or held >= size:
            yield batch
            batch, held = [], 0
    if batch:
        yield batch


def valid_text(text: str) -> str:
    """Return the text with U+FFFD for each run of bytes that are not UTF-8."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def valid_rows(rows: Sequence[Row]) -> tuple[list[Row], int]:
    """Return the rows with every text passed through `valid_text`, and the number of rows that changed."""
    done: list[Row] = [tuple(valid_text(cell) if isinstance(cell, str) else cell for cell in row) for row in rows]
    return done, sum(before != after for before, after in zip(map(tuple, rows), done, strict=True))
