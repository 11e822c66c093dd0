"""Questions in SQL over the exported tables of all shards, by DuckDB: read-only, without a network, on the mirror only.

The views have the names and columns of an archive, and times are the same text. DuckDB may read the folder of the
mirror and nothing else; its settings are locked before the query is seen.
"""

import re
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

from archiver.app.fleet.tables.duck_cells import plain_row
from archiver.app.fleet.tables.mirror import MirroredTables
from archiver.app.reading.sql_query import QueryLimits
from archiver.errors import UsageError
from archiver.model.table import Column, ColumnKind, Row, Table
from archiver.polite.stop import StopFlag
from archiver.store.columns import READABLE, SEARCHED, column
from archiver.store.query_text import check_query, distinct_names
from archiver.store.view_sql import View
from archiver.text.install_advice import not_installed

_AT_ONCE = 1000  # rows
_LOOK = 0.05  # seconds between two checks whether the query is to be stopped
_TYPES = {ColumnKind.INTEGER: "BIGINT"}
_MACROS = ("julianday(t) AS epoch(TRY_CAST(t AS TIMESTAMP)) / 86400.0 + 2440587.5",)
_QUOTED = r"--[^\n]*|/\*(?:.|\n)*?(?:\*/|\Z)|'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\""
_PARAMETER = re.compile(rf"({_QUOTED})|(?<![:\w'\"\])}}])[:@]([^\W\d]\w*)")


@dataclass(frozen=True, slots=True)
class DuckLimits:
    """What DuckDB may use: bytes of memory, bytes of temporary files, threads (None: one for each core)."""

    memory: int = 2 * 1024**3
    temporary: int = 16 * 1024**3
    threads: int | None = None


def views_of(sql: str) -> list[View]:
    """Return the views whose names a query has.

    Raises:
        UsageError: it asks a view of full text.
    """
    words = set(re.findall(r"\w+", sql.lower()))
    for name in SEARCHED:
        if re.search(rf"\b{name}\b\s+where\b[^;]*\bmatch\b", sql, re.IGNORECASE):
            raise UsageError(f"{name}: full text is not in the tables; `archiver fleet search` asks all shards")
    return [view for view in READABLE if view.name in words]


@contextmanager
def open_fleet_query(
    tables: MirroredTables,
    sql: str,
    params: dict[str, str],
    limits: QueryLimits,
    most: DuckLimits,
    stop: StopFlag,
) -> Iterator[Table]:
    """Run a query over all shards; its rows are read in pieces.

    Args:
        tables: those of the views of the query (`views_of`).
        sql: one SELECT; a parameter is `:name` or `$name`.
        params: the values of its parameters.
        limits: how many rows, and how long.
        most: what DuckDB may use.
        stop: set `wanted` to stop it; KeyboardInterrupt is raised then, also while rows are read.

    Raises:
        UsageError: the SQL is wrong, is no query, needs too much memory or time; or duckdb is not installed.
    """
    check_query(sql, params)
    duckdb = need_duckdb()
    with tempfile.TemporaryDirectory(prefix="archiver-duckdb.") as scratch:
        settings = {
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "python_enable_replacements": "false",
            "memory_limit": f"{most.memory}B",
            "max_temp_directory_size": f"{most.temporary}B",
            "temp_directory": scratch,
            **({} if most.threads is None else {"threads": str(most.threads)}),
        }
        with closing(duckdb.connect(":memory:", config=settings)) as duck:
            with _errors(duckdb, stop, limits):
                _prepare(duck, tables, views_of(sql))
            with _watched(duck, limits, stop), _errors(duckdb, stop, limits):
                cursor = _executed(duckdb, duck, sql, params)
                names = distinct_names([each[0] for each in cursor.description])
                yield Table("query", tuple(map(Column, names)), _rows(duckdb, cursor, limits, stop))


def need_duckdb() -> Any:  # noqa: ANN401
    """Return the module duckdb.

    Raises:
        UsageError: it is not installed.
    """
    try:
        import duckdb  # noqa: PLC0415  (optional)
    except ImportError:
        raise UsageError(not_installed("SQL over all shards needs", "duckdb")) from None
    return duckdb


def _prepare(duck: Any, tables: MirroredTables, views: list[View]) -> None:  # noqa: ANN401
    """Make the views, then lock everything else away."""
    duck.execute("SET TimeZone = 'UTC'")
    duck.execute("SET default_null_order = 'sqlite'")
    for macro in _MACROS:
        duck.execute(f"CREATE MACRO {macro}")
    for view in views:
        duck.execute(f"CREATE VIEW {view.name} AS {_view_sql(duck, view, tables)}")
    duck.execute(f"SET allowed_directories = [{_quoted(f'{tables.folder.absolute()}/')}]")
    duck.execute("SET enable_external_access = false")
    duck.execute("SET lock_configuration = true")


def _view_sql(duck: Any, view: View, tables: MirroredTables) -> str:  # noqa: ANN401
    files = tables.files[view.name]
    if not files:
        return f"SELECT {', '.join(f'{_nothing(view, name)}' for name in view.columns)} WHERE false"
    paths = ", ".join(_quoted(str(each.absolute())) for each in files)
    source = f"read_parquet([{paths}], hive_partitioning = false, union_by_name = {str(tables.is_mixed).lower()})"
    known = set(view.columns)
    if tables.is_mixed:
        known &= {row[0] for row in duck.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()}
    chosen = (_text_of(view, name) if name in known else _nothing(view, name) for name in view.columns)
    return f"SELECT {', '.join(chosen)} FROM {source}"


def _nothing(view: View, name: str) -> str:
    return f'CAST(NULL AS {_TYPES.get(column(view, name).kind, "VARCHAR")}) AS "{name}"'


def _text_of(view: View, name: str) -> str:
    """Return the value of a column as an archive has it: times and lists are texts there."""
    kind = column(view, name).kind
    if kind is ColumnKind.TIME:
        return f'CAST(CAST("{name}" AS TIMESTAMP) AS VARCHAR) AS "{name}"'
    if kind is ColumnKind.LIST:
        items = f'[CAST(to_json(item) AS VARCHAR) FOR item IN "{name}"]'
        return f"'[' || array_to_string({items}, ', ') || ']' AS \"{name}\""
    return f'"{name}"'


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _executed(duckdb: Any, duck: Any, sql: str, params: dict[str, str]) -> Any:  # noqa: ANN401
    text = _PARAMETER.sub(lambda match: match[1] or f"${match[2]}", sql)
    statements = duck.extract_statements(text)
    if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
        raise UsageError("SQL: write one SELECT; the tables of a fleet are read-only")
    if missing := sorted(set(statements[0].named_parameters) - set(params)):
        raise UsageError(f"SQL: the query has the parameter :{missing[0]}; add --param {missing[0]}=VALUE")
    return duck.execute(statements[0], params)


def _rows(duckdb: Any, cursor: Any, limits: QueryLimits, stop: StopFlag) -> Iterator[Row]:  # noqa: ANN401
    left = limits.rows
    while left is None or left > 0:
        with _errors(duckdb, stop, limits):
            rows = cursor.fetchmany(_AT_ONCE if left is None else min(_AT_ONCE, left))
        if not rows:
            return
        for row in rows:
            if stop.wanted:
                raise KeyboardInterrupt
            yield plain_row(row)
        left = None if left is None else left - len(rows)


@contextmanager
def _watched(duck: Any, limits: QueryLimits, stop: StopFlag) -> Iterator[None]:  # noqa: ANN401
    """Interrupt the queries of a block when their time is over, or when `stop` is wanted."""
    ends = None if limits.seconds is None else time.monotonic() + limits.seconds
    done = threading.Event()

    def watch() -> None:
        while not done.wait(_LOOK):
            if stop.wanted or (ends is not None and time.monotonic() > ends):
                duck.interrupt()

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()


@contextmanager
def _errors(duckdb: Any, stop: StopFlag, limits: QueryLimits) -> Iterator[None]:  # noqa: ANN401
    """Convert the errors of DuckDB."""
    try:
        yield
    except duckdb.InterruptException as error:
        if stop.wanted:
            raise KeyboardInterrupt from error
        raise UsageError(f"SQL: stopped after {limits.seconds} s; select less, or raise --timeout") from error
    except duckdb.OutOfMemoryException as error:
        raise UsageError("SQL: the query needs more memory than it may use; select less, or raise --memory") from error
    except duckdb.Error as error:
        raise UsageError(f"SQL: {_in_one_line(str(error))}") from error


def _in_one_line(text: str) -> str:
    """Return the first lines of a message of DuckDB, without the copy of the query below it."""
    return " ".join(text.split("\n\nLINE ", 1)[0].split())
