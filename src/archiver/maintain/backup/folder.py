"""The folder of a copy: checks that it is suitable, locks it for one backup, and restores it on failure."""

import shutil
from pathlib import Path
from types import TracebackType
from typing import Self

from filelock import FileLock, Timeout

from archiver.errors import ArchiveError, ArchiveFull, ArchiveLocked, ArchiveReadOnly, UsageError
from archiver.maintain.backup.manifest import (
    LOCK,
    MANIFEST,
    NEXT,
    PART,
    SIDE_FILES,
    clear,
    read_manifest,
    settle,
)
from archiver.store.repair_lock import force_to_disk

_SLACK = 1 << 20  # bytes, for the manifest and the file system


class CopyFolder:
    """The folder of a copy while a backup runs. A context manager.

    Attributes:
        older: the manifest of the existing copy; None if there is none.
    """

    def __init__(self, path: Path, source: Path, names: tuple[str, str]) -> None:
        self.path = path
        self.names = names
        self._source = source
        self._made = False
        self._lock = FileLock(path / LOCK)

    def __enter__(self) -> Self:
        self._check_place()
        try:
            self._made = not self.path.is_dir()
            self.path.mkdir(exist_ok=True)
            self._lock.acquire(timeout=0)
        except Timeout:
            raise ArchiveLocked(
                f"{self.path}: another backup is writing there; let it finish, then run this again"
            ) from None
        except OSError as error:
            self._remove_if_empty()
            raise ArchiveReadOnly(f"{self.path}: cannot be written: {error.strerror}; name another folder") from error
        try:
            settle(self.path)
            self.older = read_manifest(self.path)
            self._check_room()
        except BaseException:
            self._release()
            raise
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._release()

    def _release(self) -> None:
        if not (self.path / NEXT).exists():
            clear(self.path)
        (self.path / LOCK).unlink(missing_ok=True)  # while it is held, so that no other program holds it
        self._lock.release()
        self._remove_if_empty()

    def _remove_if_empty(self) -> None:
        """Remove the folder if this backup created it and it is empty."""
        if self._made and self.path.is_dir() and not any(self.path.iterdir()):
            self.path.rmdir()

    def _check_place(self) -> None:
        """Raise UsageError if the folder cannot be used."""
        home, path = self._source.resolve().parent, self.path.resolve()
        if path == home or home in path.parents:
            raise UsageError(
                f"{self.path}: is in the archive's own folder and would be lost with it; name a folder elsewhere, "
                "preferably on another disk"
            )
        if path.exists() and not path.is_dir():
            raise UsageError(f"{self.path}: this is a file; name a folder")
        if not path.parent.is_dir():
            raise UsageError(
                f"{self.path}: there is no folder {self.path.parent}; create it first (is the disk mounted?)"
            )
        if path.is_dir():
            self._check_content(path)

    def _check_content(self, path: Path) -> None:
        ends = ("", *SIDE_FILES, PART, *(PART + ending for ending in SIDE_FILES))
        ours = {MANIFEST, NEXT, MANIFEST + PART, LOCK} | {name + end for name in self.names for end in ends}
        found = {item.name for item in path.iterdir()}
        if found - ours:
            raise UsageError(
                f"{self.path}: holds other files ({min(found - ours)}) and was not changed; name an empty folder"
            )
        if found & set(self.names) and not found & {MANIFEST, NEXT}:
            raise UsageError(
                f"{self.path}: holds an archive that is not a copy (no {MANIFEST}) and was not changed; "
                "name an empty folder"
            )

    def _check_room(self) -> None:
        files = [self._source.with_name(name + end) for name in self.names for end in ("", "-wal")]
        needed = sum(file.stat().st_size for file in files if file.exists()) + _SLACK
        free = shutil.disk_usage(self.path).free
        if free < needed:
            raise ArchiveFull(
                f"{self.path}: a copy needs {needed // 1_000_000 + 1} MB, and {free // 1_000_000} MB are free; "
                "make room, or name another folder"
            )


def finish_interrupted_backup(folder: Path) -> None:
    """Finish a backup that was interrupted while it put its files in place.

    Raises:
        ArchiveError: the folder does not exist, or it must be written and cannot be.
    """
    if not folder.is_dir():
        raise ArchiveError(f"{folder}: there is no such folder; make a copy with `archiver backup {folder}`")
    if (folder / NEXT).exists():
        try:
            settle(folder)
            force_to_disk(folder)
        except OSError as error:
            raise ArchiveReadOnly(
                f"{folder}: a backup was interrupted while it put its files in place, and the folder cannot be written: "
                f"{error.strerror}; run `archiver backup` again"
            ) from error
