"""`archiver backup` and `archiver repair`: copy an archive in use, and repair it from a copy."""

import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from archiver.cli.context import GLOBAL_OPTIONS, OUTPUT, AsJson
from archiver.cli.output import human_bytes
from archiver.errors import UsageError
from archiver.export.endings import STDOUT, checked_ending
from archiver.maintain.backup.backup import Backup, back_up, check_copy
from archiver.maintain.backup.manifest import Manifest
from archiver.maintain.repair.repair import repair as repair_archive
from archiver.maintain.repair.repair_report import RepairReport
from archiver.model.clock import written
from archiver.settings import package_version
from archiver.text.clean import counted

DAMAGED = 4
_SHOWN = 20  # ids in a line
Folder = Annotated[Path, typer.Argument(metavar="DEST", help="A folder for the copy; created if it does not exist.")]


def backup(
    dest: Folder,
    check: Annotated[bool, typer.Option("--check", help="Make no copy; verify the existing one.")] = False,
    as_json: AsJson = False,
) -> None:
    """Copy the archive while it is in use, with a manifest of digests; the next backup adds what is new."""
    started = time.monotonic()
    if not dest.is_dir() and (str(dest) == STDOUT or checked_ending(dest, (), "backup")):
        raise UsageError(f"{dest}: a backup is a folder, to which the next one adds what is new; name a folder")
    if check:
        with OUTPUT.progress() as bar:
            manifest = check_copy(dest, progress=bar.show)
        _print(dest, manifest, {"checked": True, "seconds": _since(started)}, as_json)
        return
    settings = GLOBAL_OPTIONS.find()
    with OUTPUT.progress() as bar:
        made = back_up(
            settings.archive, dest, made_at=written(settings.clock()), version=package_version(), progress=bar.show
        )
    details = {"incremental": made.incremental, "damaged": list(made.damaged), "seconds": _since(started)}
    _print(dest, made.manifest, details, as_json)
    if made.damaged:
        OUTPUT.failure(_damage_message(made))
        raise typer.Exit(DAMAGED)


def _since(started: float) -> float:
    return round(time.monotonic() - started, 3)


def _damage_message(made: Backup) -> str:
    return (
        f"{made.folder}: the copy is made, but {_some(made.damaged)} of the archive "
        f"{'is' if len(made.damaged) == 1 else 'are'} damaged, and no older copy here is intact; see `verify --deep`"
    )


def _print(folder: Path, manifest: Manifest, details: dict[str, Any], as_json: bool) -> None:
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
                **details,
            }
        )
        return
    size = human_bytes(sum(proof.bytes for proof in manifest.files))
    if details.get("checked"):
        how = f"whole, as made at {manifest.made_at}"
    else:
        how = "updated" if details["incremental"] else "copied"
    OUTPUT.line(f"{folder}: {how}: {counted(manifest.visits, 'visit')}, {size}, in {details['seconds']:.1f} s")
    OUTPUT.line(f"chain: {manifest.chain}")


def repair(
    copy: Annotated[
        Path | None, typer.Option("--from", metavar="COPY", help="A folder made by backup, or a copy's archive.db.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only print what would be done.")] = False,
    as_json: AsJson = False,
) -> None:
    """Repair damaged bodies, rows and files from the mirrors in the archive and from a copy of it."""
    started = time.monotonic()
    settings = GLOBAL_OPTIONS.find()
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
        OUTPUT.line(f"{name}: {done}rewritten")
    for name in report.kept_aside:
        OUTPUT.line(f"{name}: kept, still damaged")
    for note in report.notes:
        OUTPUT.line(note)
    _print_repaired(report, done)
    if report.lost_rows:
        OUTPUT.failure(f"the chain does not match {_some(report.lost_rows)}: {_listed(report.lost_rows)}")
    if report.lost_bodies:
        OUTPUT.failure(f"no bytes were found for {_some(report.lost_bodies)}: {_listed(report.lost_bodies)}")
    for fault in report.faults:
        OUTPUT.failure(fault)
    OUTPUT.line(_summary(report))


def _print_repaired(report: RepairReport, done: str) -> None:
    for numbers, what, how in (
        (report.rows, "row", "taken from the copy"),
        (report.moved, "visit", "linked to the right body again"),
        (report.frames, "frame", "repaired"),
        (report.mirrors, "mirror", "rewritten"),
    ):
        if numbers:
            OUTPUT.line(f"{len(numbers)} {what}{'' if len(numbers) == 1 else 's'} {done}{how}: {_listed(numbers)}")


def _summary(report: RepairReport) -> str:
    if not report.whole:
        return "still damaged: what is named above could not be repaired; try another copy with --from"
    if report.dry_run:
        return "everything would be repaired" if report.is_repaired else "nothing is damaged"
    return "everything is repaired" if report.is_repaired else "nothing is damaged"


def _some(numbers: Sequence[int]) -> str:
    return f"{len(numbers)} visit{'' if len(numbers) == 1 else 's'}"


def _listed(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers[:_SHOWN])) + (" …" if len(numbers) > _SHOWN else "")
