"""Bodies that differ little from an earlier body of their page, stored as pieces of it and their own text.

A row of `_stored_content` with a `base` holds in `body` only the text that the base does not have. `cuts` has four numbers of
six digits for each piece: the place and length of a part of the base's body, then the place and length of a part of the own
text, in characters from 1. All parts in this order are the body. The view `_content` joins them. A base is always a whole row.
"""

from collections.abc import Iterator
from difflib import SequenceMatcher

MAX_PIECES = 8  # this and the digits are part of the schema: the view `_content` is made from them
_DIGITS = 6
_MAX_OWN = 0.4  # of a body; with more own text it is stored whole, and the next bodies refer to it
_LEAST_SAVED = 200  # characters
_LEAST_BLOCK = 20  # characters of the base; a shorter common block is own text
_MAX_PARAGRAPHS = 400  # that are compared one by one; in longer texts only the beginning and the end are

Block = tuple[int, int, int]
"""A common block: its place in the base, its place in the body (from 0), its length."""


def joined_body(row: str, base: str) -> str:
    """Return the SQL expression of the whole body of a row with a base. The arguments are the names of the two tables."""
    parts = []
    for start in range(0, 4 * _DIGITS * MAX_PIECES, 4 * _DIGITS):
        at, size, own_at, own_size = (
            f"CAST(nullif(substr({row}.cuts, {start + part * _DIGITS + 1}, {_DIGITS}), '') AS BIGINT)"
            for part in range(4)
        )
        piece = f"substr({base}.body, {at}, {size}) || substr({row}.body, {own_at}, {own_size})"
        parts.append(f"CASE WHEN length({row}.cuts) > {start} THEN {piece} ELSE '' END" if start else piece)
    return " || ".join(parts)


def cut_body(body: str, base: str) -> tuple[str, str] | None:
    """Return a body's own text and its `cuts`; None when the body is to be stored whole.

    A text with a NUL is stored whole: SQLite's `substr` ends there.
    """
    if "\0" in body or "\0" in base or max(len(body), len(base)) >= 10**_DIGITS:
        return None
    longest = sorted(_common_blocks(base, body), key=lambda block: -block[2])[: MAX_PIECES - 1]
    own, cuts, done = list[str](), [1, 0, 1], 0
    for at, start, size in sorted(longest):
        text = body[done:start]
        cuts += [len(text), at + 1, size, cuts[-1] + len(text)]
        own.append(text)
        done = start + size
    own.append(body[done:])
    text = "".join(own)
    if len(text) > _MAX_OWN * len(body) or len(body) - len(text) < _LEAST_SAVED:
        return None
    return text, "".join(f"{number:0{_DIGITS}}" for number in (*cuts, len(own[-1])))


def _common_blocks(base: str, body: str) -> Iterator[Block]:
    """Yield blocks of text that both have in the same order, none of them shorter than `_LEAST_BLOCK`.

    They are whole paragraphs, and what the paragraphs between them begin and end with.
    """
    at, start, size = 0, 0, 0
    for next_at, next_start, next_size in _common_paragraphs(base, body):
        left, right = base[at + size : next_at], body[start + size : next_start]
        head = _common_start(left, right)
        tail = min(_common_start(left[::-1], right[::-1]), min(len(left), len(right)) - head)
        if size + head >= _LEAST_BLOCK:
            yield at, start, size + head
        at, start, size = next_at - tail, next_start - tail, next_size + tail
    if size >= _LEAST_BLOCK:
        yield at, start, size


def _common_paragraphs(base: str, body: str) -> Iterator[Block]:
    """Yield the blocks of paragraphs that both have in the same order, and an empty block at the end."""
    left, right = _paragraphs(base), _paragraphs(body)
    if max(len(left), len(right)) <= _MAX_PARAGRAPHS:
        for at, start, size in SequenceMatcher(None, left, right, autojunk=False).get_matching_blocks():
            yield len("".join(left[:at])), len("".join(right[:start])), len("".join(left[at : at + size]))
    else:
        yield len(base), len(body), 0


def _paragraphs(text: str) -> list[str]:
    *others, last = text.split("\n\n")
    return [*(f"{each}\n\n" for each in others), last]


def _common_start(one: str, other: str) -> int:
    """Return the length of the text that both begin with."""
    size = min(len(one), len(other))
    return next((place for place in range(size) if one[place] != other[place]), size)
