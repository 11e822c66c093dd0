"""The sort of a typographic difference: white space, case, punctuation or the placement of tones (hòa, hoà)."""

import unicodedata
from collections.abc import Callable

from archiver.text.tones import new_placement

_UNLIKE_MARKS = frozenset("%‰#@&*′″\u2034")  # punctuation by Unicode, but not a pause


def typographic_fold(old: str, new: str) -> str | None:
    """Return the first sort that explains the whole difference of two texts; None when letters or digits differ.

    A mark before a digit is not punctuation: 1,5 and 15 are two numbers.
    """
    return next((name for name, fold in _FOLDS if fold(old) == fold(new)), None)


def _solid(text: str) -> str:
    return "".join(unicodedata.normalize("NFC", text).split())


def _unmarked(text: str) -> str:
    """Return the text without separating marks; a mark before a digit and a dash after one stay."""
    return "".join(char for at, char in enumerate(text) if not _is_mark(text, at))


def _is_mark(text: str, at: int) -> bool:
    kind = unicodedata.category(text[at])
    if not kind.startswith("P") or text[at] in _UNLIKE_MARKS or text[at + 1 : at + 2].isdigit():
        return False
    return not (kind == "Pd" and text[at - 1 : at].isdigit())


_FOLDS: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("whitespace", _solid),
    ("case", lambda text: _solid(text).casefold()),
    ("punctuation", lambda text: _unmarked(_solid(text))),
    ("tone placement", lambda text: _solid(new_placement(unicodedata.normalize("NFC", text)))),
)
