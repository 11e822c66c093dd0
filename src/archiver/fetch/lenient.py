"""Read answers that are not valid HTTP/1.1, as curl, wget and browsers read them.

The strict parser (h11) comes first. When it refuses an answer, the same bytes are read here, and faults are noted.
Two Content-Length fields that differ, and an answer without a status line, are refused here, too: their end or their
status cannot be known.
"""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

import httpx2

MOST_HEAD = 512 * 1024  # bytes
_LONGEST_CHUNK_LINE = 4096  # bytes
MOST_INTERIM = 100  # interim answers (1xx) before the final one
_MOST_BLANK = 10  # blank lines before the header of a chunk
_STATUS = re.compile(rb"\s*(?:HTTP(?:/(\d\.\d|\d))?|ICY)[ \t]*(\d{3})(?!\d)[ \t]*(.*)", re.IGNORECASE | re.DOTALL)
_TOKEN = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_CONTROLS = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
_SIZE = re.compile(rb"[ \t]*([0-9A-Fa-f]{1,15})(?=[ \t;\r]|$)")
_NO_BODY = (204, 304)
_PLAIN = (b"<", b"{", b"[", b"%PDF", b"\xef\xbb\xbf<")
"""How a body begins that was never chunked, whatever the head says."""
_INFORMATIONAL = range(100, 200)
_SWITCHING = 101

Read = Callable[[], Awaitable[bytes]]
"""Returns the next bytes that arrive; b"" at the end."""


@dataclass
class LenientHead:
    """The head of an answer. `flaws`: what was wrong, in words. `codings`: transfer codings other than `chunked`."""

    status: int
    reason: bytes
    version: bytes
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    flaws: list[str] = field(default_factory=list)
    codings: list[str] = field(default_factory=list)

    def values(self, name: bytes) -> list[bytes]:
        """Return the values of a field, in order."""
        return [value for key, value in self.headers if key.lower() == name]


class NoHttpAnswer(httpx2.RemoteProtocolError):
    """The server is up, and what it sends is no HTTP answer that any reader understands."""


class LenientAnswer:
    """One answer. Call `head` first, then `body`.

    Args:
        start: the bytes that have arrived.
        read: returns the bytes that follow.
    """

    def __init__(self, start: bytes, read: Read) -> None:
        self._buffer = bytearray(start)
        self._read = read
        self._is_ended = False

    async def head(self) -> LenientHead:
        """Return the head of the final answer; interim answers (1xx) are skipped.

        Raises:
            httpx2.RemoteProtocolError: there is no status line, or the head is too long or incomplete.
        """
        for _ in range(MOST_INTERIM):
            head = _parse(await self._head_lines())
            if head.status not in _INFORMATIONAL or head.status == _SWITCHING:
                return head
        raise httpx2.RemoteProtocolError(f"more than {MOST_INTERIM} interim answers")

    async def body(self, head: LenientHead) -> AsyncIterator[bytes]:
        """Yield the body as it arrives, without the framing of chunks; add to the flaws what is wrong with it.

        Raises:
            httpx2.RemoteProtocolError: the end of the body cannot be known, or the body breaks off.
        """
        if head.status in _NO_BODY:
            return
        length = _length(head)
        is_chunked = _is_chunked(head)
        length = None if head.codings else length  # a Content-Length does not count then (RFC 9112, 6.3)
        if is_chunked:
            first = await self._peek_line()
            if first is None or not first.lstrip().startswith(_PLAIN):
                async for part in self._chunks():
                    yield part
                return
            head.flaws.append("Transfer-Encoding names chunks, and the body has none")
            length = None
        async for part in self._sized(length):
            yield part

    async def _more(self) -> bool:
        data = b"" if self._is_ended else await self._read()
        self._is_ended = not data
        self._buffer += data
        return bool(data)

    async def _head_lines(self) -> list[bytes]:
        lines: list[bytes] = []
        size = 0
        while True:
            line = await self._head_line(MOST_HEAD, is_first=not lines)
            size += len(line) + 1
            if size > MOST_HEAD:
                raise NoHttpAnswer(f"the headers are longer than {MOST_HEAD} bytes")
            if line.strip(b"\r") or not lines:
                lines += [line.removesuffix(b"\r")] if line.strip() else []
                if len(lines) == 1:
                    _status(lines[0])
                continue
            return lines

    async def _head_line(self, most: int, *, is_first: bool) -> bytes:
        try:
            return await self._line(most)
        except httpx2.RemoteProtocolError:
            start = bytes(self._buffer).lstrip()[:4].upper()
            if is_first and start and not b"HTTP".startswith(start):
                _status(bytes(self._buffer))
            raise

    async def _line(self, most: int) -> bytes:
        """Return the next line without its LF."""
        start = 0
        while (end := self._buffer.find(b"\n", start)) < 0:
            start = len(self._buffer)
            if start > most:
                raise NoHttpAnswer(f"the headers are longer than {MOST_HEAD} bytes")
            if not await self._more():
                raise httpx2.RemoteProtocolError(
                    "the connection was closed within the headers or the framing of chunks"
                )
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 1]
        return line

    async def _peek_line(self) -> bytes | None:
        """Return the beginning of the next line, without taking it; None at the end."""
        while b"\n" not in self._buffer and len(self._buffer) < _LONGEST_CHUNK_LINE and await self._more():
            pass
        return bytes(self._buffer[:_LONGEST_CHUNK_LINE]).partition(b"\n")[0] if self._buffer else None

    async def _chunks(self) -> AsyncIterator[bytes]:
        blank = 0
        while True:
            line = await self._line(_LONGEST_CHUNK_LINE)
            if not line.strip() and blank < _MOST_BLANK:
                blank += 1
                continue  # the line end after a chunk
            blank, size = 0, _SIZE.match(line)
            if size is None:
                raise httpx2.RemoteProtocolError(f"invalid chunk header: {line[:40]!r}")
            count = int(size[1], 16)
            if not count:
                return
            async for part in self._sized(count):
                yield part

    async def _sized(self, length: int | None) -> AsyncIterator[bytes]:
        """Yield so many bytes; all until the end when the length is None."""
        left = length
        while left is None or left:
            if not self._buffer and not await self._more():
                if left is None:
                    return
                raise httpx2.RemoteProtocolError(f"the connection was closed {left} bytes before the end of the body")
            part = bytes(self._buffer if left is None else self._buffer[:left])
            del self._buffer[: len(part)]
            left = None if left is None else left - len(part)
            yield part


def _status(line: bytes) -> re.Match[bytes]:
    found = _STATUS.fullmatch(line)
    if found is None:
        raise NoHttpAnswer(f"no status line: {line[:40]!r}")
    return found


def _parse(lines: list[bytes]) -> LenientHead:
    status = _status(lines[0])
    head = LenientHead(int(status[2]), _CONTROLS.sub(b" ", status[3]).strip(), status[1] or b"1.0")
    if not re.fullmatch(rb"HTTP/\d\.\d \d{3}(?: .*)?", lines[0], re.DOTALL):
        head.flaws.append("the status line is not valid")
    for line in lines[1:]:
        if line[:1] in (b" ", b"\t") and head.headers:  # a folded line (RFC 9112, 5.2)
            key, value = head.headers.pop()
            head.headers.append((key, value + b" " + _value(line)))
            continue
        name, colon, value = line.partition(b":")
        name = name.strip()
        if not colon or not _TOKEN.fullmatch(name):
            head.flaws.append(f"a header line was left out: {line[:60]!r}")
            continue
        if line.partition(b":")[0] != name:
            head.flaws.append("spaces before a colon")
        if _CONTROLS.search(value):
            head.flaws.append("control characters in a header")
        head.headers.append((name, _value(value)))
    return head


def _value(text: bytes) -> bytes:
    return _CONTROLS.sub(b" ", text).strip()


def _is_chunked(head: LenientHead) -> bool:
    """Whether the body is chunked; also set the other codings. `identity` and a name given twice are taken as meant."""
    names = [name.strip().lower() for value in head.values(b"transfer-encoding") for name in value.split(b",")]
    meant = [name for name in dict.fromkeys(names) if name not in (b"", b"identity")]
    if len(names) != len(meant):
        head.flaws.append("Transfer-Encoding is not valid")
    head.codings = [name.decode("latin-1") for name in meant if name != b"chunked"]
    return b"chunked" in meant


def _length(head: LenientHead) -> int | None:
    """Return the length of the body; None when it ends with the connection."""
    named = [part.strip() for value in head.values(b"content-length") for part in value.split(b",")]
    lengths = {int(part) for part in named if part.isdigit() and len(part) < 16}  # noqa: PLR2004  (bytes that exist)
    if len(lengths) > 1:
        raise NoHttpAnswer("conflicting Content-Length headers")
    if len(named) > len([part for part in named if part.isdigit()]):
        head.flaws.append("Content-Length is not a number")
    return lengths.pop() if lengths else None
