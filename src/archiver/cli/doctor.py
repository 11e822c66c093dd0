"""`archiver doctor`: advice on the archive and what runs around it."""

from pathlib import Path
from typing import Annotated

import typer

from archiver.app.watching.doctor import advise
from archiver.cli.context import OUTPUT, AsJson, reading


def doctor(
    backup: Annotated[
        Path | None, typer.Option("--backup", metavar="FOLDER", help="Also check the age of the backup in this folder.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Give advice: disk, clock, verification, backup, profiles, drift, captures not read, overdue crawls.

    Nothing is fetched or changed. The exit code is 1 when there is something to do.
    """
    with reading() as archive:
        found = advise(archive, backup)
    for each in found:
        if as_json:
            OUTPUT.json(each.as_json())
        else:
            OUTPUT.line(f"{each.topic}: {each.text}; {each.command}")
    if not found:
        OUTPUT.say("nothing to do" if backup is not None else "nothing to do; --backup FOLDER also checks the backup")
    raise typer.Exit(1 if found else 0)
