"""Limits of size: bodies are counted while they stream, before and after decoding."""

import contextlib
import sys
import zlib
from dataclasses import dataclass, field

from archiver.text.inflate import inflate

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd


class TooBig(Exception):
    """The body exceeds its limit."""


@dataclass
class LimitedBody:
    """Collects a body up to a limit."""

    limit: int
    parts: list[bytes] = field(default_factory=list)
    length: int = 0

    def add(self, part: bytes) -> None:
        """Add the next part, as far as the limit allows; raise TooBig when the body exceeds it."""
        room = self.limit - self.length
        self.length += len(part)
        self.parts.append(part[:room] if len(part) > room else part)
        if self.length > self.limit:
            raise TooBig

    @property
    def body(self) -> bytes:
        """Return everything collected so far."""
        return b"".join(self.parts)


class CannotDecode(Exception):
    """The content-encoding is unknown or the data is damaged; the body is kept as it was sent."""


class NotEncoded(CannotDecode):
    """The named content-encoding was not applied: the body is plain text, or a file of a known kind."""


@dataclass(frozen=True, slots=True)
class DecodedBody:
    """A decoded body.

    `whole` is False when the encoded data ended before its own end mark. `flaw`: what is wrong with it, in words.
    """

    body: bytes
    whole: bool = True
    flaw: str = ""


_WINDOW = 23  # log2 of the largest window that a zstd frame may use (RFC 9659)
_PIECE = 1 << 16
_GZIP = b"\x1f\x8b"
_ENCODINGS = frozenset(("gzip", "x-gzip", "deflate", "zstd", "br", "compress", "x-compress"))
_NO_ENCODINGS = frozenset(
    ("none", "utf-8", "utf8", "binary", "7bit", "8bit", "text", "plain", "chunked", "aws-chunked", "*", "default")
)
"""What servers name where there is no encoding."""
MOST_MEMBERS = 1000  # gzip members in one body; more are an attack, because each member copies the rest


def undo(encoding: str, body: bytes, limit: int) -> DecodedBody:
    """Remove a content-encoding (RFC 9110, 8.4) and return at most `limit` bytes.

    Nested encodings are removed from the last applied to the first; more than three are rejected. Data that breaks
    off or is damaged gives the bytes before that, and data with a wrong checksum all of its bytes, as in browsers.

    Raises:
        TooBig: the decoded body exceeds the limit (a decompression bomb).
        NotEncoded: the body is not encoded at all. Servers also name encodings that do not exist: none, utf-8, binary.
        CannotDecode: the encoding is unknown, or the data cannot be decoded.
    """
    names = [name.strip().lower() for name in encoding.split(",") if name.strip()]
    if len(names) > 3:  # noqa: PLR2004
        raise CannotDecode(f"{len(names)} nested content-encodings")
    whole, sent, flaw = True, body, ""
    for name in reversed(names):
        if name == "identity":
            continue
        try:
            undone = _undo_one(name, body, limit)
        except CannotDecode:
            if not _is_plain(body, is_known=name in _ENCODINGS or name in _NO_ENCODINGS):
                raise
            if body is sent:
                raise NotEncoded(f"content-encoding {name[:40]!r} was named and not applied") from None
            break  # an encoding that was applied fewer times than it is named
        body, whole, flaw = undone.body, whole and undone.whole, flaw or undone.flaw
    return DecodedBody(body, whole, flaw)


def _is_plain(body: bytes, *, is_known: bool) -> bool:
    """Return whether a body that is declared as encoded is plain text.

    `is_known`: the encoding never looks like text, or is none at all. Text in another one, as base64, may be encoded.
    """
    if body.startswith((b"\x1f\x8b", b"\x28\xb5\x2f\xfd")):
        return False
    start = body[:512].lstrip(b"\xef\xbb\xbf \t\r\n")
    is_text = start.isascii() and b"\0" not in start and bool(start)
    return start.startswith((b"<", b"{", b"[", b"%PDF")) or (is_known and is_text)


def _undo_one(name: str, body: bytes, limit: int) -> DecodedBody:
    if name in ("gzip", "x-gzip"):
        return _inflate(body, limit, zlib.MAX_WBITS | 16)
    if name == "deflate":
        return _undeflated(body, limit)
    if name == "zstd":
        return _unzstd(body, limit)
    if name == "br":
        return _unbrotli(body, limit)
    raise CannotDecode(f"content-encoding {name[:40]!r} is not known")


def _unzstd(body: bytes, limit: int) -> DecodedBody:
    """Decode zstd (RFC 8878): one frame, as browsers accept it, with a window of at most 8 MB."""
    unpacker = zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: _WINDOW})
    taken = LimitedBody(limit)
    try:
        taken.add(unpacker.decompress(body, limit + 1))
    except zstd.ZstdError as error:
        raise CannotDecode(str(error)) from error
    return DecodedBody(taken.body, whole=unpacker.eof)


def _unbrotli(body: bytes, limit: int) -> DecodedBody:
    """Decode br (RFC 7932), if the library is installed."""
    try:
        import brotli  # noqa: PLC0415  (an optional dependency)
    except ImportError:
        raise CannotDecode("content-encoding br needs the package brotli, which is not installed") from None
    unpacker, taken, data = brotli.Decompressor(), LimitedBody(limit), body
    try:
        while not unpacker.is_finished():
            piece = unpacker.process(data, output_buffer_limit=_PIECE)
            taken.add(piece)
            if not piece and unpacker.can_accept_more_data():
                return DecodedBody(taken.body, whole=unpacker.is_finished())
            data = b""
    except brotli.error as error:
        raise CannotDecode(str(error)) from error
    return DecodedBody(taken.body)


def _undeflated(body: bytes, limit: int) -> DecodedBody:
    """Decode deflate, which is zlib data (RFC 9110, 8.4.1.2); some old servers send it without the zlib header."""
    try:
        found = _inflate(body, limit, zlib.MAX_WBITS)
    except CannotDecode:
        return _inflate(body, limit, -zlib.MAX_WBITS)
    if found.flaw and not found.whole:  # raw data may begin like a zlib header
        with contextlib.suppress(CannotDecode):
            raw = _inflate(body, limit, -zlib.MAX_WBITS)
            return raw if raw.whole else found
    return found


def _inflate(body: bytes, limit: int, window: int) -> DecodedBody:
    taken, data, members = LimitedBody(limit), body, 0
    while data:
        members += 1
        if members > MOST_MEMBERS:
            raise CannotDecode(f"more than {MOST_MEMBERS} gzip members")
        found = inflate(data, window, limit - taken.length + 1)
        if found.fault and members > 1 and not data.startswith(_GZIP):
            break  # bytes after a complete member are ignored, as in browsers
        taken.add(found.body)
        if found.fault:
            if not taken.length or window < 0:  # any bytes begin like raw deflate
                raise CannotDecode(found.fault)
            what = (
                "the checksum of the compressed data is wrong" if found.is_ended else "the compressed data is damaged"
            )
            return DecodedBody(taken.body, whole=found.is_ended, flaw=what)
        if not found.is_ended:
            return DecodedBody(taken.body, whole=False)
        data = found.rest if window > zlib.MAX_WBITS else b""
    return DecodedBody(taken.body)
