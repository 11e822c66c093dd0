"""The folder of a copy: whether it may be one, held by one backup at a time, and left as it was found on failure."""

import shutil
from pathlib import Path
from types import TracebackType
from typing import Self

from filelock import FileLock, Timeout

from archiver.errors import ArchiveError, ArchiveFull, ArchiveLocked, ArchiveReadOnly, UsageError
from archiver.maintain.backup.manifest import (
    BESIDE,
    LOCK,
    MANIFEST,
    NEXT,
    PART,
    clear,
    force_to_disk,
    read_manifest,
    settle,
)

_SLACK = 1 << 20  # bytes, for the manifest and the file system


class CopyFolder:
    """A folder while a copy is made in it. A context manager.

    Attributes:
        older: the manifest of the copy that is there; None for the first.
    """

    def __init__(self, path: Path, source: Path, names: tuple[str, str]) -> None:
        self.path = path
        self.names = names
        self._source = source
        self._made = False
        self._lock = FileLock(path / LOCK)

    def __enter__(self) -> Self:
        self._look()
        try:
            self._made = not self.path.is_dir()
            self.path.mkdir(exist_ok=True)
            self._lock.acquire(timeout=0)
        except Timeout:
            raise ArchiveLocked(
                f"{self.path}: another backup is writing there; let it finish, then run this again"
            ) from None
        except OSError as error:
            self._leave_no_trace()
            raise ArchiveReadOnly(f"{self.path}: cannot be written: {error.strerror}; name another folder") from error
        try:
            settle(self.path)
            self.older = read_manifest(self.path)
            self._check_room()
        except BaseException:
            self._leave()
            raise
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._leave()

    def _leave(self) -> None:
        if not (self.path / NEXT).exists():
            clear(self.path)
        (self.path / LOCK).unlink(missing_ok=True)  # while it is held: nobody else can hold it then
        self._lock.release()
        self._leave_no_trace()

    def _leave_no_trace(self) -> None:
        """Remove a folder that we made and that holds no copy."""
        if self._made and self.path.is_dir() and not any(self.path.iterdir()):
            self.path.rmdir()

    def _look(self) -> None:
        """That the folder can be meant."""
        home, path = self._source.resolve().parent, self.path.resolve()
        if path == home or home in path.parents:
            raise UsageError(
                f"{self.path}: is in the archive's own folder, and would be lost with it; name a folder elsewhere, "
                "on another disk at best"
            )
        if path.exists() and not path.is_dir():
            raise UsageError(f"{self.path}: is a file; name a folder")
        if not path.parent.is_dir():
            raise UsageError(f"{self.path}: there is no folder {self.path.parent}; make it first (is the disk there?)")
        if path.is_dir():
            self._look_inside(path)

    def _look_inside(self, path: Path) -> None:
        ends = ("", *BESIDE, PART, *(PART + beside for beside in BESIDE))
        ours = {MANIFEST, NEXT, MANIFEST + PART, LOCK} | {name + end for name in self.names for end in ends}
        found = {item.name for item in path.iterdir()}
        if found - ours:
            raise UsageError(
                f"{self.path}: holds other things ({min(found - ours)}) and was left as it is; name an empty folder"
            )
        if found & set(self.names) and not found & {MANIFEST, NEXT}:
            raise UsageError(
                f"{self.path}: holds an archive that is no copy of ours (no {MANIFEST}) and was left as it is; "
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


def finish_what_was_cut_short(folder: Path) -> None:
    """Finish what a backup that was cut short left to do.

    Raises:
        ArchiveError: there is no such folder, or it would have to be written and cannot be.
    """
    if not folder.is_dir():
        raise ArchiveError(f"{folder}: there is no such folder; make a copy with `archiver backup {folder}`")
    if (folder / NEXT).exists():
        try:
            settle(folder)
            force_to_disk(folder)
        except OSError as error:
            raise ArchiveReadOnly(
                f"{folder}: a backup was cut short while it put its files in place, and the folder cannot be written: "
                f"{error.strerror}; run `archiver backup` again"
            ) from error
