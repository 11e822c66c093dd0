"""One page being read: its tree, its declared values, its address, and the texts already made of its nodes."""

import re
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from functools import cached_property
from html import unescape

from archiver.extract.body import told_line, told_paragraphs
from archiver.extract.main_object import About, main_objects, plain_address
from archiver.extract.slots import Json, Slots
from archiver.extract.tree import Document, Node, attribute, inner_html
from archiver.model.profile import SiteInfo
from archiver.text.url import absolute

_MAY_BE_HIDDEN = '[hidden], [style*="none" i], [style*="hidden" i]'
_HIDING = (("display", "none"), ("visibility", "hidden"))
_MOST_TITLES = 5
_MOST_TEXT = 10_000_000
"""Characters of nodes' texts that are made of a page: of five hundred nested nodes each has the whole text."""
_MOST_TIMES = 4
"""So many times the page's own length is made beyond that: several rules may read the whole of a long page."""
_REMEMBERED = 2_000_000
"""Characters of them that are remembered."""
_PLAIN = re.compile(r"/?[A-Za-z0-9_][A-Za-z0-9/._~=&,@!$'()*-]*(?:\?[A-Za-z0-9/._~=&,@!$'()*-]+)?\Z")
"""Addresses, nearly all of a page, that need no more than to be put after where the page is: 0.3 µs for 6."""
_LAZY = ("data-src", "data-original", "data-lazy-src", "src")
_OWN_ADDRESS = {
    "a": ("href",),
    "area": ("href",),
    "link": ("href",),
    "img": _LAZY,
    "source": ("src",),
    "iframe": _LAZY,
    "frame": ("src",),
    "video": ("src", "poster"),
    "audio": ("src",),
    "embed": ("src",),
    "object": ("data",),
    "form": ("action",),
}


class Page:
    """What rules are asked about.

    Attributes:
        url: the address of the page.
        charset: the encoding of the page, by its standard name; queries of links are escaped in it.
        notes: the notes of the record.
    """

    def __init__(self, html: str, url: str, site: SiteInfo | None = None, charset: str = "utf-8") -> None:
        self.document = Document(html)
        self.slots = Slots(self.document)
        self.url = url
        self.charset = charset
        self.site = site or SiteInfo(name="")
        self.notes: list[str] = list(self.document.notes)
        self._lines: dict[int, str] = {}
        self._unremembered = _REMEMBERED
        self._unmade = _MOST_TEXT + _MOST_TIMES * len(html)

    @cached_property
    def base(self) -> str:
        """The address that relative ones are relative to: `<base href>`, else the page's own."""
        node = self.document.first("base[href]")
        href = attribute(node, "href") if node else None
        return (absolute(self.url, href, self.charset) if href else None) or self.url

    @cached_property
    def hidden(self) -> AbstractSet[int]:
        """The nodes nobody sees, by `mem_id`."""
        return frozenset(node.mem_id for node in self.document.css(_MAY_BE_HIDDEN) if _is_hidden(node))

    @cached_property
    def main_objects(self) -> list[Json]:
        """The JSON-LD objects that speak of this page; see `main_object`."""
        if not any(self.slots.blocks):
            return []
        nodes = [*self.document.css("h1")[:_MOST_TITLES], *self.document.css("head > title")[:1]]
        titles = [*map(self.line, nodes), *self.slots.meta("og:title")]
        links = (attribute(node, "href") for node in self.document.css('link[rel~="canonical" i][href]'))
        addresses = [self.url, *(self.absolute(href) or "" for href in links if href), *self.slots.meta("og:url")]
        shown = (" ".join(unescape(title).split()).casefold() for title in titles)
        about = About(tuple(filter(None, shown)), frozenset(map(plain_address, addresses)) - {""})
        return main_objects(self.slots.blocks, about)

    def line(self, node: Node) -> str:
        """A node's text as one line; made once."""
        number = node.mem_id
        text = self._lines.get(number)
        if text is None:
            text, cost = told_line(node, self.hidden)
            self._unmade -= cost
            if len(text) <= self._unremembered:
                self._unremembered -= len(text)
                self._lines[number] = text
        return text

    def beginning(self, node: Node, most: int) -> str:
        """A node's text as one line; of one that is longer than `most` characters the end may be missing."""
        text, cost = told_line(node, self.hidden, most)
        self._unmade -= cost
        return text

    def html(self, node: Node) -> str:
        """What stands inside a node, as HTML."""
        text = inner_html(node)
        self._unmade -= len(text)
        return text

    def bounded(self, nodes: Iterable[Node]) -> Iterator[Node]:
        """Nodes whose texts are to be made: the first, and the others until too much text was made of the page."""
        for number, node in enumerate(nodes):
            if number and self._unmade < 0:
                note = "more text in nodes within nodes than is reasonable: not all of them were read"
                self.notes += [] if note in self.notes else [note]
                return
            yield node

    def paragraphs(self, node: Node, cut: AbstractSet[int] = frozenset()) -> str:
        """A node's text as paragraphs, without what is hidden or cut."""
        text, cost = told_paragraphs(node, self.hidden | cut if cut else self.hidden)
        self._unmade -= cost
        return text

    def absolute(self, href: str) -> str | None:
        """A web address out of an attribute; None for what is none (`javascript:`, `mailto:`, `data:`)."""
        if _PLAIN.match(href) and "//" not in href and "/." not in href:
            start = self._starts[0] if href[0] == "/" else self._starts[1]
            if start:
                return start + href
        return absolute(self.base, href, self.charset)

    @cached_property
    def _starts(self) -> tuple[str, str]:
        """What stands before an address that begins with a slash, and before one that begins with a name."""
        root, folder = absolute(self.base, "/x"), absolute(self.base, "x")
        return (root[:-2], folder[:-1]) if root and folder else ("", "")

    def address(self, node: Node) -> str | None:
        """The address a node itself holds: `href` of a link, `src` of an image (also when loaded lazily)."""
        for name in _OWN_ADDRESS.get(node.tag or "", ()):
            href = (attribute(node, name) or "").strip()
            if href and not href.startswith("data:"):
                return self.absolute(href)
        return None

    def cut(self, selectors: tuple[str, ...]) -> None:
        """Take nodes out of the page for good."""
        if selectors and self.document.cut(", ".join(selectors)):
            self._lines.clear()
            self._unremembered = _REMEMBERED


def _is_hidden(node: Node) -> bool:
    """Whether a node hides itself: the attribute `hidden`, or a declaration in its style."""
    if "hidden" in node.attrs:
        return True
    said: dict[str, tuple[bool, str]] = {}
    for declaration in (attribute(node, "style") or "").lower().split(";"):
        name, _, value = declaration.partition(":")
        value, important, _ = value.partition("!")
        name = name.strip()
        if important or not said.get(name, (False, ""))[0]:  # the last one counts, unless another is important
            said[name] = bool(important), value.strip()
    return any(said.get(name, (False, ""))[1] == value for name, value in _HIDING)
