"""What SQLite allows on a connection that only reads: for a user's query, and for a server."""

import sqlite3
from collections.abc import Callable

_READ_ONLY_PRAGMAS = frozenset(
    [
        "table_info",
        "table_xinfo",
        "table_list",
        "index_list",
        "index_info",
        "index_xinfo",
        "foreign_key_list",
        "user_version",
        "application_id",
        "encoding",
        "page_count",
        "page_size",
        "compile_options",
        "function_list",
        "pragma_list",
        "database_list",
    ]
)


def only_reading(action: int, name: str | None, value: str | None, _database: str | None, _by: str | None) -> int:
    """Authorize the actions of a user's query (sqlite3_set_authorizer): no other file, and no change of a setting."""
    if action in (sqlite3.SQLITE_ATTACH, sqlite3.SQLITE_DETACH):
        return sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_PRAGMA and (
        name not in _READ_ONLY_PRAGMAS or (value and name in ("user_version", "application_id"))
    ):
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK


_READING = frozenset(
    (
        sqlite3.SQLITE_SELECT,
        sqlite3.SQLITE_READ,
        sqlite3.SQLITE_FUNCTION,
        sqlite3.SQLITE_RECURSIVE,
        sqlite3.SQLITE_TRANSACTION,
    )
)

Authorizer = Callable[[int, str | None, str | None, str | None, str | None], int]


def only_selecting(action: int, name: str | None, value: str | None, database: str | None, by: str | None) -> int:
    """Authorize the actions of a server's connection: queries, and nothing else. Not even a temporary table."""
    if action in _READING and value != "load_extension":
        return sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_UPDATE and name == "sqlite_master":
        return (
            sqlite3.SQLITE_OK
        )  # opening a full-text index asks for it; a statement that does it is refused all the same
    if action == sqlite3.SQLITE_PRAGMA:
        return sqlite3.SQLITE_OK if name == "data_version" else only_reading(action, name, value, database, by)
    return sqlite3.SQLITE_DENY
