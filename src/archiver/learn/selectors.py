"""Make selectors of a node from names that are likely to last, and say how stable each is.

A name that a program made (`css-1x2b3`, `sc-bdVaJa`), a utility class (`mt-4`, `flex`) and a position never appear in
a selector. Identifiers, microdata and `data-testid` are preferred, then classes, then tags with a meaning.
"""

import re
from functools import lru_cache
from typing import NamedTuple

from archiver.extract.tree import Node, ancestry
from archiver.learn.shortest import labels

_MOST_ABOVE, _MOST_NAMES = 7, 16
_MOST_REMEMBERED = 4_096
_MADE = re.compile(
    r"(?:css|sc|jsx|svelte|emotion|astro|jss|ng|_ng\w*|elementor-element|data-v|yui|ember|react|styled)[-_].*"
    r"|(?:[A-Z]?[a-z]{0,2}[A-Z]){3,}[a-z]{0,3}|(?=[a-zA-Z]*[A-Z])[b-df-hj-np-tv-xzA-Z]{5,9}"
)
"""Names that programs make: with their prefixes, or letters in random case."""
_UTILITY = frozenset(
    "flex grid block inline relative absolute fixed sticky static container wrapper clear clearfix columns column "  # noqa: SIM905
    "uppercase lowercase italic bold underline truncate antialiased small large left right center hidden "
    "visible group peer isolate border rounded shadow transition".split()
)
_DATA = ("data-testid", "data-test-id", "data-qa", "data-component", "data-element", "data-module", "property", "role")
_NAMED = re.compile(r"[A-Za-z][A-Za-z]*(?:[-_:][A-Za-z]+)*\d?\Z")
_COST = {"[itemprop": 0.0, "[data": 0.3, "[property": 0.3, "#": 0.3, "[class": 1.0, "[role": 1.0}
_CLASS, _TAG, _STEP = 0.5, 0.6, 0.3


class Selector(NamedTuple):
    """A selector and its cost: the higher, the sooner it may stop to match."""

    text: str
    cost: float


@lru_cache(maxsize=_MOST_REMEMBERED)
def is_made(name: str) -> bool:
    """Return whether a class or an id was made by a program, or only describes the layout."""
    parts = re.split(r"[-_]+", name)
    return name.lower() in _UTILITY or _MADE.fullmatch(name) is not None or any(_is_random(part) for part in parts)


def _is_random(part: str) -> bool:
    """Return whether letters are in random case (`bdVaJa`), or hardly any of them is a vowel."""
    turns = len(re.findall(r"[a-z][A-Z]", part))
    if len(part) >= 5 and turns >= 2 and len(part) / (turns + 1) < 2.6:  # noqa: PLR2004  (words have more letters)
        return True
    return len(part) >= 6 and not re.search(r"[aeiouyAEIOUY]", part)  # noqa: PLR2004


def names_of(node: Node) -> tuple[Selector, ...]:
    """Return the simple selectors of a node, the most stable first."""
    attributes = node.attributes
    data = tuple((name, value) for name in _DATA if (value := attributes.get(name)))
    return _sorted_names(tuple(labels(node)), data)


@lru_cache(maxsize=_MOST_REMEMBERED)
def _sorted_names(given: tuple[str, ...], data: tuple[tuple[str, str], ...]) -> tuple[Selector, ...]:
    found = [
        *(f"[{name}='{value}']" for name, value in data if _NAMED.match(value) and not is_made(value)),
        *(each for each in given if not _is_made_label(each)),
    ]
    names = sorted((Selector(each, _cost(each)) for each in dict.fromkeys(found)), key=lambda each: each.cost)
    return tuple(names[:_MOST_NAMES])


def _is_made_label(label: str) -> bool:
    if label.startswith("[class*='"):
        return False  # only the part before the hash
    name = label.rpartition(".")[2] if "." in label else label.removeprefix("#")
    return ("." in label or label.startswith("#")) and is_made(name)


def _cost(label: str) -> float:
    known = next((cost for start, cost in _COST.items() if label.startswith(start)), None)
    return known if known is not None else _CLASS if "." in label else _TAG


def selectors_of(node: Node) -> list[Selector]:
    """Return selectors of a node: by its own names, then by its own name within a named element around it."""
    own = names_of(node)
    found = {each.text: each.cost for each in own}
    tag = node.tag or "*"
    inner = own or (Selector(tag, _TAG),)
    for depth, above in enumerate(ancestry(node)[1 : _MOST_ABOVE + 1]):
        for outer in names_of(above):
            for each in inner:
                found.setdefault(f"{outer.text} {each.text}", outer.cost + each.cost + _STEP)
            if depth == 0:
                found.setdefault(f"{outer.text} > {tag}", outer.cost + _TAG + _STEP)
    return [Selector(text, cost + len(text) / 200) for text, cost in found.items()]
