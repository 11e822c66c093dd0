"""`archiver fleet fetch` and `run`: any command on the archive of one site of a fleet."""

from pathlib import Path
from typing import Annotated

import typer

from archiver.app.fleet.open_leases import fleet_address, open_leases
from archiver.cli.context import GLOBAL_OPTIONS, INTERRUPTED, OUTPUT, AsJson
from archiver.cli.fleet import FleetOption, Sites
from archiver.cli.fleet_shards import Shards, folder_of_commands
from archiver.cli.output import human_bytes
from archiver.text.clean import counted

_FAILED = 1


def fetch(
    sites: Sites,
    to: Annotated[Path, typer.Option("--to", metavar="FOLDER", help="Where the copies are: FOLDER/SITE/archive.db.")],
    *,
    fleet: FleetOption = None,
    generation: Annotated[
        int | None, typer.Option("--generation", min=1, help="Of one site: a generation that is still kept [newest].")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Copy archives of a fleet to a folder, to read them with any command. Copies that are there get what is new.

    No lease is needed. What is written to a copy is lost with the next fetch; `archiver fleet run` changes an archive.
    """
    from archiver.app.fleet.shards.fetch_shards import fetch_shards  # noqa: PLC0415  (start-up)

    failed = 0
    with open_leases(fleet_address(fleet), GLOBAL_OPTIONS.find().clock) as leases, OUTPUT.progress() as bar:
        bar.show("fetching", 0, len(sites))
        for done, each in enumerate(fetch_shards(leases, sites, to, generation), 1):
            bar.show("fetching", done, len(sites))
            found = each.generation
            if found is None:
                text = str(each.error)
                OUTPUT.failure(text if each.site in text else f"{each.site}: {text}")
                failed = max(failed, each.error.exit_code if each.error else _FAILED)
            elif as_json:
                OUTPUT.json(
                    {
                        "site": each.site,
                        "generation": found.number,
                        "made_at": found.made_at,
                        "visits": found.head.visits,
                        "bytes": found.size,
                        "archive": str(each.archive),
                    }
                )
            else:
                OUTPUT.line(
                    f"{each.site}: generation {found.number} of {found.made_at} UTC, "
                    f"{counted(found.head.visits, 'visit')}, {human_bytes(found.size)}, in {each.archive}"
                )
    raise typer.Exit(failed)


def run(
    site: Annotated[str, typer.Argument(metavar="SITE", help="A site of the fleet.")],
    command: Annotated[list[str], typer.Argument(metavar="-- COMMAND...", help="A command of archiver, after `--`.")],
    *,
    fleet: FleetOption = None,
    shards: Shards = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print an object about it on stdout, after the command's.")
    ] = False,
) -> None:
    """Run a command on the archive of a site, under its lease, and publish what it changed.

    Example: archiver fleet run quan11 -- verify --deep. The exit code is that of the command. What a command that fails
    has committed is published as well, if the archive is sound. When the lease is lost, nothing is published.
    """
    from archiver.app.fleet.shards.run_command import run_command  # noqa: PLC0415  (start-up)

    clock = GLOBAL_OPTIONS.find().clock
    with open_leases(fleet_address(fleet), clock) as leases:
        try:
            done = run_command(leases, site, command, folder_of_commands(shards), clock, OUTPUT.say)
        except KeyboardInterrupt:
            OUTPUT.failure(f"{site}: interrupted before it was published; run this again")
            raise typer.Exit(INTERRUPTED) from None
    published = None if done.published is None else done.published.number
    if as_json:
        OUTPUT.json({"site": site, "code": done.code, "published": published, "is_left": done.is_left})
    elif published is None:
        OUTPUT.say(f"{site}: nothing was changed, and nothing published")
    else:
        OUTPUT.say(f"{site}: published as generation {published}")
    if done.is_left:
        OUTPUT.failure(
            f"{site}: generations from before a redaction are still stored, because the storage did not delete them; "
            f"the next work on this site does: `archiver fleet run {site} -- redact --resume`"
        )
    raise typer.Exit(done.code or (_FAILED if done.is_left else 0))
