"""What servers gave us to ask "has it changed since?" with, and whether their word was kept (RFC 9110, 8.8 and 13).

A validator (ETag, Last-Modified) is kept with the visit whose bytes it vouches for. A server is believed once three
pages came back byte for byte under the same validator; one that lied more often than once in twenty is asked in full
again, until it has earned its credit back.
"""

from collections.abc import Iterable

from archiver.model.capture import Headers
from archiver.model.outcome import CAUSE_TEXT, Cause, Outcome
from archiver.store.connection import Connection, Row

EVERY = 8  # of so many visits to a page at least one is unconditional
_EARNED = 3  # times a server's word must have been found true before it is taken
_ONE_IN = 20  # lies among so many proofs that are too many


class Validators:
    """Conditions for the next visits of pages, and the credit of servers."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def conditions(self, pages: Iterable[int]) -> dict[int, Headers]:
        """The conditional headers each of these pages may be asked with; none for those better asked in full.

        A page is asked in full when its server has no credit, when it was not there at its last visit, when the bytes
        that the validator vouches for were pruned, and each eighth time.
        """
        found: dict[int, Headers] = {}
        for page_id in pages:
            row = self._connection.row(
                "SELECT v.etag, v.modified FROM _validator v JOIN _page p ON p.page_id = v.page_id "
                "JOIN _visit t ON t.visit_id = v.visit_id JOIN _host h ON h.origin = v.origin "
                "WHERE v.page_id = ? AND p.state = 'live' AND t.frame_id IS NOT NULL AND v.unchanged < ? "
                "AND h.word_kept >= ? AND h.word_broken * ? <= h.word_kept",
                (page_id, EVERY - 1, _EARNED, _ONE_IN),
            )
            if row is not None:
                found[page_id] = _headers(row)
        return found

    def refute(self, page_id: int, since: int) -> None:
        """Mark the 304s since a visit as false: the bytes had changed under the same validator."""
        self._connection.execute(
            "UPDATE _visit SET read_outcome = ?, read_note = ?, cause = ? WHERE page_id = ? AND visit_id > ? "
            "AND coalesce(read_outcome, outcome) = ?",
            (Outcome.SERVER_ERROR, CAUSE_TEXT[Cause.FALSE_304], Cause.FALSE_304, page_id, since, Outcome.NOT_MODIFIED),
        )


def _headers(row: Row) -> Headers:
    pairs = ((b"If-None-Match", row["etag"]), (b"If-Modified-Since", row["modified"]))
    return tuple((name, value) for name, value in pairs if value is not None)
