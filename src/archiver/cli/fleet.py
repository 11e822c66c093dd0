"""`archiver fleet …`: the sites that many workers share, and who crawls what."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from archiver.app.fleet.manage import (
    FleetState,
    add_sites,
    fleet_state,
    pause_sites,
    set_storage,
    site_json,
    state_json,
)
from archiver.app.fleet.open_leases import create_fleet, fleet_address, open_leases
from archiver.cli.context import GLOBAL_OPTIONS, OUTPUT, AsJson, help_without_command, site_names
from archiver.errors import UsageError
from archiver.model.clock import written
from archiver.model.lease import FleetSite, Leases
from archiver.text.clean import counted

app = typer.Typer(
    help="Share sites among workers on many machines: who crawls what, by a control database.",
    rich_markup_mode=None,
    add_completion=False,
)
app.callback(invoke_without_command=True)(help_without_command)

FleetOption = Annotated[
    str | None,
    typer.Option(
        "--fleet",
        metavar="URL",
        help="The control database: postgresql://USER@HOST/DATABASE, or PATH.db for one machine [$ARCHIVER_FLEET].",
    ),
]
Profiles = Annotated[
    list[str],
    typer.Argument(metavar="SITE...", help="Names of profiles, or paths of their files.", autocompletion=site_names),
]
Sites = Annotated[list[str], typer.Argument(metavar="SITE...", help="Names of sites of the fleet.")]


def _open(address: str | None) -> Leases:
    return open_leases(fleet_address(address), GLOBAL_OPTIONS.find().clock)


@app.command("init")
def init(
    fleet: FleetOption = None,
    storage: Annotated[
        str | None,
        typer.Option("--storage", metavar="PLACE", help="Where the archives are: s3://BUCKET/PREFIX, or a folder."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Create the tables of a fleet in Postgres, or a file for one machine, and set where the archives are.

    Existing tables keep their content; those of an older archiver are upgraded. A storage is set when objects can be
    created in it and are not overwritten. Nothing is moved to it: `fleet move` does that.
    """
    address = fleet_address(fleet)
    is_new = create_fleet(address)
    with _open(address) as leases:
        if storage is not None:
            set_storage(leases, storage)
        place = leases.storage()
    if as_json:
        OUTPUT.json({"created": is_new, "storage": place or None})
    else:
        OUTPUT.line("created: the fleet has no sites yet" if is_new else "the fleet exists")
        OUTPUT.line(
            f"archives: {place}" if place else "archives: no place yet; `archiver fleet init --storage` sets it"
        )


@app.command("add")
def add(
    sites: Profiles,
    fleet: FleetOption = None,
    source: Annotated[
        Path | None,
        typer.Option(
            "--from", metavar="ARCHIVE", help="One site: begin with this archive of it, which stays as it is."
        ),
    ] = None,
    storage: Annotated[
        str,
        typer.Option(
            "--storage", metavar="PLACE", help="New sites: where their archives are, if not with those of the fleet."
        ),
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Add sites with their profiles, or replace profiles; workers use a new version from the next slice on.

    A faulty profile is refused, and then nothing is added. A new site is due at once. Profiles whose text is the same
    keep their version.
    """
    with _open(fleet) as leases:
        if source is not None:
            if storage:
                raise UsageError(
                    "--from and --storage cannot be combined: add the archive, then `archiver fleet move` it"
                )
            _begin_with(leases, sites, source)
        added = add_sites(leases, sites, GLOBAL_OPTIONS.find().selectors, storage)
    for each in added:
        if as_json:
            OUTPUT.json({name: getattr(each, name) for name in ("site", "group", "profile_version", "is_new")})
        else:
            what = "added" if each.is_new else "known"
            OUTPUT.line(f"{each.site}: {what}, profile version {each.profile_version}, server group {each.group}")


def _begin_with(leases: Leases, sites: list[str], source: Path) -> None:
    """Publish an archive as the first generation of the only site."""
    from archiver.app import profiles  # noqa: PLC0415  (start-up)
    from archiver.app.fleet.shards.add_archive import add_archive  # noqa: PLC0415  (start-up)

    if len(sites) != 1:
        raise UsageError("--from: an archive is of one site; name one SITE")
    settings = GLOBAL_OPTIONS.find()
    profile = profiles.by_name(sites[0], settings.selectors)
    with OUTPUT.progress() as bar:
        done = add_archive(leases, profile.name, replace(settings, archive=source), bar.show)
    visits, number = counted(done.state.visits, "visit"), done.state.generation
    OUTPUT.say(f"{profile.name}: {visits} of {source} are generation {number} in {done.place}")


@app.command("list")
def list_fleet(fleet: FleetOption = None, as_json: AsJson = False) -> None:
    """List the sites of a fleet: what each does, when it is due, its server group and profile version."""
    with _open(fleet) as leases:
        state = fleet_state(leases)
    if as_json:
        for each in state.sites:
            OUTPUT.json(site_json(each, state.now))
        return
    columns = ("site", "state", "due (UTC)", "group", "profile", "epoch", "generation", "visits")
    rows = [
        (
            *(each.site, each.state(state.now), written(each.due_at), each.group),
            *(each.profile_version, each.epoch),
            *((each.shard.generation, each.shard.visits) if each.shard else ("", "")),
        )
        for each in state.sites
    ]
    if not OUTPUT.table(columns, rows, right=("profile", "epoch", "generation", "visits")):
        OUTPUT.say("no sites; `archiver fleet add SITE` adds one")


@app.command("status")
def status(fleet: FleetOption = None, as_json: AsJson = False) -> None:
    """Show how many sites are due, held, paused and failing; who holds which until when; what fails, and why."""
    with _open(fleet) as leases:
        state = fleet_state(leases)
    if as_json:
        OUTPUT.json(state_json(state))
    else:
        _print(state)


def _print(state: FleetState) -> None:
    counts = state.counts
    OUTPUT.line(
        f"{counted(counts.sites, 'site')} in {counted(counts.groups, 'server group')}, at {written(state.now)} UTC"
    )
    if state.storage:
        OUTPUT.line(f"archives: {state.storage}")
    shown = ("due", "waiting", "held", "paused", "failing")
    OUTPUT.line(", ".join(f"{name} {getattr(counts, name)}" for name in shown))
    if state.held:
        OUTPUT.line(f"\nheld by {counted(counts.workers, 'worker')}:")
    for each in state.held:
        OUTPUT.line(f"  {each.site}: {each.holder} until {written(each.held_until or state.now)}, epoch {each.epoch}")
    if state.failing:
        OUTPUT.line("\nfailing or abandoned:")
    for each in state.failing:
        OUTPUT.line(f"  {each.site}: {_what_fails(each)}; due {written(each.due_at)}")


def _what_fails(site: FleetSite) -> str:
    failed = f"failed {counted(site.failures, 'time')}: {site.why}" if site.failures else ""
    lost = f"abandoned by its worker {counted(site.abandoned, 'time')}" if site.abandoned and not site.holder else ""
    return "; ".join(filter(None, (failed, lost)))


@app.command("pause")
def pause(sites: Sites, fleet: FleetOption = None, as_json: AsJson = False) -> None:
    """Let no worker claim sites from now on. A running crawl ends with its slice."""
    _pause(sites, fleet, resume=False, as_json=as_json)


@app.command("resume")
def resume(sites: Sites, fleet: FleetOption = None, as_json: AsJson = False) -> None:
    """Let workers claim sites again, at once; failures are forgotten."""
    _pause(sites, fleet, resume=True, as_json=as_json)


def _pause(sites: list[str], fleet: str | None, *, resume: bool, as_json: bool) -> None:
    with _open(fleet) as leases:
        pause_sites(leases, sites, resume=resume)
    for site in sites:
        if as_json:
            OUTPUT.json({"site": site, "paused": not resume})
        else:
            OUTPUT.line(f"{site}: {'may be claimed again' if resume else 'paused'}")
