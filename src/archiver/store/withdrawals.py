"""Withdraws changes that a repaired profile disproves: it reads the later capture as the earlier one was read.

The rows stay, because a profile may become valid again; the views do not show them.
"""

from archiver.model.record import Content
from archiver.store.connection import Connection
from archiver.store.content_rows import as_text
from archiver.store.view_sql import CHANGED

_LATEST = (
    f"SELECT h.change_id, h.field, {CHANGED.format('old')}, {CHANGED.format('new')} FROM _change h "
    "JOIN _version v ON v.version_id = h.version_id AND v.current > 0 WHERE h.page_id = ? AND h.withdrawn IS NULL "
    "ORDER BY h.not_after DESC, h.change_id DESC"
)


def withdraw(connection: Connection, page_id: int, was: Content, now: Content) -> None:
    """Withdraw the newest change of each field of a page that another reading of its newest version disproves.

    Args:
        connection: the archive.
        page_id: the page.
        was: the newest version as it was read until now.
        now: the same capture as today's extractor reads it. Where it gives the value before the change, or a value where
            the change says that there is none, the page did not change.
    """
    before, after = was.flat(), now.flat()
    differing = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    wrong = []
    for row in connection.rows(_LATEST, (page_id,)) if differing else ():
        if row["field"] in differing:
            differing.discard(row["field"])
            value = as_text(after.get(row["field"]) or None)
            if value == row["old"] or (row["new"] is None and value is not None):
                wrong.append((row["change_id"],))
    if wrong:
        connection.executemany("UPDATE _change SET withdrawn = 1 WHERE change_id = ?", wrong)


def reinstate(connection: Connection, version_id: int) -> None:
    """Show the changes of a version again, because the extractor that found them is the current one again."""
    connection.execute("UPDATE _change SET withdrawn = NULL WHERE version_id = ? AND withdrawn = 1", (version_id,))
