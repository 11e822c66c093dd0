"""The notes of our own WARC files, by which a capture is restored byte for byte as the archive stored it.

The notes are checked: a head is restored only when the digest of the block matches.
"""

import hashlib
import json
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from archiver.fetch.warc.dates import moment_of
from archiver.fetch.warc.events import Event
from archiver.model.capture import Capture, Outcome, parse_head
from archiver.model.outcome import having
from archiver.model.rendition import BROWSER

_RENAMED = b"X-Archive-Orig-"  # the prefix of `archiver.export.restate` for headers that describe the transferred body
_SENT: dict[str, type] = {"content_encoding": str, "bytes": int, "sha256": str}
_LONGEST = 10**9


@dataclass(frozen=True, slots=True)
class CaptureNotes:
    """The notes of one capture.

    Attributes:
        milliseconds: the duration of the visit (fetchTimeMs, which other crawlers write, too).
        sent: how the body was transferred.
        outcome, note: those of the visit before the page was read.
        block_sha256: the digest of the stored block, hex.
        head: status line and headers of a response that is in no record.
        via: `browser` for what a browser got and made; `made_by`: how it made it (JSON).
        of_url, of_date: address and time of the visit of the page that the browser opened.
    """

    milliseconds: int = 0
    sent: dict[str, str | int] | None = None
    outcome: str | None = None
    note: str | None = None
    block_sha256: str | None = None
    head: bytes = b""
    via: str = ""
    made_by: str = ""
    of_url: str | None = None
    of_date: datetime | None = None


def noted(event: Event) -> CaptureNotes:
    """Return the notes in the metadata record of a capture."""
    took = event.note("fetchTimeMs") or ""
    return CaptureNotes(
        int(took) if took.isdigit() and len(took) < len(str(_LONGEST)) else 0,
        _sent(event.note("archiver-sent")),
        event.note("archiver-outcome"),
        event.note("archiver-note"),
        event.note("archiver-block-sha256"),
        _head(event),
        BROWSER if event.note("archiver-via") == BROWSER else "",
        _made_by(event.note("archiver-made-by")),
        event.note("archiver-of-uri"),
        moment_of(event.note("archiver-of-date")),
    )


def as_kept(capture: Capture, notes: CaptureNotes) -> Capture:
    """Return the capture as the exporting archive stored it; unchanged when the notes do not match it."""
    capture = replace(capture, milliseconds=notes.milliseconds, via=notes.via or capture.via)
    if notes.block_sha256 is None:
        return capture
    for head in (capture.head, *_restored(capture.head)):
        if hashlib.sha256(head + capture.body).hexdigest() == notes.block_sha256:
            break
    else:
        return capture
    cut = next((each for each in having(lambda each: each.is_partial) if each == notes.outcome), None)
    return replace(
        capture,
        outcome=cut
        if cut is not None and (capture.outcome is Outcome.OK or capture.outcome.traits.is_partial)
        else capture.outcome,
        head=head,
        headers=parse_head(head) if head else capture.headers,
        sent=notes.sent or {},
        note=notes.note or "",
    )


def _restored(head: bytes) -> tuple[bytes, ...]:
    """Yield the heads that may have been changed to this one: without the added length, and with it."""
    lines = head.removesuffix(b"\r\n\r\n").split(b"\r\n")
    bare = [line.removeprefix(_RENAMED) for line in lines]
    if bare == lines:
        return ()
    whole = tuple(b"\r\n".join(each) + b"\r\n\r\n" for each in (bare[:-1], bare))
    return whole if bare[-1].lower().startswith(b"content-length:") else whole[1:]


def _sent(text: str | None) -> dict[str, str | int] | None:
    try:
        value: Any = json.loads(text or "")
    except ValueError:
        return None
    if not isinstance(value, dict) or set(value) - set(_SENT):
        return None
    return value if all(type(value) is _SENT[name] for name, value in value.items()) else None


def _made_by(text: str | None) -> str:
    """Return how a rendition was made, as the archive writes it (`model.rendition.MadeBy`); "" when it is not known."""
    try:
        value: Any = json.loads(text or "")
    except ValueError:
        return ""
    return json.dumps(value, ensure_ascii=False, sort_keys=True) if isinstance(value, dict) and value else ""


def _head(event: Event) -> bytes:
    lines = [*event.notes.get("http-status", ())[:1], *event.notes.get("http-header", ())]
    head = "".join(f"{line}\r\n" for line in lines).encode("latin-1", "replace") + b"\r\n"
    return head if head.startswith(b"HTTP/") else b""
