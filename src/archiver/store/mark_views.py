"""The view of the marks that archivists gave to events."""

from archiver.store.view_sql import EVERY, View

MARK_VIEWS: tuple[View, ...] = (
    View(
        "marks",
        "what archivists marked as seen or important, and their notes, on events. A mark stays when the archive is read again. "
        "Join the view `events` by page_id, kind, field and visit_id, of a redesign by site, run_id and not_after; field IS field",
        "SELECT s.name AS site, m.page_id, p.url, m.mark_id, m.mark, m.note, m.kind, m.field, m.not_after, m.visit_id, m.run_id, "
        "m.marked_at, m.marked_by, m.withdrawn_at FROM _mark m JOIN _site s ON s.site_id = m.site_id "
        "LEFT JOIN _page p ON p.page_id = m.page_id",
        {
            **EVERY,
            "page_id": "the page of the event; NULL for a redesign",
            "url": "the page's address; NULL for a redesign",
            "mark_id": "identity of the mark",
            "mark": "seen, important or note",
            "note": "the text of a note; NULL for the other marks, and when a redaction of the page deleted it",
            "kind": "kind of the event: new, edited, gone, back, moved or redesign",
            "field": "field of an edit",
            "not_after": "first visit that shows the event (UTC)",
            "visit_id": "the visit that proves the event; NULL for a redesign",
            "run_id": "of a redesign: the command that found it",
            "marked_at": "when it was marked (UTC)",
            "marked_by": "the user whom the web server's proxy named; otherwise local",
            "withdrawn_at": "when the mark was withdrawn (UTC); NULL while it holds",
        },
    ),
)
