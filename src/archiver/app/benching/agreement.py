"""Decide whether two sources agree on a field of a page: a rule, what the page declares, a reading without a profile.

The sources print the same fact in several ways: a title with the name of the site, a byline with "By", a date without
the time, a body with a caption more. So the values need not be equal.
"""

from collections.abc import Sequence

from archiver.learn.fit import word_f1
from archiver.model.version import FieldValue

DECLARED = ("title", "published", "section", "summary", "bylines", "tags")
"""The fields that pages declare."""
GENERIC = ("title", "published", "bylines", "body")
"""The fields that the reading without a profile gives well enough to compare."""

_DAY = len("2022-10-21")
_LEAST_PART = 0.5
"""The share of the longer text that the shorter one has when it is contained in it and means the same."""
_LEAST_BODY = 0.8
"""The F1 of the words of two bodies from which they are the same text."""


def agrees(field: str, one: FieldValue, other: FieldValue) -> bool:
    """Return whether two values of a field mean the same.

    >>> agrees("title", "Dân vận khéo", "Dân vận khéo - Quận 11")
    True
    >>> agrees("published", "2022-10-21 15:55:00", "2022-10-22")
    False
    """
    first, second = _texts(one), _texts(other)
    if not first or not second:
        return False
    if field == "published":
        return first[0][:_DAY] == second[0][:_DAY]
    if field == "body":
        return word_f1(first[0], second[0]) >= _LEAST_BODY
    few, many = sorted((first, second), key=len)
    return len(few) >= _LEAST_PART * len(many) and all(any(_contains(each, item) for item in many) for each in few)


def _texts(value: FieldValue) -> Sequence[str]:
    texts = (value,) if isinstance(value, str) else value or ()
    return [plain for text in texts if (plain := " ".join(text.casefold().split()))]


def _contains(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    return short in long and len(short) >= _LEAST_PART * len(long)
