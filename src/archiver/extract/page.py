"""One page being read: its tree, its declared values, its address, and the texts already made of its nodes."""

import re
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from functools import cached_property
from html import unescape

from archiver.extract.body import line, told_line, told_paragraphs
from archiver.extract.hidden import hidden_nodes
from archiver.extract.images import image_address, noscript_images, source_address
from archiver.extract.main_object import PageHints, main_objects, plain_address
from archiver.extract.outline import Outline, outline_of
from archiver.extract.slots import Json, Slots
from archiver.extract.tree import Document, Node, attribute, inner_html, is_foreign
from archiver.model.profile import SiteInfo
from archiver.text.language import detect_language, normal_language
from archiver.text.url import absolute

_MOST_TITLES = 5
_MOST_DETECTED = 3_000
"""Characters of which the language is guessed."""
_LANGUAGE_METAS = ("og:locale", "content-language", "dc.language", "dcterms.language", "language")
_MOST_TEXT = 10_000_000
"""Characters of nodes' texts that are made of a page: of five hundred nested nodes each has the whole text."""
_MOST_TIMES = 4
"""So many times the page's own length is made beyond that: several rules may read the whole of a long page."""
_REMEMBERED = 2_000_000
"""Characters of them that are remembered."""
_PLAIN = re.compile(r"/?[A-Za-z0-9_][A-Za-z0-9/._~=&,@!$'()*-]*(?:\?[A-Za-z0-9/._~=&,@!$'()*-]+)?\Z")
"""Addresses, nearly all of a page, that need no more than to be put after where the page is: 0.3 µs for 6."""
_IMAGE_TAGS = {"img": image_address, "amp-img": image_address, "amp-anim": image_address, "source": source_address}
_OWN_ADDRESS = {
    "a": ("href",),
    "area": ("href",),
    "link": ("href",),
    "iframe": ("data-src", "data-original", "data-lazy-src", "src"),
    "frame": ("src",),
    "video": ("src", "poster"),
    "audio": ("src",),
    "embed": ("src",),
    "object": ("data",),
    "form": ("action",),
}


class ParsedPage:
    """What rules are asked about.

    Attributes:
        url: the address of the page.
        charset: the encoding of the page, by its standard name; queries of links are escaped in it.
        notes: the notes of the record.
        is_ruled: a profile's rules read the page; what they leave out is not searched for in the whole text.
    """

    def __init__(
        self, html: str, url: str, site: SiteInfo | None = None, charset: str = "utf-8", *, is_xml: bool = False
    ) -> None:
        self.document = Document(html, is_xml=is_xml)
        self.slots = Slots(self.document)
        self.url = url
        self.charset = charset
        self.site = site or SiteInfo(name="")
        self.notes: list[str] = list(self.document.notes)
        self.is_ruled = False
        self._outline: Outline | None = None
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
    def hidden_nodes(self) -> list[Node]:
        """The nodes that no reader sees."""
        return hidden_nodes(self.document)

    @cached_property
    def hidden(self) -> AbstractSet[int]:
        """The nodes that no reader sees, by `mem_id`."""
        return frozenset(node.mem_id for node in self.hidden_nodes)

    @cached_property
    def declared_language(self) -> tuple[str, str]:
        """The language that the page declares, as written, and the rule for it; two empty texts when there is none."""
        root = self.document.root
        said = (attribute(root, "lang") or attribute(root, "xml:lang")) if root is not None else None
        metas = (value for name in _LANGUAGE_METAS for value in self.slots.meta(name))
        named = (value for each in self.main_objects for value in self.slots.of(each, "inLanguage"))
        sources = (([said or ""], "document"), (metas, "fallback:meta"), (named, "fallback:jsonld"))
        return next(
            ((tag, rule) for values, rule in sources for tag in map(line, values) if normal_language(tag)), ("", "")
        )

    @cached_property
    def language(self) -> str:
        """The language (BCP 47) of dates and numbers: the profile's, the declared or the detected one."""
        if self.site.language:
            return self.site.language
        body = self.document.first("body")
        declared = normal_language(self.declared_language[0])
        return declared or (detect_language(self.beginning(body, _MOST_DETECTED)) if body is not None else "")

    def outline(self, cut: AbstractSet[int] = frozenset()) -> Outline:
        """The runs of text of the page, without what is hidden or cut; made once."""
        if self._outline is None:
            body = self.document.first("body")
            self._outline = outline_of(body, self.hidden | cut) if body is not None else Outline()
        return self._outline

    @property
    def document_title(self) -> Node | None:
        """The element that `document.title` reads: the first HTML `title` of the document, wherever it stands."""
        return next((node for node in self.document.css("title") if not is_foreign(node)), None)

    @property
    def title_line(self) -> str:
        """The text of `document_title` as one line; "" when there is none."""
        title = self.document_title
        return self.line(title) if title is not None else ""

    @cached_property
    def main_objects(self) -> list[Json]:
        """The JSON-LD objects that speak of this page; see `main_object`."""
        if not any(self.slots.blocks):
            return []
        headings = map(self.line, self.document.css("h1")[:_MOST_TITLES])
        titles = [*headings, self.title_line, *self.slots.meta("og:title")]
        links = (attribute(node, "href") for node in self.document.css('link[rel~="canonical" i][href]'))
        addresses = [self.url, *(self.absolute(href) or "" for href in links if href), *self.slots.meta("og:url")]
        shown = (" ".join(unescape(title).split()).casefold() for title in titles)
        about = PageHints(tuple(filter(None, shown)), frozenset(map(plain_address, addresses)) - {""})
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

    def says_at_most(self, characters: int) -> bool:
        """Whether a reader sees no more than so many characters."""
        body = self.document.first("body")
        return body is None or len(self.beginning(body, characters + 1)) <= characters

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
        """Return the address a node itself holds: `href` of a link, `src` of an image (also when loaded late)."""
        tag = node.tag or ""
        if tag in _IMAGE_TAGS:
            address = _IMAGE_TAGS[tag](node)
            return self.absolute(address) if address else None
        for name in _OWN_ADDRESS.get(tag, ()):
            href = (attribute(node, name) or "").strip()
            if href and not href.startswith("data:"):
                return self.absolute(href)
        return None

    def addresses(self, node: Node) -> list[str]:
        """Return the addresses a node holds: those of all images in a `noscript`, else its own."""
        held = map(self.absolute, noscript_images(node)) if node.tag == "noscript" else (self.address(node),)
        return [address for address in held if address]

    def cut(self, selectors: tuple[str, ...]) -> None:
        """Take nodes out of the page for good."""
        if selectors:
            self.remove(self.document.css(", ".join(selectors)))

    def remove(self, nodes: Iterable[Node]) -> None:
        """Take some nodes out of the page for good."""
        if self.document.remove(nodes):
            self._outline = None
            self._lines.clear()
            self._unremembered = _REMEMBERED
