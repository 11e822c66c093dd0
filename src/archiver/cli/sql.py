"""`archiver sql`: run a read-only query over the views, describe the views, run a question of the cookbook."""

import sys
from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated

import typer

from archiver.app.reading.sql_query import QueryLimits, named_question, named_view, open_query, params_of
from archiver.cli.context import INTERRUPTED, OUTPUT, AsJson, reading
from archiver.cli.query_rows import ON_TERMINAL, MostRows, Param, Timeout, print_rows
from archiver.errors import UsageError
from archiver.export.tables import Style
from archiver.model.table import Row
from archiver.polite.stop import StopFlag
from archiver.store.columns import key
from archiver.store.cookbook import COOKBOOK
from archiver.store.view_docs import example, joins
from archiver.store.views import VIEWS


def sql(  # noqa: PLR0917  (typer calls it by keyword)
    query: Annotated[str | None, typer.Argument(metavar="QUERY", help="One statement; - reads it from stdin.")] = None,
    param: Param = None,
    limit: MostRows = None,
    timeout: Timeout = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV, as `archiver export csv` writes it.")] = False,
    plain_cells: Annotated[
        bool, typer.Option("--plain-cells", help="With --csv: do not escape text that a spreadsheet would run.")
    ] = False,
    schema: Annotated[
        str | None, typer.Option("--schema", metavar="VIEW", help="Describe a view: columns, key, joins, an example.")
    ] = None,
    cookbook: Annotated[bool, typer.Option("--cookbook", help="List the questions of the cookbook.")] = False,
    question: Annotated[
        str | None, typer.Option("--question", metavar="NAME", help="Run this question of the cookbook.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Run a read-only SQL query over the views; without a query, list the views.

    In a pipe, rows are lines of tab-separated cells under a header, and NULL is empty.
    """
    if sum((query is not None, schema is not None, cookbook, question is not None)) > 1:
        raise UsageError("QUERY, --schema, --cookbook and --question cannot be combined: choose one")
    if as_json and as_csv:
        raise UsageError("--json and --csv cannot be combined: choose one")
    if query is None and question is None and (param or as_csv or limit is not None or timeout is not None):
        raise UsageError("--param, --limit, --timeout and --csv need a query; add QUERY or --question NAME")
    if schema is not None:
        _describe(schema, as_json=as_json)
    elif cookbook:
        _print_cookbook(as_json=as_json)
    elif query is None and question is None:
        _print_views(as_json=as_json)
    else:
        statement = named_question(question).sql if question is not None else _statement(query or "")
        form = "jsonl" if as_json else "csv" if as_csv else ""
        style = Style(form, plain_cells) if form else None
        _run(statement, params_of(param or ()), QueryLimits(limit, timeout), style, is_question=question is not None)


def _statement(query: str) -> str:
    return sys.stdin.buffer.read().decode("utf-8-sig", "surrogateescape") if query == "-" else query


def _run(
    statement: str, params: dict[str, str], limits: QueryLimits, style: Style | None, *, is_question: bool
) -> None:
    stop, most = StopFlag(), limits.rows
    if style is None and OUTPUT.is_terminal:
        most = ON_TERMINAL if most is None else most
        limits = QueryLimits(most + 1, limits.seconds)  # one more, to see whether there are more
    try:
        with (
            stop.on_signals(),
            reading() as archive,
            open_query(archive.store, statement, params, limits, stop) as table,
        ):
            counted = _Counted(table.rows)
            print_rows(replace(table, rows=counted), most, style)
            if is_question and not counted.count and (style is not None or not OUTPUT.is_terminal):
                OUTPUT.say("no rows; see whether the values of --param are as in the archive")
    except KeyboardInterrupt:
        OUTPUT.failure("interrupted")
        raise typer.Exit(INTERRUPTED) from None


class _Counted(Iterator[Row]):
    """Rows that are counted as they are read."""

    def __init__(self, rows: Iterator[Row]) -> None:
        self.count = 0
        self._rows = rows

    def __next__(self) -> Row:
        row = next(self._rows)
        self.count += 1
        return row


def _print_views(*, as_json: bool) -> None:
    if as_json:
        for view in VIEWS:
            OUTPUT.json({"view": view.name, "meaning": view.meaning})
        return
    OUTPUT.table(("view", "meaning"), [(view.name, view.meaning) for view in VIEWS])
    OUTPUT.say("`archiver sql --schema VIEW` describes one; `archiver sql --cookbook` lists ready questions")


def _describe(name: str, *, as_json: bool) -> None:
    view = named_view(name)
    facts = {"key": list(key(view)), "joins": joins(view), "example": example(view)}
    if as_json:
        OUTPUT.json({"view": view.name, "meaning": view.meaning, **facts, "columns": view.columns})
        return
    OUTPUT.heading(f"{view.name}: {view.meaning}")
    OUTPUT.table(("column", "meaning"), list(view.columns.items()))
    OUTPUT.line(f"key:     {', '.join(facts['key']) or 'none'}")
    OUTPUT.line(f"joins:   {', '.join(facts['joins']) or 'none'}")
    OUTPUT.line(f"example: {example(view)}")


def _print_cookbook(*, as_json: bool) -> None:
    if as_json:
        for one in COOKBOOK:
            OUTPUT.json(
                {"question": one.name, "asks": one.asks, "params": one.params, "note": one.note, "sql": one.sql}
            )
        return
    OUTPUT.table(
        ("question", "asks", "params"),
        [(one.name, one.asks, ", ".join(f"{name}=…" for name in one.params)) for one in COOKBOOK],
    )
    OUTPUT.say("run one with `archiver sql --question NAME --param NAME=VALUE`")
