"""Checks stored times: each is UTC text in the archive's form, and only planned times lie in the future.

Columns are found by their names, so tables of a later schema are checked, too. The date that a page states
(`published`) is content, not a time of the archive.
"""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime

from archiver.maintain.verify.finding import Finding, Findings
from archiver.maintain.verify.row_ranges import DAMAGE
from archiver.model.clock import TOLERANCE, written
from archiver.store.connection import Connection

TIMES = frozenset(
    "seen_from seen_last seen_until not_before not_after first_seen last_seen last_visited first_miss last_miss "  # noqa: SIM905
    "gone_by back_by current_from current_until since until".split()
)
"""Names of columns with a time, in addition to all names that end in `_at`."""
PLANNED = frozenset((("_frontier", "due_at"), ("_host", "not_before"), ("_embargo", "until")))
"""Times that lie in the future on purpose."""
_ADVICE = "the clock or the imported file was wrong; such rows cannot be altered, so tell your readers"


def check_times(connection: Connection, findings: Findings, now: datetime | None) -> None:
    """Check every stored time, and report visits that are dated later than now.

    Args:
        connection: `archive.db`.
        findings: a finding is added for each column with wrong times.
        now: the present time; None checks only that times parse.
    """
    latest = written(now + TOLERANCE) if now else "9999-12-31 23:59:59"
    for table, column in time_columns(connection):
        with suppress(*DAMAGE):  # other checks report what cannot be read
            _check(connection, table, column, findings, latest=None if (table, column) in PLANNED else latest)
    if now is not None:
        with suppress(*DAMAGE):
            _check_future(connection, findings, written(now))


def not_a_time(column: str) -> str:
    """Return an SQL condition: the column has a value that is not a time in the archive's form."""
    return f"({column} IS NOT NULL AND datetime({column}, '+0 days') IS NOT {column})"


def count_wrong_times(connection: Connection) -> int:
    """Return the number of stored times that do not parse."""
    count = 0
    for table, column in time_columns(connection):
        with suppress(*DAMAGE):
            count += int(connection.value(f"SELECT count(*) FROM {table} NOT INDEXED WHERE {not_a_time(column)}"))
    return count


def time_columns(connection: Connection) -> Iterator[tuple[str, str]]:
    """Yield the tables and columns with times, in the order of the file."""
    rows = []
    with suppress(*DAMAGE):
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
        what = (
            f"{broken['number']} times in {table}.{column} are not YYYY-MM-DD HH:MM:SS, such as {broken['example']!r}"
        )
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
