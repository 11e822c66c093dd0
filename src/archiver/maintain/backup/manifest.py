"""The manifest of a copy: what was copied, when, by whom, and the SHA-256 of each file; put in place as a whole.

A copy is written under temporary names. When all of it is on the disk, its manifest is renamed to `manifest.next.json`:
from that moment the copy counts, and whoever comes next finishes the renaming. Until then the older copy is untouched.
"""

import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from archiver.errors import ArchiveDamaged

MANIFEST = "manifest.json"
NEXT = "manifest.next.json"
PART = ".part"
LOCK = ".backup.lock"
BESIDE = ("-wal", "-shm", "-journal")
"""What SQLite puts beside a file."""

_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class FileProof:
    """One file of a copy: its length in bytes and SHA-256 in hex."""

    name: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a copy is.

    Attributes:
        made_at: UTC, `YYYY-MM-DD HH:MM:SS`.
        archiver: the version that made it.
        schema: `user_version` of each file.
        visits: how many there are; `last_visit` is the number of the last, 0 when there is none.
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
        """What it says of a file."""
        return next((proof for proof in self.files if proof.name == name), None)

    def put_in_place(self, folder: Path) -> None:
        """Make the files that were written under temporary names the copy, all or none."""
        part = folder / (MANIFEST + PART)
        part.write_text(json.dumps(asdict(self), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        force_to_disk(part)
        part.replace(folder / NEXT)
        force_to_disk(folder)
        settle(folder)


def read_manifest(folder: Path, name: str = MANIFEST) -> Manifest | None:
    """The manifest of a copy; None when there is none.

    Raises:
        ArchiveDamaged: the file is not what was written.
    """
    path = folder / name
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        files = tuple(FileProof(**proof) for proof in told.pop("files"))
        manifest = Manifest(files=files, **told)
    except FileNotFoundError:
        return None
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ArchiveDamaged(f"{path}: is not what was written; make the copy anew in another folder") from error
    if not all(Path(proof.name).name == proof.name for proof in files):
        raise ArchiveDamaged(f"{path}: names files outside of its folder; make the copy anew in another folder")
    return manifest


def settle(folder: Path) -> None:
    """Finish a copy that was cut short while it was put in place; clear away one that was cut short before."""
    manifest = read_manifest(folder, NEXT)
    if manifest is not None:
        for proof in reversed(manifest.files):  # the vault first: with a newer vault the older rows are whole
            part = folder / (proof.name + PART)
            if part.exists():
                for beside in BESIDE:  # a log of the older file would be read into the newer one
                    (folder / (proof.name + beside)).unlink(missing_ok=True)
                part.replace(folder / proof.name)
        force_to_disk(folder)
        (folder / NEXT).replace(folder / MANIFEST)
        force_to_disk(folder)
    clear(folder)


def clear(folder: Path) -> None:
    """Remove what lies under temporary names."""
    for path in folder.iterdir():
        if any(path.name.endswith(PART + beside) for beside in ("", *BESIDE)):
            path.unlink()


def proof_of(path: Path, name: str, progress: Callable[[str, int, int | None], None]) -> FileProof:
    """Read a file through and force it to disk; `progress` is told the bytes read."""
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
    """Copy a file; gives the SHA-256 (hex) of what was read. `progress` is told the bytes."""
    digest, done = hashlib.sha256(), 0
    with path.open("rb") as source, target.open("wb") as copy:
        while chunk := source.read(_CHUNK):
            digest.update(chunk)
            copy.write(chunk)
            done += len(chunk)
            progress(done)
    return digest.hexdigest()


def force_to_disk(path: Path) -> None:
    """Have the system write a file, or the names in a folder, to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
