"""Stored times: each is text as the archive writes it, and none lies after the present, save where it is meant to.

Columns are found by their names, so that a table of a later schema is checked too. What a page *says* of its date
(`published`) is content, not a time of the archive.
"""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime

from archiver.maintain.verify.finding import Finding, Findings
from archiver.maintain.verify.row_ranges import ODD
from archiver.model.clock import TOLERANCE, written
from archiver.store.connection import Connection

TIMES = frozenset(
    "seen_from seen_last seen_until not_before not_after first_seen last_seen last_visited first_miss last_miss "  # noqa: SIM905
    "gone_by back_by links_seen current_from current_until".split()
)
"""Names of columns that hold a time, beside all that end in `_at`."""
PLANNED = frozenset((("_frontier", "due_at"), ("_host", "not_before")))
"""Times that lie in the future on purpose."""
_ADVICE = "the clock was wrong, or the imported file was; such rows cannot be altered, so note it for your readers"


def check_times(connection: Connection, findings: Findings, now: datetime | None) -> None:
    """Check every stored time, and count the visits that are dated later than now.

    Args:
        connection: the file with the tables.
        findings: take a finding for each column with wrong times.
        now: the present; None checks only that times parse.
    """
    latest = written(now + TOLERANCE) if now else "9999-12-31 23:59:59"
    for table, column in time_columns(connection):
        with suppress(*ODD):  # what cannot be read is a finding of other checks
            _check(connection, table, column, findings, latest=None if (table, column) in PLANNED else latest)
    if now is not None:
        with suppress(*ODD):
            _check_future(connection, findings, written(now))


def not_a_time(column: str) -> str:
    """A condition in SQL: the column holds something, and that is no time as the archive writes it."""
    return f"({column} IS NOT NULL AND datetime({column}, '+0 days') IS NOT {column})"


def count_wrong_times(connection: Connection) -> int:
    """How many stored times do not parse."""
    count = 0
    for table, column in time_columns(connection):
        with suppress(*ODD):
            count += int(connection.value(f"SELECT count(*) FROM {table} NOT INDEXED WHERE {not_a_time(column)}"))
    return count


def time_columns(connection: Connection) -> Iterator[tuple[str, str]]:
    """The tables and columns that hold times, in the order of the file."""
    rows = []
    with suppress(*ODD):
        rows = connection.rows(
            "SELECT m.name AS held_by, c.name AS named FROM sqlite_schema m JOIN pragma_table_info(m.name) c "
            "WHERE m.type = 'table' AND m.name LIKE '\\_%' ESCAPE '\\' AND c.type = 'TEXT' ORDER BY m.rowid, c.cid"
        )
    for row in rows:
        if str(row["named"]).endswith("_at") or row["named"] in TIMES:
            yield row["held_by"], row["named"]


def _check(connection: Connection, table: str, column: str, findings: Findings, *, latest: str | None) -> None:
    (broken,) = connection.rows(
        f"SELECT count(*) AS number, min({column}) AS example FROM {table} NOT INDEXED WHERE {not_a_time(column)}"
    )
    if broken["number"]:
        what = f"{broken['number']} times in {table}.{column} are no YYYY-MM-DD HH:MM:SS, such as {broken['example']!r}"
        findings.add(Finding("time", connection.path.name, f"{what}; restore them with `archiver repair --from COPY`"))
    if latest is None:
        return
    (late,) = connection.rows(
        f"SELECT count(*) AS number, max({column}) AS example FROM {table} NOT INDEXED "
        f"WHERE {column} > ? AND datetime({column}, '+0 days') IS {column}",
        (latest,),
    )
    if late["number"]:
        what = f"{late['number']} times in {table}.{column} are more than a day after now, such as {late['example']}"
        findings.add(Finding("time", connection.path.name, f"{what}: {_ADVICE}"))


def _check_future(connection: Connection, findings: Findings, now: str) -> None:
    (late,) = connection.rows(
        "SELECT count(*) AS number, max(visited_at) AS latest FROM _visit NOT INDEXED "
        "WHERE visited_at > ? AND datetime(visited_at, '+0 days') IS visited_at",
        (now,),
    )
    if late["number"]:
        what = f"{late['number']} visits are dated later than now ({now} UTC), the last {late['latest']}"
        findings.add(Finding("future", connection.path.name, f"{what}: {_ADVICE}"))
