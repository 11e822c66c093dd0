"""Convert columns of cells to Arrow arrays. Columns of views have known types; those of a query are inferred.

A query's column has the type of its first cells and is widened when other cells follow: integers to floating-point
numbers when no digit is lost, anything else to text. In text, numbers are as they are printed, and bytes are hex.
"""

import json
from collections.abc import Callable, Sequence
from enum import Enum
from typing import Any

from archiver.errors import ArchiveDamaged
from archiver.model.table import Cell, Column, ColumnKind

EXACT = 2**53
"""The largest integer up to which floating-point numbers represent every integer."""


class ColumnType(Enum):
    """The type of a query's column, by the cells so far."""

    NOTHING = "nothing"
    INTEGER = "integer"
    NUMBER = "number"
    BYTES = "bytes"
    TEXT = "text"


_SHAPES = {int: ColumnType.INTEGER, float: ColumnType.NUMBER, bytes: ColumnType.BYTES, str: ColumnType.TEXT}
_NUMBERS = {ColumnType.INTEGER, ColumnType.NUMBER}


class QueryColumn:
    """A column of a query."""

    def __init__(self, arrow: Any) -> None:  # noqa: ANN401  (pyarrow has no types)
        self._arrow = arrow
        self._largest = 0
        self.shape = ColumnType.NOTHING

    @property
    def type(self) -> Any:  # noqa: ANN401
        """Return the Arrow type; text for a column without values."""
        made = {
            ColumnType.INTEGER: self._arrow.int64,
            ColumnType.NUMBER: self._arrow.float64,
            ColumnType.BYTES: self._arrow.binary,
        }
        return made.get(self.shape, self._arrow.string)()

    def take(self, cells: Sequence[Cell]) -> Any:  # noqa: ANN401
        """Return the cells as an array. The column is widened first if the cells need it."""
        self.shape = self._joined(cells)
        if self.shape is ColumnType.TEXT:
            return self._arrow.array(_texts(cells), self.type)
        if self.shape is ColumnType.NUMBER:
            cells = [None if cell is None else float(cell) for cell in cells]
        return self._arrow.array(cells, self.type)

    def again(self, array: Any) -> Any:  # noqa: ANN401
        """Convert an array that was made before the column was widened."""
        return array if array.type == self.type else self.take(array.to_pylist())

    def _joined(self, cells: Sequence[Cell]) -> ColumnType:
        types = set(map(type, cells)) - {type(None)}
        shapes = {_SHAPES[each] for each in types} | ({self.shape} - {ColumnType.NOTHING})
        if int in types:
            whole = [abs(cell) for cell in cells if type(cell) is int]
            self._largest = max(self._largest, *whole)
        if len(shapes) < 2:  # noqa: PLR2004
            return shapes.pop() if shapes else ColumnType.NOTHING
        return ColumnType.NUMBER if shapes == _NUMBERS and self._largest <= EXACT else ColumnType.TEXT


class ViewColumn:
    """A column of a view."""

    def __init__(self, arrow: Any, column: Column) -> None:  # noqa: ANN401
        self._arrow = arrow
        self._column = column
        self.type = {
            ColumnKind.INTEGER: arrow.int64,
            ColumnKind.TIME: lambda: arrow.timestamp("s", "UTC"),
            ColumnKind.LIST: lambda: arrow.list_(arrow.string()),
        }.get(column.kind, arrow.string)()

    def take(self, cells: Sequence[Cell]) -> Any:  # noqa: ANN401
        """Return the cells as an array.

        Raises:
            ArchiveDamaged: a cell is not of the column's kind.
        """
        try:
            return self._made(cells)
        except UnicodeEncodeError:
            raise
        except (ValueError, TypeError, RecursionError) as error:  # Arrow's errors are subclasses of these
            what = f"{self._column.name}: a cell is no {self._column.kind}: {error}"
            raise ArchiveDamaged(f"{what}; run `archiver verify`, or write csv") from error

    def again(self, array: Any) -> Any:  # noqa: ANN401
        """Return the array unchanged: a view's column is never widened."""
        return array

    def _made(self, cells: Sequence[Cell]) -> Any:  # noqa: ANN401
        if self._column.kind is ColumnKind.TIME:
            text = self._arrow.array(cells, self._arrow.string())
            return text.cast(self._arrow.timestamp("s")).cast(self.type)
        if self._column.kind is ColumnKind.LIST:
            return self._arrow.array([None if cell is None else json.loads(str(cell)) for cell in cells], self.type)
        return self._arrow.array(cells, self.type)


def shaped(arrow: Any, column: Column) -> QueryColumn | ViewColumn:  # noqa: ANN401
    """Return the converter of a column."""
    return QueryColumn(arrow) if column.kind is ColumnKind.UNKNOWN else ViewColumn(arrow, column)


def _texts(cells: Sequence[Cell]) -> list[str | None]:
    as_text: dict[type, Callable[[Any], str]] = {str: str, int: str, float: repr, bytes: bytes.hex}
    return [None if cell is None else as_text[type(cell)](cell) for cell in cells]
