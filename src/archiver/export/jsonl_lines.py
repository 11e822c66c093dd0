"""JSON lines (RFC 8259, UTF-8), one object for each row; lists and objects of the views as JSON, bytes as hex."""

import json
import math
from collections.abc import Callable, Sequence
from json.encoder import encode_basestring
from typing import Any

from archiver.export.lines import Lines, WriteCounts
from archiver.model.table import Cell, Column, ColumnKind, Row


def _number(cell: float) -> str:
    """Return a number as JSON; an infinite number is 9e999, as SQLite writes it, because JSON has no other form."""
    if math.isinf(cell):
        return "9e999" if cell > 0 else "-9e999"
    return repr(cell)


_AS_JSON: dict[type, Callable[[Any], str]] = {
    str: encode_basestring,
    int: int.__repr__,
    float: _number,
    bytes: lambda cell: f'"{cell.hex()}"',
    type(None): lambda _cell: "null",
}


def value(cell: Cell) -> str:
    """Return a cell as JSON."""
    return _AS_JSON[cell.__class__](cell)


def nested(cell: Cell) -> str:
    """Return a cell that holds JSON, on one line; text that is not JSON is a JSON string."""
    if not isinstance(cell, str):
        return value(cell)
    try:
        return json.dumps(json.loads(cell), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    except (ValueError, RecursionError):
        return value(cell)


class _Jsonl(Lines):
    def __init__(self, columns: Sequence[Column]) -> None:
        names = (encode_basestring(column.name).replace("%", "%%") for column in columns)
        self._form = "{" + ",".join(f"{name}:%s" for name in names) + "}\n"
        self._nested = [
            number for number, column in enumerate(columns) if column.kind in (ColumnKind.LIST, ColumnKind.OBJECT)
        ]

    def line(self, row: Row, tally: WriteCounts) -> str:  # noqa: ARG002
        """Return a row. The template of the line is made once: `json.dumps` of a dict takes three times as long."""
        cells = [_AS_JSON[cell.__class__](cell) for cell in row]
        for number in self._nested:
            cells[number] = nested(row[number])
        return self._form % tuple(cells)


def jsonl_lines(columns: Sequence[Column]) -> Lines:
    """Return the lines of a JSON lines file, an object with every column for each row."""
    return _Jsonl(columns)
