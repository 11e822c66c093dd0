"""Where a page has running text, found quickly: its paragraphs by the element around them.

It is no extractor: it tells that there is a text, where, and how long it is about, in a fraction of a millisecond.
`extract/broken.py` compares what the rules of a profile gave with it.
"""

import re
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from functools import lru_cache
from typing import NamedTuple

from archiver.extract.outline import ids_of
from archiver.extract.page import ParsedPage
from archiver.extract.tree import Node, attribute

_LEAST = 40
"""Characters of a paragraph; a shorter one is a label, a line of a menu or a button."""
_MOST = 1_000
"""Paragraphs that are looked at, and `_MOST_BLOCKS` other blocks where there are few paragraphs."""
_MOST_BLOCKS = 3_000
_MOST_LINKED = 0.5
_FEW = 400
"""Characters in paragraphs below which the text may be in other blocks, or parted by line breaks."""
_LEVELS = 4
"""Levels above a paragraph at which others belong to the same text, or a name says that it is none."""
_BOXES = ids_of("nav footer aside form dialog figcaption figure")
_NAMES = re.compile(
    r"comment|disqus|related|recommend|newsletter|cookie|consent|footer|privacy|popup|modal|overlay|disclaimer",
    re.IGNORECASE,
)
_BLOCKS = "div, td, section, article, li, blockquote"


class Prose(NamedTuple):
    """The element with most running text, and the number of characters of its paragraphs."""

    node: Node | None = None
    length: int = 0


def main_prose(page: ParsedPage, without: Iterable[Node] = ()) -> Prose:
    """Return the element with most running text of a page, outside of some elements; side boxes do not count."""
    inside = {node.mem_id for each in without for node in (*each.css(f"p, {_BLOCKS}"), each)}
    best = _largest(_paragraphs(page, inside), page)
    others = _largest(_blocks(page, inside), page) if best.length < _FEW else Prose()
    return others if others.length > best.length else best


def _largest(found: Iterable[tuple[Node, int]], page: ParsedPage) -> Prose:
    """Return the element with most text among those up to some levels above the paragraphs."""
    sums: dict[int, Prose] = {}
    for node, length in found:
        above = _above(node, page)
        for each in above:
            known = sums.get(each.mem_id)
            sums[each.mem_id] = Prose(each, length + (known.length if known else 0))
    return max(sums.values(), key=lambda each: each.length, default=Prose())


def _paragraphs(page: ParsedPage, inside: AbstractSet[int]) -> Iterable[tuple[Node, int]]:
    return (
        (node, length)
        for node in page.document.css("p")[:_MOST]
        if node.mem_id not in inside and (length := _length(node))
    )


def _blocks(page: ParsedPage, inside: AbstractSet[int]) -> Iterable[tuple[Node, int]]:
    """Return the blocks with text of their own, not in paragraphs, and its length."""
    return (
        (node, length)
        for node in page.document.css(_BLOCKS)[:_MOST_BLOCKS]
        if node.mem_id not in inside and (length := len(node.text(deep=False).strip())) >= _LEAST
    )


def _length(node: Node) -> int:
    """Return the characters of a paragraph; 0 for one that is short or mostly links."""
    length = len(node.text().strip())
    if length < _LEAST:
        return 0
    linked = sum(len(link.text()) for link in node.css("a"))
    return 0 if linked > _MOST_LINKED * length else length


def _above(node: Node, page: ParsedPage) -> list[Node]:
    """Return the elements above a paragraph, up to some levels; none when it is hidden or in a side box."""
    above: list[Node] = []
    step: Node | None = node
    while step is not None and step.is_element_node and len(above) <= _LEVELS:
        if step.tag_id in _BOXES or step.mem_id in page.hidden or _is_side(step):
            return []
        above.append(step)
        step = step.parent
    return above[1:]


def _is_side(node: Node) -> bool:
    return _has_side_name(f"{attribute(node, 'class') or ''} {attribute(node, 'id') or ''}")


@lru_cache(maxsize=4_096)
def _has_side_name(names: str) -> bool:
    return _NAMES.search(names) is not None
