"""Queries of what a browser made of one visit: document, screenshot, log of requests; and whether a page was read from it."""

from typing import NamedTuple

from archiver.store.connection import Connection
from archiver.store.view_sql import CURRENT


class RenditionRow(NamedTuple):
    """A rendition of a visit: a row of the view `renditions`.

    Attributes:
        rendition_id: its own visit, whose block are its bytes.
        kind: dom, screenshot or requests.
        bytes, sha256: of its bytes; None when the browser made none.
        made_at: when (UTC text). `milliseconds`: how long the browser took.
        note: a remark, such as why there is none.
        made_by: how it was made, as JSON (`model.rendition.MadeBy`).
        is_kept: whether its bytes are in the archive; they may be pruned or redacted.
    """

    rendition_id: int
    kind: str
    bytes: int | None
    sha256: str | None
    made_at: str
    milliseconds: int
    note: str | None
    made_by: str
    is_kept: bool


class RenditionQueries:
    """Queries of one archive. Each returns a bounded number of rows."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of_visit(self, visit_id: int) -> dict[str, RenditionRow]:
        """Return the renditions of a visit by kind, of each kind the first; empty when no browser opened its page."""
        rows = self._connection.rows(
            "SELECT r.rendition_id, r.kind, r.bytes, r.sha256, r.made_at, r.milliseconds, r.note, r.made_by, "
            "t.frame_id IS NOT NULL FROM _visit t JOIN renditions r ON r.rendition_id = t.visit_id "
            "WHERE t.of_visit = ? AND t.made_by IS NOT NULL ORDER BY t.visit_id LIMIT 20",
            (visit_id,),
        )
        found: dict[str, RenditionRow] = {}
        for row in map(RenditionRow._make, rows):
            found.setdefault(row.kind, row)
        return found

    def answers(self, visit_id: int) -> tuple[int, int]:
        """Return how many answers of servers the browser got for a visit, beside the page's own, and their bytes."""
        row = self._connection.row(
            "SELECT count(*), coalesce(sum(bytes), 0) FROM _visit WHERE of_visit = ? AND made_by IS NULL", (visit_id,)
        )
        return (0, 0) if row is None else (row[0], row[1])

    def is_read_from(self, page_id: int, moment: str) -> bool | None:
        """Return whether the version of a page at a moment (UTC text) was read from the document of a browser.

        None: no version was seen then.
        """
        found = self._connection.value(
            f"SELECT v.rendered FROM _version v WHERE v.page_id = ?1 AND {CURRENT.format('v')} AND v.seen_from <= ?2 "
            "AND v.seen_last >= ?2 ORDER BY v.seen_from DESC LIMIT 1",
            (page_id, moment),
        )
        return None if found is None else bool(found)
