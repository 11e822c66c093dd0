"""The views of the health of each run: the shares of its fields, and its alarms."""

from archiver.store.view_sql import EVERY, View

_OF_RUN = "JOIN _run r ON r.run_id = h.run_id JOIN _site s ON s.site_id = r.site_id"
HEALTH_VIEWS: tuple[View, ...] = (
    View(
        "health",
        "how many pages had each field in each crawl; a page counts once a run",
        f"SELECT s.name AS site, h.run_id, r.started_at, h.kind, h.field, h.read, h.found, h.before_read, h.before_found FROM _health h {_OF_RUN}",
        {
            "site": EVERY["site"],
            "run_id": "the crawl",
            "started_at": "when it began (UTC)",
            "kind": "the kind of pages, with the line of its table in the profile if there are several",
            "field": "the field, or readings.NAME",
            "read": "pages that the crawl read",
            "found": "pages of these with the field; a value of the fallback does not count where the profile has rules",
            "before_read": "pages that were read before",
            "before_found": "pages of these with the field",
        },
    ),
    View(
        "alarms",
        "what was wrong with a site at the end of each crawl",
        f"SELECT s.name AS site, h.run_id, r.started_at, h.what, h.kind, h.field, h.since, h.problem, h.url FROM _alarm h {_OF_RUN}",
        {
            "site": EVERY["site"],
            "run_id": "the crawl",
            "started_at": "when it began (UTC)",
            "what": "field, body, required, drift or unfit (of one kind of pages); errors, blocked, refused, shells or not_rendered (of the whole site)",
            "kind": "the kind of pages; NULL for the whole site",
            "field": "the field; NULL for the whole site",
            "since": "the last time without the problem (UTC); NULL if there was none",
            "problem": "what is wrong, in words",
            "url": "an example page",
        },
    ),
)
