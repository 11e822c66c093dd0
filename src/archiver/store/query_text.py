"""A user's query: its parameters and whether there is a statement, before it is run; the names of its columns."""

import re
from collections.abc import Iterable

from archiver.errors import UsageError
from archiver.text.near import did_you_mean

_COMMENT = r"--[^\n]*|/\*(?:.|\n)*?(?:\*/|\Z)"
_QUOTED = r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|`(?:[^`]|``)*`|\[[^\]]*\]"
_PARAMETER = re.compile(rf"{_COMMENT}|{_QUOTED}|[:@$]([^\W\d]\w*)")
_NOTHING = re.compile(rf"(?:\s|;|{_COMMENT})*")


def check_query(sql: str, given: Iterable[str]) -> None:
    """Check a query before it is run.

    Args:
        sql: the query.
        given: the names of the parameters that have a value.

    Raises:
        UsageError: there is no statement, or the query does not use a parameter.
    """
    if _NOTHING.fullmatch(sql):
        raise UsageError("SQL: the query is empty; write a SELECT (`archiver sql` lists the views)")
    used = parameters(sql)
    for name in given:
        if name not in used:
            has = f"it has {', '.join(f':{each}' for each in used)}" if used else "it has none"
            raise UsageError(f"SQL: the query has no parameter :{name}; {did_you_mean(name, used)}{has}")


def parameters(sql: str) -> list[str]:
    """Return the names of a query's parameters, in the order of their first use."""
    return list(dict.fromkeys(name for name in _PARAMETER.findall(sql) if name))


def distinct_names(names: list[str]) -> list[str]:
    """Return the names of a result's columns; of two with the same name, the second is called NAME_2."""
    given: list[str] = []
    for name in names:
        number, distinct = 1, name
        while distinct in given:
            number += 1
            distinct = f"{name}_{number}"
        given.append(distinct)
    return given
