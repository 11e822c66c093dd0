"""Turn the HTTP response of a record into head and body as the archive stores them, without encodings."""

import hashlib
import re
from dataclasses import dataclass, field

from archiver.fetch.guard import CannotDecode, NotEncoded, TooBig, undo
from archiver.fetch.warc.chunked import NotChunked, unchunked
from archiver.model.capture import Headers, parse_head
from archiver.model.warc import NotKept
from archiver.text.clean import printable

_MOST_HEAD = 1 << 18  # bytes; far more than a live response has
_STATUS_LINE = re.compile(rb"([A-Za-z][A-Za-z0-9./+-]{0,19})[ \t]+(\d{3})(?![0-9])[^\r\n]{0,2000}(?=[\r\n]|\Z)")
_HTTP = re.compile(rb"HTTP/\d(?:\.\d)?")
_VERSION = re.compile(rb"\d(?:\.\d)?")
_FIELD = re.compile(rb"[ \t]|[!-9;-~]+[ \t]*:")
_EMPTY_LINE = re.compile(rb"\n\r{0,4}\n")
_LINE_END = re.compile(rb"\r{0,4}\n")


@dataclass
class ArchivedResponse:
    """One HTTP response.

    Attributes:
        head: status line and header lines as sent, and the empty line.
        status: the status code.
        payload: the input of payload digests: the body without transfer-encoding.
        framed: the body as in the record.
        body: the payload without content-encoding; b"" when it is too big.
        sent: how the body was transferred, when it was encoded.
        notes: facts for the note of the visit.
        is_cut: whether the framing or the encoding breaks off.
        is_unreadable: whether the encoding could not be removed.
        too_big: why the body is not kept; None when it is.
    """

    head: bytes
    status: int
    headers: Headers
    framed: bytes
    payload: bytes
    body: bytes
    sent: dict[str, str | int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    is_cut: bool = False
    is_unreadable: bool = False
    too_big: NotKept | None = None

    def header(self, name: bytes) -> str:
        """Return the first field of this name (lower case), as text."""
        return next((value.decode("latin-1") for key, value in self.headers if key.strip().lower() == name), "")


class NotHttp(Exception):
    """The block is not an HTTP response."""


def answer_of(block: bytes, most: int) -> ArchivedResponse:
    """Read a block of `application/http;msgtype=response`.

    Args:
        block: the complete block.
        most: the maximum number of bytes of a decoded body.

    Raises:
        NotHttp: the block does not begin with a status line, or its headers do not end.
    """
    head, framed, notes = _parted(block)
    head, status = _status(head, notes)
    headers = parse_head(head)
    answer = ArchivedResponse(head, status, headers, framed, framed, framed, notes=notes)
    if "chunked" in answer.header(b"transfer-encoding").lower():
        _unframe(answer)
    _decode(answer, most)
    if len(answer.body) > most:
        answer.too_big = NotKept.LARGE if len(framed) > most else NotKept.BOMB
    if answer.too_big:
        answer.body = b""
    return answer


def begins_with_status(block: bytes) -> bool:
    """Return whether a block begins like an HTTP response."""
    return _STATUS_LINE.match(block) is not None


def head_of(block: bytes) -> bytes:
    """Return the head of a response that is not complete: up to its empty line, or else its complete lines.

    Raises:
        NotHttp: not even the status line is complete.
    """
    end = _EMPTY_LINE.search(block, 0, _MOST_HEAD)
    if end is not None:
        return block[: end.end()]
    last = block.rfind(b"\n", 0, _MOST_HEAD)
    if last < 0:
        raise NotHttp("it breaks off within its status line")
    return block[: last + 1] + b"\r\n"


def _parted(block: bytes) -> tuple[bytes, bytes, list[str]]:
    """Return head and body. In a head whose lines do not end with CR LF, the line ends are corrected and noted."""
    empty = _EMPTY_LINE.search(block, 0, _MOST_HEAD)
    if empty is None:
        lines = _LINE_END.split(block[:_MOST_HEAD].rstrip(b"\r\n"))
        if len(block) <= _MOST_HEAD and all(_FIELD.match(line) for line in lines[1:]):
            return b"\r\n".join(lines) + b"\r\n\r\n", b"", []  # a head without the empty line and without a body
        raise NotHttp("its headers do not end with an empty line")
    head, body = block[: empty.end()], block[empty.end() :]
    corrected = _LINE_END.sub(b"\r\n", head)
    if corrected == head:
        return head, body, []
    what = "CR CR LF" if b"\r\r\n" in head else "LF only"
    return corrected, body, [f"the lines of its head ended with {what}"]


def _status(head: bytes, notes: list[str]) -> tuple[bytes, int]:
    """Return the head with a status line of HTTP, and its status code.

    Other protocols have status lines of this form, too (`h3 200 OK`), and some writers copy the name that a browser
    gives to them. The original line is noted.
    """
    line = head[: head.index(b"\r\n")]
    found = _STATUS_LINE.fullmatch(line)
    if found is None:
        raise NotHttp(f"it begins with {printable(line[:40].decode('latin-1'), 60)!r}, which is not a status line")
    if not _HTTP.fullmatch(found[1]):
        version = _VERSION.search(found[1])
        head = b"HTTP/" + (version[0] if version else b"1.1") + head[found.end(1) :]
        notes.append(f"its status line is {printable(line.decode('latin-1'), 80)!r}")
    return head, int(found[2])


def _unframe(answer: ArchivedResponse) -> None:
    """Remove chunked framing; many tools keep the header with a body that has no framing any more."""
    try:
        payload, is_whole = unchunked(answer.framed)
    except NotChunked as broken:
        if broken.at:
            answer.notes.append(f"the chunked framing breaks at byte {broken.at}; the body is kept as it is")
            answer.is_cut = True
        return
    if not is_whole and answer.framed:
        answer.notes.append("the last chunk is missing")
        answer.is_cut = True
    answer.payload = answer.body = payload


def _decode(answer: ArchivedResponse, most: int) -> None:
    """Remove content-encoding, and describe how the body was transferred."""
    encoding = answer.header(b"content-encoding").strip()
    if not encoding or encoding.lower() == "identity" or not answer.payload:
        return
    sent: dict[str, str | int] = {
        "content_encoding": printable(encoding, 80),
        "bytes": len(answer.payload),
        "sha256": hashlib.sha256(answer.payload).hexdigest(),
    }
    try:
        undone = undo(encoding, answer.payload, most)
    except TooBig:
        answer.too_big = NotKept.LARGE if len(answer.payload) > most else NotKept.BOMB
        return
    except NotEncoded:
        answer.notes.append(f"{printable(encoding, 40)} was removed before the record was written")
        return
    except CannotDecode as error:
        answer.notes.append(f"kept as it was sent: {error}")
        answer.is_unreadable = True
        answer.sent = sent
        return
    answer.sent, answer.body = sent, undone.body
    if undone.flaw:
        answer.notes.append(undone.flaw)
    if not undone.whole:
        answer.notes.append(f"the {printable(encoding, 40)} data broke off before its end")
        answer.is_cut = True
