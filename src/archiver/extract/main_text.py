"""Which part of a page is its main text, given what a generic extractor took from it.

trafilatura is precise and often stops early: it drops lists, tables, questions of an FAQ, and all but the first of
several sibling sections. So its text only says *where* the main text is: the smallest block that holds nearly all of
it. The whole block is then read as a reader sees it, without navigation, link lists and boxes named for what they are
(comments, related articles, share buttons). Siblings of the block that hold as much running text belong to it.
"""

import re
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from archiver.extract.tree import TEXT, Node, attribute, tag_id

_WORD = re.compile(r"\w+")
_SHINGLE = 4
"""Words in a row that are looked for in the extractor's text."""
_LEAST_SAME = 0.75
_NEARLY_ALL = 0.9
_LEAST_MARKED = 0.5
_LONG = 60
"""Characters from which a run of text is running text, if it is not made of links."""
_MOST_LINKED = 0.4
_LEAST_CHARACTERS = 25
_MOST_UP = 4
_LEAST_QUALITY = 0.5

_ASIDE = re.compile(
    r"comment|disqus|repl(?:y|ies)|respond|related|recommend|newsletter|subscri|cookie|consent|share|social|sidebar|promo"
    r"|popular|trending|breadcrumb|author-?bio|widget",
    re.IGNORECASE,
)
"""In a class or id: a box that is not part of the text around it."""


def _ids(names: str) -> frozenset[int]:
    return frozenset(map(tag_id, names.split()))


_BLOCKS = _ids(
    "address article aside blockquote body caption center dd details dialog div dl dt fieldset figcaption figure "
    "footer form h1 h2 h3 h4 h5 h6 header hgroup hr legend li main menu nav ol p pre section summary table tbody "
    "td tfoot th thead tr ul"
)
_NOT_TEXT = _ids(
    "script style noscript template svg select textarea head title iframe button object video audio canvas"
)
_BESIDE = _ids("nav footer aside form header")
_LISTED = _ids("li td th dd dt h1 h2 h3 h4 h5 h6 caption summary")
_COUNTER = re.compile(r"(?=.{1,40}\Z).*\d", re.DOTALL)
"""A short line with a figure, which may be another one at the next visit: a counter, a date, a number of comments."""
_LINK = tag_id("a")
_BODY = tag_id("body")


@dataclass(slots=True)
class _Block:
    """A block element, and what stands in it and in its descendants, in characters."""

    node: Node
    parent: int
    is_beside: bool
    covered: int = 0
    text: int = 0
    good: int = 0
    kept: int = 0


@dataclass(slots=True)
class _Run:
    """Text between two block boundaries: the block it stands in, and how much of it is linked."""

    block: int
    text: str
    linked: int
    is_covered: bool = False

    @property
    def is_prose(self) -> bool:
        """Whether it is not mostly links."""
        return self.linked <= _MOST_LINKED * len(self.text)


@dataclass(slots=True)
class _Outline:
    """All blocks in document order, parents before children, and the runs of text."""

    blocks: list[_Block] = field(default_factory=list)
    runs: list[_Run] = field(default_factory=list)


def find_main_text(
    root: Node, text: str, hidden: AbstractSet[int], marked: Node | None = None
) -> tuple[Node, frozenset[int]] | None:
    """Find the block that holds the main text, and the nodes in it (`mem_id`) that are not part of it.

    Args:
        root: where to look, usually `body`.
        text: what a generic extractor took for the main text.
        hidden: nodes (`mem_id`) that no reader sees.
        marked: the element that the page marks as its article body. It counts if it holds half of the text.

    Returns:
        None when the text cannot be found in the page.
    """
    outline = _outline(root, hidden)
    _mark_covered(outline.runs, text)
    _count(outline)
    place = _marked(outline.blocks, marked)
    if place is None:
        place = _container(outline.blocks)
        if place is None:
            return None
        place = _with_siblings(outline, place)
    return outline.blocks[place].node, _left_out(outline, place)


def _outline(root: Node, hidden: AbstractSet[int]) -> _Outline:
    """Walk the tree once, in document order and without recursion."""
    outline = _Outline()
    walker = _Walker(outline)
    above: list[Node] = []
    node: Node | None = root
    while node is not None:
        tag = node.tag_id
        inner = None
        if tag == TEXT:
            walker.text(node.text_content or "")
        elif tag not in _NOT_TEXT and not (hidden and node.mem_id in hidden):
            walker.enter(node, tag)
            inner = node.first_child
            if inner is None:
                walker.leave(tag)
            else:
                above.append(node)
        node = inner or (node.next if above or tag != _BODY else None)
        while node is None and above:
            parent = above.pop()
            walker.leave(parent.tag_id)
            node = parent.next if above else None
    return outline


class _Walker:
    """Cuts the text into runs at block boundaries."""

    def __init__(self, outline: _Outline) -> None:
        self._outline = outline
        self._open: list[int] = []
        self._pieces: list[str] = []
        self._linked = 0
        self._links = 0

    def enter(self, node: Node, tag: int) -> None:
        """An element begins."""
        if tag in _BLOCKS:
            self._end_run()
            blocks = self._outline.blocks
            parent = self._open[-1] if self._open else -1
            is_beside = tag in _BESIDE or (parent >= 0 and blocks[parent].is_beside)
            self._open.append(len(blocks))
            blocks.append(_Block(node, parent, is_beside))
        elif tag == _LINK:
            self._links += 1

    def leave(self, tag: int) -> None:
        """An element ends."""
        if tag in _BLOCKS:
            self._end_run()
            self._open.pop()
        elif tag == _LINK:
            self._links -= 1

    def text(self, piece: str) -> None:
        """A piece of text."""
        self._pieces.append(piece)
        if self._links:
            self._linked += len(piece.strip())

    def _end_run(self) -> None:
        if self._pieces:
            text = " ".join("".join(self._pieces).split())
            if text and self._open:
                self._outline.runs.append(_Run(self._open[-1], text, self._linked))
            self._pieces.clear()
            self._linked = 0


def _mark_covered(runs: Iterable[_Run], text: str) -> None:
    """Mark the runs that stand in the extractor's text, by the words they have in a row with it."""
    known: set[tuple[str, ...]] = set()
    for part in text.split("\n"):
        words = _WORD.findall(part.lower())
        known.update(_shingles(words))
        known.add(tuple(words[:_SHINGLE]))
    for run in runs:
        words = _WORD.findall(run.text.lower())
        if words:
            shingles = _shingles(words)
            run.is_covered = sum(map(known.__contains__, shingles)) >= _LEAST_SAME * len(shingles)


def _shingles(words: list[str]) -> list[tuple[str, ...]]:
    if len(words) <= _SHINGLE:
        return [tuple(words)]
    return list(zip(*(words[start:] for start in range(_SHINGLE)), strict=False))


def _count(outline: _Outline) -> None:
    """Give each block the characters that stand in it, at any depth."""
    blocks = outline.blocks
    for run in outline.runs:
        block, length = blocks[run.block], len(run.text)
        block.text += length
        if run.is_covered and run.is_prose and length >= _LEAST_CHARACTERS:
            block.covered += length
        if length >= _LONG and run.is_prose and not block.is_beside:
            block.good += length
    for block in reversed(blocks):
        if block.parent >= 0:
            above = blocks[block.parent]
            above.covered += block.covered
            above.text += block.text
            above.good += block.good


def _marked(blocks: list[_Block], marked: Node | None) -> int | None:
    number = None if marked is None else marked.mem_id
    least = _LEAST_MARKED * blocks[0].covered if blocks else 0
    places = (at for at, each in enumerate(blocks) if each.node.mem_id == number and each.covered >= least > 0)
    return next(places, None)


def _container(blocks: list[_Block]) -> int | None:
    """The smallest block that holds nearly all of the covered text."""
    if not blocks or not blocks[0].covered:
        return None
    least = _NEARLY_ALL * blocks[0].covered
    place = 0
    for number, block in enumerate(blocks):
        if block.parent == place and block.covered >= least:
            place = number
    return place


def _with_siblings(outline: _Outline, place: int) -> int:
    """The block around several siblings, if those without covered text hold as much running text as this one."""
    blocks = outline.blocks
    best, child = place, place
    for _ in range(_MOST_UP):
        parent = blocks[child].parent
        if parent < 0:
            break
        others = [
            block
            for number, block in enumerate(blocks)
            if block.parent == parent and number != child and not block.is_beside and not _is_aside(block.node)
        ]
        good, text = sum(block.good for block in others), sum(block.text for block in others)
        if good >= blocks[child].good and good >= _LEAST_QUALITY * text and good:
            best = parent
        child = parent
    return best


def _is_aside(node: Node) -> bool:
    return _ASIDE.search(f"{attribute(node, 'class') or ''} {attribute(node, 'id') or ''}") is not None


def _left_out(outline: _Outline, place: int) -> frozenset[int]:
    """The outermost blocks inside a block none of whose runs belong to the main text."""
    blocks = outline.blocks
    inside = [False] * len(blocks)
    inside[place] = True
    aside = [False] * len(blocks)
    for number in range(place + 1, len(blocks)):
        block = blocks[number]
        inside[number] = block.parent >= 0 and inside[block.parent]
        if inside[number]:
            aside[number] = aside[block.parent] or block.node.tag_id in _BESIDE or _is_aside(block.node)
    for run in outline.runs:
        if inside[run.block] and (run.is_covered or (not aside[run.block] and _is_text(run, blocks[run.block].node))):
            blocks[run.block].kept += 1
    for number in range(len(blocks) - 1, place, -1):
        if inside[number]:
            blocks[blocks[number].parent].kept += blocks[number].kept
    return frozenset(
        blocks[number].node.mem_id
        for number in range(place + 1, len(blocks))
        if inside[number] and not blocks[number].kept
    )


def _is_text(run: _Run, node: Node) -> bool:
    """Whether a run that the extractor left out is part of the text: no list of links, and no counter."""
    return run.is_prose and (node.tag_id in _LISTED or not _COUNTER.match(run.text))
