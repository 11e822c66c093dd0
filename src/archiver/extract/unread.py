"""Fields that the archiver could not read: the fields that depend on them, and the notes of the record."""

from archiver.extract.page import ParsedPage
from archiver.text.patterns import PatternTimeout, warn_once

UNREAD_WITH_BODY = frozenset(("body", "images", "files"))
"""The fields that are read from the nodes of the body."""


def note_timeout(timeout: PatternTimeout, what: str, page: ParsedPage) -> None:
    """Note on the record that a pattern ran out of time on this page, and log it once per pattern."""
    page.notes.append(f"{what}: {timeout} on {page.url}; {what} was not read")
    warn_once(timeout, f"on {page.url}; {what} was not read")
