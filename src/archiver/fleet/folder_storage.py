"""Object storage in a local folder: an object is a file, complete and on the disk before it gets its name.

obstore's own local store does not force a file to the disk before it acknowledges it, so this one is written out.
A file gets its name by a hard link, which fails when the name exists: of two writers, one wins.
"""

import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from archiver.errors import ObjectExists, ObjectMissing, StorageUnavailable
from archiver.model.stored_object import LARGEST_OBJECT, StoredObject, is_key

_UNFINISHED = "."
"""How the names of files begin that have no key yet. No part of a key begins so."""


class FolderStorage:
    """The objects in a folder, which is created when it is needed (see `model.stored_object.ObjectStorage`)."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.absolute()
        self.place = str(folder)

    def create(self, key: str, body: bytes) -> None:
        """Store a new object. The same bytes under this key are no error.

        Raises:
            ObjectExists: there are other bytes under this key.
            StorageUnavailable: the folder cannot be written.
        """
        path = self._path(key)
        with self._converting_errors(key):
            _make_folders(path.parent)
            part = path.with_name(f"{_UNFINISHED}{secrets.token_hex(8)}")
            try:
                _write_durably(part, body)
                os.link(part, path)
                _force_to_disk(path.parent)
            except FileExistsError:
                is_new = False
            else:
                is_new = True
            finally:
                part.unlink(missing_ok=True)
        if not is_new and self.read(key, max(len(body), self._size(key))) != body:
            raise ObjectExists(f"{self.place}: {key} exists, with other bytes; nothing was overwritten")

    def read(self, key: str, most: int = LARGEST_OBJECT) -> bytes:
        """Return the bytes of an object.

        Raises:
            ObjectMissing: there is none.
            StorageUnavailable: it cannot be read, or is larger than `most` bytes.
        """
        path = self._path(key)
        with self._converting_errors(key):
            try:
                with path.open("rb") as file:
                    body = file.read(most + 1)
            except (FileNotFoundError, NotADirectoryError):
                raise ObjectMissing(f"{self.place}: there is no object {key}") from None
        if len(body) > most:
            raise StorageUnavailable(f"{self.place}: {key} is larger than {most:,} bytes; it was not read")
        return body

    def objects(self, prefix: str, after: str = "") -> Iterator[StoredObject]:
        """Yield the objects under `prefix/`, in the order of their keys; only those after the key `after`."""
        top = self._path(prefix) if prefix else self._folder
        found = []
        with self._converting_errors(prefix):
            for folder, _folders, names in os.walk(top, onerror=_raise_unless_missing):
                for name in names:
                    path = Path(folder, name)
                    key = path.relative_to(self._folder).as_posix()
                    if key > after and is_key(key):
                        with suppress(FileNotFoundError):  # deleted meanwhile
                            found.append(StoredObject(key, path.stat().st_size))
        yield from sorted(found, key=lambda each: each.key)

    def delete(self, keys: Iterable[str]) -> None:
        """Delete objects. One that is not there is no error."""
        for key in keys:
            with self._converting_errors(key), suppress(FileNotFoundError):
                self._path(key).unlink()

    def _path(self, key: str) -> Path:
        if not is_key(key):
            raise ValueError(f"not a key: {key!r}")
        return self._folder / key

    def _size(self, key: str) -> int:
        with self._converting_errors(key), suppress(FileNotFoundError):
            return self._path(key).stat().st_size
        return 0

    @contextmanager
    def _converting_errors(self, key: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise StorageUnavailable(
                f"{self.place}: {key}: {error.strerror or type(error).__name__}; see whether the folder's disk is "
                "there, has room and can be written, then run this again"
            ) from error


def _make_folders(folder: Path) -> None:
    """Create a folder and those above it, durably."""
    missing = []
    while not folder.is_dir():
        missing.append(folder)
        folder = folder.parent
    for each in reversed(missing):
        each.mkdir(exist_ok=True)
        _force_to_disk(each.parent)


def _write_durably(path: Path, body: bytes) -> None:
    with path.open("xb") as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())


def _force_to_disk(folder: Path) -> None:
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def _raise_unless_missing(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError):
        raise error
