"""Group the records of one capture: the response, its request, and its metadata."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from archiver.fetch.warc.warc_record import WarcRecord
from archiver.model.rendition import kind_and_page

Others = Callable[[WarcRecord], None]
"""Called with records that belong to no capture: warcinfo, conversions of other records, unrelated requests."""

ANSWERS = ("response", "revisit", "resource", "conversion")
"""The types of records that may be captures."""
WEB = ("http://", "https://")
"""How the addresses of captures begin, in lower case."""
_NOTES = "application/warc-fields"


@dataclass
class Event:
    """One capture event (WARC 1.1, 6.3-6.6)."""

    answer: WarcRecord
    request: WarcRecord | None = None
    notes: dict[str, list[str]] = field(default_factory=dict)

    def note(self, name: str) -> str | None:
        """Return the first note of this name."""
        return next(iter(self.notes.get(name, ())), None)


def events(records: Iterable[WarcRecord], others: Others) -> Iterator[Event]:
    """Yield capture events in the order of their responses; a request may come before or after its response."""
    event: Event | None = None
    request: WarcRecord | None = None
    for record in records:
        if _begins(record, event):
            if event is not None:
                yield event
            event = _begun(record, request)
            request = None
        elif record.kind == "request" and not _joins(record, event):
            request = record
        elif record.kind == "metadata" and event is not None and _is_note(record, event.answer):
            _note(event, record)
        elif record.kind not in ("request", "metadata"):
            others(record)
    if event is not None:
        yield event


def _begins(record: WarcRecord, event: Event | None) -> bool:
    """Whether a record begins an event: it may be a capture of a web address, or is about a rendition."""
    if record.kind in ANSWERS:
        return record.url.lower().startswith(WEB) or is_rendition(record)
    return is_rendition(record) and not (event is not None and _is_note(record, event.answer))


def _begun(record: WarcRecord, request: WarcRecord | None) -> Event:
    event = Event(record, request if request is not None and _together(request, record) else None)
    if record.kind == "metadata":
        _note(event, record)
    return event


def is_rendition(record: WarcRecord) -> bool:
    """Whether a record is what a browser made of a page, or, as metadata alone, that it could not make it."""
    return record.kind in ("resource", "metadata") and kind_and_page(record.url) is not None


def _is_note(record: WarcRecord, answer: WarcRecord) -> bool:
    """Whether metadata belong to an answer. Those of a rendition that failed name the page, but are not about it."""
    return _together(record, answer) and (record.url == answer.url or not is_rendition(record))


def _joins(request: WarcRecord, event: Event | None) -> bool:
    """Attach a request to the response before it."""
    if event is None or event.request is not None or not _together(request, event.answer):
        return False
    event.request = request
    return True


def _together(record: WarcRecord, answer: WarcRecord) -> bool:
    """Return whether two records are of one capture: one names the other, or, without names, address and time agree."""
    named, named_back = _named(record), _named(answer)
    if record.record_id and (answer.record_id in named or record.record_id in named_back):
        return True
    if named or named_back:
        return False
    same = ("WARC-Target-URI", "WARC-Date")
    return all(record.uri(name) is not None and record.uri(name) == answer.uri(name) for name in same)


def _named(record: WarcRecord) -> set[str]:
    return (
        {value.strip().strip("<>") for value in (*record.all("WARC-Concurrent-To"), *record.all("WARC-Refers-To"))}
        if (record.kind == "metadata")
        else {value.strip().strip("<>") for value in record.all("WARC-Concurrent-To")}
    )


def _note(event: Event, record: WarcRecord) -> None:
    if _NOTES not in (record.get("Content-Type") or "").lower():
        return
    for line in record.block.decode("utf-8", "replace").splitlines():
        name, colon, value = line.partition(":")
        if colon:
            event.notes.setdefault(name.strip(), []).append(value.strip())
