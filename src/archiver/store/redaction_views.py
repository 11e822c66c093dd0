"""The views of redactions and of embargoes, and the columns by which other views mark redacted captures and versions."""

from archiver.store.view_sql import EVERY, JOIN_PAGE, SITE_PAGE, View

_OF_VISIT = "(SELECT ra.{0} FROM _redacted rv JOIN _redaction ra ON ra.redaction_id = rv.redaction_id WHERE rv.visit_id = {1}{2})"
VISIT_REDACTED = (
    f"{_OF_VISIT.format('redacted_at', 't.visit_id', '')} AS redacted_at, "
    f"{_OF_VISIT.format('reason', 't.visit_id', '')} AS redaction_reason"
)
"""The columns that mark the visit t."""
_HAS_MARK = " AND rv.mark IS NOT NULL"
VERSION_REDACTED = (
    f"{_OF_VISIT.format('redacted_at', 'v.first_visit', _HAS_MARK)} AS redacted_at, "
    f"{_OF_VISIT.format('reason', 'v.first_visit', _HAS_MARK)} AS redaction_reason"
)
"""The columns that mark the version v."""
VISIT_DOC = {
    "redacted_at": "when its bytes were redacted (UTC); NULL otherwise",
    "redaction_reason": "why its bytes were redacted",
}
VERSION_DOC = {
    "redacted_at": "when all its captures were redacted, and with them its content (UTC); NULL otherwise",
    "redaction_reason": "why they were redacted",
}

REDACTION_VIEWS: tuple[View, ...] = (
    View(
        "redactions",
        "captures whose bytes, and what was read of them, were deleted for good by `archiver redact`. Their digests remain",
        f"SELECT {SITE_PAGE}, r.visit_id, t.visited_at, a.redaction_id, a.redacted_at, a.reason, a.redacted_by, a.wanted, "
        "lower(hex(t.sha256)) AS sha256, t.bytes FROM _redacted r JOIN _redaction a ON a.redaction_id = r.redaction_id "
        f"JOIN _visit t ON t.visit_id = r.visit_id {JOIN_PAGE.format('t')}",
        {
            **EVERY,
            "visit_id": "the visit",
            "visited_at": "when the page was captured (UTC)",
            "redaction_id": "the act: the same for all captures that one command redacted",
            "redacted_at": "when (UTC)",
            "reason": "why, as the archivist wrote it",
            "redacted_by": "who ordered or did it; NULL when that was not said",
            "wanted": "what was asked for: the address and the span of time",
            "sha256": "of the body that was deleted, hex",
            "bytes": "of the body that was deleted",
        },
    ),
    View(
        "embargoes",
        "addresses that exports leave out until a date, as `archiver embargo` sets them",
        "SELECT s.name AS site, e.embargo_id, e.pattern, e.until, e.reason, e.set_at, e.lifted_at FROM _embargo e "
        "LEFT JOIN _site s ON s.site_id = e.site_id",
        {
            "site": "the site; NULL: addresses of all sites",
            "embargo_id": "identity of the embargo",
            "pattern": "the beginning of the addresses, with * and $ as in robots.txt",
            "until": "the first moment at which exports have them again (UTC)",
            "reason": "why",
            "set_at": "when it was set (UTC)",
            "lifted_at": "when it was lifted before its time (UTC); NULL otherwise",
        },
    ),
)
