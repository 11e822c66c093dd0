"""The manifest of a copy: what was copied, when, by which version, and the SHA-256 of each file.

A copy is written under temporary names. When it is on disk, its manifest is renamed to `manifest.next.json`. From then
on the copy is valid, and the next program completes an interrupted renaming. Until then the older copy is unchanged.
"""

import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from archiver.errors import ArchiveDamaged
from archiver.store.repair_lock import force_to_disk

MANIFEST = "manifest.json"
NEXT = "manifest.next.json"
PART = ".part"
LOCK = ".backup.lock"
SIDE_FILES = ("-wal", "-shm", "-journal")
"""Endings of the files that SQLite creates with a database."""

_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class FileProof:
    """One file of a copy: its length in bytes and SHA-256 in hex."""

    name: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """The description of a copy.

    Attributes:
        made_at: UTC, `YYYY-MM-DD HH:MM:SS`.
        archiver: the version of the program that made it.
        schema: `user_version` of each file.
        visits: the number of visits; `last_visit` is the id of the last, 0 when there is none.
        chain: the link of the last visit, hex.
    """

    archive_id: str
    made_at: str
    archiver: str
    schema: dict[str, int]
    visits: int
    last_visit: int
    chain: str
    files: tuple[FileProof, ...]

    def proof(self, name: str) -> FileProof | None:
        """Return the entry of a file."""
        return next((proof for proof in self.files if proof.name == name), None)

    def put_in_place(self, folder: Path) -> None:
        """Replace the older copy by the files with temporary names, all or none."""
        part = folder / (MANIFEST + PART)
        part.write_text(json.dumps(asdict(self), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        force_to_disk(part)
        part.replace(folder / NEXT)
        force_to_disk(folder)
        settle(folder)


def read_manifest(folder: Path, name: str = MANIFEST) -> Manifest | None:
    """Return the manifest of a copy; None when there is none.

    Raises:
        ArchiveDamaged: the manifest is damaged.
    """
    path = folder / name
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        files = tuple(FileProof(**proof) for proof in values.pop("files"))
        manifest = Manifest(files=files, **values)
    except FileNotFoundError:
        return None
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ArchiveDamaged(f"{path}: this manifest is damaged; make a new copy in another folder") from error
    if not all(Path(proof.name).name == proof.name for proof in files):
        raise ArchiveDamaged(f"{path}: this manifest names files outside its folder; make a new copy in another folder")
    return manifest


def settle(folder: Path) -> None:
    """Finish a copy that was interrupted while it was put in place; delete one that was interrupted earlier."""
    manifest = read_manifest(folder, NEXT)
    if manifest is not None:
        for proof in reversed(manifest.files):  # the vault first: a newer vault has all bodies of older rows
            part = folder / (proof.name + PART)
            if part.exists():
                for ending in SIDE_FILES:  # SQLite would apply a log of the old file to the new one
                    (folder / (proof.name + ending)).unlink(missing_ok=True)
                part.replace(folder / proof.name)
        force_to_disk(folder)
        (folder / NEXT).replace(folder / MANIFEST)
        force_to_disk(folder)
    clear(folder)


def clear(folder: Path) -> None:
    """Delete files with temporary names."""
    for path in folder.iterdir():
        if any(path.name.endswith(PART + ending) for ending in ("", *SIDE_FILES)):
            path.unlink()


def proof_of(path: Path, name: str, progress: Callable[[str, int, int | None], None]) -> FileProof:
    """Return the length and SHA-256 of a file, and sync it to disk; `progress` is called with the bytes read."""
    total = path.stat().st_size
    digest, done = hashlib.sha256(), 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
            done += len(chunk)
            progress(f"hashing {name}", done, total)
        os.fsync(file.fileno())
    return FileProof(name, done, digest.hexdigest())


def duplicate(path: Path, target: Path, progress: Callable[[int], None]) -> str:
    """Copy a file; return the SHA-256 (hex) of its bytes. `progress` is called with the bytes copied."""
    digest, done = hashlib.sha256(), 0
    with path.open("rb") as source, target.open("wb") as copy:
        while chunk := source.read(_CHUNK):
            digest.update(chunk)
            copy.write(chunk)
            done += len(chunk)
            progress(done)
    return digest.hexdigest()
