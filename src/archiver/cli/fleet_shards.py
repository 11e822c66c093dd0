"""`archiver fleet extract`, `move`, `rescue`, `remove`: work on the archives of a fleet, each under its lease."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from archiver.app.fleet.manage import sites_of_fleet
from archiver.app.fleet.open_leases import fleet_address, open_leases
from archiver.app.fleet.rereading.executors import PROCESSES, open_executor
from archiver.app.fleet.rereading.read_shard import ShardReading
from archiver.app.fleet.rereading.read_shards import ReadOptions, read_shards
from archiver.cli.context import GLOBAL_OPTIONS, INTERRUPTED, OUTPUT, AsJson
from archiver.cli.fleet import FleetOption, Sites
from archiver.cli.output import human_bytes
from archiver.model.lease import Leases
from archiver.polite.stop import StopFlag
from archiver.settings import state_folder
from archiver.text.clean import counted

if TYPE_CHECKING:
    from archiver.app.fleet.shards.rescue_shard import Rescued

Shards = Annotated[
    Path | None,
    typer.Option("--shards", metavar="FOLDER", help="Where working copies are kept [the state folder]."),
]


def extract(
    sites: Annotated[list[str] | None, typer.Argument(metavar="[SITE...]", help="Sites of the fleet [all].")] = None,
    *,
    fleet: FleetOption = None,
    executor: Annotated[
        str, typer.Option("--executor", metavar="NAME", help="Where the work is done: processes, or dask://HOST:PORT.")
    ] = PROCESSES,
    workers: Annotated[
        int | None, typer.Option("--workers", min=1, max=256, help="Shards that are read at once [one per core].")
    ] = None,
    shards: Shards = None,
    as_json: AsJson = False,
) -> None:
    """Read all captures of a fleet again with the newest profiles; readers see the old reading of a shard until then.

    Each shard is a task. One that fails, or whose process dies, does not keep the others from being read. What was read
    is not read again, so the same command goes on after an interruption. Ctrl-C ends it in order.
    """
    address, stop, codes, ends = fleet_address(fleet), StopFlag(), [0], list[ShardReading]()
    with (
        open_leases(address, GLOBAL_OPTIONS.find().clock) as leases,
        open_executor(executor, workers) as chosen,
        stop.on_signals(),
        OUTPUT.progress() as bar,
    ):
        storage, found = sites_of_fleet(leases, sites or ())
        options = ReadOptions(address, folder_of_commands(shards), 1, stop)
        for done in read_shards(leases, found, storage, chosen, options):
            ends.append(done)
            codes.append(_tell(done, as_json=as_json))
            bar.show("reading shards again", len(ends), len(found))
    if not as_json:
        OUTPUT.line(_sum(ends))
    if stop.wanted:
        OUTPUT.say("interrupted; the same command goes on where it stopped")
        raise typer.Exit(INTERRUPTED)
    raise typer.Exit(max(codes))


def move(
    sites: Sites,
    to: Annotated[str, typer.Option("--to", metavar="PLACE", help="The storage: s3://BUCKET/PREFIX, or a folder.")],
    *,
    fleet: FleetOption = None,
    delete_old: Annotated[
        bool, typer.Option("--delete-old", help="Delete the objects in the old place when the fleet uses the new one.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Move the archives of sites to another storage: copy all generations that are kept, check them, switch.

    Workers use the old place until a site is switched. When a copy is interrupted, the same command goes on.
    """
    from archiver.app.fleet.shards.move_shard import move_shard  # noqa: PLC0415  (start-up)

    with _open(fleet) as leases, OUTPUT.progress() as bar:
        sites_of_fleet(leases, sites)
        for site in dict.fromkeys(sites):
            done = move_shard(leases, site, to, delete_old=delete_old, progress=bar.show)
            if as_json:
                OUTPUT.json(asdict(done))
                continue
            what = f"{counted(done.objects, 'object')} of {human_bytes(done.bytes)}"
            copied = f"{counted(done.copied, 'object')} copied"
            OUTPUT.line(f"{site}: generation {done.generation}, {what}, is in {done.new}; {copied}")
            old = f"shards/{site}/ in {done.old}"
            OUTPUT.line(f"{site}: the old objects were deleted: {old}" if delete_old else f"{site}: old objects: {old}")


def rescue(
    site: Annotated[str, typer.Argument(metavar="SITE", help="A site of the fleet.")],
    *,
    fleet: FleetOption = None,
    to: Annotated[
        Path | None, typer.Option("--to", metavar="FOLDER", help="Only write the archive there; change nothing else.")
    ] = None,
    shards: Shards = None,
    as_json: AsJson = False,
) -> None:
    """Find the newest generation of an archive that is whole, and let workers go on from it; say what is lost.

    Use it when a machine was lost, or when an archive is damaged in storage. Each generation is restored and verified
    whole, the newest first. When that is damaged, the newest sound one is published again as the newest. The failures
    of the site are forgotten.
    """
    from archiver.app.fleet.shards.rescue_shard import rescue_shard, write_rescued  # noqa: PLC0415  (start-up)

    with _open(fleet) as leases, OUTPUT.progress() as bar:
        storage, (found,) = sites_of_fleet(leases, [site])
        if to is not None:
            done = write_rescued(found, storage, to, bar.show)
        else:
            done = rescue_shard(leases, found, folder_of_commands(shards), GLOBAL_OPTIONS.find().clock, bar.show)
    if as_json:
        OUTPUT.json(_rescued_json(done))
        return
    visits = counted(done.sound.head.visits, "visit")
    OUTPUT.line(
        f"{site}: generation {done.sound.number} of {done.sound.made_at} UTC is whole, with {visits}; the newest is "
        f"{done.newest}"
    )
    for number, why in done.damaged:
        OUTPUT.line(f"{site}: generation {number} is damaged: {why}")
    OUTPUT.line(f"{site}: lost: {_lost(done.lost_visits)}")
    if done.archive is not None:
        OUTPUT.line(f"{site}: written to {done.archive}")
    elif done.published is not None:
        OUTPUT.line(f"{site}: published as generation {done.published}; workers go on from it")
    else:
        OUTPUT.line(f"{site}: nothing had to be published; workers go on from it")


def _lost(visits: int | None) -> str:
    if visits is None:
        return "not known; no manifest says how many visits the newest generation had"
    return counted(visits, "visit") if visits else "nothing that was stored; only what a worker had not shipped yet"


def _rescued_json(done: "Rescued") -> dict[str, object]:
    return {
        "site": done.site,
        "place": done.place,
        "newest": done.newest,
        "generation": done.sound.number,
        "made_at": done.sound.made_at,
        "visits": done.sound.head.visits,
        "damaged": [{"generation": number, "why": why} for number, why in done.damaged],
        "lost_visits": done.lost_visits,
        "published": done.published,
        "archive": None if done.archive is None else str(done.archive),
    }


def remove(sites: Sites, fleet: FleetOption = None, as_json: AsJson = False) -> None:
    """Take sites from the fleet. Their archives stay where they are; `fleet add` goes on with them.

    Refused while a worker holds a site.
    """
    with _open(fleet) as leases:
        storage, found = sites_of_fleet(leases, sites)
        for each in found:
            leases.remove(each.site)
            place = each.storage or storage
            if as_json:
                OUTPUT.json({"site": each.site, "storage": place or None})
            else:
                where = f"its archive stays in shards/{each.site}/ in {place}" if place else "it had no archive"
                if each.storage:
                    where += f"; `archiver fleet add {each.site} --storage {place}` goes on with it"
                OUTPUT.line(f"{each.site}: removed; {where}")


def _open(fleet: str | None) -> Leases:
    return open_leases(fleet_address(fleet), GLOBAL_OPTIONS.find().clock)


def folder_of_commands(shards: Path | None) -> Path:
    """Return the folder for the working copies of commands. `shards`: the option."""
    return (shards or state_folder() / "shards").absolute() / "commands"


def _tell(done: ShardReading, *, as_json: bool) -> int:
    """Print how the reading of a shard ended; return its exit code."""
    if as_json:
        OUTPUT.json(asdict(done))
    elif done.ended == "done":
        OUTPUT.line(
            f"{done.site}: {counted(done.captures, 'capture')} read again in {done.seconds:.1f} s: versions "
            f"{done.versions[0]} → {done.versions[1]}, changes {done.changes[0]} → {done.changes[1]}; "
            f"generation {done.generation}"
        )
    if done.ended in ("busy", "failed"):
        OUTPUT.failure(done.why if done.why.startswith(f"{done.site}:") else f"{done.site}: {done.why}")
    elif done.is_fault:
        OUTPUT.failure(
            f"{done.site}: {done.unread} captures could not be read, and {done.damaged} are damaged; they keep their "
            "bytes, and a newer archiver, or this command, tries them again"
        )
    return int(done.is_fault)


def _sum(ends: list[ShardReading]) -> str:
    parts = [f"{sum(each.ended == name for each in ends)} {words}" for name, words in _WORDS.items()]
    return f"{counted(len(ends), 'shard')}: {', '.join(parts)}"


_WORDS = {
    "done": "read again",
    "nothing to do": "read already",
    "busy": "busy",
    "failed": "failed",
    "interrupted": "not read",
}
