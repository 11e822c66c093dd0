"""The lock of a repair: nobody writes to the archive meanwhile, and an interrupted repair is completed.

A rebuilt file is written next to the damaged one and synced to disk. Then a marker file is created and the two files
are swapped: the damaged file and its log get a second name, the log is deleted, and the new file replaces the damaged
one in one step. The next program that finds the marker completes the swap; without a marker, the old file is unchanged.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from archiver.errors import ArchiveLocked, ArchiveReadOnly

NEW = ".repaired"
_MARKER = ".repaired.whole"
_SIDE_FILES = ("-wal", "-shm", "-journal")


@contextmanager
def repair_lock(path: Path) -> Iterator[None]:
    """Keep writers out of an archive; the system releases the lock when the process is killed.

    Raises:
        ArchiveLocked: another program repairs the archive.
        ArchiveReadOnly: the folder is not writable.
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


def demand_unlocked(path: Path) -> None:
    """Raise ArchiveLocked while another program repairs an archive."""
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
    """Create the markers: the rebuilt files are complete and on disk."""
    for file in files:
        marker = file.with_name(file.name + _MARKER)
        with marker.open("w", encoding="ascii") as written:
            written.write(stamp)
            written.flush()
            os.fsync(written.fileno())
    for folder in {file.parent for file in files}:
        force_to_disk(folder)


def is_announced(file: Path) -> bool:
    """Whether a rebuilt file is marked to replace this one."""
    return file.with_name(file.name + _MARKER).exists() and file.with_name(file.name + NEW).exists()


def finish(files: Sequence[Path]) -> list[Path]:
    """Swap in the rebuilt files that are marked; return the damaged files under their new names."""
    kept = []
    for file in files:
        marker = file.with_name(file.name + _MARKER)
        if is_announced(file):
            aside = file.with_name(f"{file.name}.damaged-{marker.read_text(encoding='ascii') or 'before'}")
            kept += [aside] if _swap(file, file.with_name(file.name + NEW), aside) else []
        marker.unlink(missing_ok=True)
    return kept


def _swap(damaged: Path, new: Path, aside: Path) -> bool:
    """Replace the damaged file by the new one; keep the damaged file and its log under another name."""
    for end in ("", *_SIDE_FILES):
        log, second = damaged.with_name(damaged.name + end), aside.with_name(aside.name + end)
        if log.exists() and not second.exists():
            os.link(log, second)
    force_to_disk(damaged.parent)
    for end in _SIDE_FILES:  # SQLite would apply a log of the old file to the new one
        damaged.with_name(damaged.name + end).unlink(missing_ok=True)
    new.replace(damaged)
    for end in _SIDE_FILES:
        new.with_name(new.name + end).unlink(missing_ok=True)
    force_to_disk(damaged.parent)
    return aside.exists()


def force_to_disk(path: Path) -> None:
    """Sync a file, or the entries of a folder, to disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
