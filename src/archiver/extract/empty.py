"""Read a response without a body."""

from archiver.model.capture import HTML_TYPES, Capture
from archiver.model.record import Record

_BODILESS = (204, 205)
"""Statuses whose responses have no content (RFC 9110, 15.3.5 and 15.3.6)."""


def is_empty(capture: Capture) -> bool:
    """Return whether a response has no content."""
    return capture.status in _BODILESS or not capture.body


def is_empty_answer(capture: Capture) -> bool:
    """Return whether a server sent nothing, although a response of this status has content."""
    return not capture.body and capture.status not in _BODILESS


def read_empty(capture: Capture) -> Record:
    """Return the record of a response without content. A page always has some; another file may be empty."""
    if capture.status in _BODILESS:
        return Record(notes=(f"status {capture.status} has no content; the body counts as empty",))
    if capture.media_type is None or capture.media_type in HTML_TYPES:
        return Record(notes=("the body is empty",))
    return Record(kind="file", notes=("the file is empty",))
