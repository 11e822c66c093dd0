"""Write a table as a Parquet file with zstd, in row groups of bounded size; pyarrow is imported only when needed.

The meanings of the columns are in the metadata of the fields, that of the table in the metadata of the schema. The
types of a file are fixed when its first row group is written. When a query's column needs a wider type later, the
row groups written so far are written again, and nothing is lost.
"""

import importlib
import json
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from archiver.export.arrow import shaped
from archiver.export.lines import WriteCounts
from archiver.export.optional import needed_module
from archiver.model.event import Listener, Progress
from archiver.model.table import Row, Table, batches, valid_rows

_BATCH = 8192  # rows in Python's memory at once
_BATCH_SIZE = 4 * 1024 * 1024  # their characters
_GROUP = 131_072  # rows of a group; DuckDB writes 122,880
_GROUP_SIZE = 32 * 1024 * 1024  # bytes of a group in memory


def need_pyarrow() -> Any:  # noqa: ANN401
    """Return the module pyarrow.

    Raises:
        UsageError: it is not installed.
    """
    return needed_module("pyarrow", "Parquet needs", "pyarrow")


def write_parquet(tables: Iterable[Table], path: Path, listen: Listener) -> WriteCounts:
    """Write the only one of `tables` to a path.

    Raises:
        UsageError: pyarrow is not installed, or a query fails while its rows are read.
        ArchiveDamaged: a cell is not of its column's kind.
    """
    (table,) = tables
    tally = WriteCounts()
    with ExitStack() as stack:
        file = _File(need_pyarrow(), table, path)
        stack.callback(file.close)
        for batch in batches(table.rows, _BATCH, _BATCH_SIZE):
            tally.not_utf8 += file.put(batch)
            tally.rows += len(batch)
            listen(Progress(table.name, tally.rows, None))
        file.finish()
    return tally


class _File:
    """Writes a Parquet file."""

    def __init__(self, arrow: Any, table: Table, path: Path) -> None:  # noqa: ANN401
        self._arrow = arrow
        self._parquet = importlib.import_module("pyarrow.parquet")
        self._table = table
        self._path = path
        self._columns = [shaped(arrow, column) for column in table.columns]
        self._held: list[Any] = []
        self._writer: Any = None
        self._schema: Any = None

    def put(self, rows: Sequence[Row]) -> int:
        """Add rows; return the number of rows with bytes that are not UTF-8."""
        try:
            arrays, count = self._arrays(rows), 0
        except UnicodeEncodeError:
            rows, count = valid_rows(rows)
            arrays = self._arrays(rows)
        self._held.append(arrays)
        held_rows = sum(len(each[0]) for each in self._held)
        if held_rows >= _GROUP or sum(array.nbytes for each in self._held for array in each) >= _GROUP_SIZE:
            self._flush()
        return count

    def finish(self) -> None:
        """Write the remaining rows and the end of the file."""
        self._flush()
        self.close()

    def close(self) -> None:
        """Close the file, complete or not."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def _arrays(self, rows: Sequence[Row]) -> list[Any]:
        return [column.take(cells) for column, cells in zip(self._columns, zip(*rows, strict=True), strict=True)]

    def _flush(self) -> None:
        schema = self._made_schema()
        if self._writer is not None and schema != self._schema:
            self._write_again(schema)
        if self._writer is None:
            self._open(schema)
        groups, self._held = self._held, []
        again = [[column.again(array) for column, array in zip(self._columns, each, strict=True)] for each in groups]
        if again:
            parts = [self._arrow.RecordBatch.from_arrays(each, schema=schema) for each in again]
            self._write(self._arrow.Table.from_batches(parts))

    def _open(self, schema: Any) -> None:  # noqa: ANN401
        self._schema = schema
        self._writer = self._parquet.ParquetWriter(self._path, schema, compression="zstd")

    def _write(self, group: Any) -> None:  # noqa: ANN401
        self._writer.write_table(group, row_group_size=max(1, len(group)))

    def _write_again(self, schema: Any) -> None:  # noqa: ANN401
        """Write the row groups of the file again, with the present types of the columns."""
        self.close()
        before = self._path.with_name(self._path.name + ".before")
        try:
            self._path.rename(before)
            self._open(schema)
            with self._parquet.ParquetFile(before) as old:
                for number in range(old.num_row_groups):
                    for part in old.read_row_group(number).to_batches():
                        arrays = [column.again(array) for column, array in zip(self._columns, part, strict=True)]
                        self._write(self._arrow.Table.from_arrays(arrays, schema=schema))
        finally:
            before.unlink(missing_ok=True)

    def _made_schema(self) -> Any:  # noqa: ANN401
        fields = [
            self._arrow.field(column.name, shape.type, metadata=_meaning(column.meaning))
            for column, shape in zip(self._table.columns, self._columns, strict=True)
        ]
        about = {"name": self._table.name, "primaryKey": json.dumps(self._table.key)} if self._table.meaning else {}
        return self._arrow.schema(fields, metadata={**about, **_meaning(self._table.meaning)} or None)


def _meaning(text: str) -> dict[str, str]:
    return {"description": text} if text else {}
