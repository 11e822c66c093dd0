"""Values of DuckDB as cells: what SQLite has no type for becomes a number or a text."""

import json
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from archiver.model.clock import written
from archiver.model.table import Cell, Row

_PLAIN = (str, int, float, bytes, type(None))


def plain_row(row: Sequence[Any]) -> Row:
    """Return a row of cells."""
    return tuple(cell if cell.__class__ in _PLAIN else _plain(cell) for cell in row)


def _plain(value: Any) -> Cell:  # noqa: ANN401  (any type of DuckDB)
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, datetime):
        return written(value) if value.tzinfo else value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (list, tuple, dict)):
        return json.dumps(value, ensure_ascii=False, default=_text)
    return bytes(value) if isinstance(value, (bytearray, memoryview)) else str(value)


def _text(value: object) -> Cell:
    found = _plain(value)
    return found.hex() if isinstance(found, bytes) else found
