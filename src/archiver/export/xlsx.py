"""Write tables as the sheets of an Excel workbook (ISO/IEC 29500) by XlsxWriter, in constant memory.

No cell is a formula or a link: text stays text. XlsxWriter is imported only when needed.
"""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from archiver.errors import UsageError
from archiver.export.lines import WriteCounts
from archiver.export.optional import needed_module
from archiver.model.event import Listener, Progress
from archiver.model.table import Cell, Table, valid_text

MOST_ROWS = 1_048_575
"""The rows of a sheet below its header."""
MOST_CHARACTERS = 32_767
"""The length of a cell, in UTF-16 code units."""
_EXACT = 2**53  # a larger integer is not exact in a cell
_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "nan_inf_to_errors": True,
}
_MARK = " […]"


def need_xlsxwriter() -> Any:  # noqa: ANN401
    """Return the module xlsxwriter.

    Raises:
        UsageError: it is not installed.
    """
    return needed_module("xlsxwriter", "Excel files need", "XlsxWriter")


def write_workbook(tables: Iterable[Table], path: Path, listen: Listener) -> WriteCounts:
    """Write tables to a path, each as a sheet.

    A text that is too long for a cell is cut, ends with `[…]`, and is counted in `cut`.

    Raises:
        UsageError: XlsxWriter is not installed, a table has more rows than a sheet, or a query fails.
    """
    tally = WriteCounts()
    book = need_xlsxwriter().Workbook(str(path), _OPTIONS)
    try:
        bold = book.add_format({"bold": True})
        for table in tables:
            sheet = book.add_worksheet(sheet_name(table.name))
            sheet.freeze_panes(1, 0)
            for place, column in enumerate(table.columns):
                sheet.write_string(0, place, column.name, bold)
            _write_rows(sheet, table, tally, listen)
    finally:
        book.close()
    return tally


def sheet_name(name: str) -> str:
    """Return a name as that of a sheet: at most 31 characters, none of them one that Excel forbids."""
    return re.sub(r"[\[\]:*?/\\]", "_", name).strip("'")[:31] or "table"


def _write_rows(sheet: Any, table: Table, tally: WriteCounts, listen: Listener) -> None:  # noqa: ANN401
    for number, row in enumerate(table.rows, start=1):
        if number > MOST_ROWS:
            raise UsageError(
                f"{table.name}: more rows than the {MOST_ROWS} of a sheet; use csv or parquet, or fewer rows with --sql"
            )
        for place, cell in enumerate(row):
            _write_cell(sheet, number, place, cell, tally)
        tally.rows += 1
        listen(Progress(table.name, number, None))


def _write_cell(sheet: Any, number: int, place: int, cell: Cell, tally: WriteCounts) -> None:  # noqa: ANN401
    if cell is None:
        return
    if isinstance(cell, float) or (isinstance(cell, int) and abs(cell) < _EXACT):
        sheet.write_number(number, place, cell)
        return
    text = cell.hex() if isinstance(cell, bytes) else str(cell)
    valid = valid_text(text)
    tally.not_utf8 += valid != text
    sheet.write_string(number, place, _fitting(valid, tally))


def _fitting(text: str, tally: WriteCounts) -> str:
    """Return a text that a cell can hold."""
    if len(text) * 2 <= MOST_CHARACTERS or _units(text) <= MOST_CHARACTERS:
        return text
    tally.cut += 1
    kept = text.encode("utf-16-le")[: (MOST_CHARACTERS - len(_MARK)) * 2]
    return kept.decode("utf-16-le", "ignore") + _MARK


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2
