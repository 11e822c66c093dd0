"""`archiver export`: write views and queries as files for other programs."""

import contextlib
import inspect
import signal
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from archiver.app.exporting.export import Exported, TableChoice, export_files, export_stream
from archiver.app.exporting.package import PACKAGE_FORMATS, PackageChoice, export_package
from archiver.cli.context import INTERRUPTED, OUTPUT, AsJson, SiteOption, help_without_command, reading
from archiver.cli.output import Bar, human_bytes
from archiver.errors import UsageError
from archiver.export.endings import one_of
from archiver.export.formats import FORMATS, ExportFormat
from archiver.export.tables import Style
from archiver.model.event import Event, Listener, Progress
from archiver.polite.stop import endings, handling
from archiver.text.clean import counted

app = typer.Typer(
    help="Write tables and captures as files for other programs.", add_completion=False, rich_markup_mode=None
)

View = Annotated[str | None, typer.Option("--view", help="Only this view.")]
Sql = Annotated[str | None, typer.Option("--sql", help="The rows of this query.")]
Params = Annotated[
    list[str] | None, typer.Option("--param", metavar="NAME=VALUE", help="The value of :NAME in the query.")
]
PlainCells = Annotated[
    bool, typer.Option("--plain-cells", help="Do not escape text that a spreadsheet would run as a formula.")
]
Excel = Annotated[bool, typer.Option("--excel", help="Write a byte order mark and CRLF, for Excel.")]
Describe = Annotated[
    bool, typer.Option("--describe", help="Write what the columns mean to DEST.schema.json (Table Schema).")
]
IncludeEmbargoed = Annotated[
    bool, typer.Option("--include-embargoed", help="Also export pages under an embargo (see `archiver embargo`).")
]
Force = Annotated[bool, typer.Option("--force", help="Replace files that exist.")]
_LEFT_OUT = "A folder gets every view except events, timeline and blind, which repeat others: see --view."
_OPTIONS = ("plain_cells", "excel")


@app.callback(invoke_without_command=True)
def export(ctx: typer.Context) -> None:
    """Write tables and captures as files for other programs."""
    help_without_command(ctx)


def _add_command(each: ExportFormat) -> None:
    """Add `archiver export NAME` for a format, with the options that the format takes."""
    files = f"A file ({one_of(each.file_endings)}), or a folder for the views; - is stdout. {_LEFT_OUT}"

    def command(
        dest: Annotated[str, typer.Argument(metavar="DEST", help=files)],
        *,
        view: View = None,
        sql: Sql = None,
        param: Params = None,
        site: SiteOption = None,
        plain_cells: PlainCells = False,
        excel: Excel = False,
        describe: Describe = False,
        force: Force = False,
        include_embargoed: IncludeEmbargoed = False,
        as_json: AsJson = False,
    ) -> None:
        wanted = TableChoice(view, sql, site, tuple(param or ()))
        options = (describe, force, include_embargoed, as_json)
        _export(dest, wanted, Style(each.name, plain_cells, excel), options)

    signature = inspect.signature(command)
    left_out = set(_OPTIONS) - set(each.options)
    kept = [value for name, value in signature.parameters.items() if name not in left_out]
    vars(command)["__signature__"] = signature.replace(parameters=kept)  # typer reads it
    app.command(each.name, help=each.summary)(command)


for _each in FORMATS.values():
    _add_command(_each)


@app.command("package")
def package(
    dest: Annotated[str, typer.Argument(metavar="DEST", help="A folder that does not exist yet, or NAME.zip.")],
    *,
    site: SiteOption = None,
    form: Annotated[
        str, typer.Option("--format", help=f"Format of the tables: {' or '.join(PACKAGE_FORMATS)}.")
    ] = "csv",
    force: Annotated[bool, typer.Option("--force", help="Replace a package that exists.")] = False,
    include_embargoed: IncludeEmbargoed = False,
    as_json: AsJson = False,
) -> None:
    """Write a data package (Frictionless): tables, a SQLite file, profiles, a notebook, digests, and a README."""
    started = time.monotonic()
    with ended_by_signals(), reading() as archive, OUTPUT.progress() as bar:
        wanted = PackageChoice(site, form, () if include_embargoed else archive.embargoed_pages())
        done = export_package(archive.store, archive.settings, Path(dest), wanted, force=force, listen=listener(bar))
    _print(done, time.monotonic() - started, as_json=as_json)


def _export(dest: str, wanted: TableChoice, style: Style, options: tuple[bool, bool, bool, bool]) -> None:
    describe, force, include_embargoed, as_json = options
    started = time.monotonic()
    with ended_by_signals(), reading() as archive, OUTPUT.progress() as bar:
        wanted = replace(wanted, without=() if include_embargoed else archive.embargoed_pages())
        if dest == "-":
            if describe or as_json:
                raise UsageError("-: --json and --describe cannot share stdout with the table: name a file")
            if not style.format.lines:
                refuse_terminal()
            tally = export_stream(archive.store, OUTPUT.bytes, wanted, style, listener(bar))
            _warn(tally.made_safe, tally.not_utf8, tally.cut)
            warn_of_embargo(archive.store.embargoes.count(wanted.without), "page")
            return
        done = export_files(
            archive.store, Path(dest), wanted, style, describe=describe, force=force, listen=listener(bar)
        )
    _print(done, time.monotonic() - started, as_json=as_json)


@contextlib.contextmanager
def ended_by_signals(message: str = "interrupted; no incomplete file was kept") -> Iterator[None]:
    """Let SIGTERM and SIGHUP end an export like SIGINT: incomplete files are removed."""
    with handling(endings(), signal.default_int_handler):
        try:
            yield
        except KeyboardInterrupt:
            OUTPUT.failure(message)
            raise typer.Exit(INTERRUPTED) from None


def refuse_terminal() -> None:
    """Refuse to write binary data to a terminal.

    Raises:
        UsageError: stdout is a terminal.
    """
    if OUTPUT.is_terminal:
        raise UsageError("-: stdout is a terminal, and this is no text; redirect it to a file or into a program")


def listener(bar: Bar) -> Listener:
    """Return a listener that shows the progress of an export."""

    def show(event: Event) -> None:
        if isinstance(event, Progress):
            bar.show(event.task, event.done, event.total)

    return show


def _print(done: Exported, seconds: float, *, as_json: bool) -> None:
    if as_json:
        OUTPUT.json({**done.as_json(), "seconds": round(seconds, 3)})
    else:
        for each in done.files:
            OUTPUT.line(f"{each.path}: {_rows(each.rows)}{human_bytes(each.bytes)}")
    _warn(done.made_safe, done.mended, done.cut)
    warn_of_embargo(done.embargoed, "page")


def warn_of_embargo(count: int, what: str) -> None:
    """Say how many pages or captures an export leaves out because of an embargo."""
    if count:
        are = "is" if count == 1 else "are"
        OUTPUT.say(f"{counted(count, what)} {are} left out: under an embargo; --include-embargoed exports them")


def _rows(count: int | None) -> str:
    return "" if count is None else "1 row, " if count == 1 else f"{count} rows, "


def _warn(made_safe: int, damaged: int, cut: int) -> None:
    if made_safe:
        cells = "1 cell begins" if made_safe == 1 else f"{made_safe} cells begin"
        OUTPUT.say(f"{cells} like a formula and got an apostrophe before it; --plain-cells leaves them unchanged")
    if damaged:
        rows = "1 row" if damaged == 1 else f"{damaged} rows"
        OUTPUT.say(f"in {rows} text was not UTF-8; \ufffd replaces the bytes that could not be read")
    if cut:
        OUTPUT.say(f"{counted(cut, 'text')} cut to what a cell of Excel holds, and marked with […]; csv has them whole")
