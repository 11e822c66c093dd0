"""What our own WARC files note beside a capture, so that it comes back byte for byte as the archive kept it.

Nothing here is believed that does not match: a head is restored only when the block's digest says so.
"""

import hashlib
import json
from dataclasses import dataclass, replace
from typing import Any

from archiver.fetch.warc.events import Event
from archiver.model.capture import Capture, Outcome, parse_head

_RENAMED = b"X-Archive-Orig-"  # as `archiver.export.restate` calls headers that spoke of the body as it travelled
_SENT: dict[str, type] = {"content_encoding": str, "bytes": int, "sha256": str}
_CUT = (Outcome.TRUNCATED, Outcome.TOO_BIG, Outcome.UNREADABLE)
_LONGEST = 10**9


@dataclass(frozen=True, slots=True)
class Noted:
    """The notes of one capture.

    Attributes:
        milliseconds: the whole visit took (fetchTimeMs, as other crawlers note it, too).
        sent: how the body travelled.
        outcome, note: as the visit ended, before anybody read the page.
        block_sha256: of the block as it was kept, hex.
        head: of an answer that stands in no record: status line and headers.
    """

    milliseconds: int = 0
    sent: dict[str, str | int] | None = None
    outcome: str | None = None
    note: str | None = None
    block_sha256: str | None = None
    head: bytes = b""


def noted(event: Event) -> Noted:
    """What the metadata record of a capture says that we know of."""
    took = event.note("fetchTimeMs") or ""
    return Noted(
        int(took) if took.isdigit() and len(took) < len(str(_LONGEST)) else 0,
        _sent(event.note("archiver-sent")),
        event.note("archiver-outcome"),
        event.note("archiver-note"),
        event.note("archiver-block-sha256"),
        _head(event),
    )


def as_kept(capture: Capture, notes: Noted) -> Capture:
    """A capture as the archive kept it that wrote the file; as it is, where the notes do not fit it."""
    capture = replace(capture, milliseconds=notes.milliseconds)
    if notes.block_sha256 is None:
        return capture
    for head in (capture.head, *_restored(capture.head)):
        if hashlib.sha256(head + capture.body).hexdigest() == notes.block_sha256:
            break
    else:
        return capture
    cut = next((each for each in _CUT if each == notes.outcome), None)
    return replace(
        capture,
        outcome=cut if cut is not None and capture.outcome in (Outcome.OK, *_CUT) else capture.outcome,
        head=head,
        headers=parse_head(head),
        sent=notes.sent or {},
        note=notes.note or "",
    )


def _restored(head: bytes) -> tuple[bytes, ...]:
    """The heads that may have been restated as this one: with the length that was added at the end, and without it."""
    lines = head.removesuffix(b"\r\n\r\n").split(b"\r\n")
    bare = [line.removeprefix(_RENAMED) for line in lines]
    if bare == lines:
        return ()
    whole = tuple(b"\r\n".join(each) + b"\r\n\r\n" for each in (bare[:-1], bare))
    return whole if bare[-1].lower().startswith(b"content-length:") else whole[1:]


def _sent(text: str | None) -> dict[str, str | int] | None:
    try:
        told: Any = json.loads(text or "")
    except ValueError:
        return None
    if not isinstance(told, dict) or set(told) - set(_SENT):
        return None
    return told if all(type(value) is _SENT[name] for name, value in told.items()) else None


def _head(event: Event) -> bytes:
    lines = [*event.notes.get("http-status", ())[:1], *event.notes.get("http-header", ())]
    head = "".join(f"{line}\r\n" for line in lines).encode("latin-1", "replace") + b"\r\n"
    return head if head.startswith(b"HTTP/") else b""
