"""Adds contents to the two full-text indexes: `_words` with exact letters, `_words_plain` without accents."""

from collections.abc import Sequence

from archiver.store.connection import Connection, Value
from archiver.store.content_columns import SEARCHED

WORD_INDEXES = ("_words", "_words_plain")
_INSERT = f"INSERT INTO {{}}(rowid, {', '.join(each.name for each in SEARCHED)}) VALUES (?{', ?' * len(SEARCHED)})"


def add_words(connection: Connection, contents: Sequence[tuple[Value, ...]]) -> None:
    """Add new contents to both indexes: rows of their id and their texts in the order of `SEARCHED`.

    All contents of a batch are added together and not by a trigger: FTS5 writes what it has collected to the file at each
    savepoint, and SQLite makes one for each statement that runs a trigger.
    """
    if not contents:
        return
    connection.executemany(_INSERT.format("_words"), contents)
    plain = [(number, *map(_without_stroke, texts)) for number, *texts in contents]
    connection.executemany(_INSERT.format("_words_plain"), plain)


def _without_stroke(text: Value) -> Value:
    """Return a text with d for đ, as the view `_content_plain` has it. No tokenizer of SQLite folds đ."""
    return text.replace("đ", "d").replace("Đ", "D") if isinstance(text, str) else text
