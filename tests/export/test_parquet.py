"""Parquet: types, time zones and meanings of the views; columns of queries are inferred, and nothing is lost."""

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from archiver.errors import ArchiveDamaged, UsageError
from archiver.export import parquet
from archiver.export.tables import Style, write_file
from archiver.model.event import ignore
from archiver.model.table import Cell, Column, ColumnKind, Row, Table

COLUMNS = (
    Column("url", ColumnKind.TEXT, "the page's address"),
    Column("version", ColumnKind.INTEGER),
    Column("seen_from", ColumnKind.TIME, "first visit (UTC)"),
    Column("tags", ColumnKind.LIST),
    Column("extra", ColumnKind.OBJECT),
)


def _written(path: Path, rows: Sequence[Row], columns: tuple[Column, ...] = ()) -> pa.Table:
    columns = columns or tuple(Column(f"c{number}") for number in range(len(rows[0])))
    table = Table("versions", columns, iter(rows), "spans of time", ("url", "version"))
    tally = write_file(table, path, Style("parquet"), ignore)
    read = pq.read_table(path)
    assert tally.rows == read.num_rows == len(rows)
    return read


def test_views_have_types_and_meanings(path: Path) -> None:
    rows: list[Row] = [("http://a/", 1, "2022-10-21 09:00:00", '["một", ""]', "{}"), (None, None, None, None, None)]
    read = _written(path, rows, COLUMNS)
    assert read.schema.field("seen_from").type == pa.timestamp("ms", "UTC")  # Parquet has no seconds
    assert read.schema.field("tags").type.value_type == pa.string()
    assert read.column("version").type == pa.int64()
    assert read.column("seen_from").to_pylist() == [datetime(2022, 10, 21, 9, tzinfo=UTC), None]
    assert read.column("tags").to_pylist() == [["một", ""], None]
    assert read.column("extra").to_pylist() == ["{}", None]
    assert read.schema.field("url").metadata[b"description"] == b"the page's address"
    assert read.schema.metadata[b"description"] == b"spans of time"
    assert read.schema.metadata[b"primaryKey"] == b'["url", "version"]'
    assert pq.ParquetFile(path).metadata.row_group(0).column(0).compression == "ZSTD"


def test_an_empty_view_is_a_file_with_columns(path: Path) -> None:
    assert _written(path, [], COLUMNS).column_names == [column.name for column in COLUMNS]


@pytest.mark.parametrize(("place", "cell"), [(1, "one"), (2, "yesterday"), (3, "[1"), (3, "[1]"), (3, "{}")])
def test_a_cell_of_another_kind_than_its_column_is_damage(path: Path, place: int, cell: str) -> None:
    row: list[Cell] = ["http://a/", 1, "2022-10-21 09:00:00", "[]", "{}"]
    row[place] = cell
    with pytest.raises(ArchiveDamaged, match=COLUMNS[place].name):
        _written(path, [row], COLUMNS)


def _expected(cells: Sequence[Cell]) -> list[Any]:
    """A column of a query has its own type, a number type when no digit is lost, else text."""
    types = {type(cell) for cell in cells} - {type(None)}
    exact = all(abs(cell) <= 2**53 for cell in cells if isinstance(cell, int))
    if len(types) < 2 or (types == {int, float} and exact):
        return list(cells)
    return [None if cell is None else cell.hex() if isinstance(cell, bytes) else cell for cell in cells]


def _same(read: Any, cell: Any) -> bool:
    if isinstance(read, str) and isinstance(cell, int | float):
        return float(read) == float(cell) or int(read) == cell
    return bool(read == cell)


CELLS = (
    st.none()
    | st.integers(-(2**63), 2**63 - 1)
    | st.integers(-5, 5)
    | st.floats(allow_nan=False)
    | st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=5).filter(
        lambda text: not text.isnumeric()
    )
    | st.binary(max_size=4)
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=12), st.integers(1, 4), st.integers(1, 6))
@example([(None, 1), (1, 1.5), (2**60, "x"), (0.5, b"\x00"), (None, None)], 1, 1)
def test_nothing_of_a_query_is_lost(path: Path, rows: list[tuple[Cell, ...]], batch: int, group: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parquet, "_BATCH", batch)
        patch.setattr(parquet, "_GROUP", group)
        read = _written(path, rows)
    for number, cells in enumerate(zip(*rows, strict=True)):
        pairs = zip(read.column(number).to_pylist(), _expected(cells), strict=True)
        assert all(_same(got, wanted) for got, wanted in pairs)


def test_what_was_written_is_widened_when_other_cells_come(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "_BATCH", 2)
    monkeypatch.setattr(parquet, "_GROUP", 2)
    rows: list[Row] = [(None, 1, 1), (None, 2, 2), (7, 2.5, 3), (8, None, 4), (9, 4, "five"), (9, 4, b"\xff")]
    read = _written(path, rows)
    assert [read.schema.field(number).type for number in range(3)] == [pa.int64(), pa.float64(), pa.string()]
    assert read.column(0).to_pylist() == [None, None, 7, 8, 9, 9]
    assert read.column(2).to_pylist() == ["1", "2", "3", "4", "five", "ff"]
    assert pq.ParquetFile(path).num_row_groups == 3
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_row_groups_are_bounded_by_what_they_hold(path: Path) -> None:
    rows = [(number, "x" * 1_000_000 + str(number)) for number in range(80)]
    read = _written(path, rows)
    assert read.column(1)[79].as_py().endswith("79")
    assert pq.ParquetFile(path).num_row_groups == 3


def test_bytes_that_are_not_text_are_marked_and_counted(path: Path) -> None:
    wrong = b"a\xff".decode("utf-8", "surrogateescape")
    for columns in ((Column("a"),), (Column("a", ColumnKind.TEXT),)):
        tally = write_file(Table("t", columns, iter([("x",), (wrong,), ("\x00",)])), path, Style("parquet"), ignore)
        assert pq.read_table(path).column(0).to_pylist() == ["x", "a\ufffd", "\x00"]
        assert tally.not_utf8 == 1


def test_without_the_library_one_line_names_the_package(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(UsageError, match="`pip install pyarrow` in archiver's environment"):
        Style("parquet").check()
    Style("csv").check()
