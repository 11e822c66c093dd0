"""Checks what changes say about themselves: their nature and their words are computed from the two values again."""

from collections.abc import Iterator

from archiver.maintain.verify.row_ranges import DAMAGE
from archiver.model.edit import describe
from archiver.store.connection import Connection
from archiver.store.content_rows import from_text
from archiver.store.view_sql import CHANGED

# A redesign is set aside when it is found: changes of its fields are described by what remains without it
_CHANGES = (
    f"SELECT h.change_id, h.field, h.nature, h.context, {CHANGED.format('old')}, {CHANGED.format('new')} FROM _change h "
    "JOIN _page p ON p.page_id = h.page_id WHERE h.nature IS NOT NULL AND h.redesign_id IS NULL AND NOT EXISTS "
    "(SELECT 1 FROM _redesign d JOIN _redesign_part q ON q.redesign_id = d.redesign_id "
    "WHERE d.site_id = p.site_id AND q.field = h.field) ORDER BY h.change_id"
)


def misdescribed(connection: Connection) -> Iterator[int]:
    """Yield the changes whose nature or context is not that of their old and new value.

    Changes of a field that a redesign of their site changed are left out.
    """
    try:
        for row in connection.rows(_CHANGES):
            field = row["field"]
            edit = describe(field, from_text(field, row["old"]), from_text(field, row["new"]))
            if (row["nature"], row["context"]) != (edit.nature, edit.context):
                yield row["change_id"]
    except DAMAGE:  # other checks say what cannot be read
        return
