"""One page while it is read: its tree, its declared values, its address, and the texts made of its nodes."""

import re
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from functools import cached_property
from html import unescape

from archiver.extract.body import line, text_line, text_paragraphs
from archiver.extract.hidden import hidden_nodes
from archiver.extract.images import image_address, noscript_images, source_address
from archiver.extract.json_answer import JsonAnswer
from archiver.extract.main_object import PageHints, main_objects, plain_address
from archiver.extract.outline import Outline, outline_of
from archiver.extract.slots import Json, Slots
from archiver.extract.tree import Document, Node, attribute, inner_html, is_foreign
from archiver.model.profile import Rule, SiteInfo
from archiver.text.dates import PrintedDate, read_date
from archiver.text.language import detect_language, normal_language
from archiver.text.patterns import PageTime
from archiver.text.url import absolute

_MOST_TITLES = 5
_MOST_DETECTED = 3_000
"""Characters from which the language is detected."""
_LANGUAGE_METAS = ("og:locale", "content-language", "dc.language", "dcterms.language", "language")
_MOST_TEXT = 10_000_000
"""The maximum number of characters of nodes' texts: of five hundred nested nodes each has the whole text."""
_MOST_TIMES = 4
"""The multiple of the page's own length that is allowed in addition: several rules may read a whole long page."""
_REMEMBERED = 2_000_000
"""The maximum number of characters that are cached."""
_PLAIN = re.compile(r"/?[A-Za-z0-9_][A-Za-z0-9/._~=&,@!$'()*-]*(?:\?[A-Za-z0-9/._~=&,@!$'()*-]+)?\Z")
"""Addresses, nearly all of a page, that only need to be appended to the page's base: 0.3 µs instead of 6."""
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
    """A parsed page for the rules.

    Attributes:
        url: the address of the page.
        charset: the encoding of the page, by its standard name; queries of links are escaped in it.
        notes: the notes of the record.
        pattern_time: searches the patterns of the profile, within the time that a page may take.
        is_ruled: a profile's rules read the page; what they leave out is not searched for in the whole text.
        file_body: of a file, its text; rules that are only a pattern search it.
        answer: of the answer of an API, its value; the document is then the HTML that `html_rule` finds in it, at
            `html_pointer`.
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
        self.pattern_time = PageTime()
        self.is_ruled = False
        self.file_body = ""
        self.answer: JsonAnswer | None = None
        self.html_rule: Rule | None = None
        self.html_pointer = ""
        self._outline: Outline | None = None
        self._lines: dict[int, str] = {}
        self._dates: dict[str, PrintedDate] = {}
        self._unremembered = _REMEMBERED
        self._unmade = _MOST_TEXT + _MOST_TIMES * len(html)

    @cached_property
    def base(self) -> str:
        """Return the base of relative addresses: `<base href>`, else the page's own address."""
        node = self.document.first("base[href]")
        href = attribute(node, "href") if node else None
        return (absolute(self.url, href, self.charset) if href else None) or self.url

    @cached_property
    def hidden_nodes(self) -> list[Node]:
        """Return the nodes that are not visible."""
        return hidden_nodes(self.document)

    @cached_property
    def hidden(self) -> AbstractSet[int]:
        """Return the nodes that are not visible, by `mem_id`."""
        return frozenset(node.mem_id for node in self.hidden_nodes)

    @cached_property
    def declared_language(self) -> tuple[str, str]:
        """Return the language that the page declares, as written, and its rule; two empty texts when there is none."""
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
        """Return the language (BCP 47) of dates and numbers: the profile's, the declared or the detected one."""
        if self.site.language:
            return self.site.language
        body = self.document.first("body")
        declared = normal_language(self.declared_language[0])
        return declared or (detect_language(self.beginning(body, _MOST_DETECTED)) if body is not None else "")

    def date(self, text: str) -> PrintedDate:
        """Return the date in a short text, in the page's language and time zone; each text is read once."""
        said = self._dates.get(text)
        if said is None:
            said = self._dates[text] = read_date(text, language=self.language, timezone=self.site.timezone)
        return said

    def outline(self, cut: AbstractSet[int] = frozenset()) -> Outline:
        """Return the runs of text of the page, without hidden or cut nodes; made once."""
        if self._outline is None:
            body = self.document.first("body")
            self._outline = outline_of(body, self.hidden | cut) if body is not None else Outline()
        return self._outline

    @property
    def document_title(self) -> Node | None:
        """Return the element that `document.title` reads: the first HTML `title` of the document, at any place."""
        return next((node for node in self.document.css("title") if not is_foreign(node)), None)

    @property
    def title_line(self) -> str:
        """Return the text of `document_title` as one line; "" when there is none."""
        title = self.document_title
        return self.line(title) if title is not None else ""

    @cached_property
    def main_objects(self) -> list[Json]:
        """Return the JSON-LD objects about this page; see `main_object`."""
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
        """Return a node's text as one line; made once."""
        number = node.mem_id
        text = self._lines.get(number)
        if text is None:
            text, cost = text_line(node, self.hidden)
            self._unmade -= cost
            if len(text) <= self._unremembered:
                self._unremembered -= len(text)
                self._lines[number] = text
        return text

    def beginning(self, node: Node, most: int) -> str:
        """Return a node's text as one line; of a text longer than `most` characters the end may be missing."""
        text, cost = text_line(node, self.hidden, most)
        self._unmade -= cost
        return text

    def says_at_most(self, characters: int) -> bool:
        """Return whether the page has at most this number of visible characters."""
        body = self.document.first("body")
        return body is None or len(self.beginning(body, characters + 1)) <= characters

    def html(self, node: Node) -> str:
        """Return the content of a node, as HTML."""
        text = inner_html(node)
        self._unmade -= len(text)
        return text

    def bounded(self, nodes: Iterable[Node]) -> Iterator[Node]:
        """Yield nodes whose texts may be made: the first, and the others until too much text was made of the page."""
        for number, node in enumerate(nodes):
            if number and self._unmade < 0:
                note = "too much text in nested nodes: not all of them were read"
                self.notes += [] if note in self.notes else [note]
                return
            yield node

    def paragraphs(self, node: Node, cut: AbstractSet[int] = frozenset()) -> str:
        """Return a node's text as paragraphs, without hidden or cut nodes."""
        text, cost = text_paragraphs(node, self.hidden | cut if cut else self.hidden)
        self._unmade -= cost
        return text

    def absolute(self, href: str) -> str | None:
        """Return the web address in an attribute; None when it is not one (`javascript:`, `mailto:`, `data:`)."""
        if _PLAIN.match(href) and "//" not in href and "/." not in href:
            start = self._starts[0] if href[0] == "/" else self._starts[1]
            if start:
                return start + href
        return absolute(self.base, href, self.charset)

    @cached_property
    def _starts(self) -> tuple[str, str]:
        """Return the text before an address that begins with a slash, and before one that begins with a name."""
        root, folder = absolute(self.base, "/x"), absolute(self.base, "x")
        return (root[:-2], folder[:-1]) if root and folder else ("", "")

    def address(self, node: Node) -> str | None:
        """Return the address in a node: `href` of a link, `src` of an image (also when loaded late)."""
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
        """Return the addresses in a node: those of all images in a `noscript`, else its own."""
        held = map(self.absolute, noscript_images(node)) if node.tag == "noscript" else (self.address(node),)
        return [address for address in held if address]

    def cut(self, selectors: tuple[str, ...]) -> None:
        """Remove nodes from the page permanently."""
        if selectors:
            self.remove(self.document.css(", ".join(selectors)))

    def remove(self, nodes: Iterable[Node]) -> None:
        """Remove some nodes from the page permanently."""
        if self.document.remove(nodes):
            self._outline = None
            self._lines.clear()
            self._unremembered = _REMEMBERED
