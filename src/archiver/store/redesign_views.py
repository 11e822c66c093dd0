"""The view of redesigns, and the counts of a run's versions and changes."""

from archiver.store.view_sql import EVERY, IS_NO_COPY, View

RUN_COUNTS = (
    f"(SELECT count(*) FROM _version v WHERE v.run_id = r.run_id AND v.current = 1 AND v.version = 1 AND {IS_NO_COPY}) AS new_pages, "
    "(SELECT count(*) FROM _version v WHERE v.run_id = r.run_id AND v.current = 1 AND v.verdict <> 'reread') AS new_versions, "
    "(SELECT count(DISTINCT h.page_id) FROM _version v JOIN _change h ON h.version_id = v.version_id "
    "WHERE v.run_id = r.run_id AND v.current > 0 AND h.redesign_id IS NULL "
    "AND coalesce(h.nature, '') <> 'typography') AS changed"
)
"""Columns of the view `runs` of run r. They are counted from the tables, so they stay right when captures are read again."""

OF_REDESIGN = (
    "FROM _change h JOIN _version v ON v.version_id = h.version_id AND v.current > 0 "
    "WHERE h.redesign_id = d.redesign_id"
)
"""The changes of redesign d that are shown."""
_STRENGTHS = ("words", "figures", "media", "order", "typography")
_STRENGTH = " ".join(f"WHEN '{name}' THEN {place}" for place, name in enumerate(_STRENGTHS))
_STRONGEST = " ".join(f"WHEN {place} THEN '{name}'" for place, name in enumerate(_STRENGTHS))
NATURE = f"(SELECT CASE min(CASE h.nature {_STRENGTH} END) {_STRONGEST} END {OF_REDESIGN})"
"""The strongest nature of the changes of redesign d."""
REDESIGN_VIEWS: tuple[View, ...] = (
    View(
        "redesigns",
        "changes that many pages of a site have in common; each redesign is one event",
        "SELECT s.name AS site, d.redesign_id, d.run_id, d.since, d.kind, "
        f"(SELECT count(DISTINCT h.page_id) {OF_REDESIGN}) AS pages, (SELECT count(*) {OF_REDESIGN}) AS changes, d.fields, d.what, {NATURE} AS nature "
        f"FROM _redesign d JOIN _site s ON s.site_id = d.site_id WHERE EXISTS (SELECT 1 {OF_REDESIGN})",
        {
            "site": EVERY["site"],
            "redesign_id": "identity of the redesign; the same in `changes`",
            "run_id": "the command that saw it first",
            "since": "first visit that showed it (UTC)",
            "kind": "the kinds of its pages",
            "pages": "number of pages that changed",
            "changes": "number of changes: the rows of `changes` with this redesign_id",
            "fields": "the fields that changed",
            "what": "what it did: bylines appear, '-' became '–' in section",
            "nature": "the strongest kind of its changes, in this order: words, figures, media, order, typography",
        },
    ),
)
