"""Write one table to one file in any format of `FORMATS`, in constant memory."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from archiver.errors import UsageError
from archiver.export.compressed import opened
from archiver.export.formats import FORMATS, ExportFormat
from archiver.export.lines import WriteCounts
from archiver.model.event import Listener, Progress
from archiver.model.table import Table


@dataclass(frozen=True, slots=True)
class Style:
    """How to write tables.

    Attributes:
        form: the name of a format in `FORMATS`.
        plain_cells: CSV: do not put an apostrophe before text that a spreadsheet would run as a formula.
        excel: CSV: write a byte order mark and CRLF, which Excel expects.
    """

    form: str
    plain_cells: bool = False
    excel: bool = False

    @property
    def format(self) -> ExportFormat:
        """The format.

        Raises:
            UsageError: no format has this name.
        """
        if self.form not in FORMATS:
            raise UsageError(f"{self.form}: no such format; known: {', '.join(FORMATS)}")
        return FORMATS[self.form]

    def check(self) -> None:
        """Check that files can be written in this style.

        Raises:
            UsageError: no format has this name, or a package that the format needs is not installed.
        """
        self.format.require()


@dataclass(frozen=True, slots=True)
class Written:
    """A file that was written.

    Attributes:
        rows: the number of rows; None for a file that is not a table.
        made_safe: the number of cells that got an apostrophe, because a spreadsheet would run them as formulas.
        mended: the number of rows with bytes that are not UTF-8; U+FFFD replaces those bytes.
        cut: the number of texts that were too long for a cell of the format.
    """

    path: Path
    rows: int | None
    bytes: int
    sha256: str
    made_safe: int = 0
    mended: int = 0
    cut: int = 0

    def as_json(self) -> dict[str, Any]:
        """Return the file's entry in a manifest."""
        rows = {} if self.rows is None else {"rows": self.rows}
        return {"path": str(self.path), **rows, "bytes": self.bytes, "sha256": self.sha256}


def write_stream(table: Table, write: Callable[[bytes], object], style: Style, listen: Listener) -> WriteCounts:
    """Write a table of a format that is made of lines, piece by piece.

    Raises:
        UsageError: a query fails while its rows are read.
    """
    lines = style.format.lines
    assert lines is not None  # noqa: S101  (other formats are written by `write_file`)
    tally = WriteCounts()
    options = {name: getattr(style, name) for name in style.format.options}
    for piece in lines(table.columns, **options).pieces(table.rows, tally):
        write(piece)
        listen(Progress(table.name, tally.rows, None))
    return tally


def write_file(table: Table, path: Path, style: Style, listen: Listener, *, compressed: bool = False) -> WriteCounts:
    """Write a table to a path, compressed by gzip if `compressed`."""
    if style.format.write is not None:
        return style.format.write([table], path, listen)
    with opened(path, compressed=compressed) as file:
        return write_stream(table, file.write, style, listen)


def measured(path: Path, name: Path, tally: WriteCounts | None = None) -> Written:
    """Return the size and digest of the file at `path`, under its final name; a table needs its `tally`."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    size = path.stat().st_size
    if tally is None:
        return Written(name, None, size, digest)
    return Written(name, tally.rows, size, digest, tally.made_safe, tally.not_utf8, tally.cut)
