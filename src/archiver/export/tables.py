"""One table into one file, as CSV, JSON lines or Parquet, with constant memory however many rows there are."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from archiver.errors import UsageError
from archiver.export.csv_lines import csv_lines
from archiver.export.jsonl_lines import jsonl_lines
from archiver.export.lines import Lines, Tally
from archiver.export.parquet import need_pyarrow, write_parquet
from archiver.model.event import Listener, Progress
from archiver.model.table import Table

FORMS = ("csv", "jsonl", "parquet")


@dataclass(frozen=True, slots=True)
class Style:
    """How tables are written.

    Attributes:
        form: csv, jsonl or parquet.
        plain_cells: CSV: text that a spreadsheet would take for a formula stays as it is.
        excel: CSV: with a byte order mark and CRLF, as Excel likes it.
    """

    form: str
    plain_cells: bool = False
    excel: bool = False

    def check(self) -> None:
        """See that it can be written.

        Raises:
            UsageError: there is no such form, or Parquet's library is not here.
        """
        if self.form not in FORMS:
            raise UsageError(f"{self.form}: no such format; known: {', '.join(FORMS)}")
        if self.form == "parquet":
            need_pyarrow()


@dataclass(frozen=True, slots=True)
class Written:
    """A file that was written.

    Attributes:
        rows: None for a file that is no table.
        made_safe: cells that a spreadsheet would have taken for formulas, which were given an apostrophe.
        mended: rows with bytes that are no UTF-8, for which U+FFFD stands.
    """

    path: Path
    rows: int | None
    bytes: int
    sha256: str
    made_safe: int = 0
    mended: int = 0

    def as_json(self) -> dict[str, Any]:
        """What a manifest says of it."""
        rows = {} if self.rows is None else {"rows": self.rows}
        return {"path": str(self.path), **rows, "bytes": self.bytes, "sha256": self.sha256}


def write_stream(table: Table, write: Callable[[bytes], object], style: Style, listen: Listener) -> Tally:
    """Write a table as CSV or JSON lines, piece by piece.

    Raises:
        UsageError: of the rows, when they come from a query that fails.
    """
    tally = Tally()
    for piece in _lines(table, style).pieces(table.rows, tally):
        write(piece)
        listen(Progress(table.name, tally.rows, None))
    return tally


def write_file(table: Table, path: Path, style: Style, listen: Listener) -> Tally:
    """Write a table to a path."""
    if style.form == "parquet":
        return write_parquet(table, path, listen)
    with path.open("wb") as file:
        return write_stream(table, file.write, style, listen)


def measured(path: Path, name: Path, tally: Tally | None = None) -> Written:
    """What was written at a path, under the name it will bear; `tally` for a table."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    size = path.stat().st_size
    if tally is None:
        return Written(name, None, size, digest)
    return Written(name, tally.rows, size, digest, tally.made_safe, tally.mended)


def _lines(table: Table, style: Style) -> Lines:
    if style.form == "csv":
        return csv_lines(table.columns, plain_cells=style.plain_cells, excel=style.excel)
    return jsonl_lines(table.columns)
