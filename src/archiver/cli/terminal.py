"""Output on a terminal, by rich: bold lines, tables, coloured differences, progress bars. Pipes need no rich."""

import sys
from collections.abc import Iterable, Sequence
from typing import TextIO

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

_STYLES = {"insert": "bold green", "delete": "strike red", "equal": ""}


def _console(stream: TextIO) -> Console:
    return Console(file=stream, highlight=False, soft_wrap=not stream.isatty())


def print_bold(text: str) -> None:
    """Print a line in bold."""
    _console(sys.stdout).print(Text(text, style="bold"), soft_wrap=True)


def print_table(columns: Sequence[str], rows: Iterable[Sequence[str]], right: Sequence[str]) -> int:
    """Print a table and return the number of its rows. `right`: the columns that are aligned to the right."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in columns:
        table.add_column(name, justify="right" if name in right else "left", overflow="fold")
    for row in rows:
        table.add_row(*map(escape, row))
    if table.row_count:
        _console(sys.stdout).print(table)
    return table.row_count


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
