"""Bodies that differ little from an earlier body of their page, stored as pieces of it and their own text.

A row of `_stored_content` with a `base` holds in `body` only the text that the base does not have. `cuts` has four numbers of
six digits for each piece: the place and length of a part of the base's body, then the place and length of a part of the own
text, in characters from 1. All parts in this order are the body. The view `_content` joins them. A base is always a whole row.
"""

from collections.abc import Iterator
from difflib import SequenceMatcher
from os.path import commonprefix

MOST_PIECES = 8
_DIGITS = 6
_MOST_OWN = 0.4  # of a body; with more own text it is stored whole, and the next bodies refer to it
_LEAST_SAVED = 200  # characters
_LEAST_BLOCK = 20  # characters of the base; a shorter common block is own text
_MOST_LINES = 400  # that are compared line by line

Block = tuple[int, int, int]
"""A common block: its place in the base, its place in the body (from 0), its length."""


def joined_body(row: str, base: str) -> str:
    """Return the SQL expression of the whole body of a row with a base. The arguments are the names of the two tables."""
    parts = []
    for number in range(MOST_PIECES):
        at, size, own_at, own_size = (
            f"CAST(nullif(substr({row}.cuts, {(4 * number + part) * _DIGITS + 1}, {_DIGITS}), '') AS BIGINT)"
            for part in range(4)
        )
        parts.append(f"coalesce(substr({base}.body, {at}, {size}) || substr({row}.body, {own_at}, {own_size}), '')")
    return " || ".join(parts)


def cut_body(body: str, base: str) -> tuple[str, str] | None:
    """Return a body's own text and its `cuts`; None when the body is to be stored whole.

    A text with a NUL is stored whole: SQLite's `substr` ends there.
    """
    if "\0" in body or "\0" in base or max(len(body), len(base)) >= 10**_DIGITS:
        return None
    longest = sorted(_common_blocks(base, body), key=lambda block: -block[2])[: MOST_PIECES - 1]
    own, cuts, done = list[str](), [1, 0, 1], 0
    for at, start, size in sorted(longest):
        text = body[done:start]
        cuts += [len(text), at + 1, size, cuts[-1] + len(text)]
        own.append(text)
        done = start + size
    own.append(body[done:])
    text = "".join(own)
    if len(text) > _MOST_OWN * len(body) or len(body) - len(text) < _LEAST_SAVED:
        return None
    return text, "".join(f"{number:0{_DIGITS}}" for number in (*cuts, len(own[-1])))


def _common_blocks(base: str, body: str) -> Iterator[Block]:
    """Yield blocks of text that both have in the same order, none of them shorter than `_LEAST_BLOCK`."""
    first = len(commonprefix([base, body]))
    rest = min(len(base), len(body)) - first
    last = len(commonprefix([base[::-1][:rest], body[::-1][:rest]]))
    inner = _common_lines(base[first : len(base) - last], body[first : len(body) - last])
    blocks = [(0, 0, first), *((at + first, start + first, size) for at, start, size in inner)]
    blocks.append((len(base) - last, len(body) - last, last))
    yield from (block for block in blocks if block[2] >= _LEAST_BLOCK)


def _common_lines(base: str, body: str) -> Iterator[Block]:
    """Yield the blocks of whole lines that both have in the same order."""
    left, right = base.splitlines(keepends=True), body.splitlines(keepends=True)
    if max(len(left), len(right)) > _MOST_LINES:
        return
    for at, start, size in SequenceMatcher(None, left, right, autojunk=False).get_matching_blocks():
        yield len("".join(left[:at])), len("".join(right[:start])), len("".join(left[at : at + size]))
