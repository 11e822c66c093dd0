r"""Whether a regular expression can take exponentially long, told from the expression alone.

An expression is exponential when a loop in it can read the same characters in two ways, and something after the loop
can fail: `(a+)+$`, `(a|aa)+$`, `(\w+\s?)+:`. `(?:[^/]+/)+$` is none: each `/` ends exactly one round.

The expression becomes an automaton whose states are its characters (Glushkov's construction); it is ambiguous when
two different paths read the same text from a state back to that state.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from re import _constants as op  # type: ignore[attr-defined]
from typing import NamedTuple

from archiver.text.pattern_cost import Name, Tree, Value, parsed

_MOST_STATES = 150
_MOST_STEPS = 1_000_000
_UNROLLED = 20
"""Repeats of at most so many times are written out; others count as endless."""
_SAMPLES = "".join(map(chr, range(128))) + "éđấ\u00a0一"
_LOOPS = (op.MAX_REPEAT, op.MIN_REPEAT)
_CLOSED = (op.POSSESSIVE_REPEAT, op.ATOMIC_GROUP)
_CAN_FAIL = (op.ASSERT, op.ASSERT_NOT, op.GROUPREF)
_ENDS = (op.AT_END, op.AT_END_STRING)
_SEVERAL: dict[Name, Callable[[Value], Iterable[Tree]]] = {
    op.BRANCH: lambda value: value[1],
    op.GROUPREF_EXISTS: lambda value: value[1:],
}
"""The alternatives of a part; None where there is nothing."""
_CATEGORIES = {
    op.CATEGORY_DIGIT: r"\d",
    op.CATEGORY_NOT_DIGIT: r"\D",
    op.CATEGORY_SPACE: r"\s",
    op.CATEGORY_NOT_SPACE: r"\S",
    op.CATEGORY_WORD: r"\w",
    op.CATEGORY_NOT_WORD: r"\W",
}

Pair = tuple[int, int]


class _TooLargeError(Exception):
    """The expression has more states than are searched."""


class _Part(NamedTuple):
    """A part of the expression.

    Attributes:
        empty: in how many ways it matches the empty text; 2 for more.
        first: the states that begin it, each as often as there are ways to it; `last` those that end it.
    """

    empty: int
    first: tuple[int, ...]
    last: tuple[int, ...]


_NOTHING = _Part(empty=1, first=(), last=())


def is_exponential(pattern: str) -> bool:
    """Whether the expression can take exponentially long. False also for one with too many states to search.

    Raises:
        re.error, OverflowError: it is not a regular expression.
    """
    try:
        tree = parsed(pattern)
        automaton = _Automaton(pattern)
        whole = automaton.sequence(tree, tree.state.flags)
        return automaton.is_ambiguous(frozenset(whole.last))
    except (_TooLargeError, RecursionError):
        return False


class _Automaton:
    """States, the characters each reads, and which states follow which, in how many ways."""

    def __init__(self, pattern: str) -> None:
        self._letters = "".join(sorted(set(_SAMPLES) | set(pattern)))
        self._reads: list[int] = []
        self._ways: Counter[Pair] = Counter()
        self._steps = _MOST_STEPS

    def sequence(self, tree: Tree, flags: int) -> _Part:
        """A sequence of parts."""
        whole = _NOTHING
        for name, value in tree:
            whole = self._after(whole, self._part(name, value, flags))
        return whole

    def _after(self, left: _Part, right: _Part) -> _Part:
        self._link(left.last, right.first)
        return _Part(
            min(2, left.empty * right.empty),
            left.first + right.first * left.empty,
            right.last + left.last * right.empty,
        )

    def _part(self, name: Name, value: Value, flags: int) -> _Part:
        several = _SEVERAL.get(name)
        if several:
            return self._either(self.sequence(each, flags) if each else _NOTHING for each in several(value))
        if name in _LOOPS:
            least, most, body = value
            return self._repeat(least, most, body, flags)
        if name is op.SUBPATTERN:
            return self.sequence(value[3], (flags | value[1]) & ~value[2])
        if name in _CLOSED:
            return self._closed(name, value, flags)
        return self._single(name, value, flags)

    def _single(self, name: Name, value: Value, flags: int) -> _Part:
        """A character, or a place: a place that can fail is a state that reads nothing."""
        if name in _CAN_FAIL or (name is op.AT and value in _ENDS):
            return self._state(0)
        return _NOTHING if name is op.AT else self._state(self._read_by(name, value, flags))

    def _closed(self, name: Name, value: Value, flags: int) -> _Part:
        """What never gives back what it read: one state that reads all its characters."""
        before = len(self._reads)
        inner = self.sequence(value if name is op.ATOMIC_GROUP else value[2], flags)
        read = 0
        for each in self._reads[before:]:
            read |= each
        return self._state(read)._replace(empty=inner.empty or int(name is not op.ATOMIC_GROUP and not value[0]))

    def _either(self, parts: Iterable[_Part]) -> _Part:
        found = list(parts)
        return _Part(
            min(2, sum(part.empty for part in found)),
            tuple(state for part in found for state in part.first),
            tuple(state for part in found for state in part.last),
        )

    def _repeat(self, least: int, most: int, body: Tree, flags: int) -> _Part:
        if most > _UNROLLED:
            part = self.sequence(body, flags)
            self._link(part.last, part.first)
            return part._replace(empty=min(2, part.empty + (not least)))
        whole = _NOTHING
        for number in range(most):
            part = self.sequence(body, flags)
            whole = self._after(whole, part._replace(empty=min(2, part.empty + (number >= least))))
        return whole

    def _link(self, before: Iterable[int], after: tuple[int, ...]) -> None:
        for left in before:
            for right in after:
                self._ways[left, right] += 1

    def _state(self, reads: int) -> _Part:
        if len(self._reads) >= _MOST_STATES:
            raise _TooLargeError
        self._reads.append(reads)
        return _Part(empty=0, first=(len(self._reads) - 1,), last=(len(self._reads) - 1,))

    def _read_by(self, name: Name, value: Value, flags: int) -> int:
        return sum(1 << place for place, each in enumerate(self._letters) if _reads(name, value, each, flags))

    def is_ambiguous(self, ends: frozenset[int]) -> bool:
        """Return whether two paths from a state back to it read the same text, unless the expression can end there."""
        follow: dict[int, list[int]] = {state: [] for state in range(len(self._reads))}
        for left, right in self._ways:
            follow[left].append(right)
        return any(self._has_two_ways(state, follow) for state in follow if state not in ends)

    def _has_two_ways(self, state: int, follow: dict[int, list[int]]) -> bool:
        start = (state, state)
        ahead = self._reached(start, follow)
        if start not in ahead:
            return False
        for left, right in ahead:
            is_split = left != right or any(
                self._ways[left, each] > 1 and (each, each) in ahead and start in self._reached((each, each), follow)
                for each in follow[left]
            )
            if is_split and start in self._reached((left, right), follow):
                return True
        return False

    def _reached(self, start: Pair, follow: dict[int, list[int]]) -> set[Pair]:
        """The pairs of states that two paths come to from a pair, reading the same."""
        reached: set[Pair] = set()
        waiting = [start]
        while waiting:
            for pair in self._next(waiting.pop(), follow):
                if pair not in reached:
                    reached.add(pair)
                    waiting.append(pair)
        return reached

    def _next(self, pair: Pair, follow: dict[int, list[int]]) -> Iterator[Pair]:
        for left in follow[pair[0]]:
            for right in follow[pair[1]]:
                self._steps -= 1
                if self._steps < 0:
                    raise _TooLargeError
                if self._reads[left] & self._reads[right]:
                    yield left, right


def _reads(name: Name, value: Value, letter: str, flags: int) -> bool:
    """Whether a part of one character reads this one."""
    if flags & re.IGNORECASE:
        plain = flags & ~re.IGNORECASE
        return any(_reads(name, value, each, plain) for each in {letter.lower(), letter.upper()} if len(each) == 1)
    if name is op.ANY:
        return letter != "\n" or bool(flags & re.DOTALL)
    return _READS[name](value, letter)


def _in_set(items: Value, letter: str) -> bool:
    is_negated = bool(items) and items[0][0] is op.NEGATE
    return is_negated != any(_reads(name, value, letter, 0) for name, value in items[is_negated:])


_READS: dict[Name, Callable[[Value, str], bool]] = {
    op.LITERAL: lambda value, letter: ord(letter) == value,
    op.NOT_LITERAL: lambda value, letter: ord(letter) != value,
    op.RANGE: lambda value, letter: value[0] <= ord(letter) <= value[1],
    op.CATEGORY: lambda value, letter: re.match(_CATEGORIES[value], letter) is not None,
    op.IN: _in_set,
}
