"""Queries of `archiver sql`: a user's SQL or a question of the cookbook, as a table that streams."""

import itertools
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from archiver.errors import UsageError
from archiver.model.table import Row, Table
from archiver.polite.stop import StopFlag
from archiver.store.archive import Store
from archiver.store.cookbook import COOKBOOK, Question
from archiver.store.tables import tables_of
from archiver.store.view_docs import DOC
from archiver.store.view_sql import View
from archiver.store.views import VIEWS
from archiver.text.near import did_you_mean

_PARAM = re.compile(r"[A-Za-z_]\w*=")


@dataclass(frozen=True, slots=True)
class QueryLimits:
    """The limits of a query.

    Attributes:
        rows: the most rows; None for all.
        seconds: the time after which it is stopped; None for no limit.
    """

    rows: int | None = None
    seconds: float | None = None


def params_of(given: Sequence[str]) -> dict[str, str]:
    """Return the values of `NAME=VALUE` options.

    Raises:
        UsageError: one has another form, or a name has two values.
    """
    values: dict[str, str] = {}
    for each in given:
        if not _PARAM.match(each):
            raise UsageError(f"--param {each}: not NAME=VALUE; write NAME=VALUE for :NAME in the query")
        name, value = each.split("=", 1)
        if name in values:
            raise UsageError(f"--param {name} is given twice; give each name one value")
        values[name] = value
    return values


def named_question(name: str) -> Question:
    """Return a question of the cookbook.

    Raises:
        UsageError: there is no such question.
    """
    names = [one.name for one in COOKBOOK]
    for one in COOKBOOK:
        if one.name == name:
            return one
    raise UsageError(f"{name}: no such question; {did_you_mean(name, names)}`archiver sql --cookbook` lists them")


def named_view(name: str) -> View:
    """Return a view, or the description of `_doc`.

    Raises:
        UsageError: there is no such view.
    """
    names = [view.name for view in VIEWS]
    for view in (*VIEWS, DOC):
        if view.name == name:
            return view
    raise UsageError(f"{name}: no such view; {did_you_mean(name, names)}known: {', '.join(names)}")


@contextmanager
def open_query(store: Store, sql: str, params: dict[str, str], limits: QueryLimits, stop: StopFlag) -> Iterator[Table]:
    """Run a read-only query; its rows are read one by one, all as of one time.

    Args:
        store: the archive.
        sql: one statement.
        params: the values of its `:name`.
        limits: how many rows, and how long.
        stop: set `wanted` to stop it; KeyboardInterrupt is raised then, also while rows are read.

    Raises:
        UsageError: the SQL is wrong, would write, or took too long.
        ArchiveError: the archive cannot be read.
    """
    with tables_of(store.path) as tables:
        tables.limit(limits.seconds, lambda: stop.wanted)
        table = tables.query(sql, "query", params)
        yield replace(table, rows=_until_stopped(itertools.islice(table.rows, limits.rows), stop))


def _until_stopped(rows: Iterator[Row], stop: StopFlag) -> Iterator[Row]:
    for row in rows:
        if stop.wanted:
            raise KeyboardInterrupt
        yield row
