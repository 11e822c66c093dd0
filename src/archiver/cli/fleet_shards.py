"""`archiver fleet extract`, `move`, `rescue`, `remove`: work on the archives of a fleet, each under its lease."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from archiver.app.fleet.executors import PROCESSES, open_executor
from archiver.app.fleet.open_leases import fleet_address, open_leases
from archiver.app.fleet.read_shard import ShardReading
from archiver.app.fleet.read_shards import ReadOptions, read_shards, sites_of_fleet
from archiver.cli.context import GLOBAL_OPTIONS, INTERRUPTED, OUTPUT, AsJson
from archiver.cli.fleet import FleetOption
from archiver.polite.stop import StopFlag
from archiver.settings import state_folder
from archiver.text.clean import counted

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
        options = ReadOptions(address, _folder(shards), 1, stop)
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


def _folder(shards: Path | None) -> Path:
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
