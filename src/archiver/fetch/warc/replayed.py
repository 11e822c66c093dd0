"""A capture from a WARC file, in the form that a fetch returns, and how a response becomes one."""

from dataclasses import dataclass, field, replace
from datetime import datetime

from archiver.fetch.http import outcome_of
from archiver.fetch.refresh import followed
from archiver.fetch.warc.answer import ArchivedResponse, NotHttp, answer_of
from archiver.fetch.warc.ours import CaptureNotes, as_kept
from archiver.fetch.warc.warc_record import WarcRecord
from archiver.model.capture import Capture, Outcome, Request, parse_head
from archiver.model.warc import NotKept
from archiver.text.clean import printable
from archiver.text.url import absolute

_STATUS_304 = 304


@dataclass(frozen=True, slots=True)
class RevisitReference:
    """The reference of a revisit to the record with its payload; None for a part that is missing."""

    record_id: str | None
    url: str | None
    moment: datetime | None
    digest: str | None


@dataclass(frozen=True, slots=True)
class PageReference:
    """The reference of what a browser got or made to the visit of the page that it opened.

    Attributes:
        records: ids of records that may be that visit's.
        url: the page's address.
        moment: the time of that visit, UTC, or one near to it.
        is_exact: the time is that of the visit.
    """

    records: tuple[str, ...]
    url: str
    moment: datetime
    is_exact: bool


@dataclass(frozen=True, slots=True)
class Replayed:
    """A capture from a file.

    Attributes:
        capture: in the form that a fetch returns; without a body when `refers` names the record with the body.
        place: offset in the file, in bytes, of the record of the response.
        record_id: its WARC-Record-ID, without brackets; "" in ARC files.
        payload: digest of the payload, `sha1:` and hex, as the file states it or else as it is.
        reason: why it was visited, if the file says so; `reason_code`: the same as a code.
        refers: of a revisit, the record with the payload.
        not_kept: why its body is not kept; None when it is.
        is_cut: whether bytes of its response are missing in the file.
        of: of what a browser got or made, the visit of the page that it opened.
    """

    capture: Capture
    place: int
    record_id: str
    payload: str
    reason: str | None = None
    reason_code: str | None = None
    refers: RevisitReference | None = None
    notes: CaptureNotes = field(default_factory=CaptureNotes)
    not_kept: NotKept | None = None
    is_cut: bool = False
    of: PageReference | None = None

    @property
    def site_url(self) -> str:
        """Return the address by which its site is found: its own, or that of the page that a browser opened."""
        return self.of.url if self.of is not None else self.capture.url

    def of_payload(self, original: Capture, payload: str) -> "Replayed | None":
        """Return this revisit with the payload of the given capture; None when that is another payload."""
        if self.payload and payload and self.payload != payload:
            return None
        head = self.capture.head or original.head
        response = ArchivedResponse(
            head, _status(head), parse_head(head), original.body, original.body, original.body, dict(original.sent)
        )
        if not response.header(b"content-encoding"):
            response.sent = {}
        if not self.capture.head:
            response.notes.append(
                "the file keeps no headers of this response; these are of the first response with the same body"
            )
        capture = as_kept(capture_of(self.capture, response, ""), self.notes)
        return replace(self, capture=capture, payload=payload, refers=None)


def request_of(url: str, record: WarcRecord | None) -> Request:
    """Return the request that a record holds; a GET of the address when there is no record."""
    if record is None:
        return Request(url)
    line, _, _ = record.block.partition(b"\r\n")
    method = line.split(b" ", 1)[0].decode("latin-1")
    content = record.block.partition(b"\r\n\r\n")[2]
    return Request(url, method if method.isalpha() and method.isascii() else "GET", (), content)


def header_lines(record: WarcRecord | None) -> bytes:
    """Return the header lines of a request, each with its line end."""
    head = record.block.partition(b"\r\n\r\n")[0] if record is not None else b""
    lines = head.partition(b"\r\n")[2]
    return lines + b"\r\n" if lines else b""


def not_kept(response: ArchivedResponse, truncated: str) -> NotKept | None:
    """Return why the body of a response is not kept; None when it is. `truncated`: WARC-Truncated."""
    if response.too_big:
        return response.too_big
    return NotKept.LEFT_OUT if truncated.lower() == "length" and not response.body else None


def capture_of(plain: Capture, response: ArchivedResponse, truncated: str) -> Capture:
    """Return the capture of a response.

    Args:
        plain: the capture with all that does not depend on the response.
        response: the response.
        truncated: WARC-Truncated of its record; "" for none.
    """
    notes = list(response.notes)
    location = response.header(b"location").strip()
    target = absolute(plain.url, location) if location else None
    outcome = outcome_of(response.status, target)
    if response.status == _STATUS_304:
        outcome = Outcome.NOT_MODIFIED
    cut = truncated.lower()
    if cut:
        notes.append(f"cut when it was captured ({printable(cut, 40)})")
    if outcome is Outcome.OK:
        if not_kept(response, truncated):
            outcome = Outcome.TOO_BIG
            notes.append("too big: its body was not kept")
        elif cut or response.is_cut:
            outcome = Outcome.TRUNCATED
        elif response.is_unreadable:
            outcome = Outcome.UNREADABLE
    capture = replace(
        plain,
        outcome=outcome,
        status=response.status,
        head=response.head,
        headers=response.headers,
        body=response.body,
        location=target,
        sent=response.sent,
        note="; ".join(notes),
    )
    return followed(capture)


def _status(head: bytes) -> int:
    try:
        return answer_of(head, 0).status
    except NotHttp:
        return 0
