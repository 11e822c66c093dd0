"""Reads one capture: gives an outcome refined by the page's content, and a record. Pure: it runs in any process."""

import logging
import traceback
from dataclasses import dataclass, replace

from archiver.extract.fallback import Guess
from archiver.extract.read import read
from archiver.model.capture import Capture
from archiver.model.outcome import CAUSE_TEXT, Cause, Outcome
from archiver.model.profile import Profile
from archiver.model.record import Record

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ReadResult:
    """The result of reading a capture: an outcome refined by the page's content, and a record if it could be read.

    Attributes:
        note: a remark for people, in words; `cause`: the cause of the outcome, as a code.
        failure: the traceback, when the reader failed.
    """

    outcome: Outcome
    record: Record | None = None
    note: str = ""
    cause: Cause | None = None
    failure: str = ""


def read_capture(capture: Capture, profile: Profile, guess: Guess | None) -> ReadResult:
    """Read one capture.

    An exception in the reader is a bug of the reader. Then the cause is `reader_failed`; the caller leaves the capture
    unread and logs the traceback (`log_failure`).

    Args:
        capture: the evidence.
        profile: the site's rules.
        guess: extracts the body where no rule does (trafilatura, 30-40 ms). A crawl passes a function that runs it in
            another process.
    """
    if not capture.outcome.traits.has_body or capture.status is None or not 200 <= capture.status < 300:  # noqa: PLR2004
        return ReadResult(capture.outcome)
    try:
        record = read(capture, profile, guess=guess)
    except Exception as error:  # noqa: BLE001  (around the parser, and nowhere else)
        return replace(reader_failed(capture, f"{type(error).__name__}: {error}"), failure=traceback.format_exc())
    return _read(capture, record)


def reader_failed(capture: Capture, why: str, cause: Cause = Cause.READER_FAILED) -> ReadResult:
    """Return the result for a capture that the reader failed to read."""
    return ReadResult(capture.outcome, None, f"{CAUSE_TEXT[cause]} ({why})" if why else CAUSE_TEXT[cause], cause)


def log_failure(visit_id: int, capture: Capture, result: ReadResult) -> None:
    """Log the traceback of a failure of the reader, if there was one."""
    if result.failure:
        _LOG.error("visit %d, %s: %s\n%s", visit_id, capture.url, result.note, result.failure.rstrip())


def _read(capture: Capture, record: Record) -> ReadResult:
    note = "; ".join(record.notes)
    if record.blocked:
        return ReadResult(Outcome.BLOCKED, None, record.blocked, Cause.WALL)
    if record.soft_gone:
        cause = Cause.SOFT_404_RULE
        return ReadResult(Outcome.SOFT_GONE, record, note or CAUSE_TEXT[cause], cause)
    if capture.sent.get("content_encoding") and capture.outcome is Outcome.UNREADABLE:
        return ReadResult(Outcome.UNREADABLE, None, note, Cause.NOT_DECODED)
    if record.kind == "article" and record.content.is_empty:
        return ReadResult(Outcome.UNREADABLE, record, note or CAUSE_TEXT[Cause.EMPTY], Cause.EMPTY)
    return ReadResult(Outcome.OK, record, note, Cause.PARTLY_READ if record.unread else None)
