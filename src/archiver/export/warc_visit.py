"""The WARC records of one visit: request, response or revisit (of renditions: resource), metadata, and conversion."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from archiver.export.restate import restated
from archiver.export.warc_records import IDENTICAL, NOT_MODIFIED, NewRecord, record_id, warc_date, warc_fields
from archiver.model.warc import Original

_ANSWER = "application/http;msgtype=response"
_ASKED = "application/http;msgtype=request"
_FIELDS = "application/warc-fields"


@dataclass(frozen=True, slots=True)
class ExportedVisit:
    """A visit as it is exported.

    Attributes:
        archive: the identity of the archive.
        head: status line and headers as sent, with the empty line.
        body: the body without transfer-encoding and content-encoding.
        decoded: whether a content-encoding was removed.
        truncated: WARC-Truncated: length, time, disconnect, unspecified; None when the body is complete.
        address: the IP address of the server.
        notes: the fields of the metadata record, in order.
        record: the content for a conversion record; None to leave it out.
        content_type: of a rendition, which becomes a resource record and has no request; "" for one that a browser
            could not make, which only has metadata; None for answers of servers.
        page: the id of the record of the page that a browser opened, for what it got and made.
    """

    archive: str
    visit_id: int
    url: str
    moment: datetime
    method: str
    request_head: bytes
    request_body: bytes
    head: bytes
    body: bytes
    decoded: bool
    truncated: str | None
    address: str | None
    notes: tuple[tuple[str, str | None], ...]
    record: dict[str, Any] | None = None
    content_type: str | None = None
    page: str | None = None

    @property
    def date(self) -> str:
        """Return the WARC-Date of all its records."""
        return warc_date(self.moment)

    def id_of(self, kind: str) -> str:
        """Return the id of its record of this kind."""
        return record_id(self.archive, self.visit_id, kind)


def records_of(visit: ExportedVisit, info: str, same: Original | None, unmodified: Original | None) -> list[NewRecord]:
    """Return the records of a visit, the response first; of a rendition, the resource.

    Args:
        visit: the visit.
        info: the id of the file's warcinfo record.
        same: an exported record with the same payload; the response becomes a revisit of it.
        unmodified: the exported record that this 304 confirms.
    """
    if visit.content_type == "":
        return [_metadata(visit, info, visit.page, head=False)]
    if visit.content_type is not None:
        resource = _resource(visit, visit.content_type, info)
        return [resource, _metadata(visit, info, resource.record_id, head=False)]
    answer = _revisit(visit, same, unmodified, info) or _response(visit, info)
    records = [
        answer,
        _request(visit, info, answer),
        _metadata(visit, info, answer.record_id, head=unmodified is not None),
    ]
    if visit.record is not None:
        block = json.dumps(visit.record, ensure_ascii=False, sort_keys=True).encode()
        named = f"urn:record:{visit.url}"  # with the page's own address, replay would show it instead of the page
        fields = (("WARC-Target-URI", named), ("WARC-Refers-To", answer.record_id), ("WARC-Warcinfo-ID", info))
        records.append(
            NewRecord("conversion", visit.id_of("conversion"), visit.date, block, "application/json", fields)
        )
    return records


def _common(visit: ExportedVisit, info: str) -> tuple[tuple[str, str | None], ...]:
    return (("WARC-Target-URI", visit.url), ("WARC-Warcinfo-ID", info), ("WARC-IP-Address", visit.address or None))


def _response(visit: ExportedVisit, info: str) -> NewRecord:
    version = visit.head.split(b" ", 1)[0].decode("ascii", "replace").lower()
    fields = (
        *_common(visit, info),
        ("WARC-Concurrent-To", visit.page),
        ("WARC-Protocol", version or None),
        ("WARC-Truncated", visit.truncated),
    )
    block = restated(visit.head, visit.body, decoded=visit.decoded) + visit.body
    return NewRecord("response", visit.id_of("response"), visit.date, block, _ANSWER, fields, visit.body)


def _resource(visit: ExportedVisit, content_type: str, info: str) -> NewRecord:
    """Return the record of what a browser made (WARC 1.1, 6.4)."""
    fields = (*_common(visit, info), ("WARC-Concurrent-To", visit.page))
    return NewRecord("resource", visit.id_of("resource"), visit.date, visit.body, content_type, fields, visit.body)


def _revisit(visit: ExportedVisit, same: Original | None, unmodified: Original | None, info: str) -> NewRecord | None:
    """Return the revisit of a 304 (WARC 1.1, 6.7). It has no block: viewers would show an empty page."""
    original = unmodified or same
    if original is None:
        return None
    fields = (
        *_common(visit, info),
        ("WARC-Concurrent-To", visit.page),
        ("WARC-Profile", NOT_MODIFIED if unmodified else IDENTICAL),
        ("WARC-Refers-To", original.record_id),
        ("WARC-Refers-To-Target-URI", original.url),
        ("WARC-Refers-To-Date", original.date),
        ("WARC-Payload-Digest", original.sha1),
        ("WARC-Truncated", None if unmodified else "length"),
    )
    block = b"" if unmodified else restated(visit.head, visit.body, decoded=visit.decoded)
    return NewRecord("revisit", visit.id_of("revisit"), visit.date, block, _ANSWER if block else "", fields)


def _request(visit: ExportedVisit, info: str, answer: NewRecord) -> NewRecord:
    parts = urlsplit(visit.url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    line = f"{visit.method} {target} HTTP/1.1\r\n".encode("utf-8", "replace")
    fields = (*_common(visit, info), ("WARC-Concurrent-To", answer.record_id))
    block = line + visit.request_head + b"\r\n" + visit.request_body
    return NewRecord("request", visit.id_of("request"), visit.date, block, _ASKED, fields, visit.request_body or None)


def _metadata(visit: ExportedVisit, info: str, answer: str | None, *, head: bool) -> NewRecord:
    lines = visit.head.decode("latin-1").strip().split("\r\n") if head else []
    notes = [*visit.notes, *(("http-header" if number else "http-status", line) for number, line in enumerate(lines))]
    fields = (("WARC-Target-URI", visit.url), ("WARC-Warcinfo-ID", info), ("WARC-Concurrent-To", answer))
    return NewRecord("metadata", visit.id_of("metadata"), visit.date, warc_fields(notes), _FIELDS, fields)
