"""What the columns of the views are beside their meaning: kinds by name, keys, and where they point.

A name is of one kind in whatever view it stands; a test holds this against an archive.
"""

from archiver.model.table import Column, ColumnKind, Reference
from archiver.store.content_columns import ITEM_FIELDS
from archiver.store.view_sql import View
from archiver.store.views import VIEWS

SEARCHED = ("found", "found_plain")
"""Views that give rows only `WHERE words MATCH …`, and are no tables to write down."""

READABLE: tuple[View, ...] = tuple(view for view in VIEWS if view.name not in SEARCHED)
"""The views that can be read whole."""

TABLES: tuple[View, ...] = tuple(view for view in READABLE if view.name not in ("timeline", "blind"))
"""Those that are exported when none is named: the two left out show rows of the others again."""

_TIMES = frozenset(
    (
        "seen_from", "seen_last", "seen_until", "published_utc", "first_seen", "last_visited", "last_run", "not_before",
        "not_after", "read_at", "visited_at", "last_seen", "gone_by", "back_by", "recorded_at", "started_at", "finished_at",
        "since", "until", "last_miss",
    )
)  # fmt: skip
_INTEGERS = frozenset(
    (
        "page_id", "version_id", "version", "content_id", "change_id", "visit_id", "run_id", "pages", "views", "value",
        "gained", "chars_added", "chars_removed", "status", "bytes", "milliseconds", "misses", "position", "rank", "visits",
        "new_pages", "new_versions", "changed", "gone", "back", "errors", "refused", "unread", "place",
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
    "runs": ("run_id",),
    "imported": ("visit_id",),
}
# `visits` holds those to robots.txt and to probes, which are no pages; `sources` holds former readings, which are no
# versions: what is not always true is not said.
_POINTS: dict[str, tuple[tuple[str, str], ...]] = {
    "versions": (("page_id", "pages"),),
    "changes": (("page_id", "pages"), ("version_id", "versions")),
    "readings": (("page_id", "pages"), ("visit_id", "visits")),
    **{each.name: (("version_id", "versions"),) for each in ITEM_FIELDS},
    "files": (("version_id", "versions"), ("visit_id", "visits")),
    "imported": (("visit_id", "visits"), ("run_id", "runs")),
}


def column(view: View, name: str) -> Column:
    """A column of a view; one this program does not know (of a newer archive) is of unknown kind."""
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
    """The columns no two rows of a view agree in; () when there are none that are sure."""
    return _KEYS.get(view.name, ())


def references(view: View) -> tuple[Reference, ...]:
    """Where a view's columns point, in the whole archive and in the part of one site."""
    site = () if view.name == "sites" else (Reference("site", "sites", "site"),)
    return site + tuple(Reference(name, table, name) for name, table in _POINTS.get(view.name, ()))
