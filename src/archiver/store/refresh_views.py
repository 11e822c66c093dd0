"""Bring the schema and the views of an archive up to those of this program."""

from pathlib import Path

from archiver.store.connection import Connection
from archiver.store.describe_changes import describe_changes, has_undescribed
from archiver.store.open_file import open_connection
from archiver.store.repair_lock import demand_unlocked
from archiver.store.schema import APPLICATION_ID, MIGRATIONS
from archiver.store.temp_views import has_our_views, stored_views
from archiver.store.view_docs import view_docs
from archiver.store.views import view_statements


def lacks(path: Path) -> tuple[bool, bool]:
    """Return whether an archive has an earlier schema, and whether changes are not described since its migration."""
    connection = open_connection(path, application_id=APPLICATION_ID, migrations=MIGRATIONS, write=False)
    try:
        version = int(connection.value("PRAGMA user_version"))
        return 0 < version < len(MIGRATIONS), version == len(MIGRATIONS) and has_undescribed(connection)
    finally:
        connection.close()


def migrate_rows(path: Path) -> None:
    """Give an archive without a vault the present schema and views. No other file is created."""
    demand_unlocked(path)
    main = open_connection(path, application_id=APPLICATION_ID, migrations=MIGRATIONS, write=True)
    try:
        refresh_views(main)
        describe_changes(main)
    finally:
        main.close()


def refresh_views(main: Connection) -> None:
    """Recreate the views if they differ from those of this program."""
    if has_our_views(main):
        return
    with main.transaction():
        for statement in view_statements():
            main.execute(statement)
        main.executemany(
            "INSERT INTO _doc(view, column, meaning, keys, joins, example) VALUES (?, ?, ?, ?, ?, ?)", view_docs()
        )
        main.execute("INSERT OR REPLACE INTO _meta(key, value) VALUES ('views', ?)", (stored_views(),))
