"""The text of a node in normal form: paragraphs, lines, list items, table rows.

Theory. The tree is walked without recursion, in document order. Text is gathered into the *line*, `br` ends a line,
the edge of a block ends the *paragraph*. Lists, items, tables, rows and cells each open a *frame* that gathers its
own paragraphs; when it is closed, it hands them to the frame around it in its own form:

* an item: its paragraphs as lines, "- " before the first;
* a list: its items as lines of one paragraph;
* a row: its cells on one line with " | ", when each cell is one line (else the table is layout: cells are paragraphs);
* a table: its rows as lines of one paragraph, as long as they are such lines.

In `pre`, line feeds are line breaks.

Skipped: tags that hold no text for a reader, and the nodes the caller names (hidden, cut out).
"""

import unicodedata
from collections.abc import Callable
from collections.abc import Set as AbstractSet

from archiver.extract.tree import TEXT, Node, tag_id
from archiver.text import clean

_Text = Callable[[str], object]  # takes a piece of text; tells whether that was enough
_Edge = Callable[[int], None]
_NOTHING: AbstractSet[int] = frozenset()
_NODE = 10  # it takes as long as so many characters of text
_MAX_FRAMES = 200
"""Deeper lists and tables are plain blocks: nobody means them, and their text would grow with the square."""

_SKIP, _BLOCK, _BREAK, _LIST, _ITEM, _TABLE, _ROW, _CELL, _PRE = range(1, 10)
_TAGS = {
    _SKIP: "script style noscript template head title iframe noembed noframes svg select textarea datalist",
    _BLOCK: "address article aside blockquote body caption center dd details dialog div dl dt fieldset figcaption "
    "figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr html legend main nav p section summary "
    "tbody tfoot thead",
    _BREAK: "br",
    _LIST: "ul ol menu dir",
    _ITEM: "li",
    _TABLE: "table",
    _ROW: "tr",
    _CELL: "td th",
    _PRE: "pre listing xmp",
}
_ROLES = {tag_id(tag): role for role, tags in _TAGS.items() for tag in tags.split()}
_WHOLE = frozenset(tag_id(tag) for role in (_LIST, _TABLE, _ROW, _PRE) for tag in _TAGS[role].split())
"""What is laid out as itself, too, when it is all that is read: a list, a table, a row, a `pre`."""
_PRES = frozenset(tag_id(tag) for tag in _TAGS[_PRE].split())
_FRAMED = (_LIST, _ITEM, _TABLE, _ROW, _CELL)


def line(text: str) -> str:
    """What `clean.line` gives, four times faster for the plain text that nearly all text is.

    A printable text holds no invisible character but emoji selectors and no space but U+0020, so only runs of those
    are left to mend.
    """
    plain = text
    if not plain.isprintable():
        plain = plain.replace("\n", " ").replace("\r", " ").replace("\t", " ").replace("\u00a0", " ")
        if not plain.isprintable():
            return clean.line(text)
    if "  " in plain:
        plain = " ".join(plain.split())
    if "\ufe0f" in plain or "\ufe0e" in plain or not unicodedata.is_normalized("NFC", plain):
        return clean.line(text)
    return plain.strip()


def told_paragraphs(root: Node, skip: AbstractSet[int] = _NOTHING) -> tuple[str, int]:
    """A node's text as paragraphs in normal form, and what it took, in characters; `skip` (`mem_id`) is left out."""
    layout = _Layout()
    nodes = _tell(root, skip, layout.text, layout.open, layout.close)
    text = layout.finished()
    return text, len(text) + nodes * _NODE


def told_line(root: Node, skip: AbstractSet[int] = _NOTHING, most: int = 0) -> tuple[str, int]:
    """A node's text as one line, and what it took, in characters. Of a text longer than `most` the end may be left."""
    only = root.first_child
    if only is not None and only.next is None and only.tag_id == TEXT:
        text = line(only.text_content or "")
        return text, len(text) + _NODE
    pieces: list[str] = []

    def edge(_: int) -> None:
        pieces.append(" ")

    # twice as many, since some of the characters read are spaces, and some join
    nodes = _walk(root, skip, _until(pieces, 2 * most) if most else pieces.append, edge, edge)
    text = line("".join(pieces))
    return text, len(text) + nodes * _NODE


def _until(pieces: list[str], room: int) -> _Text:
    """Gathers pieces until they are so many characters."""

    def gather(piece: str) -> bool:
        nonlocal room
        room -= len(piece.strip())
        pieces.append(piece)
        return room < 0

    return gather


def _tell(root: Node, skip: AbstractSet[int], text: _Text, enter: _Edge, leave: _Edge) -> int:
    """Tell of a node: of what is in it, and of itself when it is laid out as a whole; gives how many were looked at.

    A reader sees the line feeds within a `pre` as line breaks.
    """
    role = _ROLES.get(root.tag_id, 0) if root.tag_id in _WHOLE else 0

    def by_line(content: str) -> None:
        for number, each in enumerate(content.split("\n")):
            if number:
                enter(_BREAK)
            text(each)

    if role:
        enter(role)
    nodes = _walk(root, skip, by_line if role == _PRE else text, enter, leave)
    if role:
        leave(role)
    return nodes


def _walk(root: Node, skip: AbstractSet[int], text: _Text, enter: _Edge, leave: _Edge) -> int:
    """Tell of every piece of text, until it is enough, and of every node with a role when it begins and ends."""
    within = root.tag_id in _PRES  # in a `pre` another one is but a block
    node = root.first_child
    above: list[tuple[Node, int]] = []
    nodes = 0
    while node is not None:
        nodes += 1
        inner = None
        tag = node.tag_id
        if tag == TEXT:
            if text(node.text_content or ""):
                break
        else:
            role = _ROLES.get(tag, 0)
            if role != _SKIP and not (skip and node.mem_id in skip):
                if role == _PRE and not within:
                    nodes += _tell(node, skip, text, enter, leave)
                else:
                    inner = _begin(node, role, above, enter, leave)
        node = inner or node.next or _onward(above, leave)
    return nodes


def _begin(node: Node, role: int, above: list[tuple[Node, int]], enter: _Edge, leave: _Edge) -> Node | None:
    """Tell that a node begins (and ends, when it is empty); gives the first node in it."""
    if role:
        enter(role)
    inner = node.first_child
    if inner is not None:
        above.append((node, role))
    elif role:
        leave(role)
    return inner


def _onward(above: list[tuple[Node, int]], leave: _Edge) -> Node | None:
    """The node after an only or last child: the sibling of its nearest ancestor that has one."""
    following: Node | None = None
    while following is None and above:
        parent, role = above.pop()
        if role:
            leave(role)
        following = parent.next
    return following


class _Frame:
    """What one list, item, table, row or cell has gathered. `joined` says that a table is all lines so far."""

    __slots__ = ("blocks", "cells", "joined", "role")

    def __init__(self, role: int) -> None:
        self.role = role
        self.blocks: list[str] = []
        self.cells: list[list[str]] = []
        self.joined = True


class _Layout:
    """Turns the walk's events into paragraphs."""

    __slots__ = ("_frame", "_frames", "_lines", "_pieces", "_unframed", "text")

    def __init__(self) -> None:
        self._frame = _Frame(_BLOCK)
        self._frames: list[_Frame] = []
        self._pieces: list[str] = []
        self._lines: list[str] = []
        self._unframed = 0
        self.text = self._pieces.append

    def open(self, role: int) -> None:
        """A node with a role begins."""
        if role == _BREAK:
            self._end_line()
            return
        self._end_paragraph()
        if role in _FRAMED:
            if len(self._frames) < _MAX_FRAMES:
                self._frames.append(self._frame)
                self._frame = _Frame(role)
            else:
                self._unframed += 1

    def close(self, role: int) -> None:
        """A node with a role ends."""
        if role == _BREAK:
            return
        self._end_paragraph()
        if role in _FRAMED:
            if self._unframed:
                self._unframed -= 1
                return
            done, self._frame = self._frame, self._frames.pop()
            _HAND_OVER[role](done, self._frame)

    def finished(self) -> str:
        """The whole text."""
        self._end_paragraph()
        return "\n\n".join(self._frame.blocks)

    def _end_line(self) -> None:
        pieces = self._pieces
        self._lines.append(line("".join(pieces)) if pieces else "")
        pieces.clear()

    def _end_paragraph(self) -> None:
        pieces = self._pieces
        if self._lines:
            self._end_lines()
        elif pieces:
            text = line("".join(pieces))
            pieces.clear()
            if text:
                self._frame.blocks.append(text)

    def _end_lines(self) -> None:
        """The end of a paragraph with `br` in it."""
        if self._pieces:
            self._end_line()
        block: list[str] = []
        for text in [*self._lines, ""]:
            if text:
                block.append(text)
            elif block:  # an empty line, as `<br><br>` makes it, parts paragraphs
                self._frame.blocks.append("\n".join(block))
                block = []
        self._lines.clear()


def _hand_over_list(done: _Frame, outer: _Frame) -> None:
    if done.blocks:
        outer.blocks.append("\n".join(done.blocks))


def _hand_over_item(done: _Frame, outer: _Frame) -> None:
    if done.blocks:
        outer.blocks.append("- " + "\n".join(done.blocks))


def _hand_over_cell(done: _Frame, outer: _Frame) -> None:
    if outer.role == _ROW:
        outer.cells.append(done.blocks)
    else:
        outer.blocks += done.blocks


def _hand_over_row(done: _Frame, outer: _Frame) -> None:
    cells = [cell for cell in [done.blocks, *done.cells] if cell]
    if all(len(cell) == 1 and "\n" not in cell[0] for cell in cells):
        if cells:
            outer.blocks.append(" | ".join(cell[0] for cell in cells))
        return
    outer.joined = False
    for cell in cells:
        outer.blocks += cell


def _hand_over_table(done: _Frame, outer: _Frame) -> None:
    if done.joined and done.blocks:
        outer.blocks.append("\n".join(done.blocks))
    else:
        outer.blocks += done.blocks


_HAND_OVER: dict[int, Callable[[_Frame, _Frame], None]] = {
    _LIST: _hand_over_list,
    _ITEM: _hand_over_item,
    _CELL: _hand_over_cell,
    _ROW: _hand_over_row,
    _TABLE: _hand_over_table,
}
