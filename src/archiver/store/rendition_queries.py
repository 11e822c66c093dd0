"""Queries of what a browser made of one visit: document, screenshot, log of requests; and whether a page was read from it."""

from typing import NamedTuple

from archiver.model.rendition import DOM, SCREENSHOT, parse_made_by, urn
from archiver.store.connection import Connection
from archiver.store.view_sql import CURRENT

_ROWS = (
    "SELECT r.rendition_id, r.kind, r.bytes, r.sha256, r.made_at, r.milliseconds, r.note, r.made_by, t.frame_id IS NOT NULL, "
    "r.visit_id FROM _visit t JOIN renditions r ON r.rendition_id = t.visit_id"
)
_SCREENSHOT_BEFORE = (
    "SELECT s.visit_id FROM _visit d JOIN _page p ON p.page_id = d.page_id JOIN _page q ON q.site_id = p.site_id "
    f"AND q.key = '{urn(SCREENSHOT, '')}' || substr(p.key, {len(urn(DOM, '')) + 1}) JOIN _visit s ON s.page_id = q.page_id "
    "AND s.frame_id IS NOT NULL AND s.visit_id < d.visit_id WHERE d.visit_id = ? ORDER BY s.visited_at DESC, s.visit_id DESC LIMIT 1"
)
"""The newest screenshot that was stored before a document of the same page."""


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
        visit_id: the visit that it is of. A screenshot may be of an earlier one with the same content and layout.
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
    visit_id: int


class RenditionQueries:
    """Queries of one archive. Each returns a bounded number of rows."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of_visit(self, visit_id: int) -> dict[str, RenditionRow]:
        """Return the renditions of a visit by kind, of each kind the first; empty when no browser opened its page.

        When no screenshot of this visit was kept because it would have shown the same, the screenshot is the one before.
        """
        found: dict[str, RenditionRow] = {}
        rows = self._connection.rows(
            f"{_ROWS} WHERE t.of_visit = ? AND t.made_by IS NOT NULL ORDER BY t.visit_id LIMIT 20", (visit_id,)
        )
        for row in map(RenditionRow._make, rows):
            found.setdefault(row.kind, row)
        dom = found.get(DOM)
        if dom is not None and SCREENSHOT not in found and (shows := parse_made_by(dom.made_by).shows):
            before = self._connection.row(f"{_ROWS} WHERE t.visit_id = ({_SCREENSHOT_BEFORE})", (dom.rendition_id,))
            if before is not None and parse_made_by(before["made_by"]).shows == shows:
                found[SCREENSHOT] = RenditionRow._make(before)
        return found

    def last_shown(self, page_id: int) -> str:
        """Return the digest of what the newest kept screenshot shows; "" when there is none. `page_id`: its own page."""
        made_by = self._connection.value(
            "SELECT made_by FROM _visit WHERE page_id = ? AND frame_id IS NOT NULL ORDER BY visited_at DESC, visit_id DESC LIMIT 1",
            (page_id,),
        )
        return parse_made_by(made_by).shows if made_by else ""

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
