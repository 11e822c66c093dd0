"""Output on a terminal, by rich: bold lines, tables, coloured differences, progress bars. Pipes need no rich."""

import sys
from collections.abc import Iterable, Sequence
from typing import TextIO

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

_UNBROKEN = 19
"""The width of a time; no shorter cell breaks."""
_SOME_WORDS = 24
_STYLES = {"insert": "bold green", "delete": "strike red", "equal": ""}


def _console(stream: TextIO) -> Console:
    return Console(file=stream, highlight=False, soft_wrap=not stream.isatty())


def cut_to_width(text: str) -> str:
    """Return a line cut to the width of the terminal."""
    width = _console(sys.stdout).width
    return text if cell_len(text) <= width else f"{set_cell_size(text, width - 1).rstrip()}…"


def print_bold(text: str) -> None:
    """Print a line in bold."""
    _console(sys.stdout).print(Text(text, style="bold"), soft_wrap=True)


def print_table(columns: Sequence[str], rows: Iterable[Sequence[str]], right: Sequence[str]) -> int:
    """Print a table and return the number of its rows. `right`: the columns that are aligned to the right.

    Times do not break. A table that is too narrow for its columns is printed as one line for each cell.
    """
    console, shown = _console(sys.stdout), list(rows)
    widths = [_least_width([name, *(row[place] for row in shown)]) for place, name in enumerate(columns)]
    if sum(widths) + 2 * len(widths) > console.width:
        _print_records(console, columns, shown)
        return len(shown)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name, least in zip(columns, widths, strict=True):
        table.add_column(name, justify="right" if name in right else "left", overflow="fold", min_width=least)
    for row in shown:
        table.add_row(*map(escape, row))
    if table.row_count:
        console.print(table)
    return table.row_count


def _least_width(cells: Sequence[str]) -> int:
    """Return the least useful width of a column: that of its times, of its short cells, or some words."""
    longest = max(map(cell_len, cells))
    return longest if longest <= _UNBROKEN else min(longest, _SOME_WORDS)


def _print_records(console: Console, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print each cell that is not empty as a line of its own, after its column's name; an empty line ends a row."""
    name_width = max(map(cell_len, columns))
    for row in rows:
        for name, cell in zip(columns, row, strict=True):
            if cell:
                line = Text(name.rjust(name_width), style="bold") + Text(f"  {cell}", style="")
                console.print(line, soft_wrap=True)
        console.print()


def print_difference(parts: Iterable[tuple[str, str]]) -> None:
    """Print a difference: parts of (operation, text), wrapped to the width of the terminal."""
    console, text = _console(sys.stdout), Text()
    for operation, part in parts:
        text.append(part, style=_STYLES[operation])
    for line in text.wrap(console, max(20, console.width - 2)):
        console.print(Text("  ") + line)


def print_message(text: str, *, style: str | None = None, prefix: str = "") -> None:
    """Print a message on stderr. `prefix` is printed in bold red."""
    console = Console(file=sys.stderr, highlight=False, soft_wrap=True)
    console.print(Text(prefix, style="bold red") + Text(text, style=style or ""))


def progress_bar() -> Progress:
    """Return a progress bar on stderr that disappears at its end."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    return Progress(*columns, console=Console(file=sys.stderr, highlight=False, soft_wrap=True), transient=True)
