"""The short texts that a page prints or declares, each with the rules that find it: known values are searched there."""

from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

from archiver.extract.body import line
from archiver.extract.page import ParsedPage
from archiver.extract.slots import types_of
from archiver.extract.tree import Node, attribute
from archiver.model.profile import Rule

_MOST_NODES = 6_000
_LONGEST = 1_200
_MOST_SLOTS = 300
_NAMES = ("name", "property", "itemprop")
_DATED = ("datetime", "content", "title")
_NO_TEXT = frozenset(("script", "style", "noscript", "template", "html", "body", "form"))


class PrintedText(NamedTuple):
    """A node with a short text. `is_outer`: one of its children has the same text."""

    node: Node
    text: str
    is_outer: bool = False


class DeclaredText(NamedTuple):
    """A text that a page declares for machines, and the rule that reads it."""

    rule: Rule
    text: str


class PrintedTexts:
    """The texts of a page; each kind is collected once, when it is first needed."""

    def __init__(self, page: ParsedPage) -> None:
        self._page = page

    @cached_property
    def printed(self) -> list[PrintedText]:
        """Return the visible nodes with a short text."""
        page = self._page
        found: dict[int, PrintedText] = {}
        for node in page.document.css("body *")[:_MOST_NODES]:
            if node.tag in _NO_TEXT or node.mem_id in page.hidden:
                continue
            text = page.beginning(node, _LONGEST + 1)
            if text and len(text) <= _LONGEST:
                found[node.mem_id] = PrintedText(node, text)
                above = found.get(node.parent.mem_id) if node.parent is not None else None
                if above is not None and above.text == text:
                    found[above.node.mem_id] = above._replace(is_outer=True)
        return list(found.values())

    @cached_property
    def dated(self) -> list[tuple[Node, str, str]]:
        """Return the nodes with an attribute that may be a date: node, name of the attribute, value."""
        nodes = self._page.document.css(", ".join(f"body [{name}]" for name in _DATED))[:_MOST_NODES]
        found = ((node, name, attribute(node, name) or "") for node in nodes for name in _DATED)
        return [each for each in found if any(letter.isdigit() for letter in each[2])]

    @cached_property
    def declared(self) -> list[DeclaredText]:
        """Return the texts of the `<meta>` elements and of the page's own objects in JSON-LD."""
        return [*self._metas(), *self._objects()][:_MOST_SLOTS]

    def _metas(self) -> Iterator[DeclaredText]:
        for node in self._page.document.css("meta[content]")[:_MOST_SLOTS]:
            name = next((value for each in _NAMES if (value := attribute(node, each))), "")
            if name:
                yield DeclaredText(Rule("meta", name), line(attribute(node, "content") or ""))

    def _objects(self) -> Iterator[DeclaredText]:
        slots = self._page.slots
        for each in self._page.main_objects:
            for kind in types_of(each)[:1]:
                for key in each:
                    path = f"{kind}.{key}"
                    if key.isalpha():
                        yield from (DeclaredText(Rule("jsonld", path), line(text)) for text in slots.jsonld(path))
