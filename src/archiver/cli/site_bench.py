"""`archiver site bench`: compare a profile with the one in force over the stored captures, before it is used."""

import shutil
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from archiver.app import profiles
from archiver.app.watching.alarm import EXIT
from archiver.cli.context import GLOBAL_OPTIONS, INTERRUPTED, OUTPUT, AsJson, reading, site_names
from archiver.extract.profile import load_profile
from archiver.polite.stop import StopFlag

if TYPE_CHECKING:
    from archiver.app.benching.bench import Bench

_FIELD, _MONTH = 24, 10
"""The columns of a terminal that the name of a field and a month take."""


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
        _print(found)
    ended = INTERRUPTED if found.amounts.ended == "interrupted" else 0
    raise typer.Exit(ended or (EXIT if found.falls else 0))


def _print(found: "Bench") -> None:
    """Print the facts, the tables and the findings; on a terminal, each table of the profile by itself."""
    from archiver.app.benching.bench import MOST_MONTHS  # noqa: PLC0415  (start-up)
    from archiver.app.benching.bench_text import (  # noqa: PLC0415  (start-up)
        COLUMNS,
        fact_lines,
        field_rows,
        finding_lines,
        month_table,
    )

    for line in fact_lines(found):
        OUTPUT.line(line)
    months, by_month = month_table(found, min(MOST_MONTHS, _months_that_fit()) if OUTPUT.is_terminal else MOST_MONTHS)
    for columns, rows in ((COLUMNS, field_rows(found)), (months, by_month)):
        if OUTPUT.is_terminal:
            _print_apart(columns, rows)
        else:
            OUTPUT.table(columns, rows)
    for line in finding_lines(found):
        OUTPUT.line(line)


def _print_apart(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows in one table for each value of their first column."""
    for name, some in groupby(rows, key=lambda row: row[0]):
        OUTPUT.heading(name)
        OUTPUT.table(columns[1:], [row[1:] for row in some], right=columns[2:])


def _months_that_fit() -> int:
    width = shutil.get_terminal_size().columns
    return max(2, (width - _FIELD) // _MONTH)
