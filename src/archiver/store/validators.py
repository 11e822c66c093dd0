"""What servers gave us to ask "has it changed since?" with, and whether their word was kept (RFC 9110, 8.8 and 13).

A validator (ETag, Last-Modified) is kept with the visit whose bytes it vouches for. A server is believed once three
pages came back byte for byte under the same validator; one that lied more often than once in twenty is asked in full
again, until it has earned its credit back.
"""

from collections.abc import Iterable

from archiver.model.capture import Capture, Headers
from archiver.store.connection import Door, Row
from archiver.text.url import origin_of

EVERY = 8  # of so many visits to a page at least one is unconditional
_EARNED = 3  # times a server's word must have been found true before it is taken
_ONE_IN = 20  # lies among so many proofs that are too many


class Validators:
    """Conditions for the next visits of pages, and the credit of servers."""

    def __init__(self, door: Door) -> None:
        self._door = door

    def conditions(self, pages: Iterable[int]) -> dict[int, Headers]:
        """The conditional headers each of these pages may be asked with; none for those better asked in full.

        A page is asked in full when its server has no credit, when it was not there at its last visit, when the bytes
        that the validator vouches for were pruned, and each eighth time.
        """
        found: dict[int, Headers] = {}
        for page_id in pages:
            row = self._door.row(
                "SELECT v.etag, v.modified FROM _validator v JOIN _page p ON p.page_id = v.page_id "
                "JOIN _visit t ON t.visit_id = v.visit_id JOIN _host h ON h.origin = v.origin "
                "WHERE v.page_id = ? AND p.state = 'live' AND t.frame_id IS NOT NULL AND v.unchanged < ? "
                "AND h.word_kept >= ? AND h.word_broken * ? <= h.word_kept",
                (page_id, EVERY - 1, _EARNED, _ONE_IN),
            )
            if row is not None:
                found[page_id] = _headers(row)
        return found

    def unchanged(self, page_id: int) -> None:
        """The server said 304."""
        self._door.execute("UPDATE _validator SET unchanged = unchanged + 1 WHERE page_id = ?", (page_id,))

    def take(self, page_id: int, visit_id: int, capture: Capture) -> list[int]:
        """A whole answer: hold the old validator against it, keep the new one.

        Gives the visits that brought a 304 since the last whole answer and are refuted by this one: the validator is
        the same, and the bytes are others.
        """
        etag, modified = capture.raw_header("etag"), capture.raw_header("last-modified")
        origin = origin_of(capture.url)
        refuted: list[int] = []
        before = self._door.row(
            "SELECT v.*, t.sha256 FROM _validator v JOIN _visit t ON t.visit_id = v.visit_id WHERE v.page_id = ?",
            (page_id,),
        )
        if before is not None and _is_same(before, etag, modified):
            is_true = before["sha256"] == bytes.fromhex(capture.sha256)
            self._credit(origin, is_true=is_true)
            refuted = [] if is_true else self._believed(page_id, before["visit_id"])
        if etag is None and modified is None:
            self._door.execute("DELETE FROM _validator WHERE page_id = ?", (page_id,))
        else:
            self._door.execute(
                "INSERT OR REPLACE INTO _validator(page_id, visit_id, origin, etag, modified) VALUES (?, ?, ?, ?, ?)",
                (page_id, visit_id, origin, etag, modified),
            )
        return refuted

    def _believed(self, page_id: int, since: int) -> list[int]:
        rows = self._door.rows(
            "SELECT visit_id FROM _visit WHERE page_id = ? AND visit_id > ? "
            "AND coalesce(read_outcome, outcome) = 'not_modified'",
            (page_id, since),
        )
        return [row["visit_id"] for row in rows]

    def _credit(self, origin: str, *, is_true: bool) -> None:
        self._door.execute(
            "INSERT INTO _host(origin, word_kept, word_broken) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET "
            "word_kept = word_kept + excluded.word_kept, word_broken = word_broken + excluded.word_broken",
            (origin, int(is_true), int(not is_true)),
        )


def _is_same(before: Row, etag: bytes | None, modified: bytes | None) -> bool:
    """Whether the server says by its validators that nothing changed: the ETag counts before the date."""
    if before["etag"] is not None or etag is not None:
        return bool(before["etag"] == etag)
    return modified is not None and bool(before["modified"] == modified)


def _headers(row: Row) -> Headers:
    pairs = ((b"If-None-Match", row["etag"]), (b"If-Modified-Since", row["modified"]))
    return tuple((name, value) for name, value in pairs if value is not None)
