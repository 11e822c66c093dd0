"""The folder in which a worker keeps the working copies of archives, bounded in bytes."""

import shutil
from collections.abc import Collection
from pathlib import Path
from types import TracebackType
from typing import Self

from filelock import FileLock, Timeout

from archiver.errors import UsageError
from archiver.extract.profile import is_slug

_MOST_WORKERS = 1000


class ShardCache:
    """The working copies of one worker: `FOLDER/1/SITE/archive.db`. Use as a context manager.

    Each worker of a machine takes the first numbered folder that no other one uses, so the next worker finds the copies
    of the last one. A worker that is stopped keeps its folder: what it does when it is woken is seen by no other.

    Args:
        root: the folder of all workers of this machine.
        most_bytes: of the copies that are not in use; those that were not used for longest are deleted.
    """

    def __init__(self, root: Path, most_bytes: int) -> None:
        self._root = root
        self._most_bytes = most_bytes

    def __enter__(self) -> Self:
        """Take a folder.

        Raises:
            UsageError: it cannot be written.
        """
        try:
            self._root.mkdir(parents=True, exist_ok=True)
            for number in range(1, _MOST_WORKERS + 1):
                self._lock = FileLock(self._root / f".{number}.lock")
                try:
                    self._lock.acquire(timeout=0)
                except Timeout:
                    continue
                self._folder = self._root / str(number)
                self._folder.mkdir(exist_ok=True)
                return self
        except OSError as error:
            raise UsageError(f"--shards {self._root}: cannot be written: {error.strerror}; name another one") from error
        raise UsageError(f"--shards {self._root}: {_MOST_WORKERS} workers use it; name another one")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lock.release()

    def folder(self, site: str) -> Path:
        """Return the folder of a site, which is now the one that was used last.

        Raises:
            UsageError: the name cannot be that of a site.
        """
        if not is_slug(site):
            raise UsageError(f"{site!r}: not a name of a site; remove it from the fleet")
        folder = self._folder / site
        folder.mkdir(exist_ok=True)
        folder.touch()
        return folder

    def trim(self, in_use: Collection[str]) -> list[str]:
        """Delete the copies that were not used for longest until the others are small enough; return their sites."""
        unused = [each for each in self._folder.iterdir() if each.is_dir() and each.name not in in_use]
        unused.sort(key=lambda folder: folder.stat().st_mtime, reverse=True)
        total, deleted = 0, []
        for folder in unused:
            total += sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
            if total > self._most_bytes:
                shutil.rmtree(folder, ignore_errors=True)
                deleted.append(folder.name)
        return deleted
