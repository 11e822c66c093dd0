"""`archiver import warc` and `import wacz`: import captures from WARC, ARC and WACZ files."""

import time
from pathlib import Path
from typing import Annotated

import typer

from archiver.app.importing.import_files import ImportSummary
from archiver.cli.context import INTERRUPTED, OUTPUT, UNREAD, AsJson, help_without_command, site_names, writing
from archiver.cli.export_web import size_in_bytes
from archiver.cli.extract import listener
from archiver.model.warc import NOT_KEPT_TEXT, NotKept
from archiver.polite.stop import StopFlag

app = typer.Typer(
    help="Import captures from other archives into this one.",
    invoke_without_command=True,
    add_completion=False,
    rich_markup_mode=None,
)

Files = Annotated[list[Path], typer.Argument(metavar="FILE...", help="WARC or ARC (plain, gzip or zstd) or WACZ.")]
OnlySite = Annotated[
    str | None,
    typer.Option("--site", help="Only captures within this profile's scope.", autocompletion=site_names),
]
MostBytes = Annotated[
    str, typer.Option("--max-bytes", help="Larger bodies are not stored, and count as too big: 100MB.")
]


@app.callback()
def alone(ctx: typer.Context) -> None:
    """Print the help when no command is named."""
    help_without_command(ctx)


@app.command("warc")
def warc(files: Files, site: OnlySite = None, max_bytes: MostBytes = "100MB", as_json: AsJson = False) -> None:
    """Import captures at their original times, and read them with their site's profile. None is imported twice."""
    started, stop = time.monotonic(), StopFlag()
    with writing() as archive, stop.on_signals(), OUTPUT.progress() as bar:
        most = size_in_bytes(max_bytes)
        done = archive.import_files(files, site=site, most_bytes=most, listen=listener(bar), stop=stop)
    if as_json:
        OUTPUT.json({**done.as_json(), "seconds": round(time.monotonic() - started, 3)})
    else:
        _print(done)
    raise typer.Exit(INTERRUPTED if done.ended == "interrupted" else 0 if done.is_whole else 1)


app.command("wacz")(warc)


def _print_faults(done: ImportSummary) -> None:
    for each in done.flaws:
        more = f"; {each.count - 1} more of this kind in this file" if each.count > 1 else ""
        imported = "" if each.flaw.lost else " (imported)"
        OUTPUT.failure(f"{each.file}:{each.flaw.place}: {each.flaw.what}{imported}{more}")
    if unlisted := done.flawed - sum(each.count for each in done.flaws):
        OUTPUT.failure(f"{unlisted} more faults are not listed")


def _print(done: ImportSummary) -> None:
    _print_faults(done)
    OUTPUT.line(
        f"{done.captures} captures imported from {count_files(done.files)}: {done.new_pages} new pages, "
        f"{done.new_versions} new versions, {done.changed} changed"
    )
    for name, count in sorted(done.sites.items()):
        OUTPUT.line(f"  {name}\t{count}")
    rest = {
        "were in the archive already": done.known,
        "are left out: they were redacted in this archive (view redactions)": done.redacted,
        "are left out: a browser made them of captures that this archive made itself": done.of_ours,
        "are outside the site's scope": done.outside,
        "records with faults were left out": done.lost,
        "are cut in the file; what is there is kept as truncated": done.truncated,
        f"could not be read; {UNREAD}": done.unread,
    }
    for what, count in rest.items():
        if count:
            OUTPUT.say(f"{count} {what}")
    if done.not_kept:
        kinds = ", ".join(f"{count} {NOT_KEPT_TEXT[NotKept(why)]}" for why, count in sorted(done.not_kept.items()))
        OUTPUT.say(f"{sum(done.not_kept.values())} bodies were not kept: {kinds}")
    if done.others:
        kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(done.others.items()))
        OUTPUT.say(f"records that are no captures of web pages: {kinds}")
    if done.ended == "interrupted":
        OUTPUT.say("interrupted; imported captures are stored; run the same command again to continue")


def count_files(count: int) -> str:
    """Return a number of files in words."""
    return "1 file" if count == 1 else f"{count} files"
