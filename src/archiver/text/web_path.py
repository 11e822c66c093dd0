"""Paths of a web archive: `/web/20221101000000mp_/http://…` and its kin (RFC 7089; the layout of other archives).

An address in such a path is kept exactly as it was sent: its escapes and its query are never decoded.
"""

import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote

from archiver.errors import UsageError
from archiver.text.url import canonical

Kind = Literal["copy", "timegate", "timemap", "captures", "difference", "images"]
MODIFIERS = ("mp_", "if_", "im_", "cs_", "js_", "oe_", "fw_", "id_")
"""What a copy is used as: a page, a frame, an image, a style sheet, a script, an object; `id_`: its exact bytes."""

_TIMEMAP = re.compile(r"timemap/(link|json)/(?:([0-9]{4,14})/)?(.+)", re.DOTALL)
_CAPTURES = re.compile(r"([0-9]{4,14})?\*/(.+)", re.DOTALL)
_DIFFERENCE = re.compile(r"(diff|images)/([0-9]{14})\.\.([0-9]{14})/(.+)", re.DOTALL)
_COPY = re.compile(r"([0-9]+)([a-z]{2}_)?/(.+)", re.DOTALL)
_SCHEME = re.compile(r"(https?):/+", re.IGNORECASE)
_HOST = re.compile(r"[\w-]+(?:\.[\w-]+)+(?::[0-9]+)?(?:[/?]|\Z)|localhost\b", re.IGNORECASE)
_SAFE = "!#$%&'()*+,/:;=?@[]~-._"


@dataclass(frozen=True, slots=True)
class WebPath:
    """A parsed path.

    Attributes:
        kind: a copy, its TimeGate, a TimeMap, the list of captures, a rendered difference, or its images.
        url: the page's address in canonical form.
        digits: the moment, 4 to 14 digits; of a TimeMap or a list, from when on; of a difference, of the old copy.
        until: of a difference, the moment of the new copy.
        modifier: one of MODIFIERS, or "".
        form: of a TimeMap: link or json.
    """

    kind: Kind
    url: str
    digits: str = ""
    until: str = ""
    modifier: str = ""
    form: str = ""


def parse_web_path(text: str) -> WebPath:
    """Return the parts of what follows `/web/`, query included.

    Raises:
        UsageError: there is no web address in it, or the modifier is unknown.
    """
    if found := _TIMEMAP.fullmatch(text):
        return WebPath("timemap", address_in(found[3]), digits=found[2] or "", form=found[1])
    if found := _CAPTURES.fullmatch(text):
        return WebPath("captures", address_in(found[2]), digits=found[1] or "")
    if found := _DIFFERENCE.fullmatch(text):
        kind: Kind = "images" if found[1] == "images" else "difference"
        return WebPath(kind, address_in(found[4]), digits=found[2], until=found[3])
    if found := _COPY.fullmatch(text):
        if found[2] and found[2] not in MODIFIERS:
            raise UsageError(f"{found[2]}: no such modifier; known: {', '.join(MODIFIERS)}")
        return WebPath("copy", address_in(found[3]), digits=found[1], modifier=found[2] or "")
    return WebPath("timegate", address_in(text))


def address_in(text: str) -> str:
    """Return the address at the end of a path, in canonical form. Proxies join slashes, and people omit the scheme.

    Raises:
        UsageError: it is not a web address.
    """
    if found := _SCHEME.match(text):
        text = f"{found[1]}://{text[found.end() :]}"
    elif _HOST.match(text):
        text = f"http://{text}"
    return canonical(text)


def header_address(url: str) -> str:
    """Return an address for use in a header: only characters of URIs, none that ends a value or a line."""
    return quote(url.encode("utf-8", "replace"), safe=_SAFE)
