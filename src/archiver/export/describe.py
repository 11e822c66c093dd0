"""Describe the columns of a table as a Table Schema (Frictionless Data), for programs that read the exported files."""

from collections.abc import Container
from typing import Any

from archiver.export.formats import FORMATS, ExportFormat
from archiver.model.clock import ARCHIVE_TIME
from archiver.model.table import Column, ColumnKind, Table

_TYPES = {
    ColumnKind.INTEGER: "integer",
    ColumnKind.TIME: "datetime",
    ColumnKind.LIST: "array",
    ColumnKind.OBJECT: "object",
    ColumnKind.UNKNOWN: "any",
}


def table_schema(table: Table, form: str, exported: Container[str] = ()) -> dict[str, Any]:
    """Return a table's schema: its columns with their meaning, its key, and its references to other tables.

    Args:
        table: the table; its rows are not read.
        form: the name of the format in which the table is written.
        exported: the names of the tables that are exported with it; references to other tables are left out.
    """
    written_as = FORMATS[form]
    schema: dict[str, Any] = {"fields": [_field(column, written_as) for column in table.columns]}
    if written_as.missing:
        schema["missingValues"] = list(written_as.missing)
    if table.key:
        schema["primaryKey"] = list(table.key)
    references = [
        {"fields": [each.column], "reference": {"resource": each.table, "fields": [each.target]}}
        for each in table.references
        if each.table in exported
    ]
    if references:
        schema["foreignKeys"] = references
    return schema


def _field(column: Column, written_as: ExportFormat) -> dict[str, Any]:
    field = {"name": column.name, "type": _TYPES.get(column.kind, "string")}
    if column.kind is ColumnKind.TIME and not written_as.is_typed:
        field["format"] = ARCHIVE_TIME
    if column.kind is ColumnKind.OBJECT and written_as.is_typed:
        field["type"] = "string"
    if column.meaning:
        field["description"] = column.meaning
    return field
