"""Evidence of one visit: what was asked, what was sent, and how the visit ended."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from archiver.model.outcome import Outcome

__all__ = ["Capture", "Headers", "Outcome", "Request", "parse_head", "split_block"]


Headers = tuple[tuple[bytes, bytes], ...]
"""Header fields as sent: order, case, duplicates and non-ASCII bytes kept."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of a server. `headers` are those beside the client's own."""

    url: str
    method: str = "GET"
    headers: Headers = ()
    content: bytes = b""

    @property
    def is_conditional(self) -> bool:
        """Whether the server may answer 304 (RFC 9110, 13.1)."""
        return any(name.lower() in (b"if-none-match", b"if-modified-since") for name, _ in self.headers)


@dataclass(frozen=True)
class Capture:
    """Evidence of one visit; never altered.

    A capture holds exactly one answer of a server. A redirect is an answer of its own (outcome `moved`).

    Attributes:
        request: what was asked; `request_head` is the header block actually sent.
        visited_at: the instant the visit began, UTC (WARC 1.1, 5.4 WARC-Date).
        outcome: how the visit ended, before anybody read the page.
        status: HTTP status code; None when the server never answered.
        head: status line and raw header lines with their CRLFs and the empty line; b"" without an answer.
        body: the content-decoded entity body; transfer- and content-encoding undone.
        location: absolute target of a redirect.
        milliseconds: whole visit, wall time.
        sent: how the body travelled when not as stored here (content_encoding, bytes, sha256 of what was sent).
        note: what a reader of the `visits` view should know, in words.
        cause: why no (whole) answer came, in a few words (`connection refused`); not kept, `note` is.
    """

    request: Request
    visited_at: datetime
    outcome: Outcome
    status: int | None = None
    head: bytes = b""
    headers: Headers = ()
    body: bytes = b""
    location: str | None = None
    milliseconds: int = 0
    request_head: bytes = b""
    address: str | None = None
    sent: dict[str, str | int] = field(default_factory=dict)
    note: str = ""
    cause: str = ""

    @property
    def url(self) -> str:
        """The address asked, exactly."""
        return self.request.url

    @property
    def has_answer(self) -> bool:
        """Whether the server sent anything (else the visit was silence, and there are no bytes to keep)."""
        return bool(self.head)

    @property
    def block(self) -> bytes:
        """The WARC `response` block: status line, headers, CRLF, body (WARC 1.1, 6.3)."""
        return self.head + self.body

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of the body in lower-case hex: the payload digest of the `visits` view."""
        return hashlib.sha256(self.body).hexdigest()

    def header(self, name: str) -> str | None:
        """The first header field of that name, as text (bytes beyond ASCII read as Latin-1)."""
        value = self.raw_header(name)
        return None if value is None else value.decode("latin-1")

    def raw_header(self, name: str) -> bytes | None:
        """The first header field of that name, byte for byte save the white space around it."""
        wanted = name.lower().encode("ascii")
        for key, value in self.headers:
            if key.lower() == wanted:
                return value.strip()
        return None

    @property
    def media_type(self) -> str | None:
        """The declared type without parameters, lower case: `text/html`."""
        declared = self.header("content-type")
        return declared.split(";", 1)[0].strip().lower() or None if declared else None


def split_block(block: bytes) -> tuple[bytes, bytes]:
    """Part a block into head (through the empty line) and body; a block without a head is all body."""
    end = block.find(b"\r\n\r\n")
    if not block.startswith(b"HTTP/") or end < 0:
        return b"", block
    return block[: end + 4], block[end + 4 :]


def parse_head(head: bytes) -> Headers:
    """The header fields of a head, in order, as they were sent."""
    fields = []
    for line in head.split(b"\r\n")[1:]:
        key, colon, value = line.partition(b":")
        if colon:
            fields.append((key, value.strip(b" \t")))
    return tuple(fields)
