"""Decompress one gzip member (RFC 1952) or one zstd frame (RFC 8878) of a WARC file, and read the dictionary of a file.

A `.warc.zst` file may begin with a dictionary for all its frames, in a skippable frame. So the IIPC proposes it; the
dictionary may be compressed itself.
"""

import sys
import zlib
from typing import BinaryIO, Protocol

from archiver.fetch.warc.flow import DamagedFile
from archiver.fetch.warc.starts import BOM

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

ZSTD = b"\x28\xb5\x2f\xfd"
SKIPPABLE_HEADER = 8  # bytes: the magic number and the length
MOST_DICTIONARY = 1 << 25  # bytes of a dictionary; those of web archives have about a megabyte
_SKIPPABLE = b"\x2a\x4d\x18"  # after a first byte 0x50 to 0x5f
_DICTIONARY = 0x5D
_DICTIONARY_MAGIC = b"\x37\xa4\x30\xec"
_WINDOW = 27  # log2 of the largest window of a frame, 128 MB: the limit of the program zstd
UNPACK_ERRORS = (zlib.error, zstd.ZstdError, MemoryError)
"""What the unpackers raise when a member is damaged."""


class Unpacker(Protocol):
    """The decompression of one member."""

    def unpack(self, data: bytes, most: int) -> bytes:
        """Return the next decompressed bytes, at most so many. Raises zlib.error or ZstdError."""

    @property
    def is_hungry(self) -> bool:
        """Return whether it needs more bytes to go on."""

    @property
    def left(self) -> bytes:
        """Return the bytes that were not used yet."""

    @property
    def is_ended(self) -> bool:
        """Return whether the member is complete."""


class GzipMember:
    """One gzip member."""

    def __init__(self) -> None:
        self._zlib = zlib.decompressobj(31)

    def unpack(self, data: bytes, most: int) -> bytes:
        """Return the next decompressed bytes."""
        return self._zlib.decompress(data, most)

    @property
    def is_hungry(self) -> bool:
        """Return whether it needs more bytes."""
        return True

    @property
    def left(self) -> bytes:
        """Return the bytes that were not used yet."""
        return self._zlib.unused_data if self._zlib.eof else self._zlib.unconsumed_tail

    @property
    def is_ended(self) -> bool:
        """Return whether the end was reached."""
        return self._zlib.eof


class ZstdFrame:
    """One zstd frame."""

    def __init__(self, dictionary: zstd.ZstdDict | None) -> None:
        self._zstd = zstd.ZstdDecompressor(dictionary, {zstd.DecompressionParameter.window_log_max: _WINDOW})

    def unpack(self, data: bytes, most: int) -> bytes:
        """Return the next decompressed bytes."""
        return self._zstd.decompress(data, most)

    @property
    def is_hungry(self) -> bool:
        """Return whether it needs more bytes."""
        return self._zstd.needs_input

    @property
    def left(self) -> bytes:
        """Return the bytes that were not used yet."""
        return self._zstd.unused_data if self._zstd.eof else b""

    @property
    def is_ended(self) -> bool:
        """Return whether the end was reached."""
        return self._zstd.eof


def is_skippable(start: bytes) -> bool:
    """Return whether these bytes begin with a skippable frame (RFC 8878, 3.1.2)."""
    return len(start) > len(_SKIPPABLE) and 0x50 <= start[0] <= 0x5F and start[1:4] == _SKIPPABLE  # noqa: PLR2004


def dictionary_of(file: BinaryIO) -> zstd.ZstdDict | None:
    """Return the dictionary at the start of a file; None when there is none.

    Raises:
        DamagedFile: it cannot be read.
    """
    file.seek(0)
    file.seek(len(BOM) if file.read(len(BOM)) == BOM else 0)
    header = file.read(SKIPPABLE_HEADER)
    if not is_skippable(header) or header[0] != _DICTIONARY:
        return None
    length = int.from_bytes(header[4:8], "little")
    if length > MOST_DICTIONARY:
        raise DamagedFile(0, f"a dictionary of {length} bytes; at most {MOST_DICTIONARY} are read")
    data = file.read(length)
    try:
        if data.startswith(ZSTD):
            unpacker = zstd.ZstdDecompressor()
            data = unpacker.decompress(data, MOST_DICTIONARY)
            if not unpacker.eof:
                raise DamagedFile(0, f"the dictionary is cut, or larger than {MOST_DICTIONARY} bytes")
        return zstd.ZstdDict(data, is_raw=not data.startswith(_DICTIONARY_MAGIC))
    except (zstd.ZstdError, ValueError) as error:
        raise DamagedFile(0, f"the dictionary is damaged ({words_of(error)})") from error


def words_of(error: Exception) -> str:
    """Return the message of an error without the number that zlib puts before it."""
    return str(error).rpartition(": ")[2]
