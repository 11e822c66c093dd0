"""The columns of content in the archive's tables and views, made from the table of content fields."""

from archiver.model.record import CONTENT_FIELDS, ContentField, FieldShape

_DATE_PARTS = {
    "utc": "the instant of `{0}` (UTC); NULL when the page states only a day, or neither zone nor offset is known",
    "raw": "what was printed",
    "precision": "day, minute or second",
}


def column_docs(field: ContentField) -> dict[str, str]:
    """Return the columns of a field in `_content`, each with its description in the views. A date has four columns."""
    if field.shape is FieldShape.DATE:
        parts = {f"{field.name}_{part}": meaning.format(field.name) for part, meaning in _DATE_PARTS.items()}
        return {field.name: field.meaning, **parts}
    if field.item is not None:
        return {field.name: f"JSON array; one row each in `{field.name}`"}
    return {field.name: field.meaning}


STORED: tuple[str, ...] = (*(name for each in CONTENT_FIELDS for name in column_docs(each)), "extra")
"""The columns of `_content` that hold content, in the order of `Content`."""

_DATES_FIRST = sorted(CONTENT_FIELDS, key=lambda each: each.shape is not FieldShape.DATE)
_IN_VIEW = [each for each in _DATES_FIRST if each.shape not in (FieldShape.ADDRESSES, FieldShape.LINKS)]

VIEWED: dict[str, str] = {name: meaning for each in _IN_VIEW for name, meaning in column_docs(each).items()}
"""The content columns of the view `versions` with their descriptions. Images are not shown; files have a view."""

ITEM_FIELDS: tuple[ContentField, ...] = tuple(each for each in CONTENT_FIELDS if each.item is not None)
"""The lists whose items are rows of `_item` and of a view of their own. The links of files are such rows, too."""

SEARCHED: tuple[ContentField, ...] = tuple(each for each in CONTENT_FIELDS if each.weight)
"""The fields of the full-text indexes, in the order of the columns of `_words`."""

_EMPTY = {each.name: "[]" if each.is_list else "" for each in CONTENT_FIELDS if each.shape is not FieldShape.LINKS}

HELD: frozenset[str] = frozenset(_EMPTY)
"""The fields whose text, as `changes` shows it, is a column of `_content`. Changes of these refer to two contents; others hold both texts."""


def held_text(row: str, field: str) -> str:
    """Return the SQL expression of the text of a field in `HELD`; NULL when it is empty or of another field.

    Args:
        row: the name of a table with the columns of `_content`.
        field: the SQL expression of the field's name.
    """
    whens = " ".join(f"WHEN '{name}' THEN nullif({row}.{name}, '{empty}')" for name, empty in _EMPTY.items())
    return f"CASE {field} {whens} END"
