"""The text of a page as runs between block boundaries, each with the block it stands in: made once a page.

The headline, printed dates, bylines and the main text are looked for in it.
"""

import re
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from archiver.extract.body import line
from archiver.extract.tree import TEXT, Node, attribute, tag_id

_MOST_LINKED = 0.4
_ASIDE = re.compile(
    r"comment|disqus|repl(?:y|ies)|respond|related|recommend|newsletter|subscri|cookie|consent|share|social|sidebar|promo"
    r"|popular|trending|breadcrumb|author|widget|caption|credit|byline|advert|sponsor|teaser|paywall|sign-?up|player"
    r"|gallery|keyword|toolbar|rating|pagination|read-?more|more-on|infobox|embed",
    re.IGNORECASE,
)
"""In a class or id: a box that is not part of the text around it."""


def ids_of(names: str) -> frozenset[int]:
    """The tag ids of some tag names."""
    return frozenset(map(tag_id, names.split()))


_BLOCKS = ids_of(
    "address article aside blockquote body caption center dd details dialog div dl dt fieldset figcaption figure "
    "footer form h1 h2 h3 h4 h5 h6 header hgroup hr legend li main menu nav ol p pre section summary table tbody "
    "td tfoot th thead tr ul"
)
_NOT_TEXT = ids_of(
    "script style noscript template svg select textarea head title iframe button object video audio canvas"
)
_BESIDE = ids_of("nav footer aside form header")
_LINK = tag_id("a")
_BODY = tag_id("body")


@dataclass(slots=True)
class Block:
    """A block element, and what stands in it and in its descendants, in characters; `headings` are those of level 1."""

    node: Node
    parent: int
    is_beside: bool
    covered: int = 0
    text: int = 0
    good: int = 0
    kept: int = 0
    headings: int = 0


@dataclass(slots=True)
class Run:
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
class Outline:
    """All blocks in document order, parents before children, and the runs of text."""

    blocks: list[Block] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)


def is_aside(node: Node) -> bool:
    """Whether a block is named for what stands around a text."""
    return _ASIDE.search(f"{attribute(node, 'class') or ''} {attribute(node, 'id') or ''}") is not None


def outline_of(root: Node, skip: AbstractSet[int]) -> Outline:
    """Walk the tree below a node once, in document order and without recursion; `skip` (`mem_id`) is left out."""
    outline = Outline()
    walker = _Walker(outline)
    above: list[Node] = []
    node: Node | None = root
    while node is not None:
        tag = node.tag_id
        inner = None
        if tag == TEXT:
            walker.text(node.text_content or "")
        elif tag not in _NOT_TEXT and not (skip and node.mem_id in skip):
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

    def __init__(self, outline: Outline) -> None:
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
            blocks.append(Block(node, parent, is_beside))
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
            text = line("".join(self._pieces))
            if text and self._open:
                self._outline.runs.append(Run(self._open[-1], text, self._linked))
            self._pieces.clear()
            self._linked = 0
