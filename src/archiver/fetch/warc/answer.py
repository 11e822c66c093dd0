"""Turn the HTTP response of a record into head and body as the archive stores them, without encodings."""

import hashlib
from dataclasses import dataclass, field

from archiver.fetch.guard import CannotDecode, NotEncoded, TooBig, undo
from archiver.fetch.warc.chunked import NotChunked, unchunked
from archiver.model.capture import Headers, parse_head
from archiver.text.clean import printable

_NO_HEAD = b"\r\n\r\n"
_MOST_HEAD = 1 << 18  # bytes; far more than a live response has


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
        is_too_big: whether the decoded body exceeds the limit.
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
    is_too_big: bool = False

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
        NoAnswer: the block does not begin with a status line.
    """
    head, framed, notes = _parted(block)
    status = _status(head)
    headers = parse_head(head)
    answer = ArchivedResponse(head, status, headers, framed, framed, framed, notes=notes)
    if "chunked" in answer.header(b"transfer-encoding").lower():
        _unframe(answer)
    _decode(answer, most)
    if len(answer.body) > most:
        answer.is_too_big = True
    if answer.is_too_big:
        answer.body = b""
    return answer


def _parted(block: bytes) -> tuple[bytes, bytes, list[str]]:
    """Return head and body; in a head with bare line feeds, the line ends are corrected and that is noted."""
    end = block.find(_NO_HEAD, 0, _MOST_HEAD)
    bare = block.find(b"\n\n", 0, end if end >= 0 else _MOST_HEAD)
    if bare >= 0:
        lines = block[:bare].replace(b"\r\n", b"\n").split(b"\n")
        return b"\r\n".join(lines) + _NO_HEAD, block[bare + 2 :], ["the lines of its head ended with LF only"]
    if end < 0:
        if block.endswith(b"\r\n") and len(block) <= _MOST_HEAD:  # a head without the empty line and without a body
            return block + b"\r\n", b"", []
        raise NotHttp("its headers do not end with an empty line")
    return block[: end + 4], block[end + 4 :], []


def _status(head: bytes) -> int:
    line = head[: head.index(b"\r\n")]
    parts = line.split(None, 2)
    if not line.startswith(b"HTTP/") or len(parts) < 2 or not (parts[1].isdigit() and len(parts[1]) == 3):  # noqa: PLR2004
        raise NotHttp(f"it begins with {printable(line[:40].decode('latin-1'), 60)!r}, which is not a status line")
    return int(parts[1])


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
        answer.is_too_big = True
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
