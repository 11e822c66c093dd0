"""Packs: pages of SQLite files, in groups, each compressed with the pages that they replace.

    pack  = magic, group, group, …
    group = file (1 byte: index in `FILES`), kind (1), number of pages (2), bytes of data (4), SHA-256 of the new pages (32),
            page numbers (4 each, rising), data
    kind  = 0: the pages as they are, 1: a zstd frame, 2: a zstd frame whose prefix is the old pages

Numbers are big-endian. The old pages of a group are those of its numbers that the file had before; they are concatenated,
like the new ones. The digest is of the new pages: when a group is decoded with other old pages, it does not match.
"""

import hashlib
import os
import secrets
import struct
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from archiver.errors import ArchiveDamaged, ShardDamaged
from archiver.store.frame_codec import FAST, pack, unpack

MAGIC = b"archiver pages 1\n"
PACK_SIZE = 8 * 1024 * 1024
"""Bytes from which on a pack is complete: one request over a slow line takes no longer than it may."""
GROUP_SIZE = 256 * 1024
"""Bytes of the pages of a group."""
_GROUP = struct.Struct(">BBHI32s")
_RAW, _ALONE, _WITH_OLD = range(3)


class ChangedPage(NamedTuple):
    """A page to store: its number (from 1), its bytes, and those that it replaces (b"" when it is new)."""

    number: int
    new: bytes
    old: bytes


class LocalPack(NamedTuple):
    """A pack that is not uploaded yet: its file, its size in bytes, and its SHA-256 in hex."""

    path: Path
    bytes: int
    sha256: str


class PackWriter:
    """Writes packs into a folder, which holds nothing else."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._body = bytearray(MAGIC)
        self.packs: list[LocalPack] = []

    def add(self, file: int, pages: Iterable[ChangedPage], page_size: int) -> None:
        """Store pages of a file, in the order of their numbers. Pages that did not change are left out."""
        group: list[ChangedPage] = []
        for page in pages:
            if page.new == page.old:
                continue
            group.append(page)
            if len(group) * page_size >= GROUP_SIZE:
                self._put(file, group)
                group = []
        if group:
            self._put(file, group)

    def _put(self, file: int, group: list[ChangedPage]) -> None:
        new, old = b"".join(page.new for page in group), b"".join(page.old for page in group)
        kind, data = (_WITH_OLD if old else _ALONE), pack(new, old, FAST)
        if len(data) >= len(new):
            kind, data = _RAW, new
        self._body += _GROUP.pack(file, kind, len(group), len(data), hashlib.sha256(new).digest())
        self._body += struct.pack(f">{len(group)}I", *(page.number for page in group))
        self._body += data
        if len(self._body) >= PACK_SIZE:
            self.close()

    def close(self) -> None:
        """Finish the last pack."""
        if len(self._body) == len(MAGIC):
            return
        path = self._folder / f"{secrets.token_hex(8)}.pack"
        path.write_bytes(self._body)
        self.packs.append(LocalPack(path, len(self._body), hashlib.sha256(self._body).hexdigest()))
        self._body = bytearray(MAGIC)


class PageFile:
    """A file to which the pages of one generation are applied. A context manager.

    Args:
        path: the file; created when it is missing.
        page_size: bytes.
        old_pages: how many pages it has before.
        pages: how many it is to have.
    """

    def __init__(self, path: Path, page_size: int, old_pages: int, pages: int) -> None:
        self._number = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o666)
        self._page_size, self._old_pages, self._pages = page_size, old_pages, pages
        self._applied = 0

    @property
    def is_complete(self) -> bool:
        """Whether every page is there: a file that had none before got all."""
        return self._old_pages > 0 or self._applied == self._pages

    def close(self, *, is_whole: bool) -> None:
        """Set the length of the file, force it to the disk, and close it. Not whole: only close it."""
        try:
            if is_whole:
                os.ftruncate(self._number, self._pages * self._page_size)
                os.fsync(self._number)
        finally:
            os.close(self._number)

    def apply(self, kind: int, numbers: tuple[int, ...], data: bytes, digest: bytes) -> None:
        """Replace the pages of a group.

        Raises:
            ArchiveDamaged: the group is malformed, or the file is not the one that it was made for.
        """
        if not 0 < numbers[0] <= numbers[-1] <= self._pages or any(a >= b for a, b in pairwise(numbers)):
            raise ArchiveDamaged("its page numbers are invalid")
        size = len(numbers) * self._page_size
        if size >= GROUP_SIZE + self._page_size:
            raise ArchiveDamaged("one of its groups is too large")
        new = self._decoded(kind, numbers, data, size)
        if len(new) != size or hashlib.sha256(new).digest() != digest:
            raise ArchiveDamaged("its pages do not match their digest")
        self._applied += len(numbers)
        for index, number in enumerate(numbers):
            start = index * self._page_size
            os.pwrite(self._number, new[start : start + self._page_size], (number - 1) * self._page_size)

    def _decoded(self, kind: int, numbers: tuple[int, ...], data: bytes, size: int) -> bytes:
        if kind == _RAW:
            return data
        if kind == _ALONE:
            return unpack(data, b"", size)
        if kind != _WITH_OLD:
            raise ArchiveDamaged("its kind is unknown")
        old = (
            os.pread(self._number, self._page_size, (number - 1) * self._page_size)
            for number in numbers
            if number <= self._old_pages
        )
        return unpack(data, b"".join(old), size)


def apply_pack(body: bytes, files: list[PageFile], what: str) -> None:
    """Replace the pages of a pack in the files.

    Raises:
        ShardDamaged: the pack is malformed, or the files are not those that it was made for.
    """
    try:
        for file, kind, numbers, data, digest in _groups(body):
            files[file].apply(kind, numbers, data, digest)
    except (ArchiveDamaged, IndexError, struct.error) as error:
        why = str(error) if isinstance(error, ArchiveDamaged) else "it is malformed"
        raise ShardDamaged(f"{what}: this pack cannot be used: {why}") from error


def _groups(body: bytes) -> Iterator[tuple[int, int, tuple[int, ...], bytes, bytes]]:
    if not body.startswith(MAGIC) or len(body) == len(MAGIC):
        raise ArchiveDamaged("it is not a pack")
    at = len(MAGIC)
    while at < len(body):
        file, kind, count, length, digest = _GROUP.unpack_from(body, at)
        at += _GROUP.size
        numbers = struct.unpack_from(f">{count}I", body, at)
        at += 4 * count
        data = body[at : at + length]
        at += length
        if not count or at > len(body):
            raise ArchiveDamaged("it is cut off")
        yield file, kind, numbers, data, digest
