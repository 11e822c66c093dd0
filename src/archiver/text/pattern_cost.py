"""Compute how many steps a regular expression may need in the worst case, from its structure alone.

`re` tries the ways in which an expression can match one after another. So the number of ways bounds its work:

    a literal has 1 way · a sequence multiplies · alternatives add
    a repeat of one character has as many ways as the text is long (or as it may repeat)
    a repeat of anything with several ways has exponentially many

and each position of the text is a possible start, unless the expression is anchored to the beginning.
"""

import math
import re
from collections.abc import Callable, Iterable
from itertools import takewhile
from re import _constants as op  # type: ignore[attr-defined]  # private, and the same since Python 3.11
from re import _parser  # type: ignore[attr-defined]
from typing import Any

_MOST_STEPS = 1_000_000
"""About 10 ms of `re`."""
_ENDLESS = 10**9
"""A text length; no text that is searched is as long."""

Tree = Any
Name = Any
Value = Any
"""The parse tree of `re`, whose parts are pairs of a name and a value, has no types."""

Cost = tuple[float, int]
"""`(factor, power)`: at most factor × length^power ways; the factor is infinite where the number is exponential."""
_ONE: Cost = (1.0, 0)
_EXPONENTIAL: Cost = (math.inf, 0)
_REPEATS = (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT)
_INNER: dict[Name, Callable[[Value], Iterable[Tree]]] = {
    op.BRANCH: lambda value: value[1],
    op.SUBPATTERN: lambda value: [value[3]],
    op.ATOMIC_GROUP: lambda value: [value],
    op.ASSERT: lambda value: [value[1]],
    op.ASSERT_NOT: lambda value: [value[1]],
    op.GROUPREF_EXISTS: lambda value: [each for each in value[1:] if each],
}
"""The sequences inside a part; of several, one is taken."""


def parsed(pattern: str) -> Tree:
    """The parse tree of an expression.

    Raises:
        re.error, RecursionError, OverflowError: it is not a regular expression.
    """
    return _parser.parse(pattern)


def safe_length(pattern: str) -> int:
    """The longest text in which `re` searches with at most a million steps; -1 where there is no such length."""
    tree = parsed(pattern)
    try:
        factor, power = _ways(tree)
    except RecursionError:
        return -1
    if not _is_anchored(tree):
        power += 1
    if factor > _MOST_STEPS:
        return -1
    return _ENDLESS if not power else int((_MOST_STEPS / factor) ** (1 / power))


def fixed_start(pattern: str) -> str:
    """The letters with which a text begins wherever the expression matches: `Photo:` of `^Photo:.*`."""
    tree = parsed(pattern)
    if not _is_anchored(tree) or tree.state.flags & re.IGNORECASE:
        return ""
    letters = takewhile(lambda part: part[0] is op.LITERAL, tree[1:])
    return "".join(chr(code) for _, code in letters)


def _is_anchored(tree: Tree) -> bool:
    """Whether a match can only begin where the text begins."""
    if not tree or tree[0][0] is not op.AT:
        return False
    place = tree[0][1]
    return place is op.AT_BEGINNING_STRING or (place is op.AT_BEGINNING and not tree.state.flags & re.MULTILINE)


def _ways(tree: Tree) -> Cost:
    """The ways of a sequence."""
    return _product(_ways_of(name, value) for name, value in tree)


def _ways_of(name: Name, value: Value) -> Cost:
    if name in _REPEATS:
        return _repeated(*value)
    if name is op.GROUPREF:
        return (1.0, 1)  # it compares as many characters as the group has
    inner = _INNER.get(name)
    return _sum(map(_ways, inner(value))) if inner else _ONE


def _repeated(least: int, most: int, body: Tree) -> Cost:
    """The ways of a repeat. One of a fixed sequence stops after any number of times from `least` to `most`."""
    factor, power = _ways(body)
    if (factor, power) == _ONE:
        return (1.0, 1) if most >= _MOST_STEPS else (float(most - least + 1), 0)
    if most <= 1:
        return (factor + 1, power)
    if most > 20 or factor**most > _MOST_STEPS:  # noqa: PLR2004
        return _EXPONENTIAL
    return (most * max(factor, 1.0) ** most, power * most)


def _product(costs: Iterable[Cost]) -> Cost:
    factor, power = _ONE
    for more, higher in costs:
        factor, power = factor * more, power + higher
    return factor, power


def _sum(costs: Iterable[Cost]) -> Cost:
    factor, power = 0.0, 0
    for more, higher in costs:
        factor, power = factor + more, max(power, higher)
    return factor, power
