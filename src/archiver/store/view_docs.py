"""What the archive's table `_doc` says of each view: meanings, keys, joins, and an example."""

from typing import NamedTuple

from archiver.store.columns import key, references
from archiver.store.view_examples import EXAMPLES
from archiver.store.view_sql import View
from archiver.store.views import VIEWS


class DocRow(NamedTuple):
    """A row of `_doc`.

    Attributes:
        view: the view.
        column: the column; '' for the view itself.
        meaning: the description.
        keys: of a view: the columns that identify a row, with commas.
        joins: of a view: how it joins others, as SQL conditions with commas.
        example: of a view: one statement of SQL.
    """

    view: str
    column: str
    meaning: str
    keys: str | None = None
    joins: str | None = None
    example: str | None = None


DOC = View(
    "_doc",
    "the descriptions of all views: one row for each view, and one for each of its columns",
    "SELECT view, column, meaning, keys, joins, example FROM _doc",
    {
        "view": "the view",
        "column": "the column; empty for the view itself",
        "meaning": "the description",
        "keys": "of a view: the columns that identify a row, with commas",
        "joins": "of a view: how it joins others, as SQL conditions with commas",
        "example": "of a view: one statement of SQL",
    },
)
"""The table `_doc` itself, described as a view."""


def joins(view: View) -> list[str]:
    """Return the conditions by which a view joins other views."""
    return [f"{view.name}.{each.column} = {each.table}.{each.target}" for each in references(view)]


def example(view: View) -> str:
    """Return one statement of SQL that uses the view."""
    return EXAMPLES.get(view.name, f"SELECT * FROM {view.name} LIMIT 10")


def view_docs() -> list[DocRow]:
    """Return the rows of `_doc`."""
    rows = []
    for view in VIEWS:
        keys = ", ".join(key(view)) or None
        rows.append(DocRow(view.name, "", view.meaning, keys, ", ".join(joins(view)) or None, example(view)))
        rows.extend(DocRow(view.name, column, meaning) for column, meaning in view.columns.items())
    return rows
