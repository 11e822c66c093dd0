"""Temporary views: the views of this version of archiver, in a file with the views of another version."""

import hashlib
from collections.abc import Sequence

from archiver.store.columns import SEARCHED
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


def hide_pages(connection: Connection, pages: Sequence[int]) -> None:
    """Leave pages out of all views of a reader's connection, also out of queries that name the views.

    What other pages say of them stays: links to them, and their headlines on front pages.
    """
    if not pages:
        return
    connection.execute("CREATE TEMP TABLE _hidden(page_id INTEGER PRIMARY KEY)")
    connection.executemany("INSERT INTO temp._hidden(page_id) VALUES (?)", ((page,) for page in pages))
    for view in VIEWS:
        if "page_id" in view.columns and view.name not in SEARCHED:
            connection.execute(f"DROP VIEW IF EXISTS temp.{view.name}")
            sql = (
                f"SELECT * FROM ({view.sql}) WHERE page_id IS NULL OR page_id NOT IN (SELECT page_id FROM temp._hidden)"
            )
            connection.execute(f"CREATE TEMP VIEW {view.name} AS {sql}")
    for name in SEARCHED:
        sql = next(view.sql for view in VIEWS if view.name == name)
        connection.execute(f"DROP VIEW IF EXISTS temp.{name}")
        hidden = "p.page_id NOT IN (SELECT page_id FROM temp._hidden)"
        connection.execute(f"CREATE TEMP VIEW {name} AS {sql} WHERE {hidden}")
