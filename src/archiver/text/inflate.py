"""Decompress gzip and zlib data as far as possible: up to damage, and also with a wrong checksum."""

import zlib
from typing import NamedTuple

_PIECE = 4096
_GZIP_WINDOW = 31
_WRONG_LENGTH, _WRONG_SUM = "incorrect length check", "incorrect data check"


class Inflated(NamedTuple):
    """Decompressed data.

    Attributes:
        body: the data.
        rest: the bytes after its end.
        is_ended: whether it is complete.
        fault: what is wrong with it, in words; "" when nothing is. When it `is_ended`, only its checksum is wrong.
    """

    body: bytes
    rest: bytes
    is_ended: bool
    fault: str = ""


def inflate(data: bytes, window: int, most: int) -> Inflated:
    """Decompress one stream, at most `most` bytes of it.

    Args:
        data: the stream, and perhaps other bytes after it.
        window: as for `zlib.decompressobj`: 31 for gzip, 15 for zlib, -15 for raw deflate.
        most: the maximum number of bytes; a longer stream is not ended.
    """
    unpacker = zlib.decompressobj(window)
    try:
        body = unpacker.decompress(data, most)
    except zlib.error as error:
        fault = str(error).rpartition(": ")[2]
        body = _before_fault(data, window, most)
        return Inflated(body, b"", _is_only_checksum(fault, data, len(body), window), fault)
    return Inflated(body, unpacker.unused_data, unpacker.eof)


def _is_only_checksum(fault: str, data: bytes, size: int, window: int) -> bool:
    """Whether the data is probably right and its checksum wrong; damaged data often ends where the right data did.

    gzip data names its length, too. Checksums of nothing but zeros were never computed.
    """
    if fault != _WRONG_SUM:
        return fault == _WRONG_LENGTH  # its checksum was right
    trailer = data[-8:] if window == _GZIP_WINDOW else data[-4:]
    has_length = window == _GZIP_WINDOW and int.from_bytes(data[-4:], "little") == size & 0xFFFFFFFF
    return has_length or not any(trailer)


def _before_fault(data: bytes, window: int, most: int) -> bytes:
    """Return what is decompressed before the byte at which the decompressor fails."""
    unpacker, parts, room = zlib.decompressobj(window), list[bytes](), most
    step, start = _PIECE, 0
    while start < len(data) and room > 0:
        before = unpacker.copy()
        try:
            parts.append(unpacker.decompress(unpacker.unconsumed_tail + data[start : start + step], room))
        except zlib.error:
            if step == 1:
                break
            unpacker, step = before, 1  # once more, byte by byte
            continue
        room -= len(parts[-1])
        start += step
    return b"".join(parts)
