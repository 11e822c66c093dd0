"""CSV and JSON lines: reading gives what was written, NULL is not the empty text, and no cell is a formula."""

import codecs
import csv
import io
import json
import re
from collections.abc import Sequence

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from archiver.export.lines import WriteCounts
from archiver.export.tables import Style, write_stream
from archiver.model.event import Event, Progress, ignore
from archiver.model.table import Cell, Column, ColumnKind, Row, Table

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
CELLS = st.none() | TEXTS | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | st.binary(max_size=8)
ROWS = st.lists(st.tuples(CELLS, CELLS, CELLS), max_size=20)
FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "=", '=HYPERLINK("http://evil.example","x")')


def _written(
    rows: Sequence[Row], form: str = "csv", columns: Sequence[Column] = (), *, plain: bool = True, excel: bool = False
) -> tuple[bytes, WriteCounts]:
    out = io.BytesIO()
    columns = columns or tuple(Column(f"c{number}") for number in range(len(rows[0]) if rows else 1))
    tally = write_stream(Table("t", tuple(columns), iter(rows)), out.write, Style(form, plain, excel), ignore)
    return out.getvalue(), tally


def _read(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode(), newline=""), strict=True))


def _cells(record: str) -> list[str | None]:
    """Return a record by RFC 4180, with unquoted empty cells distinguished from quoted ones."""
    found = re.findall(r'(?:^|(?<=,))("(?:[^"]|"")*"|[^",]*)(?=,|$)', record)
    return [cell[1:-1].replace('""', '"') if cell.startswith('"') else cell or None for cell in found]


def _as_text(cell: Cell) -> str:
    return "" if cell is None else cell.hex() if isinstance(cell, bytes) else str(cell)


@given(ROWS)
@example([("a,b", 'say "x"', "line\nbreak"), ("\r", "\r\n", "\x00"), ("", None, " "), ("\ufeff", "\u2028", "💥")])
def test_what_python_reads_is_what_was_written(rows: list[tuple[Cell, ...]]) -> None:
    for excel in (False, True):
        data, tally = _written(rows, excel=excel, columns=[Column("a"), Column("b,"), Column("=c")])
        lines = _read(data.removeprefix(codecs.BOM_UTF8) if excel else data)
        assert lines == [["a", "b,", "=c"], *([_as_text(cell) for cell in row] for row in rows)]
        assert (tally.rows, tally.made_safe, tally.not_utf8) == (len(rows), 0, 0)


@given(
    st.lists(st.tuples(st.none() | TEXTS.filter(lambda text: not re.search("[\r\n]", text)), st.just(1)), max_size=9)
)
def test_null_is_an_empty_cell_and_the_empty_text_is_quoted(rows: list[tuple[Cell, ...]]) -> None:
    lines = _written(rows, columns=[Column("a"), Column("b")])[0].decode().split("\n")[1:-1]
    assert [_cells(line) for line in lines] == [[row[0], "1"] for row in rows]


def test_a_single_column_distinguishes_them_too() -> None:
    assert _written([(None,), ("",), ("x",)])[0] == b'c0\n\n""\nx\n'


@pytest.mark.parametrize("text", FORMULAS)
def test_a_text_that_a_spreadsheet_would_run_gets_an_apostrophe(text: str) -> None:
    data, tally = _written([(text, "a" + text)], plain=False)
    assert _read(data)[1] == ["'" + text, "a" + text]
    assert tally.made_safe == 1
    assert _read(_written([(text, "x")])[0])[1][0] == text


def test_a_column_s_name_may_be_a_formula_too() -> None:
    assert _read(_written([(1,)], columns=[Column("=1+1")], plain=False)[0]) == [["'=1+1"], ["1"]]


@given(st.lists(st.tuples(st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False)), min_size=1))
def test_numbers_are_never_touched(rows: list[tuple[Cell, ...]]) -> None:
    data, tally = _written(rows, plain=False)
    assert [(int(a), float(b)) for a, b in _read(data)[1:]] == rows
    assert not tally.made_safe


@given(st.lists(st.tuples(TEXTS, TEXTS), min_size=1))
def test_no_cell_begins_like_a_formula(rows: list[tuple[Cell, ...]]) -> None:
    data, tally = _written(rows, plain=False)
    read = _read(data)[1:]
    assert not [cell for row in read for cell in row if cell[:1] in {"=", "+", "-", "@", "\t", "\r", "\n"} - {""}]
    assert tally.made_safe == sum(
        was != now for row, told in zip(rows, read, strict=True) for was, now in zip(row, told, strict=True)
    )


def test_for_excel_there_is_a_mark_and_crlf() -> None:
    assert _written([(1, "ă\n")], excel=True)[0] == codecs.BOM_UTF8 + 'c0,c1\r\n1,"ă\n"\r\n'.encode()
    assert _written([(1, "ă\n")])[0] == 'c0,c1\n1,"ă\n"\n'.encode()


@given(ROWS)
@example([(float("inf"), float("-inf"), 2**63 - 1), ("\x00\x7f", "\u2028", "</script>")])
def test_json_lines_are_read_back(rows: list[tuple[Cell, ...]]) -> None:
    names = ["a", '"b"', "100%s"]
    data, tally = _written(rows, "jsonl", [Column(name) for name in names])
    lines = data.decode().split("\n")
    assert lines.pop() == ""
    told = [[cell.hex() if isinstance(cell, bytes) else cell for cell in row] for row in rows]
    assert [json.loads(line) for line in lines] == [dict(zip(names, row, strict=True)) for row in told]
    assert tally.rows == len(rows)


def test_lists_and_objects_of_views_are_json_and_other_text_stays_text() -> None:
    columns = [Column("tags", ColumnKind.LIST), Column("extra", ColumnKind.OBJECT), Column("asked")]
    deep = "[" * 100_000
    rows = [('["a", "b\\n"]', '{"x": "ă"}', '["a"]'), (None, "{}", None), ("not JSON", deep, ""), ("[NaN]", "1", "x")]
    lines = [json.loads(line) for line in _written(rows, "jsonl", columns)[0].splitlines()]
    assert lines == [
        {"tags": ["a", "b\n"], "extra": {"x": "ă"}, "asked": '["a"]'},
        {"tags": None, "extra": {}, "asked": None},
        {"tags": "not JSON", "extra": deep, "asked": ""},
        {"tags": "[NaN]", "extra": 1, "asked": "x"},
    ]


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_bytes_that_are_not_text_are_marked_and_counted(form: str) -> None:
    wrong = b"\xff\xc3(, \x80".decode("utf-8", "surrogateescape")
    data, tally = _written([("fine", 1), (wrong, 2), ("đ", 3)], form)
    assert "\ufffd\ufffd(, \ufffd" in data.decode()
    assert "đ" in data.decode()
    assert (tally.rows, tally.not_utf8) == (3, 1)


def test_a_very_long_cell_is_a_cell() -> None:
    long = 'x"' * 5_000_000
    (row,) = _read_long(_written([(long, 1)])[0])
    assert row == [long, "1"]


def _read_long(data: bytes) -> list[list[str]]:
    before = csv.field_size_limit(20_000_000)
    try:
        return _read(data)[1:]
    finally:
        csv.field_size_limit(before)


def test_a_listener_gets_the_progress() -> None:
    heard: list[Event] = []
    rows = ((number, "x" * 100) for number in range(20_000))
    write_stream(Table("t", (Column("a"), Column("b")), rows), len, Style("csv"), heard.append)
    done = [event.done for event in heard if isinstance(event, Progress)]
    assert done == sorted(done)
    assert len(done) > 3
    assert done[-1] == 20_000
