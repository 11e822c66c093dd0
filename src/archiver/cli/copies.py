"""`archiver backup` and `archiver repair`: a safe copy of a live archive, and healing from one."""

import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from archiver.cli.context import CHOSEN, OUTPUT, AsJson
from archiver.cli.output import human_bytes
from archiver.maintain.backup.backup import Backup, back_up, check_copy
from archiver.maintain.backup.manifest import Manifest
from archiver.maintain.repair.repair import repair as repair_archive
from archiver.maintain.repair.repair_report import RepairReport
from archiver.model.clock import written
from archiver.settings import package_version

DAMAGED = 4
_SHOWN = 20  # numbers of visits in a line
Folder = Annotated[Path, typer.Argument(metavar="DEST", help="A folder for the copy; made if it is not there.")]


def backup(
    dest: Folder,
    check: Annotated[bool, typer.Option("--check", help="Make no copy; prove the one that is there.")] = False,
    as_json: AsJson = False,
) -> None:
    """Copy the archive while it is in use, with a manifest that proves the copy; the next one adds what is new."""
    started = time.monotonic()
    if check:
        with OUTPUT.progress() as bar:
            manifest = check_copy(dest, progress=bar.show)
        _print(dest, manifest, {"checked": True, "seconds": _since(started)}, as_json)
        return
    settings = CHOSEN.find()
    with OUTPUT.progress() as bar:
        made = back_up(
            settings.archive, dest, made_at=written(settings.clock()), version=package_version(), progress=bar.show
        )
    told = {"incremental": made.incremental, "damaged": list(made.damaged), "seconds": _since(started)}
    _print(dest, made.manifest, told, as_json)
    if made.damaged:
        OUTPUT.failure(_damage_told(made))
        raise typer.Exit(DAMAGED)


def _since(started: float) -> float:
    return round(time.monotonic() - started, 3)


def _damage_told(made: Backup) -> str:
    return (
        f"{made.folder}: the copy is made, but {_some(made.damaged)} of the archive "
        f"{'is' if len(made.damaged) == 1 else 'are'} damaged, and whole in no older copy here; see `verify --deep`"
    )


def _print(folder: Path, manifest: Manifest, told: dict[str, Any], as_json: bool) -> None:
    if as_json:
        OUTPUT.json(
            {
                "path": str(folder),
                "archive_id": manifest.archive_id,
                "made_at": manifest.made_at,
                "files": [asdict(proof) for proof in manifest.files],
                "bytes": sum(proof.bytes for proof in manifest.files),
                "visits": manifest.visits,
                "chain": manifest.chain,
                **told,
            }
        )
        return
    size = human_bytes(sum(proof.bytes for proof in manifest.files))
    if told.get("checked"):
        how = f"whole, as made at {manifest.made_at}"
    else:
        how = "brought up to date" if told["incremental"] else "copied"
    OUTPUT.line(f"{folder}: {how}: {manifest.visits} visits, {size}, in {told['seconds']:.1f} s")
    OUTPUT.line(f"chain: {manifest.chain}")


def repair(
    copy: Annotated[
        Path | None, typer.Option("--from", metavar="COPY", help="A folder made by backup, or a copy's archive.db.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")] = False,
    as_json: AsJson = False,
) -> None:
    """Heal damaged bodies, rows and files: from their second copies in the archive, and from a copy of it."""
    started = time.monotonic()
    settings = CHOSEN.find()
    stamp = "".join(letter for letter in written(settings.clock()) if letter.isdigit())
    with OUTPUT.progress() as bar:
        report = repair_archive(settings.archive, copy, stamp=stamp, dry_run=dry_run, progress=bar.show)
    if as_json:
        OUTPUT.json(
            {"path": str(settings.archive), **asdict(report), "whole": report.whole, "seconds": _since(started)}
        )
    else:
        _print_report(report)
    if not report.whole:
        raise typer.Exit(DAMAGED)


def _print_report(report: RepairReport) -> None:
    done = "would be " if report.dry_run else ""
    for name in report.files:
        OUTPUT.line(f"{name}: {done}written anew")
    for name in report.kept_aside:
        OUTPUT.line(f"{name}: kept aside, as damaged as it was")
    for note in report.notes:
        OUTPUT.line(note)
    _print_healed(report, done)
    if report.lost_rows:
        OUTPUT.failure(f"the chain does not vouch for {_some(report.lost_rows)}: {_listed(report.lost_rows)}")
    if report.lost_bodies:
        OUTPUT.failure(f"there are no bytes of {_some(report.lost_bodies)}: {_listed(report.lost_bodies)}")
    for fault in report.faults:
        OUTPUT.failure(fault)
    OUTPUT.line(_summary(report))


def _print_healed(report: RepairReport, done: str) -> None:
    for numbers, what, whence in (
        (report.rows, "row", "taken from the copy"),
        (report.moved, "visit", "given its right body again"),
        (report.frames, "frame", "healed"),
        (report.mirrors, "mirror", "written anew"),
    ):
        if numbers:
            OUTPUT.line(f"{len(numbers)} {what}{'' if len(numbers) == 1 else 's'} {done}{whence}: {_listed(numbers)}")


def _summary(report: RepairReport) -> str:
    if not report.whole:
        return "damaged still: what is named above could not be healed; another copy may have it (--from)"
    if report.dry_run:
        return "all would be whole" if report.healed else "nothing is damaged"
    return "all is whole again" if report.healed else "nothing is damaged"


def _some(numbers: Sequence[int]) -> str:
    return f"{len(numbers)} visit{'' if len(numbers) == 1 else 's'}"


def _listed(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers[:_SHOWN])) + (" …" if len(numbers) > _SHOWN else "")
