"""Limits of size: bodies are counted while they stream, before and after decoding."""

import sys
import zlib
from dataclasses import dataclass, field

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
    """A decoded body. `whole` is False when the encoded data ended before its own end mark."""

    body: bytes
    whole: bool = True


_WINDOW = 23  # log2 of the largest window that a zstd frame may use (RFC 9659)
_PIECE = 1 << 16
_ENCODINGS = frozenset(("gzip", "x-gzip", "deflate", "zstd", "br", "compress", "x-compress"))
_NO_ENCODINGS = frozenset(
    ("none", "utf-8", "utf8", "binary", "7bit", "8bit", "text", "plain", "chunked", "aws-chunked", "*", "default")
)
"""What servers name where there is no encoding."""
MOST_MEMBERS = 1000  # gzip members in one body; more are an attack, because each member copies the rest


def undo(encoding: str, body: bytes, limit: int) -> DecodedBody:
    """Remove a content-encoding (RFC 9110, 8.4) and return at most `limit` bytes.

    Nested encodings are removed from the last applied to the first; more than three are rejected. Data that breaks
    off gives the bytes before the break.

    Raises:
        TooBig: the decoded body exceeds the limit (a decompression bomb).
        NotEncoded: the body is not encoded at all. Servers also name encodings that do not exist: none, utf-8, binary.
        CannotDecode: the encoding is unknown, or the data cannot be decoded.
    """
    names = [name.strip().lower() for name in encoding.split(",") if name.strip()]
    if len(names) > 3:  # noqa: PLR2004
        raise CannotDecode(f"{len(names)} nested content-encodings")
    whole, sent = True, body
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
        body, whole = undone.body, whole and undone.whole
    return DecodedBody(body, whole)


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
        try:
            return _inflate(body, limit, zlib.MAX_WBITS)
        except CannotDecode:
            return _inflate(body, limit, -zlib.MAX_WBITS)  # some old servers send raw deflate
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
        raise CannotDecode("content-encoding br needs archiver[brotli]") from None
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


def _inflate(body: bytes, limit: int, window: int) -> DecodedBody:
    taken, data, members = LimitedBody(limit), body, 0
    try:
        while data:
            members += 1
            if members > MOST_MEMBERS:
                raise CannotDecode(f"more than {MOST_MEMBERS} gzip members")
            unpacker = zlib.decompressobj(window)
            taken.add(unpacker.decompress(data, limit - taken.length + 1))
            if not unpacker.eof:
                return DecodedBody(taken.body, whole=False)
            data = unpacker.unused_data if window > zlib.MAX_WBITS else b""
    except zlib.error as error:
        if members > 1:
            return DecodedBody(taken.body)  # bytes after a complete member are ignored, as in browsers
        raise CannotDecode(str(error)) from error
    return DecodedBody(taken.body)
