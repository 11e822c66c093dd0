"""Describes the changes of a migrated archive: their nature, their words, and the last visit with the old value.

New changes are described when they are written. Those of an archive of an earlier schema are described when it is
opened, in batches, so that a process that is killed loses nothing: the next one goes on.
"""

from archiver.model.edit import Nature, describe
from archiver.store.connection import Connection, Row, Value
from archiver.store.content_rows import from_text
from archiver.store.view_sql import CHANGED

LAST_VISIT_BEFORE = (
    "(SELECT b.last_visit FROM _version v JOIN _version b ON b.page_id = v.page_id AND b.extractor_id = v.extractor_id "
    "AND b.version = v.version - 1 WHERE v.version_id = h.version_id)"
)
"""The last visit with the old value of the change h."""
_NATURES = ", ".join(f"'{each}'" for each in Nature)
MISDESCRIBED = (
    f"(h.nature NOT IN ({_NATURES}) OR (h.nature IS NULL) <> (h.context IS NULL) "
    f"OR (h.nature IS NOT NULL AND h.before_visit IS NOT {LAST_VISIT_BEFORE}))"
)
"""The condition of a change h with an impossible description. One without any is still to be described."""
_BATCH = 200
_ANY = "SELECT EXISTS (SELECT 1 FROM _change WHERE nature IS NULL)"
_NEXT = (
    f"SELECT h.change_id, h.field, {CHANGED.format('old')}, {CHANGED.format('new')}, "
    f"{LAST_VISIT_BEFORE} AS before_visit "
    f"FROM _change h WHERE h.nature IS NULL ORDER BY h.change_id LIMIT {_BATCH}"
)
_DESCRIBED = "UPDATE _change SET nature = ?, context = ?, before_visit = ? WHERE change_id = ?"


def has_undescribed(connection: Connection) -> bool:
    """Return whether an archive has changes that an earlier schema stored and that are not described yet."""
    return bool(connection.value(_ANY))


def describe_changes(connection: Connection) -> None:
    """Describe all changes that are not described yet."""
    while has_undescribed(connection):
        with connection.transaction():
            connection.executemany(_DESCRIBED, [_described(row) for row in connection.rows(_NEXT)])


def _described(row: Row) -> tuple[Value, ...]:
    old, new = (_value(row["field"], row[side]) for side in ("old", "new"))
    edit = describe(row["field"], old, new)
    return edit.nature, edit.context, row["before_visit"], row["change_id"]


def _value(field: str, text: str | None) -> str | tuple[str, ...] | None:
    """Return a value; a list that is damaged is one text."""
    try:
        return from_text(field, text)
    except ValueError:
        return text
