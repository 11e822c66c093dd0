"""What a table's columns are, as a Table Schema (Frictionless Data): for programs that read CSV or JSON lines."""

from collections.abc import Container
from typing import Any

from archiver.model.clock import ARCHIVE_TIME
from archiver.model.table import Column, Kind, Table

_TYPES = {
    Kind.INTEGER: "integer",
    Kind.TIME: "datetime",
    Kind.LIST: "array",
    Kind.OBJECT: "object",
    Kind.UNKNOWN: "any",
}


def table_schema(table: Table, form: str, beside: Container[str] = ()) -> dict[str, Any]:
    """A table's columns, each with its meaning, its key, and its references to tables beside it.

    Args:
        table: the table; its rows are not read.
        form: the format it is written in: csv, jsonl or parquet.
        beside: names of the tables that are written with it; a reference to another cannot be followed.
    """
    schema: dict[str, Any] = {"fields": [_field(column, form) for column in table.columns]}
    if form == "csv":
        schema["missingValues"] = [""]
    if table.key:
        schema["primaryKey"] = list(table.key)
    references = [
        {"fields": [each.column], "reference": {"resource": each.table, "fields": [each.target]}}
        for each in table.references
        if each.table in beside
    ]
    if references:
        schema["foreignKeys"] = references
    return schema


def _field(column: Column, form: str) -> dict[str, Any]:
    field = {"name": column.name, "type": _TYPES.get(column.kind, "string")}
    if column.kind is Kind.TIME and form != "parquet":
        field["format"] = ARCHIVE_TIME
    if column.kind is Kind.OBJECT and form == "parquet":
        field["type"] = "string"
    if column.meaning:
        field["description"] = column.meaning
    return field
