"""Read the links of a page: addresses to follow, links of content and of listings, feeds, canonical address, paging.

A crawl follows every link, or those that `follow` selects. The archive stores fewer, with the times in which they were
seen: those of the content, and those of a listing. Menus, sidebars and footers rotate; the captures hold their links.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple
from urllib.parse import urldefrag

from archiver.extract.body import text_line
from archiver.extract.other_links import refresh_address
from archiver.extract.page import ParsedPage
from archiver.extract.postback import postbacks_of
from archiver.extract.tree import Node, attribute, found_in, is_within
from archiver.model.postback import Postback
from archiver.model.profile import NextRule
from archiver.model.record import Link

MOST_LINKS = 5_000
_MOST_TEXT = 10_000_000
"""The maximum number of characters of link texts: with tables between them, links nest, and each has the whole text."""
_ANCHORS = frozenset(("a", "area", "link", "input", "button", "frame", "iframe"))
_EVERY = "a[href], area[href], frame[src], iframe[src]"
_FRAME = "nav, aside, [role=navigation], [role=banner], [role=complementary], [role=contentinfo]"
_BANNERS = "header, footer"
_SECTIONS = "article, main, section"
"""A header or a footer within one of these is not that of the page (HTML Standard, 4.3.8 and 4.3.9)."""
_NOT_WEB = ("javascript:", "mailto:", "tel:", "data:")
_FEED_TYPES = ("application/rss+xml", "application/atom+xml", "application/feed+json")


class DeclaredLinks(NamedTuple):
    """The addresses that `<link>` elements declare."""

    feeds: tuple[str, ...]
    canonical: str | None


def every_link(page: ParsedPage) -> tuple[Link, ...]:
    """Return every web address that the page links to, once, without fragment, with the first text that is not empty.

    The address of a `<meta http-equiv=refresh>` is included, as the last one.
    """
    return _with_refreshes(links_of(page.document.css(_EVERY), page), page)


def links_within(nodes: Iterable[Node], page: ParsedPage) -> tuple[Link, ...]:
    """Return the links among some nodes and inside them."""
    return links_of(found_in(nodes, _EVERY, lambda node: node.tag in ("a", "area")), page)


def links_outside_frame(page: ParsedPage, ignore: tuple[str, ...]) -> tuple[Link, ...]:
    """Return the links that are not in a menu, a sidebar, the page's header or footer, or an ignored node."""
    return links_and_refreshes(nodes_outside_frame(page, ignore), page)


def links_and_refreshes(nodes: Iterable[Node], page: ParsedPage) -> tuple[Link, ...]:
    """Return the links of some nodes, and the address to which the page refreshes."""
    return _with_refreshes(links_of(nodes, page), page)


def nodes_outside_frame(page: ParsedPage, ignore: tuple[str, ...]) -> list[Node]:
    """Return the nodes of `links_outside_frame`."""
    frame = page.document.css(_FRAME) + (page.document.css(", ".join(ignore)) if ignore else [])
    sections = {node.mem_id: True for node in page.document.css(_SECTIONS)}
    frame += [node for node in page.document.css(_BANNERS) if not is_within(node, sections)]
    verdicts = {node.mem_id: True for node in frame}
    return [node for node in page.document.css(_EVERY) if not is_within(node, verdicts)]


def _with_refreshes(links: tuple[Link, ...], page: ParsedPage) -> tuple[Link, ...]:
    found = {link.url for link in links}
    refreshes = (url for content in page.slots.meta("refresh") if (url := refresh_address(content, page)))
    return (*links, *(Link(url, "") for url in dict.fromkeys(refreshes) if url not in found))


def links_of(nodes: Iterable[Node], page: ParsedPage) -> tuple[Link, ...]:
    """Return the links of some nodes, at most `MOST_LINKS`; the page notes when there were more."""
    texts: dict[str, str] = {}
    hidden, room = page.hidden, _MOST_TEXT
    for href, node in _hrefs(nodes, page):
        if not texts.get(href):
            texts[href], cost = text_line(node, hidden) if room > 0 else ("", 0)
            room -= cost
    found: dict[str, str] = {}
    for href, text in texts.items():
        url = page.absolute(href)
        if url is not None:
            found[url] = found.get(url) or text
    return tuple(Link(url, text) for url, text in found.items())


def addresses_of(nodes: Iterable[Node], page: ParsedPage) -> tuple[str, ...]:
    """Return the addresses of `links_of`, without making the texts."""
    hrefs = dict.fromkeys(href for href, _ in _hrefs(nodes, page))
    return tuple(dict.fromkeys(url for href in hrefs if (url := page.absolute(href)) is not None))


def _hrefs(nodes: Iterable[Node], page: ParsedPage) -> Iterator[tuple[str, Node]]:
    """Yield the addresses of nodes as written, of at most `MOST_LINKS` different ones."""
    seen: set[str] = set()
    for node in nodes:
        href = _href(node)
        if href and href not in seen:
            if len(seen) >= MOST_LINKS:
                _note_limit(page)
                return
            seen.add(href)
        if href:
            yield href, node


def every_address(page: ParsedPage) -> tuple[str, ...]:
    """Return the addresses of `every_link`, without making the texts."""
    links = tuple(Link(url, "") for url in addresses_of(page.document.css(_EVERY), page))
    return tuple(dict.fromkeys(link.url for link in _with_refreshes(links, page)))


def nofollow_addresses(page: ParsedPage) -> tuple[str, ...]:
    """Return the addresses with parameters that the page links with `rel=nofollow` only."""
    marked = page.document.css("a[href*='?'][rel~='nofollow' i]")
    if not marked:
        return ()
    others = {href for href, _ in _hrefs(page.document.css("a[href*='?']:not([rel~='nofollow' i])"), page)}
    hrefs = dict.fromkeys(href for href, _ in _hrefs(marked, page) if href not in others)
    return tuple(dict.fromkeys(url for href in hrefs if (url := page.absolute(href)) is not None))


def is_noindex(page: ParsedPage, header: str) -> bool:
    """Return whether a page asks search engines to leave it out. `header`: its X-Robots-Tag."""
    return any("noindex" in each.lower() for each in (*page.slots.meta("robots"), header))


def _note_limit(page: ParsedPage) -> None:
    note = f"only the first {MOST_LINKS} links were kept"
    page.notes += [] if note in page.notes else [note]


def _href(node: Node) -> str:
    """Return an address as written, without fragment; "" for one that is not of the web."""
    href = (attribute(node, "href") or attribute(node, "src") or "").strip()
    if ":" in href[:11] and href[:11].lower().startswith(_NOT_WEB):
        return ""
    return href.partition("#")[0] if "#" in href else href


def selected(selectors: tuple[str, ...], page: ParsedPage) -> tuple[Link, ...]:
    """Return the links of the selected nodes."""
    return links_of([node for selector in selectors for node in anchors(selector, page)], page)


def paging(rule: NextRule | None, page: ParsedPage) -> tuple[tuple[str, ...], tuple[Postback, ...]]:
    """Return the next pages of a listing: addresses, and forms to send."""
    if rule is None:
        return (), ()
    nodes = anchors(rule.css, page)
    return addresses_of(nodes, page), postbacks_of(nodes, page) if rule.postback else ()


def anchors(selector: str, page: ParsedPage) -> list[Node]:
    """Return the links of a selector: the nodes themselves, or those inside them; at most `MOST_LINKS`."""
    found: dict[int, Node] = {}
    for node in found_in(page.document.css(selector), "a[href]", lambda node: node.tag in _ANCHORS):
        if len(found) >= MOST_LINKS and node.mem_id not in found:
            page.notes.append(f"only the first {MOST_LINKS} links of {selector} were kept")
            break
        found[node.mem_id] = node
    return list(found.values())


def declared(page: ParsedPage) -> DeclaredLinks:
    """Return feeds and canonical address, from `<link>`."""
    feeds: list[str] = []
    canonical = None
    for node in page.document.css("link[rel][href]"):
        attributes = node.attributes
        relations = (attributes.get("rel") or "").lower().split()
        href = attributes.get("href") or ""
        if "canonical" in relations and canonical is None:
            canonical = page.absolute(urldefrag(href).url) if href else None
        elif "alternate" in relations and (attributes.get("type") or "").strip().lower() in _FEED_TYPES:
            feeds.append(page.absolute(href) or "")
    return DeclaredLinks(tuple(dict.fromkeys(feed for feed in feeds if feed)), canonical)
