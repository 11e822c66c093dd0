"""The text of a page as runs between block boundaries, each with its block; made once for each page.

The headline, printed dates, bylines and the main text are searched in it.
"""

import re
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import lru_cache

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


_LEAST_BROKEN = 200
"""Characters from which a run with line breaks is a text whose paragraphs they part, not a title on two lines."""
_BREAK = "\0"
_BR = tag_id("br")
_INLINE, _BLOCK, _SIDE_BOX, _LINK, _SKIPPED = range(5)
_TAGS = {
    _BLOCK: "address article blockquote body caption center dd details dialog div dl dt fieldset figcaption figure "
    "h1 h2 h3 h4 h5 h6 hgroup hr legend li main menu ol p pre section summary table tbody td tfoot th thead tr ul",
    _SIDE_BOX: "nav footer aside form header",
    _LINK: "a",
    _SKIPPED: "script style noscript template svg select textarea head title iframe button object video audio canvas "
    "rt rp rtc",
}
_ROLES = {tag_id(tag): role for role, tags in _TAGS.items() for tag in tags.split()}


@dataclass(slots=True)
class BlockElement:
    """A block element with counts of the characters in it and its descendants; `headings` are those of level 1."""

    node: Node
    parent: int
    is_side_box: bool
    covered: int = 0
    text: int = 0
    good: int = 0
    kept: int = 0
    headings: int = 0


@dataclass(slots=True)
class Run:
    """Text between two block boundaries: its block, and how much of it is linked."""

    block: int
    text: str
    linked: int
    is_covered: bool = False

    @property
    def is_prose(self) -> bool:
        """Return whether less than half of it is linked."""
        return self.linked <= _MOST_LINKED * len(self.text)


@dataclass(slots=True)
class Outline:
    """All blocks in document order, parents before children, and the runs of text."""

    blocks: list[BlockElement] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)


def is_side_named(node: Node) -> bool:
    """Return whether a block has the name of a box around a text."""
    return _has_side_name(f"{attribute(node, 'class') or ''} {attribute(node, 'id') or ''}")


@lru_cache(maxsize=4_096)
def _has_side_name(names: str) -> bool:
    return _ASIDE.search(names) is not None


def outline_of(root: Node, skip: AbstractSet[int], *, is_parted: bool = False) -> Outline:
    """Walk the tree below a node once, in document order and without recursion.

    Args:
        root: the node.
        skip: nodes (`mem_id`) to leave out.
        is_parted: whether line breaks part long runs, as they part the paragraphs of some texts.
    """
    walker = _Walker(is_parted=is_parted)
    walker.enter(root, _ROLES.get(root.tag_id, _INLINE))
    above: list[tuple[Node, int]] = []
    node = root.first_child
    while node is not None:
        inner = None
        tag = node.tag_id
        if tag == TEXT:
            walker.text(node.text_content or "")
        else:
            role = _ROLES.get(tag, _INLINE)
            if tag == _BR:
                walker.line_break()
            elif role != _SKIPPED and not (skip and node.mem_id in skip):
                inner = _descend(node, role, above, walker)
        node = inner or node.next or _onward(above, walker)
    walker.leave(_BLOCK)
    return walker.outline


def _descend(node: Node, role: int, above: list[tuple[Node, int]], walker: "_Walker") -> Node | None:
    """Enter an element; return its first child. An element without children is left at once."""
    inner = node.first_child
    if role:
        walker.enter(node, role)
        if inner is None:
            walker.leave(role)
    if inner is not None:
        above.append((node, role))
    return inner


def _onward(above: list[tuple[Node, int]], walker: "_Walker") -> Node | None:
    """Leave the elements that end after a last child; return the next node."""
    following: Node | None = None
    while following is None and above:
        parent, role = above.pop()
        if role:
            walker.leave(role)
        following = parent.next
    return following


class _Walker:
    """Cuts the text into runs at block boundaries."""

    __slots__ = ("_is_parted", "_linked", "_links", "_open", "_pieces", "outline")

    def __init__(self, *, is_parted: bool) -> None:
        self.outline = Outline()
        self._is_parted = is_parted
        self._open: list[int] = []
        self._pieces: list[str] = []
        self._linked = 0
        self._links = 0

    def enter(self, node: Node, role: int) -> None:
        """Begin a block or a link."""
        if role == _LINK:
            self._links += 1
            return
        if self._pieces:
            self._end_run()
        blocks = self.outline.blocks
        parent = self._open[-1] if self._open else -1
        self._open.append(len(blocks))
        blocks.append(BlockElement(node, parent, role == _SIDE_BOX or (parent >= 0 and blocks[parent].is_side_box)))

    def leave(self, role: int) -> None:
        """End a block or a link."""
        if role == _LINK:
            self._links -= 1
            return
        if self._pieces:
            self._end_run()
        self._open.pop()

    def text(self, piece: str) -> None:
        """Add a piece of text."""
        if piece.isspace():
            if self._pieces:
                self._pieces.append(" ")
            return
        self._pieces.append(piece)
        if self._links:
            self._linked += len(piece.strip())

    def line_break(self) -> None:
        """Note a line break within a text."""
        if self._is_parted and self._pieces:
            self._pieces.append(_BREAK)

    def _end_run(self) -> None:
        text = "".join(self._pieces)
        if self._is_parted and _BREAK in text:
            self._end_broken(text)
        elif text := line(text):
            self.outline.runs.append(Run(self._open[-1], text, self._linked))
        self._pieces.clear()
        self._linked = 0

    def _end_broken(self, text: str) -> None:
        parts = text.split(_BREAK) if len(text) >= _LEAST_BROKEN else [text.replace(_BREAK, " ")]
        for part in filter(None, map(line, parts)):
            linked = round(self._linked * len(part) / len(text))
            self.outline.runs.append(Run(self._open[-1], part, linked))
