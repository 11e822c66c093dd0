"""The kinds, keys and references of the columns of the views.

A column name has the same kind in all views; a test checks this with an archive.
"""

from archiver.model.table import Column, ColumnKind, Reference
from archiver.store.content_columns import ITEM_FIELDS
from archiver.store.view_sql import View
from archiver.store.views import VIEWS

SEARCHED = ("found", "found_plain")
"""Views that return rows only `WHERE words MATCH …`. They are not exported."""

READABLE: tuple[View, ...] = tuple(view for view in VIEWS if view.name not in SEARCHED)
"""The views that can be read as a whole."""

TABLES: tuple[View, ...] = tuple(view for view in READABLE if view.name not in ("timeline", "blind", "events"))
"""The views that are exported by default. Those that are left out repeat rows of the others."""

_TIMES = frozenset(
    (
        "seen_from", "seen_last", "seen_until", "published_utc", "first_seen", "last_visited", "last_run", "not_before",
        "not_after", "read_at", "visited_at", "last_seen", "gone_by", "back_by", "recorded_at", "started_at", "finished_at",
        "since", "until", "last_miss", "modified_utc", "found_at", "made_at", "verified_at", "redacted_at", "set_at", "lifted_at",
        "marked_at", "withdrawn_at",
    )
)  # fmt: skip
_INTEGERS = frozenset(
    (
        "page_id", "version_id", "version", "content_id", "change_id", "visit_id", "run_id", "pages", "views", "value",
        "gained", "chars_added", "chars_removed", "status", "bytes", "milliseconds", "misses", "position", "rank", "visits",
        "new_pages", "new_versions", "changed", "gone", "back", "errors", "refused", "unread", "place",
        "before_visit_id", "after_visit_id", "first_visit_id", "spans_absence", "redesign_id", "moved_to_page", "edition", "to_page_id",
        "changes", "read", "found", "before_read", "before_found",
        "edits", "words", "chain_position", "verification_id", "deep", "last_visit_id", "bodies", "bodies_read",
        "known", "due", "failed", "redaction_id", "embargo_id", "mark_id", "of_visit",
        "rendition_id",
    )
)  # fmt: skip
_LISTS = frozenset(each.name for each in ITEM_FIELDS)
_OBJECTS = frozenset(("extra",))

_KEYS: dict[str, tuple[str, ...]] = {
    "sites": ("site",),
    "pages": ("page_id",),
    "versions": ("version_id",),
    "changes": ("change_id",),
    "readings": ("page_id", "name", "read_at", "visit_id"),
    "visits": ("visit_id",),
    **{each.name: ("version_id", "position") for each in ITEM_FIELDS},
    "files": ("version_id", "position"),
    "sources": ("version_id", "field"),
    "item_sources": ("version_id", "field", "position"),
    "editions": ("page_id", "edition", "position"),
    "runs": ("run_id",),
    "redesigns": ("redesign_id",),
    "health": ("run_id", "kind", "field"),
    "imported": ("visit_id",),
    "renditions": ("rendition_id",),
    "modified": ("page_id", "seen_from"),
    "moves": ("page_id", "visit_id"),
    "verifications": ("verification_id",),
    "absence_proofs": ("visit_id",),
    "redactions": ("visit_id",),
    "embargoes": ("embargo_id",),
    "marks": ("mark_id",),
    "doubtful": ("page_id",),
    "_doc": ("view", "column"),
}
# `visits` includes robots.txt and probes, which are not in `pages`; `sources` includes replaced versions, which are not
# in `versions`. Such references are not declared.
_POINTS: dict[str, tuple[tuple[str, str] | tuple[str, str, str], ...]] = {
    "versions": (
        ("page_id", "pages"),
        ("first_visit_id", "visits", "visit_id"),
        ("last_visit_id", "visits", "visit_id"),
    ),
    "changes": (
        ("page_id", "pages"),
        ("version_id", "versions"),
        ("redesign_id", "redesigns"),
        ("before_visit_id", "visits", "visit_id"),
        ("after_visit_id", "visits", "visit_id"),
        ("run_id", "runs"),
    ),
    "events": (
        ("page_id", "pages"),
        ("version_id", "versions"),
        ("change_id", "changes"),
        ("redesign_id", "redesigns"),
        ("visit_id", "visits"),
        ("run_id", "runs"),
    ),
    "unobserved": (("page_id", "pages"),),
    "redesigns": (("run_id", "runs"),),
    "readings": (("page_id", "pages"), ("visit_id", "visits")),
    **{each.name: (("version_id", "versions"),) for each in ITEM_FIELDS},
    "files": (("version_id", "versions"), ("visit_id", "visits")),
    "imported": (("visit_id", "visits"), ("run_id", "runs")),
    "health": (("run_id", "runs"),),
    "alarms": (("run_id", "runs"),),
    "modified": (("page_id", "pages"), ("visit_id", "visits")),
    "moves": (("page_id", "pages"), ("visit_id", "visits")),
    "silent_edits": (
        ("page_id", "pages"),
        ("change_id", "changes"),
        ("version_id", "versions"),
        ("visit_id", "visits"),
    ),
    "editions": (("page_id", "pages"), ("visit_id", "visits"), ("to_page_id", "pages", "page_id")),
    "doubtful": (("page_id", "pages"), ("visit_id", "visits")),
    "absences": (("page_id", "pages"),),
    "absence_proofs": (("page_id", "pages"), ("visit_id", "visits")),
    "redactions": (("visit_id", "visits"),),
    "marks": (("page_id", "pages"), ("visit_id", "visits"), ("run_id", "runs")),
}
"""Column, view, and the column of that view where it has another name."""


def column(view: View, name: str) -> Column:
    """Return a column of a view; a column of a newer archive that this program does not know has the kind unknown."""
    return Column(name, _kind(name) if name in view.columns else ColumnKind.UNKNOWN, view.columns.get(name, ""))


def _kind(name: str) -> ColumnKind:
    for names, kind in (
        (_TIMES, ColumnKind.TIME),
        (_INTEGERS, ColumnKind.INTEGER),
        (_LISTS, ColumnKind.LIST),
        (_OBJECTS, ColumnKind.OBJECT),
    ):
        if name in names:
            return kind
    return ColumnKind.TEXT


def key(view: View) -> tuple[str, ...]:
    """Return the columns of a view's primary key; () when it has none."""
    return _KEYS.get(view.name, ())


def references(view: View) -> tuple[Reference, ...]:
    """Return the foreign keys of a view. They hold for the whole archive and for the part of one site."""
    site = () if "site" not in view.columns or view.name == "sites" else (Reference("site", "sites", "site"),)
    return site + tuple(
        Reference(name, table, *(other or (name,))) for name, table, *other in _POINTS.get(view.name, ())
    )
