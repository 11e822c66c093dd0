"""Open WARC files, alone or in WACZ packages, by their contents and not by their names."""

import io
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from archiver.errors import UsageError
from archiver.fetch.warc.flow import DamagedFile, Flow, PlainFlow
from archiver.fetch.warc.members import GzipFlow, ZstdFlow
from archiver.fetch.warc.starts import BOM
from archiver.fetch.warc.unpackers import ZSTD, is_skippable
from archiver.text.clean import printable

_ZIP, _GZIP = b"PK\x03\x04", b"\x1f\x8b"
_START = 16  # bytes by which a format is recognized
_LOCAL_HEADER = 30  # bytes before the name in a member's local header (APPNOTE, 4.3.7)
_MOST_MEMBERS = 100_000
_MOST_RATIO = 200  # a member that grows by more than this factor is a decompression bomb
_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class WarcFile:
    """One file of records.

    Attributes:
        name: the name in messages: `crawl.wacz/archive/data.warc.gz`, or the path as given.
        path: the path of the file, or of the package that contains it.
        size: bytes of the file, or of the member.
        member: its name within the package; None for a file that is not in a package.
    """

    name: str
    path: Path
    size: int
    member: str | None = None

    @contextmanager
    def opened(self, start: int = 0) -> Iterator[Flow]:
        """Open its decompressed bytes, starting at the place of a record.

        Raises:
            UsageError: it cannot be read, or it holds no records.
        """
        try:
            with self.path.open("rb") as file, _within(file, self.member) as stream:
                yield _flow(stream, self.name, start)
        except (OSError, zipfile.BadZipFile, EOFError, NotImplementedError) as error:
            raise UsageError(f"{self.name}: cannot be read: {_words(error)}") from error


def warc_files(paths: Sequence[Path]) -> list[WarcFile]:
    """Return the files to read; packages are opened.

    Raises:
        UsageError: a path does not exist, is a folder, or is a package without WARC files.
    """
    found: list[WarcFile] = []
    for path in paths:
        if path.is_dir():
            raise UsageError(f"{path}: this is a folder; name the files in it: {path}/*.warc.gz")
        found += _members(path) if is_package(path) else [WarcFile(str(path), path, path.stat().st_size)]
    return found


def is_package(path: Path) -> bool:
    """Return whether a file is a ZIP file, as WACZ packages are.

    Raises:
        UsageError: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            return file.read(4) == _ZIP
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from error


def _members(path: Path) -> list[WarcFile]:
    try:
        with zipfile.ZipFile(path) as package:
            names = {info.filename: info.compress_size for info in package.infolist()}
    except (OSError, zipfile.BadZipFile, NotImplementedError) as error:
        raise UsageError(f"{path}: a package that cannot be opened: {_words(error)}") from error
    if len(names) > _MOST_MEMBERS:
        raise UsageError(f"{path}: a package of {len(names)} members; a WACZ has fewer")
    warcs = sorted(name for name in names if name.startswith("archive/") and name.lower().endswith(_ENDINGS))
    if not warcs:
        raise UsageError(f"{path}: a package without WARC files under archive/")
    return [WarcFile(f"{path}/{printable(name, 200)}", path, names[name], name) for name in warcs]


_ENDINGS = (".warc", ".warc.gz", ".warc.zst", ".arc", ".arc.gz")


@contextmanager
def _within(file: BinaryIO, member: str | None) -> Iterator[BinaryIO]:
    if member is None:
        yield file
        return
    with zipfile.ZipFile(file) as package:
        info = package.getinfo(member)
        if info.flag_bits & 1:
            raise zipfile.BadZipFile("its members are encrypted")
        if info.compress_type == zipfile.ZIP_STORED:
            yield io.BufferedReader(_Window(file, _data_of(file, info), info.compress_size))
            return
        if info.file_size > _MOST_RATIO * max(info.compress_size, 1 << 16):
            raise zipfile.BadZipFile(f"{info.compress_size} bytes that unpack to {info.file_size}")
        with package.open(info) as packed, tempfile.TemporaryFile() as plain:
            left = info.file_size
            while left and (piece := packed.read(min(left, _PIECE))):
                plain.write(piece)
                left -= len(piece)
            plain.seek(0)
            yield plain


def _data_of(file: BinaryIO, info: zipfile.ZipInfo) -> int:
    """Return the offset of a stored member's bytes: its local header may be longer than the directory's."""
    file.seek(info.header_offset)
    header = file.read(_LOCAL_HEADER)
    if len(header) < _LOCAL_HEADER or header[:4] != _ZIP:
        raise zipfile.BadZipFile("a member is not where the directory says")
    return (
        info.header_offset
        + _LOCAL_HEADER
        + int.from_bytes(header[26:28], "little")
        + int.from_bytes(header[28:30], "little")
    )


class _Window(io.RawIOBase):
    """A part of a file, read as a file."""

    def __init__(self, file: BinaryIO, start: int, size: int) -> None:
        self._file, self._start, self._size, self._at = file, start, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._at = max(offset + (0, self._at, self._size)[whence], 0)
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: "memoryview | bytearray") -> int:  # type: ignore[override]
        self._file.seek(self._start + self._at)
        data = self._file.read(max(min(len(buffer), self._size - self._at), 0))
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)


def _flow(stream: BinaryIO, name: str, start: int) -> Flow:
    magic = stream.read(_START).removeprefix(BOM)
    if magic.startswith(_ZIP):
        raise UsageError(f"{name}: a package inside a package; unpack the outer one first")
    if magic.startswith(ZSTD) or is_skippable(magic):
        try:
            return ZstdFlow(stream, start)
        except DamagedFile as broken:
            raise UsageError(f"{name}: cannot be read: {broken.what}") from broken
    if magic.startswith(_GZIP) or (magic[:4] != b"WARC" and name.lower().endswith(".gz")):
        return GzipFlow(stream, start)
    return PlainFlow(stream, start)


def _words(error: BaseException) -> str:
    return (
        (error.strerror if isinstance(error, OSError) else None) or printable(str(error), 200) or type(error).__name__
    )
