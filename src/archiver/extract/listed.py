"""Read sitemaps (sitemaps.org 0.9), their indexes, RSS 0.9-2.0 and Atom 0.3-1.0: addresses, and when each changed.

Files are read as servers send them (`list_xml.py`), in any encoding and perhaps as gzip data. Number, length and depth
are limited. A sitemap may also be a plain list of addresses.
"""

import re
import zlib
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from archiver.extract.list_xml import LONGEST, MOST_LISTED, Listing, read_list_xml, starts_list
from archiver.model.capture import HTML_TYPES, Capture
from archiver.text.charset import decode
from archiver.text.clean import joined
from archiver.text.inflate import inflate

_MOST_BYTES = 50_000_000  # decompressed: the limit of the standard
_MOST_LAYERS = 2  # of gzip: servers compress a compressed file again
_SNIFFED = 512
_GZIP = b"\x1f\x8b"
_PLAIN_NAMES = ("sitemap", "urllist")
_LINE = re.compile(r"[\r\n]+")
_ADDRESS = re.compile(r"[\ufeff\s]*(?:#[^\r\n]*|https?://[^\s<>\"]+[^\S\r\n]*)", re.IGNORECASE)
_W3C = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")
_NOT_A_MOMENT = 64  # characters


def read_listing(capture: Capture) -> Listing | None:
    """Return what a capture lists; None when it is neither a sitemap nor a feed."""
    body, note = _unpacked(capture.body)
    if not body:
        return None
    decoded = decode(body, capture.header("content-type"))
    listing = None
    if starts_list(decoded.text):
        listing = read_list_xml(decoded.text)
    elif decoded.is_text and _is_named_sitemap(capture):
        listing = _read_lines(decoded.text)
    if listing is not None and note:
        listing.note = joined(note, listing.note)
    return listing


def read_addresses(capture: Capture) -> Listing | None:
    """Return what a plain list of addresses lists, whatever its name; None when a line is anything else.

    Empty lines and comments (`#`) do not count.
    """
    body, note = _unpacked(capture.body)
    decoded = decode(body, capture.header("content-type"))
    if not decoded.is_text or not _ADDRESS.match(decoded.text):
        return None
    lines = _LINE.split(decoded.text, MOST_LISTED + 1)[: MOST_LISTED + 1]
    if note:
        lines.pop()  # it is cut
    if any(line.strip() and not _ADDRESS.fullmatch(line) for line in lines):
        return None
    listing = _read_lines(decoded.text)
    if listing is not None and note:
        listing.note = joined(note, listing.note)
    return listing


def _unpacked(body: bytes) -> tuple[bytes, str]:
    """Return the content of gzip data, of all its members; other bytes as they are."""
    note = ""
    for _ in range(_MOST_LAYERS):
        if not body.startswith(_GZIP):
            break
        body, note = _members(body)
    return body[:_MOST_BYTES], note


def _members(body: bytes) -> tuple[bytes, str]:
    """Return the content of gzip data (RFC 1952, 2.2). What follows the last member is no data and is left out."""
    parts, room = list[bytes](), _MOST_BYTES
    while body.startswith(_GZIP):
        found = inflate(body, zlib.MAX_WBITS | 16, room)
        parts.append(found.body)
        room -= len(found.body)
        if found.fault:
            return b"".join(parts), "the gzip data is damaged"
        if room <= 0:
            return b"".join(parts), "the gzip data is larger than 50 MB: the rest was not read"
        if not found.is_ended:
            return b"".join(parts), "the gzip data is cut"
        body = found.rest
    return b"".join(parts), ""


def unpacked_page(capture: Capture) -> tuple[Capture, str]:
    """Return a capture whose body is a page and not gzip data, and a note about that; "" when nothing was changed.

    Caches store compressed pages and lose their content-encoding. The evidence keeps the bytes as they were sent.
    """
    if not capture.body.startswith(_GZIP) or capture.media_type not in HTML_TYPES:
        return capture, ""
    body, fault = _unpacked(capture.body)
    if not body[:_SNIFFED].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return capture, ""
    note = "gzip data without a content-encoding was read"
    return replace(capture, body=body), joined(note, fault)


def _is_named_sitemap(capture: Capture) -> bool:
    """Whether the address is that of a plain list of addresses."""
    name = urlsplit(capture.url).path.rpartition("/")[2].lower()
    return any(each in name for each in _PLAIN_NAMES)


def _read_lines(text: str) -> Listing | None:
    lines = [line.strip() for line in _LINE.split(text, MOST_LISTED + 1)]
    items = [
        (line, "") for line in lines[:MOST_LISTED] if line.startswith(("http://", "https://")) and len(line) <= LONGEST
    ]
    note = f"more than {MOST_LISTED} addresses: the rest was not read" if len(lines) > MOST_LISTED + 1 else ""
    return Listing("sitemap", items, note=note) if items else None


def moment_of(text: str) -> tuple[datetime, bool] | None:
    """Return a moment of a sitemap (W3C Datetime) or feed (RFC 822, RFC 3339) in UTC, and whether it is only a day.

    Without a zone it is taken as UTC. A month or a year alone is its first day. None when it is invalid.
    """
    text = text.strip()[:_NOT_A_MOMENT]
    if day := _W3C.fullmatch(text):
        year, month, day_of_month = (int(part or 1) for part in day.groups())
        try:
            return datetime(year, month, day_of_month, tzinfo=UTC), True
        except ValueError:
            return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        try:
            moment = parsedate_to_datetime(text)
        except (ValueError, TypeError, IndexError):
            return None
    try:
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC), False
    except (ValueError, OverflowError):
        return None
