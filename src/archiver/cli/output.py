"""Output: tables, differences and progress on a terminal (`terminal.py`); plain text in a pipe; JSON lines."""

import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

from archiver.text.clean import printable

if TYPE_CHECKING:
    from rich.progress import Progress

    from archiver.text.word_diff import Span

STDOUT = "stdout"
"""The file name in an error on writing results."""

_BARS = "▁▂▃▄▅▆▇█"


class Output:
    """The output of a command: results to stdout, messages to stderr."""

    def __init__(self) -> None:
        self.quiet = False
        self.verbose = False

    @property
    def is_terminal(self) -> bool:
        """Return whether stdout is a terminal."""
        return sys.stdout.isatty()

    # results

    def json(self, value: Mapping[str, Any]) -> None:
        """Print one object as a line."""
        is_utf8 = (sys.stdout.encoding or "utf-8").lower().replace("-", "") == "utf8"
        text = json.dumps(value, ensure_ascii=not is_utf8, default=str)
        with _naming_stdout():
            sys.stdout.write(text.encode("utf-8", "replace").decode() + "\n")
            sys.stdout.flush()

    def line(self, text: str = "") -> None:
        """Print a line of text, without control characters."""
        with _naming_stdout():
            sys.stdout.write("\n".join(printable(part, 1_000_000) for part in text.split("\n")) + "\n")

    def bytes(self, data: bytes) -> None:
        """Write exact bytes."""
        with _naming_stdout():
            sys.stdout.flush()
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()

    def flush(self) -> None:
        """Flush stdout now, so that an error is reported. At the exit of Python it would be too late."""
        with _naming_stdout():
            sys.stdout.flush()

    def heading(self, text: str) -> None:
        """Print a line, in bold on a terminal."""
        if self.is_terminal:
            _terminal().print_bold(printable(text, 2000))
        else:
            self.line(text)

    def table(self, columns: Sequence[str], rows: Iterable[Sequence[object]], *, right: Sequence[str] = ()) -> int:
        """Print a table, as tab-separated lines with a header in a pipe; return the number of rows."""
        if self.is_terminal:
            shown = ([printable(_cell(value), 300) for value in row] for row in rows)
            return int(_terminal().print_table(columns, shown, right))
        count = 0
        for row in rows:
            if not count:
                self.line("\t".join(columns))
            self.line("\t".join(printable(_cell(value), 100_000) for value in row))
            count += 1
        return count

    def spans(self, spans: "Sequence[Span]") -> None:
        """Print a word-level difference with {+added+} and [-removed-], in colours on a terminal; ¶ ends a paragraph.

        The marks are also printed in colour, so that a copied line shows what was added and removed.
        """
        from archiver.text.edit_context import marked  # noqa: PLC0415  (start-up)
        from archiver.text.word_diff import compact  # noqa: PLC0415  (start-up)

        shown = compact(tuple(spans))
        if self.is_terminal:
            _terminal().print_difference((span.op, marked(span, " ¶\n", "\n")) for span in shown)
        else:
            self.line("  " + "".join(map(marked, shown)))

    def context(self, label: str, context: str) -> None:
        """Print the context of an edit (`changes.context`) after a label, in colours on a terminal."""
        from archiver.text.edit_context import marked_parts_of  # noqa: PLC0415  (start-up)

        if self.is_terminal:
            _terminal().print_difference([("equal", label), *marked_parts_of(context)])
        else:
            self.line(f"  {label}{context}")

    # messages

    def say(self, text: str) -> None:
        """Print a message on stderr, except with -q."""
        if not self.quiet:
            _message(text)

    def detail(self, text: str) -> None:
        """Print a message on stderr with -v."""
        if self.verbose and not self.quiet:
            _message(text, style="dim")

    def failure(self, text: str) -> None:
        """Print an error on stderr, one line for each fault."""
        for line in text.split("\n"):
            _message(line, prefix="error: ")

    @contextmanager
    def progress(self) -> Iterator["Bar"]:
        """Yield a progress bar on a terminal's stderr; elsewhere a bar that prints nothing."""
        if self.quiet or not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
            yield Bar(None)
            return
        with _terminal().progress_bar() as progress:
            yield Bar(progress)


class Bar:
    """A progress bar, or none if `progress` is None."""

    def __init__(self, progress: "Progress | None") -> None:
        self._progress = progress
        self._task = progress.add_task("", total=None) if progress else None

    def show(self, text: str, done: int, total: int | None) -> None:
        """Show how much is done."""
        if self._progress is not None and self._task is not None:
            self._progress.update(self._task, description=printable(text, 60), completed=done, total=total)


@contextmanager
def _naming_stdout() -> Iterator[None]:
    """Set `STDOUT` as the file name of an OSError on writing results."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OSError(error.errno, error.strerror, STDOUT) from error


def bars(values: Sequence[float]) -> str:
    """Return a series of values as a line of block characters, scaled from lowest to highest."""
    if not values:
        return ""
    low, high = min(values), max(values)
    span = (high - low) or 1
    return "".join(_BARS[round((value - low) / span * (len(_BARS) - 1))] for value in values)


def _terminal() -> ModuleType:
    """Return the module that prints on terminals, which imports rich."""
    return import_module("archiver.cli.terminal")


def _message(text: str, *, style: str | None = None, prefix: str = "") -> None:
    shown = printable(text, 2000)
    if sys.stderr.isatty():
        _terminal().print_message(shown, style=style, prefix=prefix)
    else:
        sys.stderr.write(f"{prefix}{shown}\n")


def _cell(value: object) -> str:
    return "" if value is None else str(value)


def human_bytes(count: float) -> str:
    """Return a size in readable form: 417 B, 26.1 kB."""
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000:  # noqa: PLR2004
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} TB"
