"""Errors of a user's query in one line: what is wrong, the name that was probably meant, and what there is."""

import re

from archiver.store.view_sql import View
from archiver.store.views import VIEWS
from archiver.text.near import did_you_mean

_NO_TABLE = re.compile(r"no such table: (?:\w+\.)?(\S+)")
_NO_COLUMN = re.compile(r"no such column: (?:\S+\.)?(\S+)")
_NO_VALUE = re.compile(r"did not supply a value for binding (?:parameter )?:?(\w+)")
_ADVICE = {
    "readonly database": "attempt to write a readonly database; a query can only read",
    "not authorized": "not authorized; a query can only read the archive: no ATTACH, and no PRAGMA that changes a setting",
    "has no name": "a ? in the query has no name; write :NAME, and give its value with --param NAME=VALUE",
}
"""Advice by a part of SQLite's message."""
_WORD = re.compile(r"\w+")
_ONE = r"(?:\w+\.)?\w+(?:(?:\s+as)?\s+\w+)?"
_SOURCES = re.compile(rf"\b(?:from|join)\s+({_ONE}(?:\s*,\s*{_ONE})*)")
"""The names after FROM and JOIN, with their aliases."""


def sql_error(message: str, sql: str) -> str:
    """Return the message for a query that failed.

    Args:
        message: what SQLite says.
        sql: the query.
    """
    if found := _NO_TABLE.search(message):
        names = [view.name for view in VIEWS]
        return f"SQL: no such table: {found[1]}; {did_you_mean(found[1], names)}the views are {', '.join(names)}"
    if found := _NO_COLUMN.search(message):
        return f"SQL: no such column: {found[1]}; {_hyphen(found[1], sql) or _columns(found[1], sql)}"
    if found := _NO_VALUE.search(message):
        return f"SQL: :{found[1]} has no value; add --param {found[1]}=VALUE, or pass it as a parameter"
    for part, advice in _ADVICE.items():
        if part in message:
            return f"SQL: {advice}"
    return f"SQL: {' '.join(message.split())} (the views are described in the table _doc, or by `archiver sql`)"


def _hyphen(name: str, sql: str) -> str:
    """Return advice when the name is the end of a searched word with a hyphen."""
    whole = re.search(rf"[\w-]+-{re.escape(name)}\b", sql)
    if whole is None or not re.search(r"\bmatch\b", sql, re.IGNORECASE):
        return ""
    return f"in MATCH, words with a hyphen or another sign need double quotes: MATCH '\"{whole[0]}\"'"


def _columns(name: str, sql: str) -> str:
    """Return which columns the views of a query have, and which other views have the column."""
    text = sql.lower()
    words = set(_WORD.findall(" ".join(_SOURCES.findall(text)) or text))
    views: list[View] = [view for view in VIEWS if view.name in words]
    if not views:
        return "the query names no view; `archiver sql` lists them"
    others = [view.name for view in VIEWS if name in view.columns and view not in views]
    known = dict.fromkeys(column for view in views for column in view.columns if column != name)
    held = " and ".join(others) + (" have" if others[1:] else " has")
    meant = f"{held} this column; " if others else did_you_mean(name, known)
    return meant + "; ".join(f"{view.name} has {', '.join(view.columns)}" for view in views)
