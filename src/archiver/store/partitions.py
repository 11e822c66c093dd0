"""The views of one archive as a part of the tables of a fleet: the month of each row, and ids that no other shard has.

A row stays in its month: the month is that of a time which does not change while the row exists.
"""

from archiver.model.table import ColumnKind
from archiver.store import columns
from archiver.store.content_columns import ITEM_FIELDS
from archiver.store.view_sql import View

MONTH_OF: dict[str, str | None] = {
    "sites": None,
    "pages": "first_seen",
    "versions": "seen_from",
    "timeline": "since",
    "changes": "not_after",
    "events": "not_after",
    "unobserved": "since",
    "readings": "read_at",
    "visits": "visited_at",
    "renditions": "made_at",
    "imported": "visited_at",
    "blind": "visited_at",
    "absences": "gone_by",
    "verifications": "verified_at",
    "absence_proofs": "visited_at",
    **{each.name: None for each in ITEM_FIELDS},
    "files": None,
    "links": "seen_from",
    "sources": "recorded_at",
    "item_sources": None,
    "reinterpretations": "seen_from",
    "redesigns": "since",
    "health": "started_at",
    "alarms": "started_at",
    "modified": "seen_from",
    "silent_edits": "not_after",
    "moves": "found_at",
    "editions": "seen_from",
    "redactions": "visited_at",
    "embargoes": "set_at",
    "marks": "marked_at",
    "doubtful": None,
    "requisites": "first_seen",
    "runs": "started_at",
}
"""The column whose month is the partition of a row; None: all rows of the view are in one partition, `ALL`."""

ALL = "all"
"""The partition of a view without a time."""
UNDATED = "none"
"""The partition of rows whose time is NULL."""

IDS_OF_A_SHARD = 10**10
"""Ids of a fleet are `number of the shard * IDS_OF_A_SHARD + id in the shard`: in decimal, the last ten digits are the id in the shard."""
MOST_SHARDS = 900_000
"""With more, ids would not be exact in JSON (2**53)."""

_POINTERS = frozenset(("of_visit", "moved_to_page"))


def is_id(view: View, name: str) -> bool:
    """Whether a column of a view has ids, which are unique in one archive only."""
    is_integer = columns.column(view, name).kind is ColumnKind.INTEGER
    return is_integer and (name.endswith("_id") or name in _POINTERS)


def partition_sql(view: View) -> str:
    """Return SQL that selects the partition of each row, then the columns of a view, in the order of partitions.

    Its parameters are `:first`, which is added to all ids, and `:site`, for rows of the whole archive, which have none.
    Equal rows come in the same order each time.
    """
    time = MONTH_OF[view.name]
    month = f"'{ALL}'" if time is None else f"coalesce(substr({time}, 1, 7), '{UNDATED}')"
    chosen = ", ".join(_selected(view, name) for name in view.columns)
    keys = columns.key(view) or tuple(name for name in view.columns if name != "body")
    order = dict.fromkeys((*((time,) if time else ()), *keys))
    return f"SELECT {month} AS _month, {chosen} FROM {view.name} AS _v ORDER BY _month, {', '.join(f'_v.{name}' for name in order)}"


def _selected(view: View, name: str) -> str:
    if name == "site":
        return "coalesce(site, :site) AS site"
    return f"{name} + :first AS {name}" if is_id(view, name) else name
