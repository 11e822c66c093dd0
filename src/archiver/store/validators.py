"""Validators for conditional requests, and whether each server's validators are reliable (RFC 9110, 8.8 and 13).

A validator (ETag, Last-Modified) is stored with the visit whose bytes it identifies. A server is trusted after three
pages came back identical under the same validator. When more than one in twenty differed, the server gets
unconditional requests until its record is good again.
"""

from collections.abc import Iterable

from archiver.model.capture import Headers
from archiver.model.outcome import CAUSE_TEXT, Cause, Outcome
from archiver.store.connection import Connection, Row
from archiver.store.pages import REQUISITE

EVERY = 8  # at least one of this many visits of a page is unconditional
_EARNED = 3  # confirmed validators that a server needs to be trusted
_ONE_IN = 20  # a server is not trusted when more than one of this many validators was wrong


class Validators:
    """Conditional headers for the next visits of pages, and the reliability of servers."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def conditions(self, pages: Iterable[int]) -> dict[int, Headers]:
        """Return the conditional headers of pages; pages that need an unconditional request have none.

        A request is unconditional when the server is not trusted (requisites need no proof of trust), when the page was absent at its last visit, when the
        bytes that the validator identifies were pruned, and every eighth time.
        """
        found: dict[int, Headers] = {}
        for page_id in pages:
            row = self._connection.row(
                "SELECT v.etag, v.modified FROM _validator v JOIN _page p ON p.page_id = v.page_id "
                "JOIN _visit t ON t.visit_id = v.visit_id JOIN _host h ON h.origin = v.origin "
                "WHERE v.page_id = ? AND p.state = 'live' AND t.frame_id IS NOT NULL AND v.unchanged < ? "
                "AND (h.word_kept >= ? OR p.kind = ?) AND h.word_broken * ? <= h.word_kept",
                (page_id, EVERY - 1, _EARNED, REQUISITE, _ONE_IN),
            )
            if row is not None:
                found[page_id] = _headers(row)
        return found

    def refute(self, page_id: int, since: int) -> None:
        """Mark the 304s since a visit as wrong: the bytes changed under the same validator."""
        self._connection.execute(
            "UPDATE _visit SET read_outcome = ?, read_note = ?, cause = ? WHERE page_id = ? AND visit_id > ? "
            "AND coalesce(read_outcome, outcome) = ?",
            (Outcome.SERVER_ERROR, CAUSE_TEXT[Cause.FALSE_304], Cause.FALSE_304, page_id, since, Outcome.NOT_MODIFIED),
        )


def _headers(row: Row) -> Headers:
    pairs = ((b"If-None-Match", row["etag"]), (b"If-Modified-Since", row["modified"]))
    return tuple((name, value) for name, value in pairs if value is not None)
