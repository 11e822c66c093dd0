"""The rows of an archive, or of one of its sites, as a file without a vault: the `archive.db` of a data package.

It has the tables, the views and the full-text indexes of an archive, so every command that only reads rows works on it.
What belongs to other sites is found by the columns `site_id` and by the references between tables, so a table of a later
schema needs no line here.
"""

import json
import uuid
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from archiver.errors import ArchiveError
from archiver.store.connection import Connection, as_archive_error
from archiver.store.open_file import statements
from archiver.store.plain_files import open_plain
from archiver.store.word_index import WORD_INDEXES

_UNDECLARED = (("_visit", "reason_id", "_reason", "reason_id"), ("_ungrouped", "change_id", "_change", "change_id"))
"""References that the schema does not declare: table, column, referenced table, its column."""
_OF_THE_MACHINE = ("_host",)
"""Tables about all servers; a file of one site has nothing in them."""


class _Reference(NamedTuple):
    """A column that refers to another table. `is_required`: a row without the other is no row."""

    table: str
    column: str
    parent: str
    key: str
    is_required: bool


def keep_only(path: Path, site: str | None, without: Sequence[int] = ()) -> None:
    """Delete from a copy of `archive.db` what is not of one site, and some pages; give it an identity of its own.

    The chain over the remaining visits cannot be checked: it also covers the visits that were deleted.

    Args:
        path: the copy.
        site: the site's name; None for all sites.
        without: the pages to delete.

    Raises:
        ArchiveError: the file cannot be written.
    """
    with closing(open_plain(path, write=True)) as copy:
        copy.execute("PRAGMA foreign_keys=OFF")
        copy.execute("PRAGMA synchronous=OFF")  # the caller syncs the finished file once
        copy.execute("BEGIN")
        guards = [row[0] for row in copy.rows("SELECT sql FROM sqlite_schema WHERE type = 'trigger'")]
        for row in copy.rows("SELECT name FROM sqlite_schema WHERE type = 'trigger'"):
            copy.execute(f"DROP TRIGGER {row[0]}")
        site_id = None if site is None else int(copy.value("SELECT site_id FROM _site WHERE name = ?", (site,)))
        _delete_others(copy, site_id, without)
        for name in WORD_INDEXES:
            copy.execute(f"INSERT INTO {name}({name}) VALUES ('rebuild')")
        for guard in guards:
            for statement in statements(guard + ";"):
                copy.execute(statement)
        copy.execute("UPDATE _meta SET value = ? WHERE key = 'archive_id'", (str(uuid.uuid4()),))
        copy.execute("COMMIT")


def compact(path: Path) -> None:
    """Make a copy as small as it can be, readable also in a read-only folder.

    Raises:
        ArchiveError: the file cannot be written.
    """
    with closing(open_plain(path, write=True)) as copy:
        try:
            copy.raw.execute("PRAGMA journal_mode=DELETE")
            copy.raw.execute("VACUUM")
        except copy.raw.Error as error:
            raise as_archive_error(error, path) or ArchiveError(f"{path}: {error}") from error


def _delete_others(copy: Connection, site_id: int | None, without: Sequence[int]) -> None:
    tables = [row[0] for row in copy.rows(_TABLES)]
    copy.execute("DELETE FROM _page WHERE page_id IN (SELECT value FROM json_each(?))", (json.dumps(list(without)),))
    copy.execute("DELETE FROM _mark WHERE page_id IN (SELECT value FROM json_each(?))", (json.dumps(list(without)),))
    if without:
        copy.execute("DELETE FROM _embargo")  # the patterns are addresses
    for table in tables if site_id is not None else ():
        if "site_id" in {row["name"] for row in copy.rows(f"PRAGMA table_info({table})")}:
            copy.execute(f"DELETE FROM {table} WHERE site_id IS NOT ?", (site_id,))
    for table in _OF_THE_MACHINE:
        copy.execute(f"DELETE FROM {table}")
    references = list(_references(copy, tables))
    while sum(_delete_dangling(copy, each) for each in references if each.parent != "_stored_content"):
        pass
    _delete_unused(copy, references)


_TABLES = (
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name LIKE '\\_%' ESCAPE '\\' "
    "AND name NOT LIKE '\\_words%' ESCAPE '\\' ORDER BY name"
)


def _references(copy: Connection, tables: list[str]) -> Iterator[_Reference]:
    for table in tables:
        columns = {row["name"]: bool(row["notnull"] or row["pk"]) for row in copy.rows(f"PRAGMA table_info({table})")}
        for row in copy.rows(f"PRAGMA foreign_key_list({table})"):
            keys = [each["name"] for each in copy.rows(f"PRAGMA table_info({row['table']})") if each["pk"]]
            yield _Reference(table, row["from"], row["table"], keys[0], columns[row["from"]])
    for table, column, parent, key in _UNDECLARED:
        yield _Reference(table, column, parent, key, column == "change_id")


def _delete_dangling(copy: Connection, each: _Reference) -> int:
    """Delete rows whose referenced row was deleted, or clear the reference if it is not required; return their number."""
    change = f"DELETE FROM {each.table}" if each.is_required else f"UPDATE {each.table} SET {each.column} = NULL"
    lost = f"{each.column} IS NOT NULL AND {each.column} NOT IN (SELECT {each.key} FROM {each.parent})"
    return copy.execute(f"{change} WHERE {lost}").rowcount


def _delete_unused(copy: Connection, references: list[_Reference]) -> None:
    """Delete contents, addresses, requests and other values that several sites may share, if no row refers to them."""
    parts = {"_item", "_content_words"}  # of a content; they do not keep it
    for parent in ("_stored_content", "_target", "_origin", "_request", "_reason", "_reading_name", "_warc"):
        users = [each for each in references if each.parent == parent and each.table not in parts]
        used = " UNION ".join(
            f"SELECT {each.column} FROM {each.table} WHERE {each.column} IS NOT NULL" for each in users
        )
        while copy.execute(f"DELETE FROM {parent} WHERE {users[0].key} NOT IN ({used})").rowcount:
            if parent != "_stored_content":
                break  # only contents refer to each other
    for each in references:
        if each.table in parts:
            _delete_dangling(copy, each)
