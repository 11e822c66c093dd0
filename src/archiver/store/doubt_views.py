"""The view of the pages in doubt."""

from archiver.model.outcome import DOUBTS
from archiver.store.view_sql import EVERY, JOIN_PAGE, SITE_PAGE, View

DOUBT_VIEWS: tuple[View, ...] = (
    View(
        "doubtful",
        "pages in doubt: what their last visits show makes no version yet. The rules of the profile seem to misread the page, or a tiny "
        "text stands instead of its content",
        f"SELECT {SITE_PAGE}, d.visit_id, d.since, d.fields, (SELECT count(*) FROM _visit t WHERE t.page_id = d.page_id "
        f"AND t.visited_at >= d.since AND t.cause IN {DOUBTS}) AS visits FROM _doubt d {JOIN_PAGE.format('d')}",
        {
            **EVERY,
            "visit_id": "the first visit that showed it",
            "since": "the first visit in doubt (UTC)",
            "fields": "the fields that the rules seem to misread, with commas between; NULL for a tiny text",
            "visits": "number of doubtful visits since then",
        },
    ),
)
