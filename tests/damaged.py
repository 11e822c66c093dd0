"""Damage an archive's files: change rows without the triggers, overwrite bytes, empty pages of a table."""

import sqlite3
from contextlib import closing
from pathlib import Path


def alter(path: Path, *statements: str) -> None:
    """Change rows without the triggers, and restore the triggers afterwards."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        triggers = connection.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            connection.execute(statement)
        for _, sql in triggers:
            connection.execute(sql)


def overwrite(path: Path, start: int, data: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(start)
        file.write(data)


def leaf_of(path: Path, table: str, at: float) -> int:
    """Return the offset of a leaf page of a table, at a fraction of its pages."""
    with closing(sqlite3.connect(path)) as connection:
        size = connection.execute("PRAGMA page_size").fetchone()[0]
        pages = connection.execute(
            "SELECT pageno FROM dbstat WHERE name = ? AND pagetype = 'leaf' ORDER BY path", (table,)
        ).fetchall()
    return int((pages[int((len(pages) - 1) * at)][0] - 1) * size)


def emptied(path: Path, table: str, at: float) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        size = connection.execute("PRAGMA page_size").fetchone()[0]
    overwrite(path, leaf_of(path, table, at), bytes(size))
