"""Addresses that a page gives by other means than links: refreshes, related documents in `<link>`, and simple scripts.

A crawl follows them. They are no links of the page's content.
"""

import re
from collections.abc import Iterator

from archiver.extract.page import ParsedPage
from archiver.extract.tree import attribute
from archiver.model.capture import HTML_TYPES, Capture
from archiver.text.refresh import refresh_of

_NOSCRIPT = re.compile(r"<noscript\b[^<>]*+>\s*+<meta\b([^<>]*+)>", re.IGNORECASE)
_CONTENT = re.compile(r"\bcontent\s*+=\s*+(?:\"([^\"]*+)\"|'([^']*+)'|([^\s\"'>]++))", re.IGNORECASE)
_RELATED = frozenset(("next", "prev", "previous", "canonical", "alternate"))
_PAGE_TYPES = ("", *HTML_TYPES)
_SCRIPTED = re.compile(
    r"(?:\blocation(?:\.href)?\s*+=\s*+|\blocation\.(?:assign|replace)\(\s*+|\bwindow\.open\(\s*+)"
    r"(?:\"([^\"\s<>]{1,2000}+)\"|'([^'\s<>]{1,2000}+)')\s*+(?![\s+])"
)
_MOST_SCRIPTS = 2_000  # attributes that are searched
_LONGEST_SCRIPT = 2_000  # characters


def refresh_address(content: str, page: ParsedPage) -> str | None:
    """Return the target of a refresh (HTML Standard, "shared declarative refresh steps"); None without one."""
    address = refresh_of(content).address
    return page.absolute(address.partition("#")[0]) if address else None


def other_addresses(page: ParsedPage, html: str, capture: Capture) -> tuple[str, ...]:
    """Return the addresses that a page gives by other means than links, each once.

    Args:
        page: the parsed page.
        html: its text, for the `<noscript>` elements, which a parser with scripting on does not look into.
        capture: for its Refresh header.
    """
    found = [refresh_address(content, page) for content in _refreshes(page, html, capture)]
    found += [page.absolute(href) for href in (*_related(page), *_scripted(page))]
    return tuple(dict.fromkeys(url for url in found if url is not None))


def _refreshes(page: ParsedPage, html: str, capture: Capture) -> Iterator[str]:
    header = capture.header("refresh")
    if header:
        yield header
    yield from page.slots.meta("refresh")
    if "<noscript" in html or "<NOSCRIPT" in html:
        for found in _NOSCRIPT.finditer(html):
            content = _CONTENT.search(found[1]) if "refresh" in found[1].lower() else None
            if content is not None:
                yield content[1] or content[2] or content[3] or ""


def _related(page: ParsedPage) -> Iterator[str]:
    """Yield the addresses of `<link>` elements that name other pages: next, previous, canonical, other languages."""
    for node in page.document.css("link[rel][href]"):
        relations = (attribute(node, "rel") or "").lower().split()
        media_type = (attribute(node, "type") or "").strip().lower()
        if _RELATED & set(relations) and "stylesheet" not in relations and media_type in _PAGE_TYPES:
            yield (attribute(node, "href") or "").partition("#")[0]


def _scripted(page: ParsedPage) -> Iterator[str]:
    """Yield the addresses that a click on a button or a link opens by a script that names nothing but the address."""
    nodes = page.document.css("[onclick], a[href^='javascript:' i]")
    for node in nodes[:_MOST_SCRIPTS]:
        for name in ("onclick", "href"):
            script = attribute(node, name) or ""
            for found in _SCRIPTED.finditer(script[:_LONGEST_SCRIPT]):
                yield (found[1] or found[2]).partition("#")[0]
