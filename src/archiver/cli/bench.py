"""`archiver site bench`: compare a profile with the one in force over the stored captures, before it is used."""

from pathlib import Path
from typing import Annotated

import typer

from archiver.app import profiles
from archiver.app.watching.alarm import EXIT
from archiver.cli.context import GLOBAL_OPTIONS, INTERRUPTED, OUTPUT, AsJson, reading, site_names
from archiver.extract.profile import load_profile
from archiver.polite.stop import StopFlag


def bench_site(
    name: Annotated[str, typer.Argument(metavar="SITE", help="A site of the archive.", autocompletion=site_names)],
    *,
    profile: Annotated[
        Path | None, typer.Option("--profile", help="The file of the profile to try [the site's profile as it is now].")
    ] = None,
    against: Annotated[
        Path | None, typer.Option("--against", help="A file to compare with [the profile that the archive used last].")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Read all captures that differ, not a sample.")] = False,
    fallback: Annotated[
        bool, typer.Option("--fallback", help="Also read bodies with the slow fallback, where no rule gives one.")
    ] = False,
    workers: Annotated[
        int | None, typer.Option("--workers", min=1, help="Number of reading processes with --all [one per core].")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Compare a profile with the one in force over the stored captures; exit code 5 when a field falls."""
    from archiver.app.benching.bench_site import BenchOptions, bench  # noqa: PLC0415  (start-up)
    from archiver.app.benching.bench_text import COLUMNS, fact_lines, field_rows, finding_lines, month_table  # noqa: PLC0415
    from archiver.cli.extract import listener  # noqa: PLC0415  (start-up)

    folders, stop = GLOBAL_OPTIONS.find().selectors, StopFlag()
    candidate = load_profile(profile, any_name=True) if profile else profiles.by_name(name, folders)
    other = load_profile(against, any_name=True) if against else None
    with reading() as archive, stop.on_signals(), OUTPUT.progress() as bar:
        pages = archive.embargoed_pages()
        options = BenchOptions(everything, fallback, workers, pages, listener(bar), stop)
        found = bench(archive.store, name, candidate, against=other, options=options)
    if as_json:
        OUTPUT.json(found.as_json())
    else:
        for line in fact_lines(found):
            OUTPUT.line(line)
        OUTPUT.table(COLUMNS, field_rows(found), right=COLUMNS[2:])
        columns, rows = month_table(found)
        OUTPUT.table(columns, rows, right=columns[2:])
        for line in finding_lines(found):
            OUTPUT.line(line)
    ended = INTERRUPTED if found.amounts.ended == "interrupted" else 0
    raise typer.Exit(ended or (EXIT if found.falls else 0))
