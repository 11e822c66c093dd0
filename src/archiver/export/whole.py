"""Files that appear under their final names together, after all of them are complete; until then they are hidden."""

import filecmp
import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from archiver.errors import UsageError


class Pending:
    """The unfinished files of an export (`pending`)."""

    def __init__(self, *, force: bool) -> None:
        self._force = force
        self._places: dict[Path, Path] = {}
        self._made: list[Path] = []

    def path(self, name: Path) -> Path:
        """Return the temporary path at which to write a file.

        Raises:
            UsageError: the file exists and must not be replaced, or there cannot be a file at this path.
        """
        self._check(name)
        self._make(name.parent)
        place = name.with_name(f".{name.name}.{os.getpid()}.part")
        self._places[name] = place
        return place

    def drop_if_same(self, name: Path) -> bool:
        """Remove a temporary file when the file that it would replace has the same bytes; return whether it has."""
        place = self._places[name]
        is_same = name.is_file() and filecmp.cmp(place, name, shallow=False)
        if is_same:
            del self._places[name]
            place.unlink()
        return is_same

    def keep(self) -> None:
        """Rename every file to its final name."""
        for name, place in self._places.items():
            self._check(name)
            force_to_disk(place)
        for name, place in self._places.items():
            place.replace(name)
        self._made.clear()

    def drop(self) -> None:
        """Remove every temporary file and folder."""
        for place in self._places.values():
            place.unlink(missing_ok=True)
        for folder in reversed(self._made):
            with suppress(OSError):  # another program has put something into the folder
                folder.rmdir()

    def _check(self, name: Path) -> None:
        if name.is_dir():
            raise UsageError(f"{name}: this is a folder; name a file, or give neither --view nor --sql to fill it")
        if name.exists() and not name.is_file():
            raise UsageError(f"{name}: this is no regular file; name another, or - for stdout")
        if name.exists() and not self._force:
            raise UsageError(f"{name}: already exists and was not changed; use --force to replace it, or name another")

    def _make(self, folder: Path) -> None:
        missing = [each for each in (folder, *folder.parents) if not each.exists()]
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(f"{folder}: cannot be made: {error.strerror}; name another place") from error
        self._made += reversed(missing)


@contextmanager
def pending(*, force: bool) -> Iterator[Pending]:
    """Write files that are kept when the block ends and removed when it raises.

    Args:
        force: replace files that exist.
    """
    files = Pending(force=force)
    try:
        yield files
        files.keep()
    finally:
        files.drop()


@contextmanager
def pending_folder(dest: Path, is_ours: Callable[[Path], bool], *, force: bool) -> Iterator[Path]:
    """Fill a folder that gets its name when the block ends and is removed when it raises.

    Args:
        dest: the name; an empty folder with this name is replaced.
        is_ours: returns whether a folder holds only files that archiver wrote and may be deleted.
        force: replace such a folder if it exists.

    Raises:
        UsageError: the path exists and must not be replaced.
    """
    _check_folder(dest, is_ours, force=force)
    place = dest.with_name(f".{dest.name}.{os.getpid()}.part")
    try:
        place.mkdir(parents=True)
    except OSError as error:
        raise UsageError(f"{dest}: cannot be made: {error.strerror}; name another place") from error
    try:
        yield place
        for path in place.rglob("*"):
            if path.is_file():
                force_to_disk(path)
        _check_folder(dest, is_ours, force=force)
        if dest.exists():
            shutil.rmtree(dest)
        place.rename(dest)
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _check_folder(dest: Path, is_ours: Callable[[Path], bool], *, force: bool) -> None:
    if not dest.exists() or (dest.is_dir() and not any(dest.iterdir())):
        return
    if not dest.is_dir():
        raise UsageError(f"{dest}: is a file; name a folder that does not exist")
    if not is_ours(dest):
        raise UsageError(f"{dest}: contains other files and was not changed; name a folder that does not exist")
    if not force:
        raise UsageError(f"{dest}: already exists and was not changed; use --force to replace it, or name another")


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def force_to_disk(path: Path) -> None:
    """Return when the file's bytes are on the disk."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())
