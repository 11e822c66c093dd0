"""Recognise the program that makes a site, by declarations or markup, if archiver ships a profile for it."""

import re
from typing import NamedTuple
from urllib.parse import urlsplit

from archiver.extract.body import line
from archiver.extract.page import ParsedPage
from archiver.extract.tree import Node, attribute
from archiver.learn.likely_marks import DECLARED, MARKUP
from archiver.text.url import origin_of

_LONGEST = 120
_ROOTS = {
    "wordpress": (
        "link[rel='https://api.w.org/']",
        re.compile(r"/(?:wp-json/|index\.php\?rest_route=|\?rest_route=).*"),
    ),
    "sphinx": ("link[href*='_static/'], script[src*='_static/']", re.compile(r"/_static/.*")),
    "docbook": ("link[rel=home], link[rel=start], .docnav li.home a, a[accesskey=h]", re.compile(r"/[^/]*\Z")),
}
"""For each profile, links into the folder of a site, and what follows the folder in their addresses."""
_FRONT = {
    "mediawiki": "#p-logo a[href], a.mw-wiki-logo[href], a.mw-logo[href]",
    "docbook": "link[rel=home], link[rel=start], .docnav li.home a, a[accesskey=h]",
}


class Generator(NamedTuple):
    """A program that makes sites.

    Attributes:
        profile: the bundled profile for it.
        called: its name, and its version if known.
        reason: how it was recognised.
    """

    profile: str
    called: str
    reason: str


def generator_of(page: ParsedPage) -> Generator | None:
    """Return the program that made a page.

    None when it is not one of those with a profile, or when the page has the signs of several.
    """
    for found in (_declared(page), _marked(page)):
        if found:
            return found[0] if len({each.profile for each in found}) == 1 else None
    return None


def _declared(page: ParsedPage) -> list[Generator]:
    """Return the programs that the page declares."""
    found = []
    for said in page.slots.meta("generator"):
        for profile, called, pattern in DECLARED:
            match = pattern.match(said[:_LONGEST].strip())
            if match:
                found.append(Generator(profile, f"{called} {match[1] or ''}".strip(), "meta generator"))
    return found


def _marked(page: ParsedPage) -> list[Generator]:
    """Return the programs whose markup the page has."""
    found = []
    for profile, called, selector, needed in MARKUP:
        nodes = [node for node in page.document.css(selector) if _is_own(node, page)]
        if nodes and (not needed or page.document.css(needed)):
            reason = f"markup: {_shown(nodes[0])}"
            found.append(Generator(profile, f"{called} {_version(profile, page)}".strip(), reason))
    return found


def _is_own(node: Node, page: ParsedPage) -> bool:
    """Return whether the target of a node is on the page's host; a node without target counts as the page's own."""
    href = attribute(node, "href") or attribute(node, "src")
    address = page.absolute(href) if href else page.url
    return address is not None and origin_of(address) == origin_of(page.url)


def _version(profile: str, page: ParsedPage) -> str:
    """Return the version that a Sphinx manual prints in its footer."""
    links = page.document.css("a[href*='sphinx-doc.org']") if profile == "sphinx" else []
    for node in links[:1]:
        found = re.search(r"Sphinx\s+v?(\d[\d.]*\d|\d)", page.line(node.parent or node)[:_LONGEST])
        return found[1] if found else ""
    return ""


def _shown(node: Node) -> str:
    """Return a short name of a node: the address it refers to, else its tag with id or class."""
    href = attribute(node, "href") or attribute(node, "src") or ""
    if href:
        return urlsplit(href).path[-_LONGEST:]
    name, classes = attribute(node, "id"), (attribute(node, "class") or "").split()
    return f"{node.tag}#{name}" if name else f"{node.tag}.{classes[0]}" if classes else str(node.tag)


def root_of(page: ParsedPage, profile: str) -> str:
    """Return the address of the folder of a site: the root of its host, unless the page shows another one."""
    host = origin_of(page.url) + "/"
    selector, rest = _ROOTS.get(profile, ("", None))
    if rest is None:
        return host
    for node in page.document.css(selector):
        href = attribute(node, "href") or attribute(node, "src") or ""
        address = page.absolute(href) or ""
        found = rest.search(address)
        if found and address.startswith(host):
            return address[: found.start() + 1]
    return host if profile != "docbook" else page.url.partition("?")[0].rpartition("/")[0] + "/"


def title_of(page: ParsedPage, profile: str) -> str:
    """Return the title of a book, as in its pages' link to the cover; "" when there is none."""
    nodes = page.document.css("link[rel=home][title], link[rel=start][title]") if profile == "docbook" else []
    return line(attribute(nodes[0], "title") or "") if nodes else ""


def front_of(page: ParsedPage, profile: str) -> str | None:
    """Return the address of the logo's link, for programs whose home page may differ from the host's."""
    selector = _FRONT.get(profile)
    nodes = page.document.css(selector) if selector else []
    return page.address(nodes[0]) if nodes and _is_own(nodes[0], page) else None
