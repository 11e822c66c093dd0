"""The door to rich: tables, differences and progress on a terminal; plain greppable text in a pipe; JSON lines."""

import json
import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from archiver.change.diff import Span, compact
from archiver.text.clean import printable

STDOUT = "stdout"
"""What a failure to write results names as its file."""

_MARKS = {"insert": ("{+", "+}"), "delete": ("[-", "-]")}
_STYLES = {"insert": "bold green", "delete": "strike red", "equal": ""}
_BARS = "▁▂▃▄▅▆▇█"
_PARAGRAPH = re.compile(r"\n{2,}")


class Output:
    """Where a command speaks: results to stdout, all else to stderr."""

    def __init__(self) -> None:
        self.quiet = False
        self.verbose = False

    @property
    def out(self) -> Console:
        """The console of results. Made anew, so that it follows whatever stdout is now."""
        return Console(file=sys.stdout, highlight=False, soft_wrap=not sys.stdout.isatty())

    @property
    def err(self) -> Console:
        """The console of messages."""
        return Console(file=sys.stderr, highlight=False, soft_wrap=True)

    @property
    def is_terminal(self) -> bool:
        """Whether a person looks at the results."""
        return sys.stdout.isatty()

    # results

    def json(self, value: Mapping[str, Any]) -> None:
        """One object a line."""
        text = json.dumps(value, ensure_ascii=False, default=str)
        with _named():
            sys.stdout.write(text.encode("utf-8", "replace").decode() + "\n")
            sys.stdout.flush()

    def line(self, text: str = "") -> None:
        """A line of text, as it is but for what would steer the terminal."""
        with _named():
            sys.stdout.write("\n".join(printable(part, 1_000_000) for part in text.split("\n")) + "\n")

    def bytes(self, data: bytes) -> None:
        """Exact bytes."""
        with _named():
            sys.stdout.flush()
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()

    def flush(self) -> None:
        """Write what waits; else Python would as it leaves, when nobody can say any more that it failed."""
        with _named():
            sys.stdout.flush()

    def heading(self, text: str) -> None:
        """A line that stands out on a terminal."""
        if self.is_terminal:
            self.out.print(Text(printable(text, 2000), style="bold"), soft_wrap=True)
        else:
            self.line(text)

    def table(self, columns: Sequence[str], rows: Iterable[Sequence[object]], *, right: Sequence[str] = ()) -> int:
        """A table on a terminal, tab-separated lines in a pipe, the columns' names first; gives the number of rows."""
        count = 0
        if not self.is_terminal:
            for row in rows:
                if not count:
                    self.line("\t".join(columns))
                self.line("\t".join(printable(_cell(value), 100_000) for value in row))
                count += 1
            return count
        table = Table(box=None, pad_edge=False, header_style="bold")
        for name in columns:
            table.add_column(name, justify="right" if name in right else "left", overflow="fold")
        for row in rows:
            table.add_row(*(escape(printable(_cell(value), 300)) for value in row))
            count += 1
        if count:
            self.out.print(table)
        return count

    def spans(self, spans: Sequence[Span]) -> None:
        """A word-level difference, {+added+} and [-removed-], in colours where there are some; ¶ ends a paragraph.

        The marks stand beside the colours, too: a copied line without them would be a sentence nobody wrote.
        """
        shown = compact(tuple(spans))
        if not self.is_terminal:
            self.line("  " + _marked(shown, " ¶ ", " ⏎ ").plain)
            return
        console = self.out
        for line in _marked(shown, " ¶\n", "\n").wrap(console, max(20, console.width - 2)):
            console.print(Text("  ") + line)

    # messages

    def say(self, text: str) -> None:
        """A message to a person; silent with -q."""
        if not self.quiet:
            self.err.print(escape(printable(text, 2000)))

    def detail(self, text: str) -> None:
        """A message for who wants to know more (-v)."""
        if self.verbose and not self.quiet:
            self.err.print(escape(printable(text, 2000)), style="dim")

    def failure(self, text: str) -> None:
        """What went wrong, one line each fault."""
        for line in text.split("\n"):
            if sys.stderr.isatty():
                self.err.print(Text("error: ", style="bold red") + Text(printable(line, 2000)))
            else:
                sys.stderr.write(f"error: {printable(line, 2000)}\n")

    @contextmanager
    def progress(self) -> Iterator["Bar"]:
        """A progress bar on a terminal's stderr; nothing elsewhere."""
        if self.quiet or not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
            yield Bar(None)
            return
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
        )
        with Progress(*columns, console=self.err, transient=True) as progress:
            yield Bar(progress)


class Bar:
    """A progress bar that may be none."""

    def __init__(self, progress: Progress | None) -> None:
        self._progress = progress
        self._task = progress.add_task("", total=None) if progress else None

    def show(self, text: str, done: int, total: int | None) -> None:
        """Say how far it is."""
        if self._progress is not None and self._task is not None:
            self._progress.update(self._task, description=printable(text, 60), completed=done, total=total)


@contextmanager
def _named() -> Iterator[None]:
    """A failure to write results says where it was."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OSError(error.errno, error.strerror, STDOUT) from error


def bars(values: Sequence[float]) -> str:
    """A series as a line of block characters, lowest to highest."""
    if not values:
        return ""
    low, high = min(values), max(values)
    span = (high - low) or 1
    return "".join(_BARS[round((value - low) / span * (len(_BARS) - 1))] for value in values)


def _marked(spans: Sequence[Span], paragraph: str, line: str) -> Text:
    text = Text()
    for span in spans:
        before, after = _MARKS.get(span.op, ("", ""))
        text.append(before + _readable(span.text, paragraph, line) + after, style=_STYLES[span.op])
    return text


def _readable(text: str, paragraph: str, line: str) -> str:
    """Text that cannot steer the terminal, with its breaks shown as told."""
    return paragraph.join(
        line.join(printable(part, 1_000_000) for part in one.split("\n")) for one in _PARAGRAPH.split(text)
    )


def _cell(value: object) -> str:
    return "" if value is None else str(value)


def human_bytes(count: float) -> str:
    """A size for people: 417 B, 26.1 kB."""
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000:  # noqa: PLR2004
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} TB"
