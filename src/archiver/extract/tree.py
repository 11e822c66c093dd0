"""The only user of selectolax: a parsed page and its nodes.

Nodes and documents never leave `archiver.extract`; `check_css` checks a profile's selectors when it is loaded.
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
_MISSING = "\x00"  # no attribute contains it: the parser replaces it
_FOREIGN = ("svg", "math")
_HTML_WITHIN = "foreignobject desc title annotation-xml mi mo mn ms mtext body head"
_INTEGRATION_POINTS = frozenset(_HTML_WITHIN.split())
"""Elements of SVG and MathML whose content is HTML again."""
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*\Z")
_PART = r"(?:[^\s,:>+~\[\]]|\[[^\s,:>+~\[\]]+\])+"
_TWO_PARTS = re.compile(rf"(?P<outer>{_PART}) (?P<child>> )?(?P<inner>{_PART})")
_MOST_INNER = 200
"""Nodes up to which it is faster to look at those around them than to search the page."""
_PROBE = LexborHTMLParser("<!doctype html>")


def tag_id(tag: str) -> int:
    """Return Lexbor's number of a tag name; comparing numbers is ten times faster than comparing names."""
    return _PROBE.create_node(tag).tag_id


TEXT = 2
"""`Node.tag_id` of a text node."""


def check_css(selector: str) -> str | None:
    """Return the fault of a selector, as text; None when it is valid."""
    if len(selector) > _LONGEST_SELECTOR:
        return f"a selector of more than {_LONGEST_SELECTOR} characters"
    try:
        _PROBE.css(selector)
    except (SelectolaxError, UnicodeEncodeError):
        return f"not a CSS selector: {selector!r}"
    return None


class Document:
    """A parsed page. Each selector is evaluated once; the result is cached until nodes are removed.

    Attributes:
        html: the decoded text; of an XML document, the same as HTML.
        text: what was parsed: the same without what would cost the parser too much.
        notes: changes that the text needed before it could be parsed.
    """

    __slots__ = ("_found", "_parser", "_paths", "_within", "html", "notes", "text")

    def __init__(self, html: str, *, is_xml: bool = False, scripting: bool = True, is_bounded: bool = False) -> None:
        """Parse a page.

        Args:
            html: the decoded text.
            is_xml: whether it is read by the rules of XML.
            scripting: as a browser with scripts, for which `noscript` is text.
            is_bounded: it is known not to cost the parser too much.
        """
        self.html = as_html(html) if is_xml else html
        self.text, self.notes = (html, ()) if is_bounded else bounded(self.html)
        # With scripting <noscript> is text, as in a browser, so that one in <head> does not end the head.
        data = self.text.encode("utf-8", "replace")
        self._parser = LexborHTMLParser(data, options=LexborDocumentOptions.WO_EVENTS, scripting=scripting)
        if b"shadowroot" in data.lower():  # most pages have none, and this test is faster than the parser
            show_shadow_roots(self._parser.css(SHADOW_ROOTS))
        self._found: dict[str, list[Node]] = {}
        self._paths: dict[int, str] = {}
        self._within: dict[str, dict[int, bool]] = {}

    @property
    def root(self) -> Node | None:
        """Return the `html` element."""
        return self._parser.root

    def css(self, selector: str) -> list[Node]:
        """Return all nodes that a selector finds, in document order. The list is shared: do not change it."""
        found = self._found.get(selector)
        if found is None:
            found = self._found[selector] = self._parser.css(selector)
        return found

    def css_by_parts(self, selector: str) -> list[Node]:
        """Return the same as `css`. Fast when many selectors are made of the same parts: `A B` and `A > B`.

        Each part is evaluated once; the nodes that `B` finds are kept if they are within one that `A` finds.
        """
        parts = None if selector in self._found else _TWO_PARTS.fullmatch(selector)
        if parts is not None:
            outer, inner = self.css(parts["outer"]), self.css(parts["inner"])
            if not outer or len(inner) <= _MOST_INNER:
                nodes = inner if outer else []
                self._found[selector] = self._inside(nodes, parts["outer"], is_child=parts["child"] is not None)
        return self.css(selector)

    def _inside(self, nodes: Iterable[Node], outer: str, *, is_child: bool) -> list[Node]:
        """Return those of some nodes that are within a node that a selector finds, or are its children."""
        if is_child:
            parents = {node.mem_id for node in self.css(outer)}
            return [node for node in nodes if node.parent is not None and node.parent.mem_id in parents]
        verdicts = self._within.get(outer)
        if verdicts is None:
            verdicts = self._within[outer] = {node.mem_id: True for node in self.css(outer)}
        return [node for node in nodes if node.parent is not None and is_within(node.parent, verdicts)]

    def path(self, node: Node) -> str:
        """Return the path of a node; see `node_path`."""
        return node_path(node, self._paths)

    def first(self, selector: str) -> Node | None:
        """Return the first node that a selector finds."""
        found = self.css(selector)
        return found[0] if found else None

    def source(self) -> str:
        """Return the present page as HTML."""
        return self._parser.html or ""

    def remove(self, nodes: Iterable[Node]) -> bool:
        """Remove nodes from the page, except its root; return whether there were any."""
        root = self._parser.root
        wanted = [node for node in nodes if root is None or node.mem_id != root.mem_id]
        for node in wanted:
            if node.parent is not None:  # else it was removed with an ancestor
                node.decompose()
        if wanted:
            self._found.clear()
            self._paths.clear()
            self._within.clear()
        return bool(wanted)


def nodes_of(html: str, selector: str) -> list[Node]:
    """Return what a selector finds in a short piece of HTML, parsed as within a `div`."""
    text = html.encode("utf-8", "replace")
    return LexborHTMLParser(text, is_fragment=True, options=LexborDocumentOptions.WO_EVENTS).css(selector)


def attribute(node: Node, name: str) -> str | None:
    """Return an attribute's value; "" for one without a value, None when it is missing."""
    value = node.attrs.get(name, _MISSING)
    return None if value is _MISSING else value or ""


def inner_html(node: Node) -> str:
    """Return the content of a node, as HTML."""
    return node.inner_html or ""


def ancestry(node: Node) -> list[Node]:
    """Yield the node itself and every element above it, innermost first."""
    above = []
    step: Node | None = node
    while step is not None and step.is_element_node:
        above.append(step)
        step = step.parent
    return above


def is_foreign(node: Node) -> bool:
    """Whether an element is of SVG or MathML (HTML Standard, "Elements in the SVG namespace"), such as a `title`."""
    for above in ancestry(node)[1:]:
        tag = (above.tag or "").lower()
        if tag in _FOREIGN:
            return True
        if tag in _INTEGRATION_POINTS:
            return False
    return False


def is_within(node: Node, verdicts: dict[int, bool]) -> bool:
    """Return whether a node is, or is inside, a node that is True in `verdicts`, which caches the results."""
    return nearest_known(node, verdicts, False)  # noqa: FBT003  (the result when nothing is known)


def nearest_known(node: Node, known: dict[int, _Known], nothing: _Known) -> _Known:
    """Return the known value of a node, or else of the nearest one around it; `known` caches it for all between."""
    passed = []
    step: Node | None = node
    while step is not None and step.mem_id not in known:
        passed.append(step.mem_id)
        step = step.parent
    answer = nothing if step is None else known[step.mem_id]
    known.update(dict.fromkeys(passed, answer))
    return answer


def found_in(nodes: Iterable[Node], selector: str, itself: Callable[[Node], object]) -> Iterator[Node]:
    """Yield the nodes that are wanted themselves, and what a selector finds in the others (once, if they nest)."""
    searched: dict[int, bool] = {}
    for node in nodes:
        if itself(node):
            yield node
        elif not is_within(node, searched):
            searched[node.mem_id] = True
            yield from node.css(selector)


def node_path(node: Node, known: dict[int, str] | None = None) -> str:
    """Return a CSS path from the root that finds this node first: `html > body > div#content > h3.tieude`.

    `known` caches the paths of nodes and their ancestors between calls: fields of one page are near each other.
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
    """One level of a path: tag, id or class, and its position among siblings of the same tag unless the first."""
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
    """Return the position of a node among its siblings of the same tag, from 1."""
    place, tag = 1, node.tag_id
    before = node.prev
    while before is not None:
        if before.tag_id == tag:
            place += 1
        before = before.prev
    return place
