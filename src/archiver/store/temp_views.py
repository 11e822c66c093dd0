"""Temporary views: the views of this version of archiver, in a file with the views of another version."""

import hashlib

from archiver.store.connection import Connection
from archiver.store.schema import MIGRATIONS
from archiver.store.view_docs import view_docs
from archiver.store.views import VIEWS, view_statements

_SAME = "SELECT value = ? FROM _meta WHERE key = 'views'"  # compared in SQL: in a damaged file the stored value may not be text


def digest_of_statements() -> str:
    """Return a digest of the SQL of all views."""
    return hashlib.sha256("\n".join(view_statements()).encode()).hexdigest()


def stored_views() -> str:
    """Return a digest of the SQL and one of the descriptions of all views, as stored in a file."""
    return f"{digest_of_statements()} {hashlib.sha256(repr([tuple(row) for row in view_docs()]).encode()).hexdigest()}"


def has_our_views(connection: Connection) -> bool:
    """Whether the file's views are those of this version."""
    return bool(connection.value(_SAME, (stored_views(),)))


def overlay_views(connection: Connection) -> None:
    """Create the views of this version as temporary views of a reader's connection, unless a newer archiver made the file."""
    if connection.value("PRAGMA user_version") <= len(MIGRATIONS) and not has_our_views(connection):
        for view in VIEWS:
            connection.execute(f"CREATE TEMP VIEW {view.name} AS {view.sql}")
