"""Differences between two values of a field, as spans of text. `archiver.text.word_diff` has the algorithm."""

from collections.abc import Iterable

from archiver.model.edit import as_text, compared
from archiver.model.record import FIELDS
from archiver.model.version import FieldChange
from archiver.text.word_diff import Span, apply, compact, counts, diff_text

__all__ = ["Span", "apply", "as_text", "compact", "counts", "diff_field", "diff_text", "reading_order"]


def diff_field(change: FieldChange) -> tuple[Span, ...]:
    """Return the spans of one field's change."""
    return diff_text(*compared(change.field, change.old, change.new))


def reading_order(names: Iterable[str]) -> list[str]:
    """Return field names in the order in which people read them; the profile's own fields last, by name."""
    place = {name: number for number, name in enumerate(FIELDS)}
    return sorted(names, key=lambda name: (place.get(name, len(place)), name))
