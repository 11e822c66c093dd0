"""The query at the foot of a page: `as SQL`. It is shown, never run."""

from collections.abc import Iterable

from archiver.text.clean import printable


def sql_text(value: str) -> str:
    """Return a text as a literal of SQL."""
    return "'" + printable(value, len(value)).replace("'", "''") + "'"


def sql_equal(values: Iterable[tuple[str, str | None]]) -> list[str]:
    """Return the conditions that columns have some values; those without a value are left out."""
    return [f"{name} = {sql_text(value)}" for name, value in values if value is not None]
