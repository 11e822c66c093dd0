"""`archiver export`: views and queries as files that other programs read."""

import contextlib
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from archiver.app.exporting.export import Exported, Wanted, export_files, export_stream
from archiver.app.exporting.package import export_package
from archiver.cli.context import OUTPUT, AsJson, SiteOption, help_when_alone, reading
from archiver.cli.output import Bar, human_bytes
from archiver.errors import UsageError
from archiver.export.tables import Style
from archiver.model.event import Event, Listener, Progress
from archiver.polite.stop import endings, handling

INTERRUPTED = 130

app = typer.Typer(help="Write the archive's tables as files, whole and without caps.")

Dest = Annotated[str, typer.Argument(metavar="DEST", help="A file, or a folder for every view; - is stdout.")]
FileOrFolder = Annotated[Path, typer.Argument(metavar="DEST", help="A file, or a folder for every view.")]
View = Annotated[str | None, typer.Option("--view", help="Only this view.")]
Sql = Annotated[str | None, typer.Option("--sql", help="The rows of this query.")]
Params = Annotated[
    list[str] | None, typer.Option("--param", metavar="NAME=VALUE", help="What stands for :NAME in the query.")
]
Describe = Annotated[
    bool, typer.Option("--describe", help="Write what the columns mean beside it, as DEST.schema.json (Table Schema).")
]
Force = Annotated[bool, typer.Option("--force", help="Replace what is there.")]


@app.callback(invoke_without_command=True)
def export(ctx: typer.Context) -> None:
    """Write the archive's tables as files, whole and without caps."""
    help_when_alone(ctx)


@app.command("csv")
def csv(
    dest: Dest,
    *,
    view: View = None,
    sql: Sql = None,
    param: Params = None,
    site: SiteOption = None,
    plain_cells: Annotated[
        bool, typer.Option("--plain-cells", help="Leave text as it is that a spreadsheet would run as a formula.")
    ] = False,
    excel: Annotated[bool, typer.Option("--excel", help="With a byte order mark and CRLF, as Excel likes it.")] = False,
    describe: Describe = False,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Write CSV (RFC 4180, UTF-8, LF): NULL is an empty cell, the empty text is ""."""
    _export(
        dest, Wanted(view, sql, site, tuple(param or ())), Style("csv", plain_cells, excel), (describe, force, as_json)
    )


@app.command("jsonl")
def jsonl(
    dest: Dest,
    *,
    view: View = None,
    sql: Sql = None,
    param: Params = None,
    site: SiteOption = None,
    describe: Describe = False,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Write JSON lines, an object a row; the lists and objects of views are such."""
    _export(dest, Wanted(view, sql, site, tuple(param or ())), Style("jsonl"), (describe, force, as_json))


@app.command("parquet")
def parquet(
    dest: FileOrFolder,
    *,
    view: View = None,
    sql: Sql = None,
    param: Params = None,
    site: SiteOption = None,
    describe: Describe = False,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Write Parquet (zstd), with types, time zones and the meaning of each column; needs archiver[parquet]."""
    _export(str(dest), Wanted(view, sql, site, tuple(param or ())), Style("parquet"), (describe, force, as_json))


@app.command("package")
def package(
    dest: Annotated[Path, typer.Argument(metavar="DEST", help="A folder that is not there yet.")],
    *,
    site: SiteOption = None,
    form: Annotated[str, typer.Option("--format", help="Of the tables: csv or parquet.")] = "csv",
    force: Annotated[bool, typer.Option("--force", help="Replace a package that is there.")] = False,
    as_json: AsJson = False,
) -> None:
    """Write a data package (Frictionless): tables, a SQLite file, profiles, a notebook, digests, and a README."""
    started = time.monotonic()
    with ended_by_signals(), reading() as archive, OUTPUT.progress() as bar:
        done = export_package(archive.store, archive.settings, dest, site, form, force=force, listen=listener(bar))
    _tell(done, time.monotonic() - started, as_json=as_json)


def _export(dest: str, wanted: Wanted, style: Style, options: tuple[bool, bool, bool]) -> None:
    describe, force, as_json = options
    started = time.monotonic()
    with ended_by_signals(), reading() as archive, OUTPUT.progress() as bar:
        if dest == "-":
            if describe or as_json:
                raise UsageError("-: stdout takes the table and nothing else: name a file for --json and --describe")
            tally = export_stream(archive.store, OUTPUT.bytes, wanted, style, listener(bar))
            _warn(tally.made_safe, tally.mended)
            return
        done = export_files(
            archive.store, Path(dest), wanted, style, describe=describe, force=force, listen=listener(bar)
        )
    _tell(done, time.monotonic() - started, as_json=as_json)


@contextlib.contextmanager
def ended_by_signals(told: str = "interrupted; nothing half-written was kept") -> Iterator[None]:
    """SIGTERM and SIGHUP end an export as SIGINT does: what is not whole is removed."""
    with handling(endings(), signal.default_int_handler):
        try:
            yield
        except KeyboardInterrupt:
            OUTPUT.failure(told)
            raise typer.Exit(INTERRUPTED) from None


def listener(bar: Bar) -> Listener:
    """Shows how far an export is."""

    def hear(event: Event) -> None:
        if isinstance(event, Progress):
            bar.show(event.task, event.done, event.total)

    return hear


def _tell(done: Exported, seconds: float, *, as_json: bool) -> None:
    if as_json:
        OUTPUT.json({**done.as_json(), "seconds": round(seconds, 3)})
    else:
        for each in done.files:
            OUTPUT.line(f"{each.path}: {_rows(each.rows)}{human_bytes(each.bytes)}")
    _warn(done.made_safe, done.mended)


def _rows(count: int | None) -> str:
    return "" if count is None else "1 row, " if count == 1 else f"{count} rows, "


def _warn(made_safe: int, damaged: int) -> None:
    if made_safe:
        cells = "1 cell begins" if made_safe == 1 else f"{made_safe} cells begin"
        OUTPUT.say(f"{cells} like a formula and got an apostrophe before it; --plain-cells leaves them as they are")
    if damaged:
        rows = "1 row" if damaged == 1 else f"{damaged} rows"
        OUTPUT.say(f"in {rows} text was no UTF-8; \ufffd stands for what could not be read")
