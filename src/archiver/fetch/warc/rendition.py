"""Reads what a browser made of a page from a WARC file: our renditions, and the screenshots of browsertrix-crawler."""

from dataclasses import replace
from datetime import datetime

from archiver.fetch.warc.digests import Digest, sha1_of
from archiver.fetch.warc.events import Event
from archiver.fetch.warc.ours import CaptureNotes, as_kept
from archiver.fetch.warc.replayed import PageReference, Replayed
from archiver.fetch.warc.warc_record import WarcRecord
from archiver.model.capture import Capture, Outcome, Request
from archiver.model.rendition import BROWSER, CONTENT_TYPES, METHOD, SCREENSHOT, MadeBy, kind_and_page

_PICTURES = ("image/png", "image/jpeg", "image/webp")


class NotRendition(Exception):
    """A record gives no rendition. The message is its fault; "" when only its type is another one."""


def rendition(event: Event, moment: datetime, notes: CaptureNotes, software: str) -> Replayed:
    """Return the rendition that a record holds. Its digests are checked by the caller.

    Args:
        event: the record, and its notes.
        moment: its time, UTC.
        notes: the notes as values.
        software: the program that wrote the file; it says how a rendition was made that has no note about it.

    Raises:
        NotRendition: its type is not one of its kind, or bytes of it are missing.
    """
    record = event.answer
    _, page = kind_and_page(record.url) or ("", "")
    made = Capture(
        Request(record.url, METHOD),
        moment,
        Outcome.UNREADABLE,
        via=BROWSER,
        made_by=notes.made_by or MadeBy("", software, "").as_json(),
    )
    if record.kind == "metadata":
        if notes.outcome != Outcome.UNREADABLE or not notes.made_by:
            raise NotRendition
        capture = replace(made, note=notes.note or "")
    else:
        capture = _with_bytes(made, record, is_ours=bool(notes.made_by))
    stated = Digest(record.get("WARC-Payload-Digest") or "")
    return Replayed(
        as_kept(capture, notes),
        record.place,
        record.record_id,
        stated.normal if stated.is_known else sha1_of(record.block),
        event.note("reason"),
        event.note("reason-code") or "browser",
        notes=notes,
        of=page_of(event, notes) or PageReference(_records(event), page, moment, is_exact=False),
    )


def _with_bytes(made: Capture, record: WarcRecord, *, is_ours: bool) -> Capture:
    """Return a rendition with its bytes. Of others only pictures are: records are read from documents."""
    kind, _ = kind_and_page(record.url) or ("", "")
    if kind != SCREENSHOT and not is_ours:
        raise NotRendition
    media_type = (record.get("Content-Type") or "").partition(";")[0].strip().lower()
    if media_type not in (_PICTURES if kind == SCREENSHOT else (CONTENT_TYPES[kind].partition(";")[0],)):
        raise NotRendition
    if record.is_cut or not record.is_whole or not record.block:
        raise NotRendition("bytes of what a browser made are missing, or it is larger than the limit")
    full = CONTENT_TYPES[kind] if CONTENT_TYPES[kind].startswith(media_type) else media_type
    headers = ((b"Content-Type", full.encode("latin-1")),)
    return replace(made, outcome=Outcome.OK, headers=headers, body=record.block)


def page_of(event: Event, notes: CaptureNotes) -> PageReference | None:
    """Return the visit that our notes name as that of the page which a browser opened; None without such notes."""
    if not notes.via or not notes.of_url or notes.of_date is None:
        return None
    return PageReference(_records(event), notes.of_url, notes.of_date, is_exact=True)


def _records(event: Event) -> tuple[str, ...]:
    return tuple(value.strip().strip("<>") for value in event.answer.all("WARC-Concurrent-To"))
