"""Rewrite a captured page for still replay: a browser shows it from the archive alone, and nothing in it acts.

The text is copied tag by tag (`still_tags`); everything else stays byte for byte, so that a page without doctype is
still read in quirks mode. The result is parsed once more as a browser without scripts does. A page in which an address
was missed, because its markup is read differently than expected, is serialised from its tree and checked again.
"""

import re
from collections.abc import Iterator
from html import escape, unescape

from archiver.extract.linked import OTHER_LINKS
from archiver.extract.listed import unpacked_page
from archiver.extract.markup import Tag, Tokenizer, attributes_of, closes_itself
from archiver.extract.media import is_xml
from archiver.extract.open_elements import OpenElements
from archiver.extract.page import ParsedPage
from archiver.extract.still_tags import CopyAddresses, TagRewriter, still_css
from archiver.extract.tree import Document, attribute
from archiver.model.capture import Capture
from archiver.text.charset import decode

MOST_CHARACTERS = 2_000_000
"""The characters of a page that are shown; the rest of a longer one is left out."""
_DEEPEST = 2  # documents in an `srcdoc`
_LINK = re.compile(r"<(?=link[\t\n\f\r />])", re.IGNORECASE)
_CHECKED = "a, area, link, meta[http-equiv], base"


class UnsafeMarkup(Exception):
    """The markup of a page cannot be shown: a link in it could lead out of the archive."""


def still_page(page: ParsedPage, addresses: CopyAddresses, depth: int = 0) -> str:
    """Return a page as HTML text to be sent as UTF-8.

    Args:
        page: the page; nothing was removed from it.
        addresses: makes the addresses of copies.
        depth: 0 for a page, 1 for a document in an `srcdoc` of a page.

    Raises:
        UnsafeMarkup: an address in it could not be rewritten.
    """
    text = page.document.text
    for source in (text, None):
        html = Document(text, scripting=False, is_bounded=True).source() if source is None else source
        written = "".join(_StillWriter(page, addresses, depth).written(html))
        if is_still(written, addresses):
            return written
    raise UnsafeMarkup


def still_capture(capture: Capture, language: str | None, addresses: CopyAddresses) -> str:
    """Return a captured page as HTML text to be sent as UTF-8.

    Args:
        capture: the page.
        language: the site's language, a hint for pages that declare no encoding.
        addresses: makes the addresses of copies.

    Raises:
        UnsafeMarkup: an address in it could not be rewritten.
    """
    return still_page(parsed_page(capture, language), addresses)


def parsed_page(capture: Capture, language: str | None) -> ParsedPage:
    """Return a captured page, decoded and parsed as it is; of a very long one its beginning."""
    capture, _ = unpacked_page(capture)
    decoded = decode(capture.body, capture.header("content-type"), language)
    is_xhtml = is_xml(decoded.text, capture.media_type)
    return ParsedPage(decoded.text[:MOST_CHARACTERS], capture.url, charset=decoded.charset, is_xml=is_xhtml)


def is_still(html: str, addresses: CopyAddresses) -> bool:
    """Whether no link, `link` element, refresh or base of a page leads out of the archive."""
    for node in Document(html, scripting=False, is_bounded=True).css(_CHECKED):
        tag = node.tag
        if tag == "base" and (attribute(node, "href") or attribute(node, "target")):
            return False
        if tag == "meta" and (attribute(node, "http-equiv") or "").strip().lower() in ("refresh", "set-cookie"):
            return False
        for name in ("href", "xlink:href"):
            address = attribute(node, name)
            if address and not _is_inside(address.strip(), addresses):
                return False
    return True


def _is_inside(address: str, addresses: CopyAddresses) -> bool:
    is_copy = address.startswith(addresses.prefixes)
    return (
        not address or is_copy or address[:1] == "#" or address[:5] == "data:" or bool(OTHER_LINKS.fullmatch(address))
    )


class _StillWriter:
    """Writes one page."""

    def __init__(self, page: ParsedPage, addresses: CopyAddresses, depth: int) -> None:
        self._page, self._addresses, self._depth = page, addresses, depth
        self._tags = TagRewriter(page, addresses, self._document)

    def written(self, html: str) -> Iterator[str]:
        """Yield the text, piece by piece."""
        position, style = 0, False
        for tag, is_foreign in read_tags(html):
            between = html[position : tag.start]
            yield _without_links(self._style(between, is_foreign=is_foreign) if style else between)
            position, style = tag.end, tag.name == "style" and not tag.is_end
            yield "<" + _without_links(html[tag.start + 1 : tag.end] if tag.is_end else self._start(html, tag)[1:])
        rest = html[position:]
        yield _without_links(self._style(rest, is_foreign=False) if style else rest)

    def _start(self, html: str, tag: Tag) -> str:
        changed = self._tags.rewritten(tag.name, attributes_of(html, tag))
        if changed is None:
            return html[tag.start : tag.end]
        return html[tag.start : tag.attributes[0]] + changed + (" />" if closes_itself(html, tag) else ">")

    def _style(self, text: str, *, is_foreign: bool) -> str:
        if not is_foreign:
            return self._css(text)
        return escape(self._css(unescape(text)), quote=False) if "<" not in text else text

    def _css(self, text: str) -> str:
        return still_css(text, self._page.base, self._page.charset, self._addresses)

    def _document(self, html: str) -> str | None:
        """Return the document of an `srcdoc`, rewritten; None when it cannot be shown."""
        if self._depth >= _DEEPEST:
            return None
        inner = ParsedPage(html, self._page.base, charset=self._page.charset)
        try:
            return still_page(inner, self._addresses, self._depth + 1)
        except UnsafeMarkup:
            return None


def _without_links(text: str) -> str:
    """Return text, or what follows the "<" of a tag, in which no `link` element begins.

    A browser looks ahead for what it will load by a simpler rule than its parser's, so it finds a `link` in a comment
    in `svg`, for example. No policy keeps it from connecting to the server that such a `link` names.
    """
    return _LINK.sub("&lt;", text)


def read_tags(html: str) -> Iterator[tuple[Tag, bool]]:
    """Yield each tag as a browser without scripts reads it, and whether what is before it is inside `svg` or `math`."""
    tokens = Tokenizer(html, scripting=False)
    low = html.lower()
    if "<svg" not in low and "<math" not in low:
        yield from ((tag, False) for tag in tokens.tags())
        return
    opened, end = OpenElements(), 0
    for tag in tokens.tags():
        if tag.start > end:
            opened.text()
        end = tag.end
        yield tag, tokens.is_foreign
        if tag.is_end:
            opened.end(tag.name)
        else:
            opened.start(tag.name, html[slice(*tag.attributes)], is_self_closing=tag.is_self_closing)
        tokens.is_foreign = opened.is_foreign
