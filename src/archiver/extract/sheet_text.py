"""The only user of python-calamine: the cells of a spreadsheet (XLSX, ODS) as rows."""

import io
import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from python_calamine import CalamineWorkbook

from archiver.extract.file_text import MOST_CHARACTERS, FileText, FileUnreadable, limited, row_text
from archiver.extract.office_package import reduced_package
from archiver.text.clean import line, paragraphs

_MOST_SHEETS = 500
_MOST_CELLS = 5_000_000
"""The most cells between the first and the last cell of a sheet: the library needs memory for all of them."""
_PLACE = re.compile(rb"""<(?:\w+:)?sheetData\b|\br=["']([A-Z]{1,3})([0-9]{1,7})["']""")
"""The start of a sheet, or the place of a cell."""
_OPEN_DOCUMENT = "application/vnd.oasis.opendocument.spreadsheet"
_PARTS = ("xl/", "_rels/", "META-INF/", "content.xml", "[Content_Types].xml")
_PICTURES = ("xl/media/", "xl/embeddings/", "xl/charts/", "xl/drawings/")

Cell = int | float | str | bool | time | date | datetime | timedelta


def read(body: bytes) -> FileText:
    """Return the cells of a spreadsheet.

    Raises:
        FileUnreadable: it is broken, protected by a password, or larger than a limit.
    """
    package = reduced_package(body, _is_text, "" if b"xl/workbook" in body else _OPEN_DOCUMENT)
    _check_extent(package)
    workbook = CalamineWorkbook.from_filelike(io.BytesIO(package))
    names = workbook.sheet_names
    parts, size = [], 0
    for name in names[:_MOST_SHEETS]:
        rows = "\n".join(filter(None, (row_text(cells) for cells in _rows(workbook, name))))
        parts += [name, rows] if rows and len(names) > 1 else [rows]
        size += len(rows)
        if size > MOST_CHARACTERS:
            break
    text, notes = limited(paragraphs(parts))
    return FileText(text, details=f"spreadsheet, {len(names)} sheet{'s' if len(names) != 1 else ''}", notes=notes)


def _is_text(name: str) -> bool:
    return name.startswith(_PARTS) and not name.startswith(_PICTURES)


def _check_extent(package: bytes) -> None:
    """Refuse a sheet whose cells are so far apart that its rectangle needs too much memory."""
    rows = columns = 0
    for match in _PLACE.finditer(package):
        if match[1] is None:
            rows = columns = 0
            continue
        rows, columns = max(rows, int(match[2])), max(columns, _column(match[1]))
        if rows * columns > _MOST_CELLS:
            raise FileUnreadable(f"the cells of a sheet are spread over {rows} rows and {columns} columns")


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _rows(workbook: CalamineWorkbook, name: str) -> Iterator[list[str]]:
    for row in workbook.get_sheet_by_name(name).to_python(skip_empty_area=True):
        yield [_shown(cell) for cell in row]


def _shown(cell: Cell) -> str:
    """Return a cell as text: whole numbers without a point, times as ISO 8601."""
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else f"{cell:.15g}"  # noqa: PLR2004
    if isinstance(cell, datetime):
        return f"{cell:%Y-%m-%d}" if cell.time() == time() else f"{cell:%Y-%m-%d %H:%M:%S}"
    return line(str(cell))
