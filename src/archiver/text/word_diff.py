"""Word-level differences between two texts.

A difference is a sequence of spans: equal and delete spans joined give the old text, equal and insert spans the new
one. The cost is bounded for any texts. The common prefix and suffix are removed first, then lines are aligned, and only
lines that differ are compared by words. Each alignment uses Myers' greedy algorithm (1986) with a limit of steps: equal
text costs nothing. When the limit is reached, words that occur once on both sides align the rest (Cohen's patience
diff), and text without such words is shown as replaced.
"""

import math
import re
import unicodedata
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, NamedTuple

from archiver.text.words import words

Op = Literal["equal", "insert", "delete"]
Side = Literal["old", "new"]

MOST_STEPS = 400_000
"""The maximum number of steps of an alignment, about 0.1 s: some 900 differences, before anchors are needed."""

_LEAST_STEPS = 200  # the steps that the smallest gap may take in addition to its share
_LONGEST_WORD = 100  # when no run ends within this length, a difference may begin inside one
_LONG = 20_000  # characters of differing lines; from here on lines with the same letters are compared one with one
_MOST_BY_LINES = 600_000  # characters of such lines that are compared by words
_NO_LETTER = re.compile(r"[\W\d_]+")
_LINES = re.compile(r"[^\n]*\n+|[^\n]+")


class Span(NamedTuple):
    """A run of text that is equal, deleted or inserted."""

    op: Op
    text: str


class _Run(NamedTuple):
    """`length` equal tokens, starting at `old` and at `new`."""

    old: int
    new: int
    length: int


class _Edit(NamedTuple):
    """The deleted and inserted tokens of one place, and the equal tokens after them."""

    gone: list[str]
    come: list[str]
    kept: list[str]


def diff_text(old: str, new: str) -> tuple[Span, ...]:
    """Return the spans between two texts. Neighbours never have the same op, and a delete comes before its insert."""
    start, end = common_ends(old, new)
    edits = [_Edit([], [], [old[:start]])]
    edits += _differing(old[start : len(old) - end], new[start : len(new) - end])
    edits.append(_Edit([], [], [old[len(old) - end :]]))
    return tuple(_spans(_grouped(edits)))


def common_ends(old: str, new: str) -> tuple[int, int]:
    """Return the lengths of the common prefix and of the common suffix of two texts; they end and begin at a token."""
    start = _common_start(old, new)
    return start, _common_end(old[start:], new[start:])


def _common_start(old: str, new: str) -> int:
    """Return the length of the common prefix that ends at the end of a token in both."""
    low, high = 0, min(len(old), len(new))
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if old[low:middle] == new[low:middle] else (low, middle - 1)
    for back in range(min(low, _LONGEST_WORD)):
        at = low - back
        if old[at - 1].isspace() or (_is_gap(old[at : at + 1]) and _is_gap(new[at : at + 1])):
            return at
    return low if low > _LONGEST_WORD else 0


def _common_end(old: str, new: str) -> int:
    """Return the length of the common suffix that begins at the start of a token in both."""
    left, right = len(old), len(new)
    low, high = 0, min(left, right)
    while low < high:
        middle = (low + high + 1) // 2
        same = old[left - middle : left - low] == new[right - middle : right - low]
        low, high = (middle, high) if same else (low, middle - 1)
    for size in range(low, max(0, low - _LONGEST_WORD), -1):
        before = old[max(0, left - size - 1) : left - size], new[max(0, right - size - 1) : right - size]
        if old[left - size].isspace() or all(map(_is_gap, before)):
            return size
    return low if low > _LONGEST_WORD else 0


def _is_gap(gap: str) -> bool:
    return not gap or gap.isspace()


def _differing(old: str, new: str) -> Iterator[_Edit]:
    """Align lines when there are several, then words in the gaps."""
    left, right = _LINES.findall(old), _LINES.findall(new)
    runs = _aligned(left, right, MOST_STEPS) if len(left) > 1 < len(right) else None
    total = len(old) + len(new) or 1
    for gone, come, kept in _gaps(left, right, runs or ()):
        size = sum(map(len, gone)) + sum(map(len, come))
        runs_alike = _alike(gone, come) if size > _LONG else None
        if runs_alike is not None:
            yield from _by_lines(gone, come, runs_alike)
        else:
            before, after = words("".join(gone)), words("".join(come))
            yield from _by_words(before, after, MOST_STEPS * size // total + _LEAST_STEPS)
        yield _Edit([], [], kept)


def _alike(old: Sequence[str], new: Sequence[str]) -> list[_Run] | None:
    """Return the runs of lines that have the same letters; None when too few have to say what belongs together."""
    before, after = ([_NO_LETTER.sub("", line).lower() for line in lines] for lines in (old, new))
    runs = _aligned(before, after, MOST_STEPS)
    matched = sum(run.length for run in runs or ())
    return runs if 2 * matched >= max(len(old), len(new)) else None


def _by_lines(old: list[str], new: list[str], runs: list[_Run]) -> Iterator[_Edit]:
    """Compare lines with the same letters one with one; after many, the differing middle of a line is replaced."""
    left, right, room = 0, 0, _MOST_BY_LINES
    for run in (*runs, _Run(len(old), len(new), 0)):
        pairs = [("".join(old[left : run.old]), "".join(new[right : run.new]))]
        pairs += zip(old[run.old : run.old + run.length], new[run.new : run.new + run.length], strict=True)
        for gone, come in pairs:
            yield from _of_pair(gone, come, is_close=room > 0)
            room -= len(gone) + len(come)
        left, right = run.old + run.length, run.new + run.length


def _of_pair(old: str, new: str, *, is_close: bool) -> Iterator[_Edit]:
    if old == new:
        yield _Edit([], [], [old])
        return
    start, end = common_ends(old, new)
    yield _Edit([], [], [old[:start]])
    gone, come = old[start : len(old) - end], new[start : len(new) - end]
    if is_close:
        yield from _by_words(words(gone), words(come), _LEAST_STEPS + (len(gone) + len(come)) // 2)
    else:
        yield _Edit([gone], [come], [])
    yield _Edit([], [], [old[len(old) - end :]])


def _by_words(old: list[str], new: list[str], steps: int) -> Iterator[_Edit]:
    runs = _aligned(old, new, steps)
    if runs is not None:
        yield from (_Edit(*gap) for gap in _gaps(old, new, runs))
        return
    total = len(old) + len(new)
    for gone, come, kept in _gaps(old, new, _anchors(old, new)):
        share = steps * (len(gone) + len(come)) // total + _LEAST_STEPS
        yield from (_Edit(*gap) for gap in _gaps(gone, come, _aligned(gone, come, share) or ()))
        yield _Edit([], [], kept)


def _gaps(old: list[str], new: list[str], runs: Iterable[_Run]) -> Iterator[tuple[list[str], list[str], list[str]]]:
    """Yield the gap before each run on both sides, and the run; the last run is empty."""
    left = right = 0
    for run in (*runs, _Run(len(old), len(new), 0)):
        yield old[left : run.old], new[right : run.new], old[run.old : run.old + run.length]
        left, right = run.old + run.length, run.new + run.length


class _Path(NamedTuple):
    """A run and the path to it; a linked list, because most paths are abandoned."""

    before: "_Path | None"
    run: _Run


def _aligned(old: Sequence[str], new: Sequence[str], steps: int) -> list[_Run] | None:
    """Return the equal runs by Myers' greedy algorithm; None when it takes more steps than allowed.

    After `edits` deleted or inserted tokens, `reached[zero + d]` is the furthest position in `old` with d more
    deletions.
    """
    size, other = len(old), len(new)
    zero = min(size + other, math.isqrt(2 * steps)) + 1
    goal = zero + size - other
    if not 0 < goal < 2 * zero:
        return None
    ways: list[_Path | None] = [None] * (2 * zero + 1)
    reached = [-1] * (2 * zero + 1)
    reached[zero + 1] = 0
    for edits in range(zero):
        for at in range(zero - edits + 2 * max(0, edits - other), zero + edits - 2 * max(0, edits - size) + 1, 2):
            down = reached[at - 1] < reached[at + 1]
            end, way = (reached[at + 1], ways[at + 1]) if down else (reached[at - 1] + 1, ways[at - 1])
            start, ahead = end, zero - at
            while end < size and end + ahead < other and old[end] == new[end + ahead]:
                end += 1
            reached[at] = end
            ways[at] = _Path(way, _Run(start, start + ahead, end - start)) if end > start else way
            steps -= end - start + 1
        if reached[goal] == size:
            return _unrolled(ways[goal])
        if steps < 0:
            return None
    return None


def _unrolled(way: _Path | None) -> list[_Run]:
    runs = []
    while way is not None:
        runs.append(way.run)
        way = way.before
    return runs[::-1]


def _anchors(old: Sequence[str], new: Sequence[str]) -> list[_Run]:
    """Return tokens whose phrase occurs once on each side, as many as keep their order (longest increasing run)."""
    left, right = _phrases(old), _phrases(new)
    once = {phrase for phrase, count in Counter(left).items() if count == 1}
    once &= {phrase for phrase, count in Counter(right).items() if count == 1}
    place = {phrase: number for number, phrase in enumerate(left) if phrase in once}
    lasts: list[int] = []
    ways: list[_Path] = []
    for number, phrase in enumerate(right):
        if phrase in once and old[place[phrase]] == new[number]:
            at = bisect_left(lasts, place[phrase])
            way = _Path(ways[at - 1] if at else None, _Run(place[phrase], number, 1))
            lasts[at : at + 1], ways[at : at + 1] = [place[phrase]], [way]
    return _joined(_unrolled(ways[-1] if ways else None))


def _joined(runs: Iterable[_Run]) -> list[_Run]:
    joined: list[_Run] = []
    for run in runs:
        last = joined[-1] if joined else _Run(-1, -1, 0)
        if (last.old + last.length, last.new + last.length) == run[:2]:
            joined[-1] = last._replace(length=last.length + run.length)
        else:
            joined.append(run)
    return joined


def _phrases(tokens: Sequence[str]) -> list[int]:
    """Return for each token a number that identifies the three words that begin with it."""
    return list(map(hash, zip(*(tokens[number:] for number in range(5)), strict=False)))


def _grouped(edits: Iterable[_Edit]) -> list[_Edit]:
    """Join edits that are separated by white space only, or by a few letters between long edits."""
    grouped = [_Edit([], [], [])]
    for edit in edits:
        last = grouped[-1]
        if not edit.gone and not edit.come:
            last.kept.extend(edit.kept)
        elif not last.kept or _is_trifle("".join(last.kept), last, edit):
            last.gone.extend(last.kept + edit.gone)
            last.come.extend(last.kept + edit.come)
            last.kept[:] = edit.kept
        else:
            grouped.append(_Edit([*edit.gone], [*edit.come], [*edit.kept]))
    return grouped


def _is_trifle(kept: str, before: _Edit, after: _Edit) -> bool:
    if not (before.gone or before.come) or "\n" in kept:
        return False
    return kept.isspace() or 2 * len(kept) <= min(_size(before), _size(after))


def _size(edit: _Edit) -> int:
    return max(sum(map(len, edit.gone)), sum(map(len, edit.come)))


def _spans(edits: Iterable[_Edit]) -> Iterator[Span]:
    ops: tuple[Op, ...] = ("delete", "insert", "equal")
    for edit in edits:
        yield from (Span(op, "".join(parts)) for op, parts in zip(ops, edit, strict=True) if any(parts))


def apply(spans: Iterable[Span], side: Side) -> str:
    """Return one side of a difference as text."""
    dropped = "insert" if side == "old" else "delete"
    return "".join(span.text for span in spans if span.op != dropped)


def counts(spans: Iterable[Span]) -> tuple[int, int]:
    """Return the number of code points added and removed."""
    sizes = Counter[str]()
    for span in spans:
        sizes[span.op] += len(span.text)
    return sizes["insert"], sizes["delete"]


def compact(spans: tuple[Span, ...], context: int = 40) -> tuple[Span, ...]:
    """Shorten long equal spans to their ends, at word boundaries where possible, for a terminal."""
    last = len(spans) - 1
    if not last:
        return spans
    return tuple(
        Span("equal", cut(span.text, context if number else 0, context if number < last else 0))
        if span.op == "equal"
        else span
        for number, span in enumerate(spans)
    )


def cut(text: str, head: int, tail: int) -> str:
    """Return the first and last `head` and `tail` characters of a text, without partial words or letters."""
    if len(text) <= head + tail:
        return text
    while head and _is_mark(text[head : head + 1]):
        head -= 1
    while tail and _is_mark(text[len(text) - tail : len(text) - tail + 1]):
        tail -= 1
    begin, end = text[:head], text[len(text) - tail :]
    if " " in begin and not text[head : head + 1].isspace():
        begin = begin.rpartition(" ")[0]
    if " " in end and not text[len(text) - tail - 1 : len(text) - tail].isspace():
        end = end.partition(" ")[2]
    begin, end = begin.rstrip(" "), end.lstrip(" ")
    return text if len(begin) + len(end) + 3 >= len(text) else f"{begin} … {end}"


def _is_mark(char: str) -> bool:
    """Whether a character is an accent or a vowel sign of the one before it."""
    return bool(char) and unicodedata.category(char).startswith("M")
