"""The door to selectolax: a parsed page, its nodes, and what may be asked of them.

Nodes and documents never leave `archiver.extract`; `check_css` is how a profile's selectors are tried at load time.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from selectolax.lexbor import LexborDocumentOptions, LexborHTMLParser, LexborNode, SelectolaxError

from archiver.extract.bounds import bounded
from archiver.extract.shadow import SHADOW_ROOTS, show_shadow_roots
from archiver.extract.xhtml import as_html

Node = LexborNode
_Known = TypeVar("_Known", bool, int)

_LONGEST_SELECTOR = 2000
_LONGEST_PATH = 100
_MISSING = "\x00"  # no attribute holds it: the parser replaces it
_FOREIGN = ("svg", "math")
_HTML_WITHIN = "foreignobject desc title annotation-xml mi mo mn ms mtext body head"
_INTEGRATION_POINTS = frozenset(_HTML_WITHIN.split())
"""Elements of SVG and MathML whose content is HTML again."""
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*\Z")
_PROBE = LexborHTMLParser("<!doctype html>")


def tag_id(tag: str) -> int:
    """The number Lexbor gives a tag name; comparing numbers is ten times cheaper than comparing names."""
    return _PROBE.create_node(tag).tag_id


TEXT = 2
"""`Node.tag_id` of a text node."""


def check_css(selector: str) -> str | None:
    """What is wrong with a selector, in words; None when it can be used."""
    if len(selector) > _LONGEST_SELECTOR:
        return f"a selector of more than {_LONGEST_SELECTOR} characters"
    try:
        _PROBE.css(selector)
    except (SelectolaxError, UnicodeEncodeError):
        return f"not a CSS selector: {selector!r}"
    return None


class Document:
    """A parsed page. Each selector is asked once; what it found is remembered until the page is cut.

    Attributes:
        html: the decoded text; of an XML document, the same as HTML.
        notes: what had to be done to the text before it could be parsed.
    """

    __slots__ = ("_found", "_parser", "_paths", "html", "notes")

    def __init__(self, html: str, *, is_xml: bool = False) -> None:
        self.html = as_html(html) if is_xml else html
        text, self.notes = bounded(self.html)
        # scripting=True: <noscript> is text, as in a browser, so that one in <head> does not end the head.
        data = text.encode("utf-8", "replace")
        self._parser = LexborHTMLParser(data, options=LexborDocumentOptions.WO_EVENTS, scripting=True)
        if b"shadowroot" in data.lower():  # most pages have none, and this is cheaper than asking the parser
            show_shadow_roots(self._parser.css(SHADOW_ROOTS))
        self._found: dict[str, list[Node]] = {}
        self._paths: dict[int, str] = {}

    @property
    def root(self) -> Node | None:
        """The `html` element."""
        return self._parser.root

    def css(self, selector: str) -> list[Node]:
        """All nodes a selector finds, in document order. The list is shared: do not change it."""
        found = self._found.get(selector)
        if found is None:
            found = self._found[selector] = self._parser.css(selector)
        return found

    def path(self, node: Node) -> str:
        """The path of a node, as `node_path` gives it."""
        return node_path(node, self._paths)

    def first(self, selector: str) -> Node | None:
        """The first node a selector finds."""
        found = self.css(selector)
        return found[0] if found else None

    def source(self) -> str:
        """The page as it is now, as HTML."""
        return self._parser.html or ""

    def remove(self, nodes: Iterable[Node]) -> bool:
        """Take nodes out of the page, but for its root; tells whether there were any."""
        root = self._parser.root
        wanted = [node for node in nodes if root is None or node.mem_id != root.mem_id]
        for node in wanted:
            if node.parent is not None:  # else it went with an ancestor
                node.decompose()
        if wanted:
            self._found.clear()
            self._paths.clear()
        return bool(wanted)


def nodes_of(html: str, selector: str) -> list[Node]:
    """Return what a selector finds in a piece of HTML, parsed as within a `div`. To be used for short pieces."""
    text = html.encode("utf-8", "replace")
    return LexborHTMLParser(text, is_fragment=True, options=LexborDocumentOptions.WO_EVENTS).css(selector)


def attribute(node: Node, name: str) -> str | None:
    """An attribute's value; "" for one without a value, None when it is not there."""
    value = node.attrs.get(name, _MISSING)
    return None if value is _MISSING else value or ""


def inner_html(node: Node) -> str:
    """What stands inside a node, as HTML."""
    return node.inner_html or ""


def ancestry(node: Node) -> list[Node]:
    """The node itself and every element above it, innermost first."""
    above = []
    step: Node | None = node
    while step is not None and step.is_element_node:
        above.append(step)
        step = step.parent
    return above


def is_foreign(node: Node) -> bool:
    """Whether an element is one of SVG or MathML (HTML Standard, "Elements in the SVG namespace"): a `title` may be."""
    for above in ancestry(node)[1:]:
        tag = (above.tag or "").lower()
        if tag in _FOREIGN:
            return True
        if tag in _INTEGRATION_POINTS:
            return False
    return False


def is_within(node: Node, verdicts: dict[int, bool]) -> bool:
    """Whether a node is one of those, or lies in one, that are True; `verdicts` keeps what is known of each node."""
    return nearest_known(node, verdicts, False)  # noqa: FBT003  (what is known where nothing is)


def nearest_known(node: Node, known: dict[int, _Known], nothing: _Known) -> _Known:
    """Return what is known of a node, or else of the nearest one around it; `known` keeps it for all between."""
    passed = []
    step: Node | None = node
    while step is not None and step.mem_id not in known:
        passed.append(step.mem_id)
        step = step.parent
    answer = nothing if step is None else known[step.mem_id]
    known.update(dict.fromkeys(passed, answer))
    return answer


def found_in(nodes: Iterable[Node], selector: str, itself: Callable[[Node], object]) -> Iterator[Node]:
    """The nodes that are wanted themselves, and what a selector finds in the others (once, if they nest)."""
    searched: dict[int, bool] = {}
    for node in nodes:
        if itself(node):
            yield node
        elif not is_within(node, searched):
            searched[node.mem_id] = True
            yield from node.css(selector)


def node_path(node: Node, known: dict[int, str] | None = None) -> str:
    """A CSS path from the root that finds this node first: `html > body > div#content > h3.tieude`.

    `known` keeps the paths of nodes and their ancestors between calls: fields of one page stand close together.
    """
    known = {} if known is None else known
    unknown = []
    path = ""
    for element in ancestry(node)[:_LONGEST_PATH]:
        path = known.get(element.mem_id, "")
        if path:
            break
        unknown.append(element)
    for element in reversed(unknown):
        path = known[element.mem_id] = f"{path} > {_step(element)}" if path else _step(element)
    return path


def _step(node: Node) -> str:
    """One level of a path: tag, id or class, and its place among siblings of the same tag unless the first."""
    attributes = node.attributes
    tag = node.tag or "*"
    name = attributes.get("id") or ""
    label = f"#{name}" if _NAME.match(name) else ""
    if not label:
        classes = (attributes.get("class") or "").split()
        label = f".{classes[0]}" if classes and _NAME.match(classes[0]) else ""
    place = _place(node)
    return f"{tag}{label}" + (f":nth-of-type({place})" if place > 1 else "")


def _place(node: Node) -> int:
    """The how-many-eth of its tag a node is among its siblings, from 1."""
    place, tag = 1, node.tag_id
    before = node.prev
    while before is not None:
        if before.tag_id == tag:
            place += 1
        before = before.prev
    return place
