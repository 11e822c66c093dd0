"""The table of export formats: the commands of `archiver export`, their help, the checks and the reference use it.

To add a format, write a module with a subclass of `Lines` (or with a function that writes a file) and add an
`ExportFormat`.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from archiver.export.csv_lines import csv_lines
from archiver.export.jsonl_lines import jsonl_lines
from archiver.export.lines import Lines, WriteCounts
from archiver.export.parquet import need_pyarrow, write_parquet
from archiver.export.xlsx import need_xlsxwriter, write_workbook
from archiver.model.event import Listener
from archiver.model.table import Table


@dataclass(frozen=True, slots=True)
class ExportFormat:
    """A file format for tables.

    Attributes:
        name: the command `archiver export NAME` and the ending of the files.
        summary: what the command's help says.
        media_type: the media type of the files.
        endings: the endings of its files; `.gz` is compressed, `.zip` holds one file for each table. () is the name.
        lines: makes the `Lines` of a table from its columns and the format's options; such a format can go to stdout.
        write: writes tables to a path; for a format that is not made of lines. A format has `lines` or `write`.
        holds_many: whether one file can hold every table.
        require: raises UsageError when a package that the format needs is not installed.
        options: the attributes of `Style` that the format takes, of `plain_cells` and `excel`.
        missing: the texts that mean NULL in a file, for the Table Schema.
        is_typed: whether the file knows the types of its columns, times included.
    """

    name: str
    summary: str
    media_type: str
    lines: Callable[..., Lines] | None = None
    write: Callable[[Iterable[Table], Path, Listener], WriteCounts] | None = None
    endings: tuple[str, ...] = ()
    holds_many: bool = False
    require: Callable[[], object] = tuple
    options: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    is_typed: bool = False

    @property
    def file_endings(self) -> tuple[str, ...]:
        """Return the endings of its files."""
        return self.endings or (self.name,)


FORMATS: Mapping[str, ExportFormat] = {
    each.name: each
    for each in (
        ExportFormat(
            "csv",
            'Write CSV (RFC 4180, UTF-8, LF): NULL is an empty cell, the empty text is "".',
            "text/csv",
            endings=("csv", "csv.gz", "csv.zip", "zip"),
            lines=csv_lines,
            options=("plain_cells", "excel"),
            missing=("",),
        ),
        ExportFormat(
            "jsonl",
            "Write JSON lines, one object for each row; lists and objects of views are JSON arrays and objects.",
            "application/jsonl",
            endings=("jsonl", "ndjson", "jsonl.gz", "ndjson.gz", "jsonl.zip", "zip"),
            lines=jsonl_lines,
        ),
        ExportFormat(
            "parquet",
            "Write Parquet (zstd), with types, time zones and the meaning of each column; needs the package pyarrow.",
            "application/vnd.apache.parquet",
            endings=("parquet", "pq"),
            write=write_parquet,
            require=need_pyarrow,
            is_typed=True,
        ),
        ExportFormat(
            "xlsx",
            "Write an Excel workbook with a sheet for each view; needs the package XlsxWriter.",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            endings=("xlsx",),
            write=write_workbook,
            holds_many=True,
            require=need_xlsxwriter,
            missing=("",),
        ),
    )
}
"""Every format by its name."""
