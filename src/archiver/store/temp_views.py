"""The views of this archiver, in a file whose views another one made."""

from archiver.store.connection import Connection
from archiver.store.schema import MIGRATIONS
from archiver.store.views import VIEWS, view_docs, view_statements

_SAME = "SELECT value = ? FROM _meta WHERE key = 'views'"  # compared there: what is stored may be no text any more


def stored_views() -> str:
    """What a file is told of the views it has: their SQL, and their meaning."""
    return "\n".join(view_statements()) + repr(view_docs())


def has_our_views(connection: Connection) -> bool:
    """Whether the file's views are this archiver's."""
    return bool(connection.value(_SAME, (stored_views(),)))


def overlay_views(connection: Connection) -> None:
    """For a reader: ours before the file's own, on this connection alone. A newer archiver's are left as they are."""
    if connection.value("PRAGMA user_version") <= len(MIGRATIONS) and not has_our_views(connection):
        for view in VIEWS:
            connection.execute(f"CREATE TEMP VIEW {view.name} AS {view.sql}")
