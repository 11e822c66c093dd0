"""The proofs of absences as rows, and whether a page came back with the content it had."""

from archiver.model.outcome import having
from archiver.store.view_sql import EVERY, JOIN_PAGE, SITE_PAGE, View, one_of

_ABSENT = having(lambda each: each.is_absence)
_WORDS = ", ".join(f"'{each}'" for each in _ABSENT)
_IS_MISS = (
    "{0}.page_id = a.page_id AND {0}.visited_at >= a.first_miss AND {0}.visited_at <= a.last_miss "
    f"AND coalesce({{0}}.read_outcome, {{0}}.outcome) IN ({_WORDS})"
)
_FIRST = f"(SELECT b.{{0}} FROM _visit b WHERE {_IS_MISS.format('b')} ORDER BY b.visited_at, b.visit_id LIMIT 1)"
PROVING = (
    f"(SELECT q.visit_id FROM _visit q WHERE {_IS_MISS.format('q')} AND (q.status = 410 OR q.visited_at > a.first_miss "
    f"OR coalesce(q.run_id, 0) <> coalesce({_FIRST.format('run_id')}, 0)) ORDER BY q.visited_at, q.visit_id LIMIT 1)"
)
"""The visit that proved an absence `a`: the first with a 410, or else the first miss at another time or in another run."""

CAME_BACK = (
    "(SELECT CASE WHEN EXISTS (SELECT 1 FROM _change h JOIN _version x ON x.version_id = h.version_id AND x.current > 0 "
    "WHERE x.page_id = n.page_id AND x.version = n.version) THEN 'different' "
    "WHEN n.content_id = o.content_id OR n.extractor_id = o.extractor_id THEN 'same' END "
    "FROM _version n JOIN _version o ON o.page_id = n.page_id AND o.version = n.version - 1 AND o.current = 1 "
    "WHERE n.page_id = a.page_id AND n.current = 1 AND n.seen_from = a.back_by)"
)
"""Whether the version that ended an absence `a` has the content of the version before it: `same`, `different` or NULL."""

ABSENCE_PROOFS = View(
    "absence_proofs",
    "the visits that prove each absence: every miss, in its order",
    f"SELECT {SITE_PAGE}, a.gone_by, t.visit_id, t.visited_at, t.status, coalesce(t.read_outcome, t.outcome) AS outcome, "
    f"CASE WHEN t.visit_id = {PROVING} THEN 'proving' "
    f"WHEN t.visit_id = {_FIRST.format('visit_id')} THEN 'first' WHEN t.visited_at = a.last_miss THEN 'newest' ELSE 'further' END AS proof "
    f"FROM _absence a JOIN _visit t ON {_IS_MISS.format('t')} {JOIN_PAGE.format('a')} WHERE a.gone_by IS NOT NULL",
    {
        **EVERY,
        "gone_by": "the absence: first visit that found the page gone (UTC)",
        "visit_id": "a visit that found it gone",
        "visited_at": "when that was (UTC)",
        "status": "its HTTP status",
        "outcome": one_of(_ABSENT),
        "proof": "first; proving (it made the absence certain: a second miss, or a 410); newest; or further",
    },
)
