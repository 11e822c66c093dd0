"""Read sitemaps (sitemaps.org 0.9), their indexes, RSS 0.9-2.0 and Atom 1.0: addresses, and when each changed.

They are read as a stream, by the parser of Python: no entity is expanded or fetched, and depth, number and length
are limited. Of a damaged file the part before the fault is read. A sitemap may be gzip data or a plain list of
addresses.
"""

import re
import zlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from xml.parsers import expat

from archiver.model.capture import Capture
from archiver.text.clean import printable

MOST_LISTED = 50_000  # addresses: the limit of the standard for a sitemap
_MOST_BYTES = 50_000_000  # decompressed: likewise
_LONGEST = 4_096  # characters of one value
_DEEPEST = 32  # elements within elements
_SNIFFED = 2_048  # bytes that must contain the first element
_ROOTS = {"urlset": "sitemap", "sitemapindex": "sitemap", "rss": "feed", "feed": "feed", "RDF": "feed"}
_ROOT = re.compile(rb"<(?:[A-Za-z][\w.-]*:)?(urlset|sitemapindex|rss|feed|RDF)[\s>]")
_XML = (b"<?xml", b"\xef\xbb\xbf<", b"\xff\xfe<\0", b"\xfe\xff\0<", b"<")
_ITEMS = frozenset(("url", "sitemap", "item", "entry"))
_VALUES = frozenset(("loc", "lastmod", "link", "guid", "id", "pubDate", "updated", "published", "date"))
_MOMENTS = ("lastmod", "updated", "pubDate", "date", "published")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass
class Listing:
    """The contents of a sitemap or a feed. `items`: each address with the moment printed with it, "" without one.

    Attributes:
        kind: sitemap or feed; `is_index`: its addresses are sitemaps.
        note: a fact for people: damaged, cut.
    """

    kind: str
    is_index: bool = False
    items: list[tuple[str, str]] = field(default_factory=list)
    note: str = ""


class _Enough(Exception):
    """Stops the parser, with a reason."""


class _Reader:
    """The handlers of one parse."""

    def __init__(self) -> None:
        self.listing: Listing | None = None
        self._depth = 0
        self._item: dict[str, str] | None = None
        self._name = ""
        self._text: list[str] = []
        self._room = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(":")[2]
        self._depth += 1
        if self.listing is None:
            if local not in _ROOTS:
                raise _Enough(f"the first element is {printable(local, 40)}")
            self.listing = Listing(_ROOTS[local], local == "sitemapindex")
        if self._depth > _DEEPEST:
            raise _Enough(f"more than {_DEEPEST} nested elements")
        if local in _ITEMS:
            self._item = {}
        elif self._item is not None and local in _VALUES:
            self._begin(local, attributes)

    def _begin(self, local: str, attributes: dict[str, str]) -> None:
        assert self._item is not None  # noqa: S101  (the caller has checked it)
        self._name, self._text, self._room = local, [], _LONGEST
        if local == "link" and attributes.get("rel", "alternate") == "alternate" and attributes.get("href"):
            self._item.setdefault("link", attributes["href"][:_LONGEST])
        if local == "guid" and attributes.get("isPermaLink", "true").lower() != "true":
            self._name = ""

    def data(self, text: str) -> None:
        if self._name and self._room > 0:
            self._text.append(text[: self._room])
            self._room -= len(text)

    def end(self, name: str) -> None:
        local = name.rpartition(":")[2]
        self._depth -= 1
        if self._item is None:
            return
        if local == self._name:
            value = "".join(self._text).strip()
            if value:
                self._item.setdefault(local, value)
            self._name = ""
        if local in _ITEMS:
            self._take(self._item)
            self._item = None

    def _take(self, item: dict[str, str]) -> None:
        assert self.listing is not None  # noqa: S101  (an item is inside the root)
        address = item.get("loc") or item.get("link") or item.get("guid") or item.get("id", "")
        if address:
            moment = next((item[name] for name in _MOMENTS if name in item), "")
            self.listing.items.append((address, moment))
        if len(self.listing.items) >= MOST_LISTED:
            raise _Enough(f"more than {MOST_LISTED} addresses: the rest was not read")


def read_listing(capture: Capture) -> Listing | None:
    """Return what a capture lists; None when it is neither a sitemap nor a feed."""
    body, note = _unpacked(capture.body)
    listing = _read_xml(body) if _is_xml(body) else _read_lines(body) if _says_sitemap(capture) else None
    if listing is not None and note:
        listing.note = "; ".join(filter(None, (note, listing.note)))
    return listing


def _unpacked(body: bytes) -> tuple[bytes, str]:
    if not body.startswith(b"\x1f\x8b"):
        return body[:_MOST_BYTES], ""
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        found = unpacker.decompress(body, _MOST_BYTES)
    except zlib.error:
        return b"", "the gzip data is damaged"
    return found, "" if unpacker.eof else "the gzip data is cut, or is larger than 50 MB"


def _is_xml(body: bytes) -> bool:
    start = body[:_SNIFFED].lstrip()
    return start.startswith(_XML) and bool(_ROOT.search(start.replace(b"\0", b"")))


def _read_xml(body: bytes) -> Listing | None:
    reader = _Reader()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = reader.start, reader.end
    parser.CharacterDataHandler = reader.data
    parser.EntityDeclHandler = _refuse
    note = ""
    try:
        parser.Parse(body, True)  # noqa: FBT003  (its own signature)
    except _Enough as enough:
        note = str(enough)
    except (expat.ExpatError, ValueError, LookupError) as fault:
        note = f"invalid XML, read up to the fault ({printable(str(fault), 80)})"
    if reader.listing is not None:
        reader.listing.note = note
    return reader.listing


def _refuse(*_: Any) -> None:  # noqa: ANN401  (expat's own)
    raise _Enough("the file declares entities, which are not expanded")


def _says_sitemap(capture: Capture) -> bool:
    return "sitemap" in capture.url.lower() and (capture.media_type or "").startswith("text/plain")


def _read_lines(body: bytes) -> Listing | None:
    lines = body.decode("utf-8-sig", "replace").split("\n", MOST_LISTED)[:MOST_LISTED]
    items = [(line.strip(), "") for line in lines if line.strip().startswith(("http://", "https://"))]
    return Listing("sitemap", items=[item for item in items if len(item[0]) <= _LONGEST]) if items else None


def moment_of(text: str) -> tuple[datetime, bool] | None:
    """Return a moment of a sitemap (W3C Datetime) or feed (RFC 822, RFC 3339) in UTC, and whether it is only a day.

    Without a zone it is taken as UTC. None when it is invalid.
    """
    text = text.strip()[:64]
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        try:
            moment = parsedate_to_datetime(text)
        except (ValueError, TypeError, IndexError):
            return None
    try:
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC), bool(_DAY.fullmatch(text))
    except (ValueError, OverflowError):
        return None
