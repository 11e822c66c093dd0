"""Transformations: the ways in which a redesign changes the values of a field on many pages."""

import re
import unicodedata
from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from archiver.change.diff import diff_text
from archiver.change.typographic_fold import typographic_fold

Items = tuple[str, ...]
"""A value of a field: the items of a list, or one text; () for none."""

TIMED = re.compile(r"\d{4}-\d\d-\d\d(?: \d\d:\d\d(?::\d\d)?)?")
"""A day, or a moment."""
PRECISION = {10: "the day", 16: "the minute", 19: "the second"}
"""The precision of a moment by the length of its text."""
_PREFIX_ENDS = (":", "|", "-", "–", "—", "·", "»", "•", "/")
LONGEST_SHOWN = 40
"""Characters of a text that are printed, and the longest label of a block."""


class Way(StrEnum):
    """How a value changes. The numbers in `_RANK` give the order in which they are tried."""

    APPEARS = "appears"
    GOES = "goes"
    BECOMES = "becomes"
    ADDS = "adds"
    DROPS = "drops"
    ROUNDED = "rounded"
    SHIFTED = "shifted"
    CASE = "case"
    FOLD = "fold"
    RENAMED = "renamed"
    ADDS_BLOCK = "adds block"
    DROPS_BLOCK = "drops block"


_RANK = {Way.CASE: 1, Way.FOLD: 2, Way.RENAMED: 3, Way.ADDS_BLOCK: 4, Way.DROPS_BLOCK: 4}


class Transformation(NamedTuple):
    """A change that many pages may have in common.

    Attributes:
        way: how the value changes.
        before: the text that is replaced or removed; of a block, its first line.
        after: the text that is inserted; for CASE, FOLD, ROUNDED and SHIFTED the name of the change.
    """

    way: Way
    before: str = ""
    after: str = ""

    @property
    def rank(self) -> int:
        """Return the order in which transformations are tried: the most exact ones first."""
        return _RANK.get(self.way, 0)

    @property
    def is_typographic(self) -> bool:
        """Whether it changes no letter and no digit, except their case."""
        if self.way in (Way.CASE, Way.FOLD):
            return True
        return self.way in (Way.BECOMES, Way.ADDS, Way.DROPS) and not any(map(str.isalnum, self.before + self.after))

    @property
    def is_of_mark(self) -> bool:
        """Whether it can change only the values with a certain mark or prefix; else it could change every value."""
        return self.is_typographic or self.before.rstrip().endswith(_PREFIX_ENDS)

    @property
    def is_loose(self) -> bool:
        """Whether the texts that it adds or removes differ from page to page. It is no evidence by itself."""
        return self.way in (Way.ADDS_BLOCK, Way.DROPS_BLOCK)

    @property
    def is_exact(self) -> bool:
        """Whether it adds, removes or replaces a certain text."""
        return self.way in (Way.ADDS, Way.DROPS, Way.BECOMES, Way.RENAMED)

    def may_change(self, value: Items) -> bool:
        """Whether it could change a value, so that a page that keeps this value speaks against it."""
        if self.way is Way.APPEARS:
            return not value
        if not value:
            return False
        if self.way is Way.RENAMED:
            return value == (self.before,)
        if self.before and self.is_of_mark:
            return any(self.before in item for item in value)
        if self.after and self.way in (Way.BECOMES, Way.ADDS, Way.ADDS_BLOCK):
            return not any(self.after in item for item in value)
        return True

    def follows(self, earlier: "Transformation") -> bool:
        """Whether it undoes or replaces something that an earlier transformation did."""
        if self.before:
            return self.before in earlier.after
        return self.way is earlier.way and self.way in (Way.CASE, Way.FOLD, Way.ROUNDED, Way.SHIFTED)

    def explains_part_of(self, old: Items, new: Items) -> bool:
        """Whether a change has this transformation among its differences."""
        if self.way is Way.BECOMES:
            return _count(old, self.before) > _count(new, self.before) and _count(new, self.after) > _count(
                old, self.after
            )
        if self.way is Way.ADDS:
            return bool(old) and _count(new, self.after) > _count(old, self.after)
        if self.way is Way.DROPS:
            return bool(new) and _count(old, self.before) > _count(new, self.before)
        if self.way is Way.CASE:
            return letters(old) != letters(new) and letters(old, str.casefold) == letters(new, str.casefold)
        return self.without(old, new) != (old, new)

    def without(self, old: Items, new: Items) -> tuple[Items, Items]:
        """Return a change without this transformation: both values are equal when it explains all."""
        return _WITHOUT[self.way](self, old, new)

    def told(self, field: str) -> str:
        """Return the transformation in words: `bylines appear`, `'-' became '–' in section`."""
        return _TOLD[self.way](self, field)


def is_same(old: Items, new: Items) -> bool:
    """Whether two values are equal but for white space."""
    return old == new or _solid(old) == _solid(new)


def _solid(value: Items) -> list[str]:
    return [" ".join(item.split()) for item in value if item.strip()]


def _count(value: Items, piece: str) -> int:
    return sum(item.count(piece) for item in value)


def letters(value: Items, fold: Callable[[str], str] = str) -> list[str]:
    """Return the letters and digits of each item, folded."""
    return ["".join(filter(str.isalnum, fold(unicodedata.normalize("NFC", item)))) for item in value]


# a change without a transformation


def _without_value(_each: Transformation, old: Items, new: Items) -> tuple[Items, Items]:
    return ((), ()) if not old or not new else (old, new)


def _without_replaced(each: Transformation, old: Items, new: Items) -> tuple[Items, Items]:
    def replaced(value: Items) -> Items:
        return tuple(item.replace(each.before, each.after) for item in value)

    if not any(each.before in item for item in old):
        return old, new
    return replaced(old), new if each.before in each.after else replaced(new)


def _without_added(each: Transformation, old: Items, new: Items) -> tuple[Items, Items]:
    return old, _cut_all(new, old, each.after)


def _without_dropped(each: Transformation, old: Items, new: Items) -> tuple[Items, Items]:
    return _cut_all(old, new, each.before), new


def _cut_all(value: Items, other: Items, piece: str) -> Items:
    """Return a value without a piece where the other value does not have it."""
    if len(value) == len(other):
        return tuple(_cut(item, its, piece) for item, its in zip(value, other, strict=True))
    return tuple(item for item in value if item != piece or item in other)


def _cut(text: str, other: str, piece: str) -> str:
    for _ in range(text.count(piece) - other.count(piece)):
        same = next((at for at, pair in enumerate(zip(text, other, strict=False)) if pair[0] != pair[1]), len(other))
        at = text.rfind(piece, 0, same + len(piece)) if text.endswith(piece) else text.find(piece)
        if text.endswith(piece) and at < 0:
            at = len(text) - len(piece)
        text = text[:at] + text[at + len(piece) :]
    return text


def _without_block(each: Transformation, old: Items, new: Items) -> tuple[Items, Items]:
    is_added = each.way is Way.ADDS_BLOCK
    head, op = (each.after, "insert") if is_added else (each.before, "delete")
    if not old or len(old) != len(new):
        return old, new
    kept: list[tuple[str, str]] = []
    for left, right in zip(old, new, strict=True):
        spans = [span for span in diff_text(left, right) if not (span.op == op and block_head(span.text) == head)]
        sides = ("".join(span.text for span in spans if span.op != other) for other in ("insert", "delete"))
        kept.append((next(sides), next(sides)))
    return tuple(each[0] for each in kept), tuple(each[1] for each in kept)


def _folding(fold: Callable[[str], str]) -> Callable[[Transformation, Items, Items], tuple[Items, Items]]:
    def without(_each: Transformation, old: Items, new: Items) -> tuple[Items, Items]:
        return tuple(map(fold, old)), tuple(map(fold, new))

    return without


def _without_fold(each: Transformation, old: Items, new: Items) -> tuple[Items, Items]:
    if len(old) != len(new):
        return old, new
    pairs = zip(old, new, strict=True)
    return old, tuple(
        left if left == right or typographic_fold(left, right) == each.after else right for left, right in pairs
    )


def _without_rounding(each: Transformation, old: Items, new: Items) -> tuple[Items, Items]:
    size = next((size for size, name in PRECISION.items() if name == each.after), 10)
    is_timed = all(TIMED.fullmatch(item) for item in old + new)
    return (tuple(item[:size] for item in old), tuple(item[:size] for item in new)) if is_timed else (old, new)


def _without_shift(each: Transformation, old: Items, new: Items) -> tuple[Items, Items]:
    return (new, new) if len(old) == len(new) == 1 and shift_of(old[0], new[0]) == each.after else (old, new)


def _without_renaming(each: Transformation, old: Items, new: Items) -> tuple[Items, Items]:
    return (new, new) if (old, new) == ((each.before,), (each.after,)) else (old, new)


_WITHOUT: dict[Way, Callable[[Transformation, Items, Items], tuple[Items, Items]]] = {
    Way.APPEARS: lambda each, old, new: _without_value(each, old, new) if not old else (old, new),
    Way.GOES: lambda each, old, new: _without_value(each, old, new) if not new else (old, new),
    Way.BECOMES: _without_replaced,
    Way.ADDS: _without_added,
    Way.DROPS: _without_dropped,
    Way.ROUNDED: _without_rounding,
    Way.SHIFTED: _without_shift,
    Way.CASE: _folding(lambda text: unicodedata.normalize("NFC", text).casefold()),
    Way.FOLD: _without_fold,
    Way.RENAMED: _without_renaming,
    Way.ADDS_BLOCK: _without_block,
    Way.DROPS_BLOCK: _without_block,
}


def block_head(text: str) -> str:
    """Return what blocks of one template begin with: the words up to a colon, or the first line; "" for other texts."""
    lines = [line for line in text.strip().split("\n") if line.strip()]
    if not lines:
        return ""
    label, mark, _ = lines[0].partition(":")
    if mark and len(label) <= LONGEST_SHOWN:
        return f"{label}:"
    return lines[0] if len(lines) > 1 and len(lines[0]) <= LONGEST_SHOWN else ""


def shift_of(old: str, new: str) -> str:
    """Return the seconds between two moments, as text; "" when they are no moments of one precision, or a day apart."""
    if len(old) != len(new) or not (TIMED.fullmatch(old) and TIMED.fullmatch(new)) or old == new:
        return ""
    try:
        seconds = int((datetime.fromisoformat(new) - datetime.fromisoformat(old)).total_seconds())
    except ValueError:
        return ""
    return str(seconds) if abs(seconds) <= 24 * 3600 else ""


# in words


def shown(text: str) -> str:
    """Return a text in quotes, shortened, with its white space in one form."""
    text = re.sub(r"\s+", " ", text.strip("\n"))
    return f"'{text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 1] + '…'}'"


def _verb(field: str, verb: str) -> str:
    return f"{field} {verb}" if field.endswith("s") else f"{field} {verb}s"


_TOLD: dict[Way, Callable[[Transformation, str], str]] = {
    Way.APPEARS: lambda _each, field: _verb(field, "appear"),
    Way.GOES: lambda _each, field: _verb(field, "disappear"),
    Way.BECOMES: lambda each, field: f"{shown(each.before)} became {shown(each.after)} in {field}",
    Way.ADDS: lambda each, field: f"{_verb(field, 'gain')} {shown(each.after)}",
    Way.DROPS: lambda each, field: f"{field} {'lose' if field.endswith('s') else 'loses'} {shown(each.before)}",
    Way.ROUNDED: lambda each, field: f"{field} has another precision ({each.after})",
    Way.SHIFTED: lambda each, field: f"{field} moves by {int(each.after) / 3600:g} h",
    Way.CASE: lambda each, field: f"{'' if each.after == 'other' else each.after + ' '}case in {field}".strip(),
    Way.FOLD: lambda each, field: f"{each.after} in {field}",
    Way.RENAMED: lambda each, field: f"{field} {shown(each.before)} is now {shown(each.after)}",
    Way.ADDS_BLOCK: lambda each, field: f"{_verb(field, 'gain')} a block {shown(each.after)}",
    Way.DROPS_BLOCK: lambda each, field: (
        f"{field} {'lose' if field.endswith('s') else 'loses'} a block {shown(each.before)}"
    ),
}
