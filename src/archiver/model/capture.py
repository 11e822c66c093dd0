"""The evidence of one visit: the request, the answer, and the outcome."""

import hashlib
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property

from archiver.model.outcome import Outcome
from archiver.text.clean import joined

__all__ = ["HTML_TYPES", "Capture", "Headers", "Outcome", "Request", "parse_head", "split_block"]

HTML_TYPES = ("text/html", "application/xhtml+xml")
"""The media types of pages."""
Headers = tuple[tuple[bytes, bytes], ...]
"""Header fields as sent, with order, case, duplicates and non-ASCII bytes preserved."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request to a server. `headers` are sent in addition to the client's own."""

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
    """The evidence of one visit; it is never altered.

    A capture holds exactly one answer of a server. A redirect is an answer of its own (outcome `moved`).

    Attributes:
        request: the request; `request_head` is the header block that was sent.
        visited_at: the start of the visit, UTC (WARC 1.1, 5.4 WARC-Date).
        outcome: the outcome of the fetch, before the page is read.
        status: HTTP status code; None when the server never answered.
        head: status line and raw header lines with their CRLFs and the empty line; b"" without an answer.
        body: the body, with transfer- and content-encoding decoded.
        location: absolute target of a redirect.
        milliseconds: the wall time of the whole visit.
        sent: how the body was sent, if encoded (content_encoding, bytes, sha256 of the encoded bytes).
        note: a remark for users of the view `visits`.
        cause: why no complete answer came, in a few words (`connection refused`). It is not stored; `note` is.
        via: `browser` for the answer to a request of a page in a browser, and for what a browser made; else "".
        made_by: how a rendition was made, as JSON (`model.rendition.MadeBy`); "" for the answer of a server. A
            rendition has a body and no head.
        dom: the document that a browser made of this page; None: no browser opened it. Without a body: it failed.
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
    via: str = ""
    made_by: str = ""
    dom: "Capture | None" = None

    @property
    def url(self) -> str:
        """Return the exact address of the request."""
        return self.request.url

    @property
    def has_answer(self) -> bool:
        """Whether the server sent an answer, or a browser made a rendition; without one there are no bytes to store."""
        return bool(self.head or (self.made_by and self.body))

    @property
    def is_whole(self) -> bool:
        """Whether the body is as the server meant it: not too long, not broken off, and decoded."""
        return self.outcome is not Outcome.TOO_BIG and not self.outcome.traits.is_partial

    @property
    def block(self) -> bytes:
        """Return the WARC `response` block: status line, headers, CRLF, body (WARC 1.1, 6.3)."""
        return self.head + self.body

    @cached_property
    def sha256(self) -> str:
        """Return the SHA-256 of the body in lower-case hex: the payload digest of the view `visits`."""
        return hashlib.sha256(self.body).hexdigest()

    def header(self, name: str) -> str | None:
        """Return the first header field of that name as text (non-ASCII bytes are read as Latin-1)."""
        value = self.raw_header(name)
        return None if value is None else value.decode("latin-1")

    def raw_header(self, name: str) -> bytes | None:
        """Return the bytes of the first header field of that name, without surrounding white space."""
        wanted = name.lower().encode("ascii")
        for key, value in self.headers:
            if key.lower() == wanted:
                return value.strip()
        return None

    def noted(self, note: str) -> "Capture":
        """Return the capture with a note, after the one that it has."""
        return replace(self, note=joined(self.note, note))

    @property
    def media_type(self) -> str | None:
        """Return the declared type without parameters, in lower case: `text/html`."""
        declared = self.header("content-type")
        return declared.split(";", 1)[0].strip().lower() or None if declared else None


def split_block(block: bytes) -> tuple[bytes, bytes]:
    """Split a block into head (up to and including the empty line) and body; without a head, all of it is body."""
    end = block.find(b"\r\n\r\n")
    if not block.startswith(b"HTTP/") or end < 0:
        return b"", block
    return block[: end + 4], block[end + 4 :]


def parse_head(head: bytes) -> Headers:
    """Return the header fields of a head, in order, as they were sent."""
    fields = []
    for line in head.split(b"\r\n")[1:]:
        key, colon, value = line.partition(b":")
        if colon:
            fields.append((key, value.strip(b" \t")))
    return tuple(fields)
