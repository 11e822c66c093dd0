"""Check files of records strictly against the standard, including rules that other checkers do not test.

WARC 1.1 is ISO 28500:2017; the sections are named at the rules.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

from archiver.errors import UsageError
from archiver.fetch.warc.answer import ArchivedResponse, NotHttp
from archiver.fetch.warc.content import content_of, media_type_fault
from archiver.fetch.warc.dates import NO_LIMIT, date_fault, form_fault, moment_of
from archiver.fetch.warc.digests import Digest
from archiver.fetch.warc.events import ANSWERS, WEB
from archiver.fetch.warc.package import WarcFile
from archiver.fetch.warc.payload import payload_fault
from archiver.fetch.warc.records import RecordReader
from archiver.fetch.warc.warc_record import WarcRecord
from archiver.model.warc import Flaw
from archiver.text.clean import printable
from archiver.text.url import canonical

MOST = 64 * 1024 * 1024  # bytes of a block in memory; of a larger block only the block digest is checked
_TARGETED = ("response", "resource", "request", "revisit", "conversion", "continuation")
_UNTARGETED = ("warcinfo",)
_MANDATORY = ("WARC-Record-ID", "WARC-Date", "WARC-Type")
_KNOWN = frozenset((*_TARGETED, *_UNTARGETED, "metadata"))
_IDENTICAL = "identical-payload-digest"

FlawListener = Callable[[WarcFile, Flaw], None]
"""Called with each flaw when it is found. `Flaw.lost` is False for what is odd but allowed."""


@dataclass
class CheckCounts:
    """Counts: records by type, and the digests that were checked."""

    files: int = 0
    records: dict[str, int] = field(default_factory=dict)
    block_digests: int = 0
    payload_digests: int = 0


class Checker:
    """Checks several files together, because a revisit may refer to a record of another file."""

    def __init__(self, report: FlawListener, now: datetime = NO_LIMIT) -> None:
        self._report = report
        self._now = now
        self._ids: set[bytes] = set()
        self._whole: set[bytes] = set()  # records with a payload, by id, and by address and date
        self._revisits: set[bytes] = set()
        self._referring: list[tuple[WarcFile, WarcRecord]] = []
        self.checked = CheckCounts()

    def look(self, file: WarcFile, listen: Callable[[int], None] = lambda _place: None) -> None:
        """Check every record of a file; `listen` is called with the number of bytes read.

        Raises:
            UsageError: the file cannot be read.
        """
        self.checked.files += 1
        count = 0
        with file.opened() as flow:
            for record in RecordReader(flow, lambda flaw: self._report(file, replace(flaw, lost=True)), MOST):
                count += 1
                listen(record.place)
                for what, is_wrong in self._faults(record):
                    self._report(file, Flaw(record.place, what, record.record_id, lost=is_wrong))
                self._note(file, record)
        if not count:
            self._report(file, Flaw(0, "the file has no record"))

    def finish(self) -> None:
        """After all files: check that the records to which revisits refer exist."""
        for file, record in self._referring:
            what = self._dangling(record)
            if what:
                self._report(file, Flaw(record.place, what, record.record_id))

    def _faults(self, record: WarcRecord) -> Iterator[tuple[str, bool]]:
        """Yield the faults of one record, and whether each is an error or only odd."""
        if record.version != "ARC":
            yield from ((f"{name} is missing (4.2)", True) for name in _MANDATORY if not record.get(name))
            yield from _named(record)
        yield from _addressed(record)
        date = record.get("WARC-Date")
        if date and (fault := date_fault(date, self._now) or form_fault(date)):
            yield f"WARC-Date {fault} (5.4)", True
        if record.record_id and _short(record.record_id) in self._ids:
            yield "another record has the same WARC-Record-ID (5.2)", True
        yield from self._digests(record)
        if record.kind == "revisit":
            yield from _revisit(record)

    def _digests(self, record: WarcRecord) -> Iterator[tuple[str, bool]]:
        for name in ("WARC-Block-Digest", "WARC-Payload-Digest"):
            stated = record.get(name)
            if stated and not Digest(stated).is_known:
                yield f"{name} cannot be checked: {printable(stated, 60)!r}", False
        if record.is_proved is False:
            yield "WARC-Block-Digest does not match the block (5.8)", True
        self.checked.block_digests += record.is_proved is not None
        if record.kind != "response" or not record.url.lower().startswith(WEB):
            return
        if fault := media_type_fault(record):
            yield f"{fault} (6.3)", True
        try:
            answer = content_of(record, MOST) if record.is_whole else None
        except NotHttp as why:
            yield f"not an HTTP response: {why} (6.3)", True
            return
        yield from self._payload(record, answer)

    def _payload(self, record: WarcRecord, answer: ArchivedResponse | None) -> Iterator[tuple[str, bool]]:
        if answer is None:
            if record.get("WARC-Payload-Digest"):
                yield f"the payload's digest was not checked: the block has {record.length} bytes", False
            return
        fault = payload_fault(record, answer)
        self.checked.payload_digests += bool(record.get("WARC-Payload-Digest"))
        if fault and (fault.is_wrong_input or not record.get("WARC-Truncated")):
            yield f"{fault.text} (5.9)", True
        if answer.is_cut and not record.is_cut and not record.get("WARC-Truncated"):
            yield f"the body is cut, and WARC-Truncated does not say so: {'; '.join(answer.notes)} (5.13)", True

    def _note(self, file: WarcFile, record: WarcRecord) -> None:
        self.checked.records[record.kind] = self.checked.records.get(record.kind, 0) + 1
        name = _short(record.record_id) if record.record_id else None
        if name:
            self._ids.add(name)
        if record.kind == "revisit":
            self._revisits.update(filter(None, (name,)))
            self._referring.append((file, _bare(record)))
        elif record.kind in ("response", "resource"):
            self._whole.update(filter(None, (name, _when(record.uri("WARC-Target-URI"), record.get("WARC-Date")))))

    def _dangling(self, record: WarcRecord) -> str:
        """Return the fault in a revisit's reference (6.7); "" for none."""
        refers = record.uri("WARC-Refers-To")
        if refers and _short(refers) in self._revisits:
            return f"refers to a revisit ({printable(refers, 80)}) (6.7.2)"
        when = _when(record.uri("WARC-Refers-To-Target-URI"), record.get("WARC-Refers-To-Date"))
        names = [_short(refers)] if refers else []
        if any(name in self._whole for name in (*names, *((when,) if when else ()))):
            return ""
        if not refers and not when:
            return "a revisit without a reference (WARC-Refers-To, -Target-URI and -Date are missing) (6.7.2)"
        what = refers or record.uri("WARC-Refers-To-Target-URI") or ""
        return f"a revisit of a record that is in none of these files: {printable(what, 120)} (6.7.2)"


def _named(record: WarcRecord) -> Iterator[tuple[str, bool]]:
    """Yield the faults in the fields that name a record's type and target."""
    uri = record.get("WARC-Target-URI")
    if record.kind in _TARGETED and not uri:
        yield f"a {record.kind} record without WARC-Target-URI (5.10)", True
    if record.kind in _UNTARGETED and uri:
        yield f"a {record.kind} record with WARC-Target-URI (5.10)", True
    if uri and uri.startswith("<") and record.version != "1.0":
        yield "WARC-Target-URI in angle brackets, which WARC 1.1 does not have (5.10)", False
    if record.kind and record.kind not in _KNOWN:
        yield f"a record type that is not in the standard: {printable(record.kind, 40)}", False
    once = {name.lower() for name, _ in record.fields if name.lower() not in ("warc-concurrent-to", "warc-protocol")}
    for name in sorted(once):
        if len(record.all(name)) > 1 and name.startswith(("warc-", "content-")):
            yield f"{name} occurs {len(record.all(name))} times (4)", True


def _addressed(record: WarcRecord) -> Iterator[tuple[str, bool]]:
    """Yield the fault in the address of a capture."""
    if record.kind not in ANSWERS or not record.url.lower().startswith(WEB):
        return
    try:
        canonical(record.url)
    except UsageError as error:
        yield f"WARC-Target-URI is not a web address ({error}) (5.10)", True


def _revisit(record: WarcRecord) -> Iterator[tuple[str, bool]]:
    profile = (record.uri("WARC-Profile") or "").lower()
    if not profile:
        yield "a revisit without WARC-Profile (6.7)", True
    if profile.endswith(_IDENTICAL):
        if not record.get("WARC-Payload-Digest"):
            yield "a revisit of an identical payload without WARC-Payload-Digest (6.7.2)", True
        if record.length and not record.get("WARC-Truncated"):
            yield "a revisit without its payload and without WARC-Truncated: length (6.7.2)", False


def _bare(record: WarcRecord) -> WarcRecord:
    """Return a record without its block."""
    return replace(record, block=b"", length=0)


def _when(url: str | None, date: str | None) -> bytes | None:
    moment = moment_of(date)
    return _short(f"{moment:%Y%m%d%H%M%S} {url}") if url and moment else None


def _short(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=12).digest()


def look_at(
    files: Iterable[WarcFile],
    report: FlawListener,
    listen: Callable[[int], None] = lambda _done: None,
    now: datetime = NO_LIMIT,
) -> CheckCounts:
    """Check files together; `listen` is called with the number of bytes read, `now` is the present.

    Raises:
        UsageError: a file cannot be read.
    """
    checker, behind = Checker(report, now), 0
    for file in files:
        checker.look(file, lambda place, before=behind: listen(before + place))  # type: ignore[misc]
        behind += file.size
    checker.finish()
    return checker.checked
