"""An archive that is being mended: nobody writes to it meanwhile, and a mending that was cut short is finished.

A file that was written anew lies beside the damaged one until it is whole and on the disk. Then a marker says so, and
the two are swapped: the damaged file and its log get another name by a second link, its log goes, and the new file takes
its place in one step. Whoever finds the marker does what is left of that; without one, the old file is as it was.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from archiver.errors import ArchiveLocked, ArchiveReadOnly

NEW = ".repaired"
_MARKER = ".repaired.whole"
_BESIDE = ("-wal", "-shm", "-journal")


@contextmanager
def mending(path: Path) -> Iterator[None]:
    """Keep writers out of an archive; the system lets go even when we are killed.

    Raises:
        ArchiveLocked: somebody else mends it.
        ArchiveReadOnly: there may be no lock in this folder.
    """
    lock = FileLock(_lock(path))
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise ArchiveLocked(_told(path)) from None
    except OSError as error:
        raise ArchiveReadOnly(f"{path.parent}: cannot be written: {error.strerror}") from error
    try:
        yield
    finally:
        lock.release()
        _lock(path).unlink(missing_ok=True)


def demand_unmended(path: Path) -> None:
    """Raise ArchiveLocked while somebody mends an archive."""
    if not _lock(path).exists():
        return
    lock = FileLock(_lock(path))
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise ArchiveLocked(_told(path)) from None
    except OSError:
        return
    lock.release()


def _lock(path: Path) -> Path:
    return path.with_name(f".{path.name}.repair.lock")


def _told(path: Path) -> str:
    return f"{path}: is being repaired; let that finish, then run this again"


def announce(files: Sequence[Path], stamp: str) -> None:
    """Say that the new files of these are whole and on the disk; the last word before they are swapped."""
    for file in files:
        marker = file.with_name(file.name + _MARKER)
        with marker.open("w", encoding="ascii") as written:
            written.write(stamp)
            written.flush()
            os.fsync(written.fileno())
    for folder in {file.parent for file in files}:
        _force(folder)


def is_announced(file: Path) -> bool:
    """Whether the new file beside this one waits to take its place."""
    return file.with_name(file.name + _MARKER).exists() and file.with_name(file.name + NEW).exists()


def finish(files: Sequence[Path]) -> list[Path]:
    """Swap in what waits to be; the damaged files, under their new names."""
    kept = []
    for file in files:
        marker = file.with_name(file.name + _MARKER)
        if is_announced(file):
            aside = file.with_name(f"{file.name}.damaged-{marker.read_text(encoding='ascii') or 'before'}")
            kept += [aside] if _swap(file, file.with_name(file.name + NEW), aside) else []
        marker.unlink(missing_ok=True)
    return kept


def _swap(damaged: Path, new: Path, aside: Path) -> bool:
    """Put the new file in the place of the damaged one, which is kept under another name, its log as well."""
    for end in ("", *_BESIDE):
        beside, second = damaged.with_name(damaged.name + end), aside.with_name(aside.name + end)
        if beside.exists() and not second.exists():
            os.link(beside, second)
    _force(damaged.parent)
    for end in _BESIDE:  # a log of the older file would be read into the newer one
        damaged.with_name(damaged.name + end).unlink(missing_ok=True)
    new.replace(damaged)
    for end in _BESIDE:
        new.with_name(new.name + end).unlink(missing_ok=True)
    _force(damaged.parent)
    return aside.exists()


def _force(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
