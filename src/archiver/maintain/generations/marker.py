"""The marker of a working copy: which generation its files equal. Without it, the copy is fetched anew."""

import json
from dataclasses import dataclass
from pathlib import Path

from archiver.errors import ArchiveReadOnly, UsageError
from archiver.maintain.generations.changed_pages import Stamp, stamp_of
from archiver.maintain.generations.manifest import FILES
from archiver.store.repair_lock import force_to_disk

MARKER = "shard.json"
LOCK = ".shard.lock"
OUTGOING = ".outgoing"
"""The folder of packs that are not uploaded yet."""
_ENDS = ("", "-wal", "-shm", "-journal")


@dataclass(frozen=True, slots=True)
class Marker:
    """Which generation the files of a folder equal.

    Attributes:
        number: of the generation.
        manifest: SHA-256 of its manifest, hex.
        stamps: of the files; when they differ, somebody wrote to them since.
    """

    number: int
    manifest: str
    stamps: tuple[Stamp, ...]


def read_marker(folder: Path, site: str) -> Marker | None:
    """Return the marker of a folder; None when its files equal no generation."""
    try:
        values = json.loads((folder / MARKER).read_text(encoding="utf-8"))
        if values["site"] != site or values["number"] is None:
            return None
        marker = Marker(
            int(values["number"]), str(values["manifest"]), tuple((int(a), int(b)) for a, b in values["stamps"])
        )
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return marker if marker.stamps == stamps_of(folder) and not has_log(folder) else None


def write_marker(folder: Path, site: str, number: int | None = None, manifest: str = "") -> None:
    """Note that the files equal a generation, durably; `number` None: that they equal none.

    Raises:
        ArchiveReadOnly: the folder cannot be written.
    """
    values = {"site": site, "number": number, "manifest": manifest, "stamps": stamps_of(folder)}
    part = folder / f"{MARKER}.part"
    try:
        part.write_text(json.dumps(values), encoding="utf-8")
        force_to_disk(part)
        part.replace(folder / MARKER)
        force_to_disk(folder)
    except OSError as error:
        raise ArchiveReadOnly(f"{folder}: cannot be written: {error.strerror}; name another folder") from error


def stamps_of(folder: Path) -> tuple[Stamp, ...]:
    """Return the stamps of the files that are there."""
    found = (stamp_of(folder / name) for name in FILES)
    return tuple(stamp for stamp in found if stamp is not None)


def demand_own(folder: Path) -> None:
    """Raise UsageError when a folder has an archive that is no working copy: it would be replaced."""
    if not (folder / MARKER).exists() and any((folder / name).exists() for name in FILES):
        raise UsageError(
            f"{folder}: holds an archive that is no copy of a shard, and was not changed; name another folder"
        )


def delete_files(folder: Path) -> None:
    """Delete the files of the archive, with their logs, and packs that were not uploaded."""
    for name in FILES:
        for end in _ENDS:
            (folder / f"{name}{end}").unlink(missing_ok=True)
    delete_outgoing(folder)


def delete_outgoing(folder: Path) -> None:
    """Delete packs that were not uploaded."""
    outgoing = folder / OUTGOING
    if outgoing.is_dir():
        for path in outgoing.iterdir():
            path.unlink()
        outgoing.rmdir()


def has_log(folder: Path) -> bool:
    """Return whether a file has commits that are not in it."""
    logs = (stamp_of(folder / f"{name}-wal") for name in FILES)
    return any(stamp is not None and stamp[0] for stamp in logs)
