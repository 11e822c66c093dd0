"""The interface of object storage: immutable objects with names (*keys*), in a bucket or in a folder."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

LARGEST_OBJECT = 64 * 1024 * 1024
"""Bytes: the largest object that is read, unless the caller says otherwise."""
_LONGEST_KEY = 512
_KEY = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.=+-]*(?:/[A-Za-z0-9_][A-Za-z0-9_.=+-]*)*")


@dataclass(frozen=True, slots=True)
class StoredObject:
    """An object in the storage: its key and its size in bytes."""

    key: str
    size: int


class ObjectStorage(Protocol):
    """Objects that are written once. Methods may be called from any thread.

    Each method takes a bounded time, and raises StorageUnavailable when the storage does not answer, refuses, or is too
    slow. After that error, nothing is known about what was done; every method may be called again.

    Attributes:
        place: where the storage is, for messages; without secrets.
    """

    place: str

    def create(self, key: str, body: bytes) -> None:
        """Store a new object, whole or not at all. The same bytes under this key are no error: a reply may get lost.

        Raises:
            ObjectExists: there are other bytes under this key.
        """

    def read(self, key: str, most: int = LARGEST_OBJECT) -> bytes:
        """Return the bytes of an object.

        Args:
            key: its name.
            most: the most bytes that are read.

        Raises:
            ObjectMissing: there is none.
            StorageUnavailable: also when it is larger than `most`.
        """

    def objects(self, prefix: str, after: str = "") -> Iterator[StoredObject]:
        """Yield the objects under `prefix/`, in the order of their keys.

        Args:
            prefix: a key without its last parts, such as `shards/demo/packs`; "" for all objects.
            after: only keys that come after this one.
        """

    def delete(self, keys: Iterable[str]) -> None:
        """Delete objects. One that is not there is no error."""


def is_key(key: str) -> bool:
    """Return whether a text may be the key of an object: parts of ASCII letters, digits and `_.=+-`, joined by `/`."""
    return len(key) <= _LONGEST_KEY and _KEY.fullmatch(key) is not None
