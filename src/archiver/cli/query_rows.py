"""The options of a query, and its rows: as a table on a terminal, as lines in a pipe, or in a format of `export`."""

import itertools
from collections.abc import Iterable, Iterator
from typing import Annotated

import typer

from archiver.cli.context import OUTPUT
from archiver.errors import UsageError
from archiver.export.tables import Style, write_stream
from archiver.model.event import ignore
from archiver.model.table import Cell, Row, Table
from archiver.text.clean import printable

Param = Annotated[
    list[str] | None,
    typer.Option("--param", metavar="NAME=VALUE", help="The value of :NAME in the query, as text."),
]
MostRows = Annotated[
    int | None, typer.Option("--limit", min=0, help="The most rows; by default all, and 1000 on a terminal.")
]
Timeout = Annotated[float | None, typer.Option("--timeout", min=0.0, help="Stop the query after this many seconds.")]

ON_TERMINAL = 1000
"""Rows on a terminal without --limit."""
_LONGEST = 200  # characters of a cell on a terminal
_UNCUT = 2**40
_AT_ONCE = 1000  # lines that are written together


def print_rows(table: Table, most: int | None, style: Style | None) -> None:
    """Print rows: in a style, as a table on a terminal (at most `most` rows), or as lines of tab-separated cells."""
    if style is not None:
        write_stream(table, OUTPUT.bytes, style, ignore)
    elif OUTPUT.is_terminal and most is not None:
        _print_on_terminal(table, most)
    else:
        _print_lines(table)


def _print_on_terminal(table: Table, most: int) -> None:
    rows = list(itertools.islice(table.rows, most))
    OUTPUT.table([each.name for each in table.columns], ([_text(cell, _LONGEST) for cell in row] for row in rows))
    if not rows:
        OUTPUT.say("no rows")
    elif next(table.rows, None) is not None:
        OUTPUT.say(f"the first {most} rows; --limit shows more, a pipe gets all")


def _print_lines(table: Table) -> None:
    """Print a header and a line for each row, in pieces, so that memory does not grow with the number of rows."""
    header: Row = [each.name for each in table.columns]
    for piece in itertools.chain(_pieces([header]), _pieces(table.rows)):
        OUTPUT.bytes(piece)


def _pieces(rows: Iterable[Row]) -> Iterator[bytes]:
    """Yield lines, many at once; those before a row that fails come before its error."""
    lines: list[str] = []
    try:
        for row in rows:
            lines.append("\t".join(_text(cell, _UNCUT).replace("\t", " ") for cell in row) + "\n")
            if len(lines) >= _AT_ONCE:
                yield _joined(lines)
                lines = []
    except (UsageError, KeyboardInterrupt):
        yield _joined(lines)
        raise
    yield _joined(lines)


def _joined(lines: list[str]) -> bytes:
    return "".join(lines).encode("utf-8", "replace")


def _text(cell: Cell, most: int) -> str:
    if cell is None:
        return ""
    return printable(cell.hex() if isinstance(cell, bytes) else str(cell), most)
