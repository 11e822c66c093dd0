"""The public views, with a description of each view and column.

DuckDB's SQLite scanner can parse the SQL (except `found` and `found_plain`, which need FTS5).
Each page is shown by its newest reading; earlier readings stay in `reinterpretations`.
"""

from archiver.store.claim_views import CLAIM_VIEWS
from archiver.store.content_views import CONTENT_VIEWS
from archiver.store.doubt_views import DOUBT_VIEWS
from archiver.store.event_views import EVENT_VIEWS
from archiver.store.health_views import HEALTH_VIEWS
from archiver.store.listing_views import LISTING_VIEWS
from archiver.store.mark_views import MARK_VIEWS
from archiver.store.page_views import HISTORY_VIEWS
from archiver.store.redaction_views import REDACTION_VIEWS
from archiver.store.redesign_views import REDESIGN_VIEWS, RUN_COUNTS
from archiver.store.schema import BLIND
from archiver.store.view_sql import EVERY, FOUND_CONTEXT, PLAIN_CONTEXT, REQUISITES, View, found
from archiver.store.visit_views import VISIT_VIEWS

VIEWS: tuple[View, ...] = (
    *HISTORY_VIEWS,
    *EVENT_VIEWS,
    *VISIT_VIEWS,
    *CONTENT_VIEWS,
    *REDESIGN_VIEWS,
    *HEALTH_VIEWS,
    *CLAIM_VIEWS,
    *LISTING_VIEWS,
    *REDACTION_VIEWS,
    *MARK_VIEWS,
    *DOUBT_VIEWS,
    REQUISITES,
    found("found", "_words", FOUND_CONTEXT, "full text over every version, exact accents"),
    found("found_plain", "_words_plain", PLAIN_CONTEXT, "full text without accents; type d for đ"),
    View(
        "runs",
        "every command that visited or read",
        "SELECT s.name AS site, r.run_id, r.kind, r.started_at, r.finished_at, r.known, r.due, r.visits, "
        f"{RUN_COUNTS}, "
        "r.gone, r.back, r.errors, r.refused, r.ended, r.unread, r.cause FROM _run r LEFT JOIN _site s ON s.site_id = r.site_id",
        {
            "site": EVERY["site"],
            "run_id": "identity of the run",
            "kind": "capture, crawl, extract or import",
            "started_at": "UTC",
            "finished_at": "UTC; NULL while it runs, or when it was killed",
            "known": "crawl: pages that were known when it began; NULL for other commands and older runs",
            "due": "crawl: pages that were due when it began; NULL for other commands and older runs",
            "visits": "number of visits",
            "new_pages": "pages read for the first time; a page that moved is not new at its new address",
            "new_versions": "versions written, including first versions",
            "changed": "pages with an edit; changes of redesigns are not counted",
            "gone": "pages proven gone; a page that moved is not gone",
            "back": "pages that came back",
            "errors": "visits that failed",
            "refused": "visits that robots.txt forbade",
            "ended": "done, limit, interrupted, stopped (pages were left undone) or failed",
            "unread": "captures that the reader could not read; they are kept and read again by a newer version",
            "cause": "why it stopped; NULL otherwise",
        },
    ),
)


def view_statements() -> list[str]:
    """Return the statements that create all views, and the index with the condition of the view `blind`."""
    statements = []
    for view in VIEWS:
        statements += [f"DROP VIEW IF EXISTS {view.name}", f"CREATE VIEW {view.name} AS {view.sql}"]
    statements += [
        "DROP INDEX IF EXISTS _visit_blind",
        f"CREATE INDEX _visit_blind ON _visit(visited_at) WHERE {BLIND.format('')}",
    ]
    statements.append("DELETE FROM _doc")
    return statements
