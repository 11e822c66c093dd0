"""The pages that a new profile is made from: a page, its twin, the home page, a sitemap, a feed.

The twin is another page of the same kind. The differences between the two are the article; the common parts are
the portal's frame.
"""

from dataclasses import dataclass

from archiver.extract.listed import read_listing
from archiver.extract.media import is_xml
from archiver.extract.open_page import page_bytes
from archiver.extract.page import ParsedPage
from archiver.model.capture import Capture
from archiver.model.profile import SiteInfo
from archiver.text.charset import decode

_MOST_LISTED = 2_000


@dataclass(frozen=True, slots=True)
class AddressList:
    """A sitemap or a feed: its address, the addresses in it, and the moments that it prints."""

    url: str
    addresses: tuple[str, ...] = ()
    moments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SitePages:
    """A page and the pages found around it; a page that was not found or not looked for is None.

    Attributes:
        page: a typical page of the kind that is to be read.
        asked: the address that was given; the page is another one when that address is the home page.
    """

    page: Capture
    asked: str = ""
    twin: Capture | None = None
    home: Capture | None = None
    sitemap: AddressList | None = None
    feed: AddressList | None = None


def read_sitemap(capture: Capture) -> AddressList | None:
    """Return the addresses of a sitemap or of a sitemap index; None when the capture is neither."""
    return _listed(capture, "sitemap")


def read_feed(capture: Capture) -> AddressList | None:
    """Return the entries of an RSS or Atom feed in its order; None when the capture is not a feed."""
    return _listed(capture, "feed")


def _listed(capture: Capture, kind: str) -> AddressList | None:
    listing = read_listing(capture) if capture.status == 200 else None  # noqa: PLR2004
    if listing is None or listing.kind != kind:
        return None
    items = [*listing.items, *((address, "") for address in listing.maps)][:_MOST_LISTED]
    addresses = dict.fromkeys(address for address, _ in items)
    return AddressList(capture.url, tuple(addresses), tuple(moment for _, moment in items if moment))


def opened(capture: Capture | None, site: SiteInfo | None = None) -> ParsedPage | None:
    """Parse a capture, or the document that a browser made of it; return None when there is no text.

    `site` decides how dates are read.
    """
    if capture is None or not capture.body:
        return None
    capture = page_bytes(capture, None).capture
    decoded = decode(capture.body, capture.header("content-type"), site.language if site else None)
    if not decoded.is_text:
        return None
    return ParsedPage(decoded.text, capture.url, site, decoded.charset, is_xml=is_xml(decoded.text, capture.media_type))
