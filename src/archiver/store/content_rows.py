"""Contents as rows: a stable, immutable row for each fingerprint, and back again."""

import json
from collections.abc import Collection, Sequence
from typing import Any

from archiver.model.record import CONTENT_FIELDS, LIST_FIELDS, Content, ContentField, FieldShape, Link, Published
from archiver.model.version import FieldValue
from archiver.store.body_pieces import cut_body
from archiver.store.connection import Connection, Row, Value
from archiver.store.content_columns import SEARCHED, STORED
from archiver.store.research_schema import word_count
from archiver.store.word_index import add_words
from archiver.text.digest import fingerprint

_COLUMNS = ("fingerprint", *STORED, "base", "cuts")
_INSERT = f"INSERT INTO _stored_content({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_COLUMNS))})"
_BODY = STORED.index("body")
_BASES = (
    "SELECT c.content_id AS before, b.content_id, b.body FROM json_each(?) j CROSS JOIN _stored_content c ON c.content_id = j.value "
    "CROSS JOIN _stored_content b ON b.content_id = coalesce(c.base, c.content_id)"
)

Item = tuple[str, int, str, str | None]
"""A row of `_item` without its content: field, position, text, address."""


def put_contents(connection: Connection, contents: Sequence[tuple[Content, int | None]]) -> dict[str, int]:
    """Return the numbers of contents by their fingerprints; new contents are inserted.

    Each comes with the content that its page had before, or None. A body that differs little from that one's is stored as
    pieces of it (`body_pieces`).
    """
    wanted = {content_name(content): (content, before) for content, before in contents}
    if not wanted:
        return {}
    found = {
        row["fingerprint"]: int(row["content_id"])
        for row in connection.rows(
            "SELECT c.fingerprint, c.content_id FROM json_each(?) j CROSS JOIN _content c ON c.fingerprint = j.value",
            (json.dumps(list(wanted)),),
        )
    }
    items: list[tuple[int, str, int, str, str | None]] = []
    new = {name: each for name, each in wanted.items() if name not in found}
    bases = _bases(connection, {before for _, before in new.values() if before is not None})
    for name, (content, before) in new.items():
        found[name] = connection.insert(_INSERT, (name, *_row_of(content, bases.get(before))))
        items += [(found[name], *item) for item in items_of(content)]
    counts = [(found[name], word_count(content.body)) for name, (content, _) in new.items() if content.body is not None]
    connection.executemany("INSERT INTO _content_words(content_id, words) VALUES (?, ?)", counts)
    add_words(connection, [(found[name], *_searched(content)) for name, (content, _) in new.items()])
    if items:
        connection.executemany(
            "INSERT INTO _item(content_id, field, position, text, url) VALUES (?, ?, ?, ?, ?)", items
        )
    return found


def _bases(connection: Connection, contents: Collection[int]) -> dict[int | None, tuple[int, str]]:
    """Return the whole content, and its body, that each content is or refers to."""
    if not contents:
        return {}
    rows = connection.rows(_BASES, (json.dumps(list(contents)),))
    return {row["before"]: (row["content_id"], row["body"]) for row in rows if row["body"]}


def _row_of(content: Content, base: tuple[int, str] | None) -> list[Value]:
    """Return the values of `STORED`, and of `base` and `cuts`."""
    cells = _cells(content)
    pieces = cut_body(content.body, base[1]) if base is not None and content.body else None
    if base is None or pieces is None:
        return [*cells, None, None]
    cells[_BODY], cuts = pieces
    return [*cells, base[0], cuts]


def _searched(content: Content) -> list[Value]:
    """Return the texts of the columns `SEARCHED`."""
    return [as_text(getattr(content, field.name)) for field in SEARCHED]


def _cells(content: Content) -> list[Value]:
    """Return the values of the columns `STORED`."""
    cells: list[Value] = []
    for field in CONTENT_FIELDS:
        value = getattr(content, field.name)
        if field.shape is FieldShape.DATE:
            date = value or Published(None)
            cells += [date.local, date.utc, date.raw or None, date.precision]
        elif field.shape is FieldShape.LINKS:
            cells.append(json.dumps([[link.url, link.text] for link in value], ensure_ascii=False))
        else:
            cells.append(as_text(value))
    return [*cells, json.dumps(dict(content.extra), ensure_ascii=False, sort_keys=True)]


def content_name(content: Content) -> str:
    """Return the fingerprint of a `_content` row. It covers every column: the parts of a date and the names of files, too."""
    more: dict[str, FieldValue] = {}
    for field in CONTENT_FIELDS:
        value = getattr(content, field.name)
        if field.shape is FieldShape.DATE and value is not None:
            more |= {f"{field.name}_{part}": getattr(value, part) for part in ("utc", "raw", "precision")}
        elif field.shape is FieldShape.LINKS and any(link.text for link in value):
            more[f"{field.name.removesuffix('s')}_names"] = tuple(link.text for link in value)
    return fingerprint(content.flat() | more)


def items_of(content: Content) -> list[Item]:
    """Return the rows of `_item` for the items of a content's lists. Addresses of images have none."""
    rows: list[Item] = []
    for field in CONTENT_FIELDS:
        value = getattr(content, field.name)
        if field.shape is FieldShape.TEXTS:
            rows.extend((field.name, position, text, None) for position, text in enumerate(value, start=1))
        elif field.shape is FieldShape.LINKS:
            rows.extend((field.name, position, link.text, link.url) for position, link in enumerate(value, start=1))
    return rows


def content_of(row: Row) -> Content:
    """Return the content of a `_content` row; the inverse of `put_contents`."""
    values = {field.name: _value_of(row, field) for field in CONTENT_FIELDS}
    return Content(**values, extra=tuple(sorted(json.loads(row["extra"]).items())))


def _value_of(row: Row, field: ContentField) -> Any:  # noqa: ANN401  (by its shape)
    cell = row[field.name]
    if field.shape is FieldShape.TEXT:
        return cell
    if field.shape is FieldShape.DATE:
        utc, raw, precision = (row[f"{field.name}_{part}"] for part in ("utc", "raw", "precision"))
        return None if cell is None and raw is None else Published(cell, utc, raw or "", precision)
    if field.shape is FieldShape.LINKS:
        return tuple(Link(url, text) for url, text in json.loads(cell))
    return tuple(json.loads(cell))


def as_text(value: FieldValue) -> str | None:
    """A field's value as the views print it: text as it is, lists as JSON arrays."""
    if value is None or isinstance(value, str):
        return value
    return json.dumps(list(value), ensure_ascii=False)


def from_text(field: str, text: str | None) -> FieldValue:
    """The inverse of `as_text`, for a field of the views."""
    if text is None or field not in LIST_FIELDS:
        return text
    return tuple(json.loads(text))
