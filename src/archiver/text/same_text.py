"""Decide whether two texts are nearly the same."""

_PIECE = 8
"""Characters of the pieces that are compared."""
_MOST = 40_000
"""Characters of each text that are compared."""
_LEAST_SHARED = 0.8


def is_nearly_same(one: str, other: str) -> bool:
    """Return whether two texts share at least four fifths of their pieces; case and spaces do not count."""
    first, second = _pieces(one), _pieces(other)
    if not first or not second or min(len(first), len(second)) < _LEAST_SHARED * max(len(first), len(second)):
        return False
    return len(first & second) >= _LEAST_SHARED * len(first | second)


def _pieces(text: str) -> set[str]:
    plain = " ".join(text[:_MOST].casefold().split())
    return {plain[start : start + _PIECE] for start in range(max(0, len(plain) - _PIECE + 1))}
