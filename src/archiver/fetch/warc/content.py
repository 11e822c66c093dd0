"""The response that a record holds, also when the record has no HTTP headers; the rules for import and check alike.

A `resource` or `conversion` record has a body and its media type, but no headers, and so have some old ARC records.
They get a head with the status 200 and the media type, as other readers give them, and a note that says so.
"""

from archiver.fetch.warc.answer import ArchivedResponse, NotHttp, answer_of, begins_with_status, head_of
from archiver.fetch.warc.warc_record import WarcRecord
from archiver.model.capture import parse_head
from archiver.model.warc import NotKept
from archiver.text.clean import printable

_HTTP = "application/http"
_OK = 200


def content_of(record: WarcRecord, most: int) -> ArchivedResponse:
    """Return the response of a record of a web address: of the type response, resource or conversion.

    Args:
        record: the record.
        most: the maximum number of bytes of a decoded body.

    Raises:
        NotHttp: an HTTP response was expected, and there is none.
    """
    if not _is_http(record):
        return _without_head(record, most)
    if not record.is_whole:
        response = answer_of(head_of(record.block), most)
        response.too_big = NotKept.LARGE
        return response
    try:
        response = answer_of(record.block, most)
    except NotHttp:
        if not record.is_cut:
            raise
        response = answer_of(head_of(record.block), most)
    return _checked(record, response)


def media_type_fault(record: WarcRecord) -> str:
    """Return what is wrong with the Content-Type of a response (WARC 1.1, 6.3); "" for nothing."""
    kind = record.get("Content-Type") or ""
    if record.is_arc or record.kind != "response" or not kind or kind.lower().startswith(_HTTP):
        return ""
    return f"Content-Type is {printable(kind, 60)!r} and not application/http"


def _is_http(record: WarcRecord) -> bool:
    """Return whether a record holds, or should hold, an HTTP response."""
    kind = (record.get("Content-Type") or "").lower()
    if kind.startswith(_HTTP):
        return record.kind == "response" or begins_with_status(record.block)
    return record.kind == "response" and (begins_with_status(record.block) or not (kind or record.is_arc))


def _without_head(record: WarcRecord, most: int) -> ArchivedResponse:
    kind = record.get("WARC-Identified-Payload-Type") if record.is_arc else record.get("Content-Type")
    lines = ["HTTP/1.0 200 OK", *([f"Content-Type: {kind}"] if kind else []), f"Content-Length: {record.length}"]
    head = "\r\n".join(lines).encode("latin-1", "replace") + b"\r\n\r\n"
    block = record.block
    source = "an ARC record" if record.is_arc else f"a {record.kind} record"
    response = ArchivedResponse(
        head, _OK, parse_head(head), block, block, block, notes=[f"from {source} without HTTP headers; 200 is assumed"]
    )
    if not record.is_whole or record.length > most:
        response.too_big, response.body = NotKept.LARGE, b""
    response.is_cut = record.is_cut or (record.is_arc and not block)
    return response


def _checked(record: WarcRecord, response: ArchivedResponse) -> ArchivedResponse:
    """Mark a response as cut when bytes of its record are missing. Its own Content-Length is the better witness."""
    stated = response.header(b"content-length").strip()
    is_cut = record.is_cut
    if record.has_wrong_length and stated.isascii() and stated.isdigit():
        missing = int(stated[:15]) - len(response.framed)
        is_cut = missing > 0 or (is_cut and missing != 0)
    if is_cut:
        response.is_cut = True
        response.notes.append("bytes of its record are missing")
    return response
