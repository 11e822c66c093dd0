"""Read the captures of a file of records in the form that a fetch returns.

A record that cannot be imported is reported with its place and left out; a record that is odd is reported and imported.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

from archiver.fetch.http import outcome_of
from archiver.fetch.refresh import followed
from archiver.fetch.warc.answer import ArchivedResponse, NotHttp, answer_of
from archiver.fetch.warc.dates import NO_LIMIT, date_fault, moment_of
from archiver.fetch.warc.digests import Digest, sha1_of
from archiver.fetch.warc.events import Event, events
from archiver.fetch.warc.ours import CaptureNotes, as_kept, noted
from archiver.fetch.warc.package import WarcFile
from archiver.fetch.warc.payload import payload_fault
from archiver.fetch.warc.records import MOST_HEAD, RecordReader, WarcRecord
from archiver.model.capture import Capture, Outcome, Request, parse_head, split_block
from archiver.model.warc import Flaw
from archiver.text.clean import printable
from archiver.text.url import absolute

_IDENTICAL, _NOT_MODIFIED = "identical-payload-digest", "server-not-modified"
_UNKNOWN_304 = b"HTTP/1.1 304 Not Modified\r\n\r\n"
_STATUS_304 = 304


@dataclass(frozen=True, slots=True)
class RevisitReference:
    """The reference of a revisit to the record with its payload; None for a part that is missing."""

    record_id: str | None
    url: str | None
    moment: datetime | None
    digest: str | None


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
    """

    capture: Capture
    place: int
    record_id: str
    payload: str
    reason: str | None = None
    reason_code: str | None = None
    refers: RevisitReference | None = None
    notes: CaptureNotes = field(default_factory=CaptureNotes)

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
        capture = as_kept(_capture_of(self.capture, response, ""), self.notes)
        return replace(self, capture=capture, payload=payload, refers=None)


@dataclass
class ReplayCounts:
    """Counts of one file.

    Attributes:
        software: the program that wrote the file, by its warcinfo.
        others: records that are not captures of web pages, by type.
        records: the number of readable records.
    """

    software: str = ""
    others: Counter[str] = field(default_factory=Counter)
    records: int = 0
    captures: int = 0


class Replay:
    """Reads one file once. Iterate it for its captures.

    Args:
        file: which.
        flaw: listen of each flaw.
        most: bytes a body may have, decoded; a bigger one is `too_big`, and only its head is kept.
        start: the place of a record to begin at.
        now: the present; a record dated later than a day after it is left out. None accepts any date from 1990 on.
    """

    def __init__(
        self, file: WarcFile, flaw: Callable[[Flaw], None], most: int, start: int = 0, now: datetime | None = None
    ) -> None:
        self._file = file
        self._flaw = flaw
        self._most = most
        self._start = start
        self._now = now or NO_LIMIT
        self.contents = ReplayCounts()

    def __iter__(self) -> Iterator[Replayed]:
        with self._file.opened(self._start) as flow:
            for event in events(self._counted(RecordReader(flow, self._flaw, self._most + MOST_HEAD)), self._other):
                replayed = self._replayed(event)
                if replayed is not None:
                    self.contents.captures += 1
                    yield replayed
        if not self.contents.records and not self._start:
            self._flaw(Flaw(0, "no WARC record in it"))

    def _counted(self, records: RecordReader) -> Iterator[WarcRecord]:
        for record in records:
            self.contents.records += 1
            yield record

    def _other(self, record: WarcRecord) -> None:
        if record.kind == "warcinfo":
            found = re.search(rb"(?im)^software:[ \t]*(.+?)[ \t]*\r?$", record.block[:65536])
            if found and not self.contents.software:
                self.contents.software = printable(found[1].decode("utf-8", "replace"), 200)
            return
        self.contents.others[printable(record.kind, 40) or "untyped"] += 1

    def _replayed(self, event: Event) -> Replayed | None:
        record = event.answer
        try:
            return _replayed(event, self._most, self._odd(record), self._now)
        except _NotImportable as why:
            if why.flaw:
                self._flaw(Flaw(record.place, why.flaw, record.record_id))
            else:
                self._other(record)
            return None

    def _odd(self, record: WarcRecord) -> Callable[[str], None]:
        return lambda what: self._flaw(Flaw(record.place, what, record.record_id, lost=False))


class _NotImportable(Exception):
    """A record gives no capture. `flaw`: its fault; "" when it is only of another type."""

    def __init__(self, flaw: str = "") -> None:
        super().__init__(flaw)
        self.flaw = flaw


def _replayed(event: Event, most: int, odd: Callable[[str], None], now: datetime) -> Replayed:
    record = event.answer
    url = record.uri("WARC-Target-URI") or ""
    if not url.lower().startswith(("http://", "https://")):
        raise _NotImportable
    if record.is_proved is False:
        raise _NotImportable("the block does not match WARC-Block-Digest")
    moment = _visited_at(record.get("WARC-Date"), now)
    request = _request(url, event.request)
    plain = Capture(
        request, moment, Outcome.OK, address=record.get("WARC-IP-Address"), request_head=_asked(event.request)
    )
    if record.kind == "revisit":
        return _revisit(event, plain)
    answer = _answer(record, most)
    _check_payload_digest(record, answer, odd)
    notes = noted(event)
    capture = as_kept(_capture_of(plain, answer, record.get("WARC-Truncated") or ""), notes)
    stated = Digest(record.get("WARC-Payload-Digest") or "")
    payload = stated.normal if stated.is_known else sha1_of(answer.payload)
    return Replayed(
        capture, record.place, record.record_id, payload, event.note("reason"), event.note("reason-code"), notes=notes
    )


def _visited_at(text: str | None, now: datetime) -> datetime:
    """Return the moment of a record's capture."""
    moment, fault = moment_of(text), date_fault(text, now)
    if moment is None or fault:
        raise _NotImportable(f"WARC-Date {fault}; correct it in the file to import this record")
    return moment


def _request(url: str, record: WarcRecord | None) -> Request:
    if record is None:
        return Request(url)
    line, _, _ = record.block.partition(b"\r\n")
    method = line.split(b" ", 1)[0].decode("latin-1")
    content = record.block.partition(b"\r\n\r\n")[2]
    return Request(url, method if method.isalpha() and method.isascii() else "GET", (), content)


def _asked(record: WarcRecord | None) -> bytes:
    """Return the header lines of a request, each with its line end."""
    head = record.block.partition(b"\r\n\r\n")[0] if record is not None else b""
    lines = head.partition(b"\r\n")[2]
    return lines + b"\r\n" if lines else b""


def _answer(record: WarcRecord, most: int) -> ArchivedResponse:
    kind = (record.get("Content-Type") or "").lower()
    if kind and not kind.startswith("application/http"):
        raise _NotImportable
    try:
        if record.is_whole:
            return answer_of(record.block, most)
        answer = answer_of(record.block[: record.block.find(b"\r\n\r\n") + 4], most)
    except NotHttp as why:
        raise _NotImportable(f"no HTTP answer: {why}") from why
    answer.is_too_big = True
    return answer


def _check_payload_digest(record: WarcRecord, answer: ArchivedResponse, odd: Callable[[str], None]) -> None:
    """Compare the payload with its digest. A mismatch that can be explained is reported with `odd`.

    Raises:
        _NotImportable: the mismatch cannot be explained.
    """
    fault = payload_fault(record, answer)
    if fault is None:
        return
    if fault.is_wrong_input:
        odd(fault.text)
    elif record.is_proved or record.get("WARC-Truncated"):
        odd(f"{fault.text}; the block matches its own digest, or is declared as truncated")
    else:
        raise _NotImportable("the payload does not match WARC-Payload-Digest")


def _capture_of(plain: Capture, answer: ArchivedResponse, truncated: str) -> Capture:
    """Return the capture of a response."""
    notes = list(answer.notes)
    location = answer.header(b"location").strip()
    target = absolute(plain.url, location) if location else None
    outcome = outcome_of(answer.status, target)
    if answer.status == _STATUS_304:
        outcome = Outcome.NOT_MODIFIED
    cut = truncated.lower()
    if cut:
        notes.append(f"cut when it was captured ({printable(cut, 40)})")
    if outcome is Outcome.OK:
        if answer.is_too_big or (cut == "length" and not answer.body):
            outcome = Outcome.TOO_BIG
            notes.append("too big: its body was not kept")
        elif cut or answer.is_cut:
            outcome = Outcome.TRUNCATED
        elif answer.is_unreadable:
            outcome = Outcome.UNREADABLE
    capture = replace(
        plain,
        outcome=outcome,
        status=answer.status,
        head=answer.head,
        headers=answer.headers,
        body=answer.body,
        location=target,
        sent=answer.sent,
        note="; ".join(notes),
    )
    return followed(capture)


def _revisit(event: Event, plain: Capture) -> Replayed:
    """Read a revisit (WARC 1.1, 6.7): the payload of an earlier record, or the confirmation of a 304."""
    record = event.answer
    profile = (record.uri("WARC-Profile") or "").lower()
    head, _ = split_block(record.block)
    notes = noted(event)
    if profile.endswith(_NOT_MODIFIED):
        head = head or notes.head or _UNKNOWN_304
        note = "the file keeps no headers of this response" if head is _UNKNOWN_304 else ""
        capture = replace(
            plain, outcome=Outcome.NOT_MODIFIED, status=_STATUS_304, head=head, headers=parse_head(head), note=note
        )
        capture = as_kept(capture, notes)
        return Replayed(
            capture, record.place, record.record_id, "", event.note("reason"), event.note("reason-code"), notes=notes
        )
    if not profile.endswith(_IDENTICAL):
        raise _NotImportable(f"a revisit with an unknown profile ({printable(profile, 120) or 'none'})")
    refers = RevisitReference(
        record.uri("WARC-Refers-To"),
        record.uri("WARC-Refers-To-Target-URI"),
        moment_of(record.get("WARC-Refers-To-Date")),
        _normal(record.get("WARC-Payload-Digest")),
    )
    capture = replace(plain, head=head, headers=parse_head(head))
    digest = refers.digest or ""
    return Replayed(
        capture, record.place, record.record_id, digest, event.note("reason"), event.note("reason-code"), refers, notes
    )


def _normal(text: str | None) -> str | None:
    digest = Digest(text or "")
    return digest.normal if digest.is_known else None


def _status(head: bytes) -> int:
    try:
        return answer_of(head, 0).status
    except NotHttp:
        return 0
