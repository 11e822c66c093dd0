"""`archiver sql`: queries, their forms of output, their limits and errors; descriptions of views; the cookbook."""

import io
import itertools
import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from archiver.cli.context import OUTPUT
from archiver.store.cookbook import COOKBOOK
from archiver.store.tables import tables_of
from archiver.store.view_docs import example, view_docs
from archiver.store.view_examples import EXAMPLES
from archiver.store.views import VIEWS
from shell import Commands

ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT {} FROM n"
_EMPTY_HERE = {
    "redactions",
    "embargoes",
    "marks",
    "doubtful",
    "imported",
    "verifications",
    "requisites",
    "files",
    "blind",
    "unobserved",
    "redesigns",
    "alarms",
    "modified",
    "moves",
}  # the archive of these tests has nothing in them


@pytest.fixture
def ask(lived: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Commands:
    return Commands(lived, tmp_path, capsys)


def test_rows_are_lines_under_a_header_and_null_is_empty(ask: Commands) -> None:
    assert (
        ask("sql", "SELECT 1 AS a, NULL AS b, 'x' AS c, x'00ff' AS d, 1.5 AS e") == "a\tb\tc\td\te\n1\t\tx\t00ff\t1.5\n"
    )
    assert ask("sql", "SELECT 1 AS a WHERE 0") == "a\n"


def test_cells_cannot_break_a_line_or_control_a_terminal(ask: Commands) -> None:
    out = ask("sql", "SELECT 'a' || char(10) || 'b' || char(9) || 'c' || char(27) || '[31m' AS a, 'd' AS b")
    assert out == "a\tb\na b c[31m\td\n"
    assert len(ask("sql", "SELECT printf('%.*c', 300000, 'x') AS a")) == 2 + 300_000 + 1


def test_json_and_csv(ask: Commands) -> None:
    assert ask.json("sql", "SELECT 1 AS a, NULL AS b, 'ô' AS c") == [{"a": 1, "b": None, "c": "ô"}]
    assert ask("sql", "--csv", "SELECT '=1+1' AS a, NULL AS b, '' AS c") == 'a,b,c\n\'=1+1,,""\n'
    assert ask("sql", "--csv", "--plain-cells", "SELECT '=1+1' AS a") == "a\n=1+1\n"
    assert "choose one" in (ask("sql", "--csv", "--json", "SELECT 1", code=2) or ask.err)


def test_the_query_may_come_from_stdin(ask: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO("\ufeffSELECT 'phường' AS a".encode())))
    assert ask("sql", "-") == "a\nphường\n"


def test_parameters_and_a_limit(ask: Commands) -> None:
    (row,) = ask.json("sql", "SELECT run_id FROM runs WHERE run_id = :id", "--param", "id=1")
    assert row == {"run_id": 1}
    assert len(ask.json("sql", "SELECT visit_id FROM visits", "--limit", "3")) == 3
    assert ask.json("sql", "SELECT 1", "--limit", "0") == []
    ask("sql", "SELECT :id", "--param", "id", code=2)
    assert "NAME=VALUE" in ask.err
    ask("sql", "SELECT :id", "--param", "id=1", "--param", "id=2", code=2)
    assert "--param id is given twice" in ask.err


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("SELECT 1", "the query has no parameter :ur; it has none"),
        ("SELECT :url, :day", "the query has no parameter :ur; did you mean 'url'? it has :url, :day"),
        ("SELECT ':ur', \":ur\" -- :ur\n/* :ur */ FROM pages", "it has none"),
        ("SELECT json_extract('{}', '$.ur'), @day, $day, 'it''s', :là", "it has :day, :là"),
    ],
)
def test_a_parameter_that_the_query_does_not_have_is_an_error(ask: Commands, query: str, told: str) -> None:
    assert ask("sql", query, "--param", "ur=1", code=2) == ""
    assert told in ask.err
    assert ask("export", "csv", "-", "--sql", query, "--param", "ur=1", code=2) == ""
    assert told in ask.err


def test_parameters_need_a_query(ask: Commands) -> None:
    for words in (["--param", "a=1"], ["--schema", "pages", "--limit", "1"], ["--cookbook", "--csv"]):
        ask("sql", *words, code=2)
        assert "need a query; add QUERY or --question NAME" in ask.err
    ask("sql", "--question", "edits", "--param", "ulr=x", code=2)
    assert "did you mean 'url'? it has :url" in ask.err


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("SELECT titel FROM pages", "did you mean 'title'? pages has site"),
        ("SELECT p.titel FROM pages p", "no such column: titel; did you mean 'title'?"),
        ("SELECT url, modified, modified_raw FROM pages", "modified_raw; modified has this column; pages has site"),
        ("SELECT * FROM found WHERE words MATCH 'tin-tuc'", "need double quotes: MATCH '\"tin-tuc\"'"),
        ("SELECT * FROM page", "did you mean 'pages'? the views are sites"),
        ("SELECT * FROM main.page", "did you mean 'pages'?"),
        ("SELECT nowhere", "the query names no view"),
        ("SELECT :url", "add --param url=VALUE"),
        ("SELECT ?", "write :NAME"),
        ("DELETE FROM _visit", "a query can only read"),
        ("CREATE TEMP TABLE t(x)", "a query can only read"),
        ("PRAGMA journal_mode=DELETE", "not authorized; a query can only read"),
        ("ATTACH 'x.db' AS x", "not authorized"),
        ("SELECT load_extension('x')", "not authorized"),
        ("SELECT 1; SELECT 2", "one statement"),
        ("SELECT", "incomplete input"),
        ("", "the query is empty"),
        (" \n;", "the query is empty"),
        (" -- SELECT 1", "the query is empty"),
        ("/* SELECT 1 */ ; /* and", "the query is empty"),
        ("SELECT\n\n(\n", "incomplete input"),
    ],
)
def test_a_wrong_query_is_an_error_in_one_line(ask: Commands, query: str, told: str) -> None:
    assert ask("sql", query, code=2) == ""
    assert ask.err.startswith("error: ")
    assert ask.err.count("\n") == 1
    assert told in ask.err


def test_the_descriptions_are_described(ask: Commands) -> None:
    assert "one for each of its columns" in ask("sql", "--schema", "_doc")


def test_a_question_without_an_answer_says_so(ask: Commands) -> None:
    assert ask.json("sql", "--question", "front-page", "--param", "listing=x", "--param", "day=2022-10-21") == []
    assert "no rows" in ask.err


def test_an_error_in_a_later_row_comes_after_the_rows_before_it(ask: Commands) -> None:
    query = (
        "SELECT CASE value WHEN 1001 THEN abs(-9223372036854775807 - 1) ELSE value END AS a FROM ("
        + ENDLESS.format("i AS value")
        + ")"
    )
    out = ask("sql", query, code=2)
    assert out.splitlines()[:2] == ["a", "1"]
    assert "overflow" in ask.err


def test_a_query_is_stopped_after_its_time(ask: Commands) -> None:
    ask("sql", ENDLESS.format("count(*)"), "--timeout", "0.05", code=2)
    assert ask.err == "error: SQL: stopped after 0.05 s; select less, or raise --timeout\n"
    out = ask("sql", ENDLESS.format("i"), "--timeout", "0.05", code=2)
    assert out.startswith("i\n1\n")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("chosen", ["count(*)", "i"])
def test_a_signal_ends_a_query(lived: Path, number: signal.Signals, chosen: str) -> None:
    words = [
        sys.executable,
        "-m",
        "archiver",
        "--archive",
        str(lived),
        "sql",
        "SELECT 'begun' UNION ALL " + "SELECT * FROM (" + ENDLESS.format(chosen) + ")",
    ]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "'begun'\n"  # the header: the query runs
        child.send_signal(number)
        assert child.communicate(timeout=60)[1] == "error: interrupted\n"
        assert child.returncode == 130


def test_memory_does_not_grow_with_the_number_of_rows(lived: Path) -> None:
    rows = []
    with tables_of(lived) as tables:
        table = tables.query(ENDLESS.format("i"), "q")
        rows = list(itertools.islice(table.rows, 3))
    assert rows == [(1,), (2,), (3,)]  # an endless result gives its first rows at once


def test_a_terminal_shows_a_table_of_limited_size(ask: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(OUTPUT), "is_terminal", property(lambda _: True))
    monkeypatch.setenv("COLUMNS", "100")
    out = ask("sql", ENDLESS.format("i, printf('%.*c', 5000, 'x') AS long"), "--limit", "4")
    assert "the first 4 rows" in ask.err
    assert "…" in out
    assert len(out) < 2000
    ask("sql", "SELECT 1 WHERE 0")
    assert ask.err == "no rows\n"


def test_without_a_query_the_views_are_listed(ask: Commands) -> None:
    out = ask("sql")
    assert [line.split("\t")[0] for line in out.splitlines()[1:]] == [view.name for view in VIEWS]
    assert {row["view"] for row in ask.json("sql")} == {view.name for view in VIEWS}


def test_a_view_is_described(ask: Commands) -> None:
    out = ask("sql", "--schema", "changes")
    assert "not_before\tlast visit that saw the old value" in out
    assert "key:     change_id" in out
    assert "changes.page_id = pages.page_id" in out
    (row,) = ask.json("sql", "--schema", "changes")
    assert row["key"] == ["change_id"]
    ask("sql", "--schema", "change", code=2)
    assert "did you mean 'changes'?" in ask.err


def test_questions_of_the_cookbook(ask: Commands) -> None:
    assert [row["question"] for row in ask.json("sql", "--cookbook")] == [one.name for one in COOKBOOK]
    (edited, *_) = ask.json("sql", "SELECT url FROM changes LIMIT 1")
    assert ask.json("sql", "--question", "edits", "--param", f"url={edited['url']}")
    ask("sql", "--question", "edit", code=2)
    assert "did you mean 'edits'?" in ask.err
    ask("sql", "--question", "edits", code=2)
    assert "add --param url=VALUE" in ask.err
    ask("sql", "SELECT 1", "--question", "edits", code=2)
    assert "choose one" in ask.err


def test_docs_of_views_have_keys_joins_and_an_example(ask: Commands) -> None:
    stored = ask.json("sql", "SELECT * FROM _doc WHERE column = ''")
    assert {row["view"] for row in stored} == {view.name for view in VIEWS}
    for row in stored:
        assert row["example"]
    by_view = {row["view"]: row for row in stored}
    assert by_view["visits"]["keys"] == "visit_id"
    assert "versions.page_id = pages.page_id" in by_view["versions"]["joins"]
    assert len(ask.json("sql", "SELECT view, column, meaning FROM _doc")) == len(view_docs())


def test_every_join_of_the_docs_is_valid(ask: Commands) -> None:
    for row in ask.json("sql", "SELECT view, joins FROM _doc WHERE joins IS NOT NULL"):
        for each in row["joins"].split(", "):
            other = each.split(" = ")[1].split(".")[0]
            ask(
                "sql",
                f"SELECT 1 FROM {row['view']} JOIN {other} ON {each} LIMIT 1"
                if row["view"] not in ("found", "found_plain")
                else "SELECT 1",
            )


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
def test_every_example_runs_and_most_return_rows(ask: Commands, view: object) -> None:
    name = view.name  # type: ignore[attr-defined]
    rows = ask.json("sql", example(next(each for each in VIEWS if each.name == name)))
    assert rows or name in _EMPTY_HERE or name not in EXAMPLES, name


def test_examples_are_of_views() -> None:
    assert set(EXAMPLES) <= {view.name for view in VIEWS}
    assert json.dumps(EXAMPLES)
