"""Turn a node into visible text in normal form: one line, or paragraphs, lists and tables.

The tree is walked without recursion, in document order. Each piece of text, each start and each end of an element that
matters for the layout is reported to a writer; `layout.py` is the writer of paragraphs.

These are not visible text and are left out:

* scripts, styles, form choices, `template`, `noscript`, `noframes`;
* buttons, in paragraphs and in headings, unless they are the heading or a question; one line of any other element
  includes them, since a rule may name what they count;
* the fallback text of video, audio, canvas, object, iframe and the like;
* readings of ruby text (`rt`, `rp`, `rtc`): "虐待", not "虐待ぎゃくたい";
* annotations of a formula in another language (`annotation`);
* the nodes that the caller names (hidden, cut out).
"""

from collections.abc import Callable
from collections.abc import Set as AbstractSet
from typing import Protocol

from archiver.extract.frames import BLOCK, BREAK, CELL, GROUP, HEADER, ITEM, LIST, PRE, ROW, TABLE
from archiver.extract.layout import Layout
from archiver.extract.tree import TEXT, Node, tag_id
from archiver.text.clean import line

__all__ = ["line", "text_line", "text_paragraphs"]

_Enter = Callable[[int, Node], None]
_Leave = Callable[[int], None]
_NOTHING: AbstractSet[int] = frozenset()
_NODE = 10
"""The cost of a node, in characters of text."""
_HEADING_DEPTH = 5
_MOST_SIBLINGS = 10
_QUESTION_MARKS = frozenset("?？؟")
_LEAST_QUESTION = 15

_SKIP, _BUTTON, _FORMULA, _PICTURE, _LINES = range(-5, 0)
"""Roles below zero are handled one by one and are not reported to a writer."""
_TAGS = {
    _SKIP: "script style noscript template head title iframe noembed noframes select textarea datalist option optgroup "
    "video audio canvas object embed meter progress rt rp rtc",
    _BUTTON: "button",
    _FORMULA: "math",
    _PICTURE: "img svg",
    _LINES: "pre listing xmp",
    BLOCK: "address article aside blockquote body caption center dd details dialog div dl dt fieldset figcaption "
    "figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr html legend main nav p section summary",
    GROUP: "tbody tfoot thead",
    BREAK: "br",
    LIST: "ul ol menu dir",
    ITEM: "li",
    TABLE: "table",
    ROW: "tr",
    CELL: "td",
    HEADER: "th",
}
_ROLES = {tag_id(tag): role for role, tags in _TAGS.items() for tag in tags.split()}
_WHOLE = frozenset(tag_id(tag) for role in (LIST, TABLE, ROW, _LINES) for tag in _TAGS[role].split())
"""Elements that keep their layout when they are the node that is read: a list, a table, a row, a `pre`."""
_HEADINGS = frozenset(tag_id(tag) for tag in ("h1", "h2", "h3", "h4", "h5", "h6", "summary", "legend", "dt"))
_LINK = tag_id("a")
_ANNOTATIONS = "annotation, annotation-xml, semantics > :not(:first-child)"
"""MathML Core, "Semantics and Presentation": only the first child of `semantics` is shown."""


class _Writer(Protocol):
    """The interface that the walk reports to. `text` returns whether it was enough; `has_buttons`: buttons are text."""

    has_buttons: bool

    @property
    def text(self) -> Callable[[str], object]:
        """Add a piece of text."""

    def open(self, role: int, node: Node) -> None:
        """Begin an element."""

    def close(self, role: int) -> None:
        """End an element."""

    def picture(self, node: Node) -> None:
        """Add an image."""


def text_paragraphs(root: Node, skip: AbstractSet[int] = _NOTHING) -> tuple[str, int]:
    """Return a node's text as paragraphs in normal form, and its cost in characters; `skip` (`mem_id`) is left out."""
    layout = Layout()
    nodes = _write(root, skip, layout)
    text = layout.finished()
    return text, len(text) + nodes * _NODE


def text_line(root: Node, skip: AbstractSet[int] = _NOTHING, most: int = 0) -> tuple[str, int]:
    """Return a node's text as one line, and its cost in characters. A text longer than `most` may be cut at its end."""
    only, depth = _only_text(root, skip)
    if only is not None:
        text = line(only.text_content or "")
        return text, len(text) + depth * _NODE
    # twice as many, since some of the characters read are spaces or joiners
    writer = _LineWriter(2 * most, has_buttons=root.tag_id not in _HEADINGS)
    nodes = _walk(root, skip, writer)
    text = line("".join(writer.pieces))
    return text, len(text) + nodes * _NODE


def _only_text(root: Node, skip: AbstractSet[int]) -> tuple[Node | None, int]:
    """Return the text node that is all there is in a node, directly or within elements without a role, and its depth.

    Most links and fields are such a text: they need no walk.
    """
    node, depth = root.first_child, 1
    while node is not None and node.next is None:
        tag = node.tag_id
        if tag == TEXT:
            return node, depth
        if tag in _ROLES or node.mem_id in skip:
            break
        node, depth = node.first_child, depth + 1
    return None, 0


class _LineWriter:
    """Collects text with a space at each edge of an element, and stops after `room` characters unless that is 0."""

    __slots__ = ("_room", "has_buttons", "pieces", "text")

    def __init__(self, room: int, *, has_buttons: bool) -> None:
        self.pieces: list[str] = []
        self.has_buttons = has_buttons
        self._room = room
        self.text: Callable[[str], object] = self._until if room else self.pieces.append

    def open(self, _role: int, _node: Node) -> None:
        self.pieces.append(" ")

    def close(self, _role: int) -> None:
        self.pieces.append(" ")

    def picture(self, _node: Node) -> None:
        """Ignore the image: a line has no images."""

    def _until(self, piece: str) -> bool:
        self._room -= len(piece.strip())
        self.pieces.append(piece)
        return self._room < 0


class _LineSplitter:
    """Reports to a writer text line by line: within a `pre`, a line feed is a line break."""

    __slots__ = ("_node", "_writer", "close", "has_buttons", "open", "picture")

    def __init__(self, writer: _Writer, node: Node) -> None:
        self._writer = writer
        self._node = node
        self.open, self.close, self.picture = writer.open, writer.close, writer.picture
        self.has_buttons = writer.has_buttons

    def text(self, content: str) -> None:
        for number, each in enumerate(content.split("\n")):
            if number:
                self._writer.open(BREAK, self._node)
            if each:
                self._writer.text(each)


def _write(root: Node, skip: AbstractSet[int], writer: _Writer) -> int:
    """Write the content of a node, and the node itself when its layout matters; return the number of nodes."""
    role = _ROLES[root.tag_id] if root.tag_id in _WHOLE else 0
    if role == _LINES:
        return _write_lines(root, skip, writer)
    if role:
        writer.open(role, root)
    nodes = _walk(root, skip, writer)
    if role:
        writer.close(role)
    return nodes


def _write_lines(root: Node, skip: AbstractSet[int], writer: _Writer, *, in_formula: bool = False) -> int:
    writer.open(PRE, root)
    nodes = _walk(root, skip, _LineSplitter(writer, root), in_pre=True, in_formula=in_formula)
    writer.close(PRE)
    return nodes


def _walk(
    root: Node, skip: AbstractSet[int], writer: _Writer, *, in_pre: bool = False, in_formula: bool = False
) -> int:
    """Write each piece of text until it is enough, and the start and end of each element with a role.

    A `pre` within another one is a block; the annotations within a formula are found once, for the outermost formula.
    """
    text, enter, leave, picture, roles = writer.text, writer.open, writer.close, writer.picture, _ROLES.get
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
            role = roles(tag, 0)
            if role < 0 and role != _SKIP and not (skip and node.mem_id in skip):
                if role == _PICTURE:
                    picture(node)
                else:
                    role, inner_nodes = _special(node, role, skip, writer, in_pre=in_pre, in_formula=in_formula)
                    nodes += inner_nodes
            if role >= 0 and not (skip and node.mem_id in skip):
                inner = _begin(node, role, above, enter, leave)
        node = inner or node.next or _onward(above, leave)
    return nodes


def _special(
    node: Node, role: int, skip: AbstractSet[int], writer: _Writer, *, in_pre: bool, in_formula: bool
) -> tuple[int, int]:
    """Handle an element with a role below zero; return the role to walk into it with (or `_SKIP`), and its nodes."""
    if role == _LINES:
        if in_pre:
            return PRE, 0
        return _SKIP, _write_lines(node, skip, writer, in_formula=in_formula)
    if role == _FORMULA:
        if in_formula:
            return 0, 0
        unseen = skip | {each.mem_id for each in node.css(_ANNOTATIONS)}
        return _SKIP, _walk(node, unseen, writer, in_pre=in_pre, in_formula=True)
    if role == _BUTTON and (writer.has_buttons or _is_content(node)):
        return 0, 0
    return _SKIP, 0


def _is_content(button: Node) -> bool:
    """Return whether a button is text: a heading, or a question whose answer opens below it."""
    text = button.text().strip()
    is_question = text[-1:] in _QUESTION_MARKS and len(text) >= _LEAST_QUESTION
    return bool(text) and (is_question or _is_heading(button))


def _is_heading(button: Node) -> bool:
    """Return whether a button is the whole heading, as in a section that opens, or is in a link."""
    passed = [button]
    for _ in range(_HEADING_DEPTH):
        outer = passed[-1].parent
        tag = outer.tag_id if outer is not None else 0
        if tag in _HEADINGS:
            return all(map(_is_alone, passed))
        if outer is None or tag == _LINK:
            return tag == _LINK
        passed.append(outer)
    return False


def _is_alone(node: Node) -> bool:
    """Return whether no other child of its parent has text."""
    child = node.parent.first_child if node.parent is not None else None
    for _ in range(_MOST_SIBLINGS):
        if child is None:
            return True
        if child.mem_id != node.mem_id and child.text().strip():
            return False
        child = child.next
    return False


def _begin(node: Node, role: int, above: list[tuple[Node, int]], enter: _Enter, leave: _Leave) -> Node | None:
    """Call `enter` for a node that has a role, and `leave` if it has no children; return its first child."""
    if role:
        enter(role, node)
    inner = node.first_child
    if inner is not None:
        above.append((node, role))
    elif role:
        leave(role)
    return inner


def _onward(above: list[tuple[Node, int]], leave: _Leave) -> Node | None:
    """Call `leave` for the ancestors that end here; return the next sibling of the nearest ancestor that has one."""
    following: Node | None = None
    while following is None and above:
        parent, role = above.pop()
        if role:
            leave(role)
        following = parent.next
    return following
