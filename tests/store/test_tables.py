"""The views as streams: the kinds of columns, keys and references are correct, and DuckDB reads all views."""

import json
import re
import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import duckdb
import duckdb_extension_sqlite_scanner
import pytest

import archiver
from archiver.errors import UsageError
from archiver.model.clock import instant
from archiver.model.table import Cell, ColumnKind
from archiver.store.columns import READABLE, SEARCHED, TABLES, column
from archiver.store.cookbook import COOKBOOK
from archiver.store.tables import tables_of
from archiver.store.views import VIEWS
from filled import fill


def _is(cell: Cell, kind: ColumnKind) -> bool:
    if kind is ColumnKind.INTEGER:
        return isinstance(cell, int)
    assert isinstance(cell, str)
    if kind is ColumnKind.TIME:
        return bool(instant(cell))
    return not (kind is ColumnKind.LIST and not isinstance(json.loads(cell), list)) and not (
        kind is ColumnKind.OBJECT and not isinstance(json.loads(cell), dict)
    )


def test_every_cell_is_of_its_column_s_kind_and_every_column_has_a_meaning(lived: Path, path: Path) -> None:
    fill(path)
    for archive in (lived, path):
        with tables_of(archive) as tables:
            for table in tables.views():
                for row in table.rows:
                    for each, cell in zip(table.columns, row, strict=True):
                        assert each.kind is not ColumnKind.UNKNOWN
                        assert each.meaning
                        assert cell is None or _is(cell, each.kind), (table.name, each, cell)


def test_names_of_times_and_numbers_have_that_kind() -> None:
    for view in READABLE:
        for name, meaning in view.columns.items():
            if "(UTC)" in meaning:
                assert column(view, name).kind is ColumnKind.TIME, name


@pytest.mark.parametrize("site", [None, "demo", "second"])
def test_keys_and_references_hold(lived: Path, site: str | None) -> None:
    with tables_of(lived) as tables:
        found = {
            table.name: ([each.name for each in table.columns], list(table.rows), table) for table in tables.views(site)
        }
    assert site is None or {row[0] for names, rows, _ in found.values() if names[0] == "site" for row in rows} == {site}
    for names, rows, table in found.values():
        keys = [tuple(row[names.index(name)] for name in table.key) for row in rows]
        assert not table.key or len(set(keys)) == len(rows), table.name
        for reference in table.references:
            there, others, _ = found[reference.table]
            targets = {row[there.index(reference.target)] for row in others} | {None}
            assert {row[names.index(reference.column)] for row in rows} <= targets, (table.name, reference)


def test_rows_are_as_of_one_time_and_writers_are_not_blocked(path: Path) -> None:
    fill(path, 2)
    with tables_of(path) as tables:
        before = sum(1 for _ in tables.view("visits").rows)
        fill(path, 2)
        assert sum(1 for _ in tables.view("visits").rows) == before
    with tables_of(path) as tables:
        assert sum(1 for _ in tables.view("visits").rows) == 2 * before


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("SELEC 1", "syntax error"),
        ("SELECT 1; SELECT 2", "one statement"),
        ("SELECT * FROM missing", "no such table"),
        ("DELETE FROM _visit", "readonly"),
        ("CREATE TABLE t(x)", "readonly"),
        ("SELECT abs(-9223372036854775807 - 1)", "overflow"),
        ("SELECT 1 \x00", ""),
        ("SELECT '\udcff'", ""),
        ("COMMIT", "no rows"),
        ("", "the query is empty"),
    ],
)
def test_wrong_sql_is_an_error_in_one_line(path: Path, sql: str, told: str) -> None:
    fill(path, 1)
    with tables_of(path) as tables, pytest.raises(UsageError, match=f"^SQL: .*{told}") as caught:
        list(tables.query(sql, "q").rows)
    assert "\n" not in str(caught.value)


def test_two_columns_of_one_name_get_different_names(path: Path) -> None:
    fill(path, 1)
    with tables_of(path) as tables:
        table = tables.query("SELECT 1 AS a, 2 AS a_2, 3 AS a, 4 AS a", "q")
        assert [each.name for each in table.columns] == ["a", "a_2", "a_3", "a_4"]
        assert list(table.rows) == [(1, 2, 3, 4)]


@pytest.mark.parametrize("name", ["page", *SEARCHED])
def test_unknown_views_and_search_views_are_errors(path: Path, name: str) -> None:
    fill(path, 1)
    with tables_of(path) as tables, pytest.raises(UsageError, match=f"^{name}: "):
        tables.view(name)


def test_invalid_text_has_surrogates(path: Path) -> None:
    fill(path, 1)
    with tables_of(path) as tables:
        assert list(tables.query("SELECT CAST(x'61ff' AS TEXT), x'61ff'", "q").rows) == [("a\udcff", b"a\xff")]


@pytest.fixture
def duck() -> Iterator[duckdb.DuckDBPyConnection]:
    """DuckDB that reads SQLite files, without a network."""
    extension = next(Path(duckdb_extension_sqlite_scanner.__file__).parent.rglob("*.duckdb_extension"))
    with closing(duckdb.connect(config={"autoinstall_known_extensions": False})) as connection:
        connection.execute(f"LOAD '{extension}'")
        yield connection


def test_duckdb_reads_every_view(lived: Path, duck: duckdb.DuckDBPyConnection) -> None:
    duck.execute(f"ATTACH '{lived}' AS archive (TYPE sqlite, READ_ONLY)")
    with archiver.open(lived, write=False) as ours:
        for view in VIEWS:
            if view.name in SEARCHED:
                continue
            rows = duck.execute(f"SELECT * FROM archive.{view.name}").fetchall()
            told = duck.execute(f"SELECT count(*), count(DISTINCT site) FROM archive.{view.name}").fetchone()
            assert told is not None
            assert len(rows) == told[0]
            columns = ", ".join(view.columns)
            wanted = [tuple(row.values()) for row in ours.sql(f"SELECT {columns} FROM {view.name}")]
            got = duck.execute(f"SELECT {columns} FROM archive.{view.name}").fetchall()
            assert sorted(got, key=repr) == sorted(wanted, key=repr), view.name
        assert len(duck.execute("SELECT * FROM archive._doc").fetchall()) == len(list(ours.sql("SELECT * FROM _doc")))


def test_duckdb_reads_what_was_exported(lived: Path, tmp_path: Path) -> None:
    with archiver.open(lived, write=False) as ours, closing(duckdb.connect()) as duck:
        ours.export("parquet", tmp_path / "out")
        ours.export("csv", tmp_path / "out", plain_cells=True)
        duck.execute("SET TimeZone = 'Asia/Ho_Chi_Minh'")
        for view in TABLES:
            (count,) = next(iter(duck.execute(f"SELECT count(*) FROM '{tmp_path}/out/{view.name}.parquet'").fetchall()))
            assert count == next(ours.sql(f"SELECT count(*) AS n FROM {view.name}"))["n"]
        visits = f"FROM '{tmp_path}/out/visits.parquet'"
        assert duck.execute(f"SELECT DISTINCT typeof(visited_at) {visits}").fetchall() == [
            ("TIMESTAMP WITH TIME ZONE",)
        ]
        told = duck.execute(f"SELECT strftime(visited_at AT TIME ZONE 'UTC', '%Y-%m-%d %H:%M:%S') {visits}").fetchall()
        assert sorted(told) == sorted((row["visited_at"],) for row in ours.sql("SELECT visited_at FROM visits"))
        body = duck.execute(
            f"SELECT url, body FROM read_csv('{tmp_path}/out/versions.csv', all_varchar = true)"
        ).fetchall()
        assert sorted(body) == sorted((row["url"], row["body"]) for row in ours.sql("SELECT url, body FROM versions"))


WITH_FULL_TEXT = {"phrase", "plain"}
JULIANDAY = "CREATE TEMP MACRO julianday(t) AS epoch(t::TIMESTAMP) / 86400.0"  # as docs/howto/duckdb.md says


def test_duckdb_answers_the_cookbook_like_sqlite(lived: Path, duck: duckdb.DuckDBPyConnection) -> None:
    duck.execute(JULIANDAY)
    duck.execute(f"ATTACH '{lived}' AS archive (TYPE sqlite, READ_ONLY)")
    duck.execute("USE archive")
    with archiver.open(lived, write=False) as ours:
        (edited,) = (row["url"] for row in ours.sql("SELECT url FROM changes WHERE field = 'title' ORDER BY 1 LIMIT 1"))
        (listing,) = (row["url"] for row in ours.sql("SELECT url FROM editions ORDER BY 1 LIMIT 1"))
        values = {"url": edited, "listing": listing, "site": "demo", "version_id": 9, "day": "2022-10-22"}
        values |= {"begin": "2022-10-01", "end": "2022-11-01"}
        for one in COOKBOOK:
            if one.name in WITH_FULL_TEXT:
                continue
            given = {name: values[name] for name in one.params}
            wanted = [tuple(row.values()) for row in ours.sql(one.sql, given)]
            sql = re.sub(rf":({'|'.join(one.params)})\b", r"$\1", one.sql) if one.params else one.sql
            assert sorted(duck.execute(sql, given).fetchall(), key=repr) == sorted(wanted, key=repr), one.name


def test_duckdb_attaches_without_a_network_where_the_extension_is_installed(lived: Path, tmp_path: Path) -> None:
    with closing(duckdb.connect()) as asked:
        ((version, *_),) = asked.execute("PRAGMA version").fetchall()
        ((platform,),) = asked.execute("PRAGMA platform").fetchall()
    assert version == f"v{duckdb.__version__}"
    (extension,) = Path(duckdb_extension_sqlite_scanner.__file__).parent.rglob("*.duckdb_extension")
    assert version in extension.parts  # the extension has DuckDB's version
    installed = tmp_path / version / platform
    installed.mkdir(parents=True)
    shutil.copy(extension, installed / "sqlite_scanner.duckdb_extension")  # where INSTALL sqlite puts it
    settings: dict[str, str | bool | int | float | list[str]] = {
        "extension_directory": str(tmp_path),
        "autoinstall_known_extensions": False,
    }
    with closing(duckdb.connect(config=settings)) as duck:
        duck.execute(f"ATTACH '{lived}' AS archive (TYPE sqlite, READ_ONLY)")
        assert duck.execute("SELECT count(*) > 0 FROM archive.versions").fetchall() == [(True,)]
