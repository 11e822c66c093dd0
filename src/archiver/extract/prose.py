"""Whether a page has running text, found quickly: its paragraphs, or other blocks, by the element around them.

It is no extractor: it tells whether there is a text of some length, in a fraction of a millisecond.
`extract/broken.py` compares what the rules of a profile gave with it.
"""

import re
from collections.abc import Callable, Sequence
from functools import lru_cache

from archiver.extract.outline import ids_of
from archiver.extract.page import ParsedPage
from archiver.extract.tree import Node, attribute, is_within

_LEAST = 40
"""Characters of a paragraph; a shorter one is a label, a line of a menu or a button."""
_MOST = 2_000
"""Elements that are looked at."""
_MOST_LINKED = 0.5
_FEW = 400
"""Characters in paragraphs below which the text may be in other blocks, or parted by line breaks."""
_UNSPACED = frozenset(("ja", "zh", "ko", "th", "lo", "my", "km"))
_DENSE = 2
_LEVELS = 4
"""Levels above a paragraph at which others belong to the same text, or a name says that it is none."""
_BOXES = ids_of("nav footer aside form dialog figcaption figure")
_NAMES = re.compile(
    r"comment|disqus|related|recommend|newsletter|cookie|consent|footer|privacy|popup|modal|overlay|disclaimer",
    re.IGNORECASE,
)
_BLOCKS = "div, td, section, article, li, blockquote"


def has_prose(page: ParsedPage, least: float, outside: Sequence[Node] = ()) -> bool:
    """Return whether an element of a page has so many characters of running text, outside of some elements.

    Text in side boxes and hidden text do not count. A character of a language without spaces counts as two.
    """
    root = page.document.root
    language = page.site.language or (attribute(root, "lang") if root is not None else "") or ""
    least = least / (_DENSE if language.lower().partition("-")[0] in _UNSPACED else 1)
    found = _texts(page, "p", outside, _length)
    if _is_reached(found, least, page):
        return True
    if outside and sum(length for _, length in found) >= _FEW:
        return False
    return _is_reached(_texts(page, _BLOCKS, outside, _own_length), least, page)


def _texts(
    page: ParsedPage, selector: str, outside: Sequence[Node], measure: Callable[[Node], int]
) -> list[tuple[Node, int]]:
    """Return the elements outside of some others that have a text, and its length."""
    held = {each.mem_id: True for each in outside}
    outer = [each for each in outside if each.parent is None or not is_within(each.parent, held)]
    inside = {node.mem_id for each in outer for node in (*each.css(selector), each)}
    nodes = (node for node in page.document.css(selector)[:_MOST] if node.mem_id not in inside)
    return [(node, length) for node in nodes if (length := measure(node)) >= _LEAST]


def _is_reached(found: list[tuple[Node, int]], least: float, page: ParsedPage) -> bool:
    """Return whether an element has this much text: one up to some levels above the paragraphs."""
    left, most = sum(length for _, length in found), 0
    sums: dict[int, int] = {}
    known: dict[int, list[int]] = {}
    for node, length in found:
        if left + most < least:
            return False
        left -= length
        if _is_linked(node, length):
            continue
        for number in _above(node, page, known):
            sums[number] = sums.get(number, 0) + length
            most = max(most, sums[number])
        if most >= least:
            return True
    return False


def _length(node: Node) -> int:
    return len(node.text().strip())


def _own_length(node: Node) -> int:
    """Return the characters of a block outside of other elements."""
    return len(node.text(deep=False).strip())


def _is_linked(node: Node, length: int) -> bool:
    return sum(len(link.text()) for link in node.css("a")) > _MOST_LINKED * length


def _above(node: Node, page: ParsedPage, known: dict[int, list[int]]) -> list[int]:
    """Return the elements above a paragraph, up to some levels; none when it is hidden or in a side box.

    `known` remembers them by the parent: paragraphs of one text have the same.
    """
    parent = node.parent
    if parent is None or _is_boxed(node, page):
        return []
    above = known.get(parent.mem_id)
    if above is None:
        above = known[parent.mem_id] = []
        step: Node | None = parent
        while step is not None and step.is_element_node and len(above) < _LEVELS:
            if _is_boxed(step, page):
                above.clear()
                break
            above.append(step.mem_id)
            step = step.parent
    return above


def _is_boxed(node: Node, page: ParsedPage) -> bool:
    return node.tag_id in _BOXES or node.mem_id in page.hidden or _is_side(node)


def _is_side(node: Node) -> bool:
    return _has_side_name(f"{attribute(node, 'class') or ''} {attribute(node, 'id') or ''}")


@lru_cache(maxsize=4_096)
def _has_side_name(names: str) -> bool:
    return _NAMES.search(names) is not None
