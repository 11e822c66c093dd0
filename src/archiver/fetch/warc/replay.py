"""Read the captures of a file of records in the form that a fetch returns.

A record that cannot be imported is reported with its place and left out; a record that is odd is reported and imported.
"""

import re
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

from archiver.fetch.warc.answer import ArchivedResponse, NotHttp
from archiver.fetch.warc.content import content_of, media_type_fault
from archiver.fetch.warc.dates import NO_LIMIT, date_fault, form_fault, moment_of
from archiver.fetch.warc.digests import Digest, sha1_of
from archiver.fetch.warc.events import Event, events, is_rendition
from archiver.fetch.warc.fields import MOST_HEAD
from archiver.fetch.warc.ours import as_kept, noted
from archiver.fetch.warc.package import WarcFile
from archiver.fetch.warc.payload import payload_fault
from archiver.fetch.warc.records import RecordReader
from archiver.fetch.warc.rendition import NotRendition, page_of, rendition
from archiver.fetch.warc.replayed import (
    Replayed,
    RevisitReference,
    capture_of,
    header_lines,
    not_kept,
    request_of,
)
from archiver.fetch.warc.warc_record import WarcRecord
from archiver.model.capture import Capture, Outcome, parse_head, split_block
from archiver.model.warc import Flaw
from archiver.text.clean import printable

_IDENTICAL, _NOT_MODIFIED = "identical-payload-digest", "server-not-modified"
_UNKNOWN_304 = b"HTTP/1.1 304 Not Modified\r\n\r\n"
_STATUS_304 = 304
_DERIVED = ("resource", "conversion")
_MOST_RECENT = 20_000  # responses that are remembered, to recognize records that are made from them
_MOST_KINDS = 100  # of records that are no captures, by type and scheme
_SCHEME = re.compile(r"(?:urn:[a-z0-9][a-z0-9-]{0,31}|[a-z][a-z0-9+.-]{0,31}):", re.IGNORECASE)


@dataclass
class ReplayCounts:
    """Counts of one file.

    Attributes:
        software: the program that wrote the file, by its warcinfo.
        others: records that are not captures of web pages, by type and scheme: `resource urn:pageinfo:`.
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
        self._recent: OrderedDict[str, None] = OrderedDict()
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
            software = re.search(rb"(?im)^software:[ \t]*(.+?)[ \t]*\r?$", record.block[:65536])
            if software and not self.contents.software:
                self.contents.software = printable(software[1].decode("utf-8", "replace"), 200)
            return
        scheme = _SCHEME.match(record.url)
        self._count_other(record, scheme[0].lower() if scheme else "")

    def _count_other(self, record: WarcRecord, what: str) -> None:
        others, kind = self.contents.others, printable(record.kind, 40) or "untyped"
        named = f"{kind} {what}".strip()
        others[named if named in others or len(others) < _MOST_KINDS else "of further types"] += 1

    def _is_derived(self, record: WarcRecord) -> bool:
        """Return whether a record was made from a response of this file, as a screenshot or text is."""
        same = f"{record.url} {record.get('WARC-Date')}"
        if record.kind in _DERIVED:
            named = [*record.all("WARC-Refers-To"), *record.all("WARC-Concurrent-To")]
            return any(name in self._recent for name in (same, *(value.strip("<> ") for value in named)))
        self._recent.update(dict.fromkeys((same, record.record_id)))
        while len(self._recent) > _MOST_RECENT:
            self._recent.popitem(last=False)
        return False

    def _replayed(self, event: Event) -> Replayed | None:
        record = event.answer
        if not is_rendition(record) and self._is_derived(record):
            self._count_other(record, "made from a response")
            return None
        try:
            return _replayed(event, self._most, self._odd(record), self._now, self.contents.software)
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


def _replayed(event: Event, most: int, odd: Callable[[str], None], now: datetime, software: str) -> Replayed:
    record = event.answer
    if record.is_proved is False:
        raise _NotImportable("the block does not match WARC-Block-Digest")
    moment = _visited_at(record.get("WARC-Date"), now, odd)
    plain = Capture(
        request_of(record.url, event.request),
        moment,
        Outcome.OK,
        address=record.get("WARC-IP-Address"),
        request_head=header_lines(event.request),
    )
    if record.kind == "revisit":
        return _revisit(event, plain)
    response = _response(record, most, odd)
    notes, truncated = noted(event), record.get("WARC-Truncated") or ""
    if is_rendition(record):
        try:
            return rendition(event, moment, notes, software)
        except NotRendition as why:
            raise _NotImportable(str(why)) from why
    stated = Digest(record.get("WARC-Payload-Digest") or "")
    return Replayed(
        as_kept(capture_of(plain, response, truncated), notes),
        record.place,
        record.record_id,
        stated.normal if stated.is_known else sha1_of(response.payload),
        event.note("reason"),
        event.note("reason-code"),
        notes=notes,
        not_kept=not_kept(response, truncated),
        is_cut=response.is_cut and (record.is_cut or record.has_wrong_length),
        of=page_of(event, notes),
    )


def _visited_at(text: str | None, now: datetime, odd: Callable[[str], None]) -> datetime:
    """Return the moment of a record's capture."""
    moment, fault = moment_of(text), date_fault(text, now)
    if moment is None or fault:
        raise _NotImportable(f"WARC-Date {fault}; correct it in the file to import this record")
    if form := form_fault(text):
        odd(f"WARC-Date {form}")
    return moment


def _response(record: WarcRecord, most: int, odd: Callable[[str], None]) -> ArchivedResponse:
    try:
        response = content_of(record, most)
    except NotHttp as why:
        raise _NotImportable(f"no HTTP response: {why}") from why
    if fault := media_type_fault(record):
        odd(fault)
    _check_payload_digest(record, response, odd)
    return response


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
            capture,
            record.place,
            record.record_id,
            "",
            event.note("reason"),
            event.note("reason-code"),
            notes=notes,
            of=page_of(event, notes),
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
        capture,
        record.place,
        record.record_id,
        digest,
        event.note("reason"),
        event.note("reason-code"),
        refers,
        notes,
        of=page_of(event, notes),
    )


def _normal(text: str | None) -> str | None:
    digest = Digest(text or "")
    return digest.normal if digest.is_known else None
