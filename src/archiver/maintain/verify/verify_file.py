"""Checks a file on the level of SQLite: pages, indexes, types, tables and foreign keys."""

import functools
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

from archiver.errors import ArchiveDamaged, ArchiveError, ArchiveFull, ArchiveLocked, ArchiveReadOnly
from archiver.maintain.verify.finding import Finding, Findings
from archiver.maintain.verify.row_ranges import DAMAGE
from archiver.store.connection import Connection
from archiver.store.open_file import statements
from archiver.store.plain_files import PlainConnection, open_plain, problems
from archiver.store.temp_views import digest_of_statements
from archiver.store.views import view_statements
from archiver.store.word_index import WORD_INDEXES

_MOST = 1000  # the most dangling rows that are listed
_WAIT = 5.0  # seconds to wait for another program's write
_OF_SQLITE = {"sqlite_sequence", "sqlite_stat1", "sqlite_stat4"}
_LISTED = "SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%'"


def check_pages(connection: PlainConnection, findings: Findings) -> None:
    """Check every page, every index against its table, and every value against its type and constraint."""
    try:
        lines = problems(connection, thorough=True)
    except DAMAGE as error:  # a message that is not valid text
        lines = [f"its pages cannot be checked: {error}"]
    for found in lines:
        for line in found.splitlines():
            if line and not line.startswith("*** in database"):
                findings.add(Finding("file", connection.path.name, line))


def check_schema(
    connection: Connection, application_id: int, migrations: tuple[str, ...], findings: Findings, *, views: bool
) -> str:
    """Check the file's ids, tables and triggers; return a message, usually "".

    Args:
        connection: the file.
        application_id: the expected application id.
        migrations: the statements that create its tables.
        findings: faults are added here.
        views: whether the file has the public views.

    Raises:
        ArchiveError: an older archiver made it; it must be migrated before it can be checked.
    """
    name = connection.path.name
    try:
        found, version = connection.value("PRAGMA application_id"), connection.value("PRAGMA user_version")
    except DAMAGE as error:
        findings.add(Finding("schema", name, f"the ids of the file cannot be read: {error}"))
        return ""
    if found != application_id:
        findings.add(Finding("schema", name, f"its application_id is {found:#x}, not {application_id:#x}"))
    if 0 < version < len(migrations):
        raise ArchiveError(
            f"{connection.path}: written by an older archiver (schema {version}); migrate it with `archiver crawl` or "
            "`archiver capture`, or, if it is damaged, with `archiver repair`; then verify it again"
        )
    if version > len(migrations):
        return f"{name}: written by a newer archiver (schema {version}); checked by the rules of this one ({len(migrations)})"
    if version != len(migrations):
        findings.add(Finding("schema", name, f"its user_version is {version}, not {len(migrations)}"))
    _compare_schema(connection, migrations, findings, views=views and _has_views_of_this_code(connection))
    return ""


def _compare_schema(connection: Connection, migrations: tuple[str, ...], findings: Findings, *, views: bool) -> None:
    try:
        ours = {(row["type"], row["name"]): row["sql"] for row in connection.rows(_LISTED)}
    except DAMAGE as error:
        findings.add(Finding("schema", connection.path.name, f"its list of tables cannot be read: {error}"))
        return
    for kind, name, sql in _model(migrations, views=views):
        if ours.get((kind, name), "") != sql:
            what = "is not as archiver creates it" if (kind, name) in ours else "is missing"
            findings.add(Finding("schema", connection.path.name, f"the {kind} {name} {what}"))


@functools.cache
def _model(migrations: tuple[str, ...], *, views: bool) -> list[tuple[str, str, str]]:
    """Return the tables and triggers of a new archive."""
    made = [statement for script in migrations for statement in statements(script)]
    if views:
        made += view_statements()
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as model:
        for statement in made:
            model.execute(statement)
        return model.execute(_LISTED).fetchall()


def tables_of(migrations: tuple[str, ...]) -> set[str]:
    """Return the names of the tables that migrations create, and of those that SQLite creates with them."""
    return {name for kind, name, _ in _model(migrations, views=False) if kind == "table"} | _OF_SQLITE


def _has_views_of_this_code(connection: Connection) -> bool:
    """Whether this code created the views; another version replaces them when it first writes."""
    try:
        made = connection.value("SELECT value FROM _meta WHERE key = 'views'")
    except DAMAGE:
        return False
    return isinstance(made, str) and made.startswith(digest_of_statements())


def check_references(connection: Connection, findings: Findings) -> None:
    """Check that every referenced row exists."""
    try:
        dangling = connection.rows(f'SELECT "table", rowid, parent FROM pragma_foreign_key_check LIMIT {_MOST}')
    except DAMAGE as error:
        findings.add(Finding("reference", connection.path.name, f"references between rows cannot be read: {error}"))
        return
    for table, row, parent in dangling:
        which = "" if row is None else f" {row}"
        visit = row if table == "_visit" else None
        what = f"{table}{which} references a row of {parent} that is lost"
        if (table, parent) == ("_visit", "_visit"):
            what = "the visit in a browser that it is of is lost"
        findings.add(Finding("reference", connection.path.name, what, visit_id=visit))


def check_tie(main: Connection, vault: Connection, findings: Findings) -> str:
    """Check that both files have the same archive identity; return it, or "" when it cannot be read."""
    identities = []
    for connection in (main, vault):
        try:
            identities.append(connection.value("SELECT value FROM _meta WHERE key = 'archive_id'"))
        except DAMAGE as error:
            identities.append(None)
            findings.add(Finding("tie", connection.path.name, f"its archive identity cannot be read: {error}"))
    if identities[0] is None or identities[0] != identities[1]:
        findings.add(
            Finding(
                "tie",
                vault.path.name,
                f"it belongs to archive {identities[1]}, and {main.path.name} of {identities[0]}",
            )
        )
    return str(identities[0] or "")


def check_search(path: Path, findings: Findings) -> str:
    """Check both full-text indexes against their contents; return a message when that is not possible.

    FTS5 runs its check by an INSERT, so this holds the write lock during the check. Nothing is written.
    """
    try:
        with closing(open_plain(path, write=True, wait=_WAIT)) as connection:
            for table in WORD_INDEXES:
                _check_index(connection, table, findings)
    except ArchiveFull:
        raise
    except ArchiveLocked:
        return "the full-text indexes were not checked: another program is writing"
    except ArchiveReadOnly:
        return "the full-text indexes were not checked: that needs a writable file"
    except DAMAGE as error:
        findings.add(Finding("search", path.name, f"the full-text indexes cannot be checked: {error}"))
    return ""


def _check_index(connection: Connection, table: str, findings: Findings) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        connection.execute(f"INSERT INTO {table}({table}, rank) VALUES ('integrity-check', 1)")
    except (ArchiveFull, ArchiveLocked, ArchiveReadOnly):
        raise
    except DAMAGE:
        findings.add(Finding("search", connection.path.name, f"the index {table} does not match its contents"))
    finally:
        with suppress(ArchiveDamaged):  # SQLite may have rolled back already
            connection.execute("ROLLBACK")
