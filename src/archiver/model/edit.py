"""What an edit of one field is: its nature, its words with some around them, and how many characters it is.

Pure: two values in, a description out. `archiver.change` describes edits when they are found, and `archiver.store`
describes those of an archive that is migrated.
"""

from dataclasses import dataclass
from enum import StrEnum

from archiver.model.record import CONTENT_FIELDS, ContentField, FieldShape
from archiver.model.version import FieldValue
from archiver.text.edit_context import context_of
from archiver.text.edit_nature import nature_of
from archiver.text.volatile import stable_address
from archiver.text.word_diff import Span, counts, diff_text

_FIELDS = {each.name: each for each in CONTENT_FIELDS}
_OF_ADDRESSES = (FieldShape.ADDRESSES, FieldShape.LINKS)


class Nature(StrEnum):
    """The kind of an edit. An edit has one: the first of these that it has, where typography is set aside."""

    WORDS = "words"
    """Words differ, or a number with its unit."""
    FIGURES = "figures"
    """Only numbers differ: prices, dates, times."""
    TYPOGRAPHY = "typography"
    """Only marks, quotes, dashes, case, spaces or line breaks differ, or how the same letter is written."""
    ORDER = "order"
    """The same items or paragraphs in another order."""
    MEDIA = "media"
    """Other images or files."""


@dataclass(frozen=True, slots=True)
class EditDescription:
    """The description of an edit. Characters are counted as Unicode code points; 0 of a field that is not prose.

    Attributes:
        nature: its kind.
        context: the changed words with some around them, in one line: `… [-278-]{+337+} …`.
    """

    nature: Nature
    context: str
    chars_added: int
    chars_removed: int


def describe(field: str, old: FieldValue, new: FieldValue, spans: tuple[Span, ...] | None = None) -> EditDescription:
    """Return the description of an edit.

    Args:
        field: the name of the field; `extra.NAME` for one of the profile's own.
        old: its value before, as `Content.flat` gives it.
        new: its value after.
        spans: the difference of the two texts, if it is known.
    """
    known = _FIELDS.get(field)
    texts = compared(field, old, new)
    if known is not None and not known.is_prose:
        return EditDescription(Nature.MEDIA, context_of(_replaced(*texts)), 0, 0)
    spans = diff_text(*texts) if spans is None else spans
    return EditDescription(_nature(known, old, new, texts), context_of(spans), *counts(spans))


def as_text(value: FieldValue) -> str:
    """Return a field's value as one text, with a line for each item of a list."""
    return "\n".join(value) if isinstance(value, tuple) else value or ""


def compared(field: str, old: FieldValue, new: FieldValue) -> tuple[str, str]:
    """Return the two texts whose difference is shown.

    An address that differs only in what servers change at each visit (a signature) is shown as it was before. Items
    whose order means nothing are sorted.
    """
    known = _FIELDS.get(field)
    if known is None or not isinstance(old, tuple) or not isinstance(new, tuple):
        return as_text(old), as_text(new)
    if not known.is_ordered:
        old, new = tuple(sorted(old)), tuple(sorted(new))
    if known.shape in _OF_ADDRESSES:
        before = {stable_address(address): address for address in old}
        new = tuple(before.get(stable_address(address), address) for address in new)
    return as_text(old), as_text(new)


def _nature(known: ContentField | None, old: FieldValue, new: FieldValue, texts: tuple[str, str]) -> Nature:
    if known is not None and known.shape is FieldShape.DATE:
        return Nature.FIGURES
    if known is not None and known.shape in _OF_ADDRESSES:
        before, after = (sorted(text.split("\n")) for text in texts)
        return Nature.ORDER if before == after else Nature.MEDIA
    return Nature(nature_of(_units(old), _units(new)))


def _units(value: FieldValue) -> list[str]:
    """Return the paragraphs and lines of a text, or the items of a list."""
    return list(value) if isinstance(value, tuple) else [line for line in (value or "").split("\n") if line]


def _replaced(old: str, new: str) -> tuple[Span, ...]:
    spans = Span("delete", old), Span("insert", new)
    return tuple(span for span in spans if span.text)
