"""Measures of how well texts fit each other."""

from collections import Counter
from collections.abc import Sequence


def word_f1(one: str, other: str) -> float:
    """Return the F1 of the words of two texts: 1 for the same words, 0 for none in common.

    >>> word_f1("sửa đường", "sửa cầu")
    0.5
    """
    first, second = Counter(one.split()), Counter(other.split())
    common = (first & second).total()
    return 2 * common / (first.total() + second.total()) if common else float(first == second)


def mean(values: Sequence[float]) -> float:
    """Return the mean; 0 of none."""
    return sum(values) / len(values) if values else 0.0
