"""What is looked at before a profile is written: a page, its twin, the home page, a sitemap, a feed.

The twin is another page of the same kind. What differs between the two is the article; what is the same in both is
the portal around it.
"""

import html
import re
from dataclasses import dataclass

from archiver.extract.page import Page
from archiver.model.capture import Capture
from archiver.model.profile import SiteInfo
from archiver.text.charset import decode

_MOST_LISTED = 2_000
_LOC = re.compile(r"<loc>\s*(?:<!\[CDATA\[)?\s*([^<\]]+?)\s*(?:\]\]>)?\s*</loc>", re.IGNORECASE)
_ENTRY = re.compile(r"<(item|entry)\b.*?</\1>", re.IGNORECASE | re.DOTALL)
_LINK = re.compile(
    r"<link>\s*(?:<!\[CDATA\[)?\s*([^<\]]+?)\s*(?:\]\]>)?\s*</link>"
    r"|<link\b(?![^>]*\brel=[\"'](?!alternate))[^>]*\bhref=[\"']([^\"']+)[\"']",
    re.IGNORECASE,
)
_DATED = re.compile(r"<(pubDate|updated|published|dc:date)>\s*([^<]+?)\s*</\1>", re.IGNORECASE)
_NAMED = re.compile(r"^\s*sitemap\s*:\s*(\S+)", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Listed:
    """A sitemap or a feed: where it is, the addresses in it, and the moments it prints."""

    url: str
    addresses: tuple[str, ...] = ()
    moments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Around:
    """A page and what was found around it; what was not found, or was not looked for, is None.

    Attributes:
        page: a typical page of the kind that is to be read.
        asked: the address somebody named; the page is another when that was the home page.
    """

    page: Capture
    asked: str = ""
    twin: Capture | None = None
    home: Capture | None = None
    sitemap: Listed | None = None
    feed: Listed | None = None


def sitemaps_named(robots: str) -> list[str]:
    """The sitemaps a robots.txt names (sitemaps.org, "Specifying the Sitemap location")."""
    return _NAMED.findall(robots)


def read_sitemap(capture: Capture) -> Listed | None:
    """A sitemap's (or an index's) addresses; None when the answer is none."""
    text = _text(capture)
    if not re.search(r"<(?:\w+:)?(?:urlset|sitemapindex)\b", text):
        return None
    return Listed(capture.url, tuple(map(html.unescape, _LOC.findall(text)[:_MOST_LISTED])))


def read_feed(capture: Capture) -> Listed | None:
    """A feed's entries, newest first as feeds are; None when the answer is no RSS and no Atom."""
    text = _text(capture)
    if not re.search(r"<(?:rss|feed|rdf:RDF)\b", text):
        return None
    entries = [match[0] for match in _ENTRY.finditer(text)][:_MOST_LISTED]
    links = [link for link in map(_LINK.search, entries) if link]
    moments = [said[2] for said in map(_DATED.search, entries) if said]
    addresses = dict.fromkeys(html.unescape(link[1] or link[2]).strip() for link in links)
    return Listed(capture.url, tuple(addresses), tuple(moments))


def opened(capture: Capture | None, site: SiteInfo | None = None) -> Page | None:
    """A capture parsed; dates in it are read as the site prints them."""
    if capture is None or not capture.body:
        return None
    return Page(decode(capture.body, capture.header("content-type")).text, capture.url, site)


def _text(capture: Capture) -> str:
    if capture.status != 200:  # noqa: PLR2004
        return ""
    return capture.body.decode("utf-8", "replace")
