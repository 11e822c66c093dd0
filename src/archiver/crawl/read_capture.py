"""Reads one capture: gives an outcome refined by the page's content, and a record. Pure: it runs in any process."""

import logging
import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from archiver.extract.empty import is_empty_answer
from archiver.extract.read import article_links, read, read_plain_list
from archiver.extract.slow_steps import SlowSteps
from archiver.fetch.refresh import followed
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


class ArticleLinks(NamedTuple):
    """The other parts of an article that a capture names, the earlier part if it is a later one, and the rule."""

    parts: tuple[str, ...] = ()
    part_of: str | None = None
    rule: str = ""


ReadElsewhere = Callable[[Profile, Mapping[int, Capture], Callable[[], bool]], dict[int, ReadResult] | None]
"""Reads captures, given by visit id, in other processes, without the last fallback, until the function returns true.

It returns the results of those that it read, or None when the caller is to read them.
"""


def read_here(_profile: Profile, _captures: Mapping[int, Capture], _is_over: Callable[[], bool]) -> None:
    """Leave all captures to the caller. This is the `ReadElsewhere` of a process without workers."""


def read_capture(capture: Capture, profile: Profile, steps: SlowSteps | None, *, links: bool = True) -> ReadResult:
    """Read one capture.

    An exception in the reader is a bug of the reader. Then the cause is `reader_failed`; the caller leaves the capture
    unread and logs the traceback (`log_failure`).

    Args:
        capture: the evidence.
        profile: the site's rules.
        steps: the slow steps; a crawl passes functions that run them in another process. Without them, the record of
            a page that needs one says so (`needs_fallback`).
        links: read links, too; without them, no other part of an article is known.
    """
    capture = followed(capture)  # one of an earlier version, which took it for a page
    if not is_page(capture):
        return ReadResult(capture.outcome)
    try:
        guess, file_text = steps or (None, None)
        record = read(capture, profile, guess=guess, file_text=file_text, links=links)
    except Exception as error:  # noqa: BLE001  (around the parser, and nowhere else)
        return replace(reader_failed(capture, f"{type(error).__name__}: {error}"), failure=traceback.format_exc())
    if record.not_rendered:
        why = f"the browser did not show it: {record.not_rendered}"
        return ReadResult(Outcome.UNREADABLE, None, why, Cause.NOT_RENDERED)
    return _read(capture, record)


def read_quickly(capture: Capture, profile: Profile) -> ReadResult:
    """Read one capture by rules only: no slow steps, and no links unless they tell the parts of articles."""
    return read_capture(capture, profile, None, links=any(kind.continues for kind in profile.pages))


def read_captures(
    captures: Mapping[int, Capture],
    profile: Profile,
    steps: SlowSteps | None,
    is_over: Callable[[], bool],
    elsewhere: ReadElsewhere,
) -> Iterator[tuple[int, ReadResult]]:
    """Read captures, given by visit id, in order until `is_over` is true; yield visit ids and results.

    `elsewhere` may read them in other processes. A record that needs a slow step is read here, since the process of the
    slow steps has a time limit for each page.
    """
    pages = {visit_id: capture for visit_id, capture in captures.items() if is_page(capture)}
    found = elsewhere(profile, pages, is_over) if pages else None
    results = found or {}
    for visit_id, capture in captures.items():
        if found is not None and visit_id in pages and visit_id not in found:
            continue
        result = results.get(visit_id)
        if result is None or (result.record is not None and result.record.needs_fallback):
            if is_over():
                return
            result = read_capture(capture, profile, steps)
        yield visit_id, result


def links_to_parts(capture: Capture, profile: Profile, rule: str = "") -> ArticleLinks:
    """Return the parts of its article that a capture names, by a `continues` rule or else by that of its template.

    An exception in the reader is a bug of the reader: then no parts are found, and reading the capture logs it.
    """
    try:
        return ArticleLinks(*article_links(capture, profile, rule))
    except Exception as error:  # noqa: BLE001  (around the parser, and nowhere else)
        _LOG.warning("%s: its parts were not looked for: %s: %s", capture.url, type(error).__name__, error)
        return ArticleLinks()


def with_plain_list(capture: Capture, result: ReadResult) -> ReadResult:
    """Return the result of reading a capture as a plain list of addresses, if it is one; else the given result."""
    try:
        record = read_plain_list(capture) if is_page(capture) else None
    except Exception as error:  # noqa: BLE001  (around the parser, and nowhere else)
        return replace(reader_failed(capture, f"{type(error).__name__}: {error}"), failure=traceback.format_exc())
    return result if record is None else _read(capture, record)


def is_page(capture: Capture) -> bool:
    """Return whether there is anything to read in a capture."""
    return capture.outcome.traits.has_body and capture.status is not None and 200 <= capture.status < 300  # noqa: PLR2004


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
    if is_empty_answer(capture):
        return ReadResult(Outcome.OK, record, note, Cause.EMPTY)  # a page that had content before is judged later
    if record.kind == "article" and record.content.is_empty:
        return ReadResult(Outcome.UNREADABLE, record, note or CAUSE_TEXT[Cause.EMPTY], Cause.EMPTY)
    return ReadResult(Outcome.OK, record, note, Cause.PARTLY_READ if record.unread else None)
