"""Checks of a file as SQLite sees it: its pages, indexes and types, its tables as they should be, and where rows lean."""

import functools
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

from archiver.errors import ArchiveDamaged, ArchiveError, ArchiveFull, ArchiveLocked, ArchiveReadOnly
from archiver.maintain.verify.finding import Finding, Findings
from archiver.maintain.verify.row_ranges import ODD
from archiver.store.connection import Connection
from archiver.store.open_file import statements
from archiver.store.plain_files import PlainConnection, open_plain, problems
from archiver.store.views import view_statements

_MOST = 1000  # rows named that lean on none
_WAIT = 5.0  # seconds for another program's write
_LISTED = "SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%'"
_WORDS = ("_words", "_words_plain")


def check_pages(connection: PlainConnection, findings: Findings) -> None:
    """Every page, every index against its table, every value against its type and constraint."""
    try:
        lines = problems(connection, thorough=True)
    except ODD as error:  # a message that is no text
        lines = [f"its pages cannot be checked: {error}"]
    for found in lines:
        for line in found.splitlines():
            if line and not line.startswith("*** in database"):
                findings.add(Finding("file", connection.path.name, line))


def check_schema(
    connection: Connection, application_id: int, migrations: tuple[str, ...], findings: Findings, *, views: bool
) -> str:
    """The file is what it says, and has the tables and triggers of its version; gives a note, "" usually.

    Args:
        connection: the file.
        application_id: what it should bear.
        migrations: what makes its tables.
        findings: where faults go.
        views: whether it has the views that people query.

    Raises:
        ArchiveError: an older archiver made it; it has to be migrated before it can be checked.
    """
    name = connection.path.name
    try:
        found, version = connection.value("PRAGMA application_id"), connection.value("PRAGMA user_version")
    except ODD as error:
        findings.add(Finding("schema", name, f"what the file is cannot be read: {error}"))
        return ""
    if found != application_id:
        findings.add(Finding("schema", name, f"its application_id is {found:#x}, not {application_id:#x}"))
    if 0 < version < len(migrations):
        raise ArchiveError(
            f"{connection.path}: written by an older archiver (schema {version}); `archiver crawl` or `capture` brings it up to "
            "date, then verify it again"
        )
    if version > len(migrations):
        return (
            f"{name}: written by a newer archiver (schema {version}); checked as this one ({len(migrations)}) knows it"
        )
    if version != len(migrations):
        findings.add(Finding("schema", name, f"its user_version is {version}, not {len(migrations)}"))
    _compare_schema(connection, migrations, findings, views=views and _has_views_of_this_code(connection))
    return ""


def _compare_schema(connection: Connection, migrations: tuple[str, ...], findings: Findings, *, views: bool) -> None:
    try:
        ours = {(row["type"], row["name"]): row["sql"] for row in connection.rows(_LISTED)}
    except ODD as error:
        findings.add(Finding("schema", connection.path.name, f"its list of tables cannot be read: {error}"))
        return
    for kind, name, sql in _model(migrations, views=views):
        if ours.get((kind, name), "") != sql:
            what = "is not what the archiver made" if (kind, name) in ours else "is missing"
            findings.add(Finding("schema", connection.path.name, f"the {kind} {name} {what}"))


@functools.cache
def _model(migrations: tuple[str, ...], *, views: bool) -> list[tuple[str, str, str]]:
    """What a new archive has."""
    made = [statement for script in migrations for statement in statements(script)]
    if views:
        made += view_statements()
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as model:
        for statement in made:
            model.execute(statement)
        return model.execute(_LISTED).fetchall()


def _has_views_of_this_code(connection: Connection) -> bool:
    """Whether the views were made by this code: they are made anew at the first writing of another."""
    try:
        made = connection.value("SELECT value FROM _meta WHERE key = 'views'")
    except ODD:
        return False
    return isinstance(made, str) and made.startswith("\n".join(view_statements()))


def check_references(connection: Connection, findings: Findings) -> None:
    """Each row leans on rows that are there."""
    try:
        dangling = connection.rows(f'SELECT "table", rowid, parent FROM pragma_foreign_key_check LIMIT {_MOST}')
    except ODD as error:
        findings.add(Finding("reference", connection.path.name, f"where rows lean cannot be read: {error}"))
        return
    for table, row, parent in dangling:
        which = "" if row is None else f" {row}"
        visit = row if table == "_visit" else None
        findings.add(
            Finding(
                "reference",
                connection.path.name,
                f"{table}{which} leans on a row of {parent} that is lost",
                visit_id=visit,
            )
        )


def check_tie(main: Connection, vault: Connection, findings: Findings) -> str:
    """Both files say that they are of one archive; gives its identity, "" when that cannot be read."""
    said = []
    for connection in (main, vault):
        try:
            said.append(connection.value("SELECT value FROM _meta WHERE key = 'archive_id'"))
        except ODD as error:
            said.append(None)
            findings.add(Finding("tie", connection.path.name, f"which archive it is of cannot be read: {error}"))
    if said[0] is None or said[0] != said[1]:
        findings.add(
            Finding("tie", vault.path.name, f"it says it is of archive {said[1]}, and {main.path.name} of {said[0]}")
        )
    return str(said[0] or "")


def check_search(path: Path, findings: Findings) -> str:
    """Both full-text indexes against the contents they are of; gives a note when they could not be checked.

    FTS5 is asked by an INSERT, so this takes the write lock for as long as it reads. Nothing is written.
    """
    try:
        with closing(open_plain(path, write=True, wait=_WAIT)) as connection:
            for table in _WORDS:
                _ask_index(connection, table, findings)
    except ArchiveFull:
        raise
    except ArchiveLocked:
        return "the full-text indexes were not checked: another program is writing"
    except ArchiveReadOnly:
        return "the full-text indexes were not checked: that needs a file that may be written"
    except ODD as error:
        findings.add(Finding("search", path.name, f"the full-text indexes cannot be checked: {error}"))
    return ""


def _ask_index(connection: Connection, table: str, findings: Findings) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        connection.execute(f"INSERT INTO {table}({table}, rank) VALUES ('integrity-check', 1)")
    except (ArchiveFull, ArchiveLocked, ArchiveReadOnly):
        raise
    except ODD:
        findings.add(
            Finding("search", connection.path.name, f"the index {table} does not agree with the contents it is of")
        )
    finally:
        with suppress(ArchiveDamaged):  # SQLite may have rolled back by itself
            connection.execute("ROLLBACK")
