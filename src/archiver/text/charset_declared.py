"""Read the declared encoding and language of a page: Content-Type, `<meta>`, XML declaration, `lang`.

`<meta>` is found as browsers find it (WHATWG HTML, 13.2.3.2, "prescan a byte stream to determine its encoding"), also
beyond the first 1,024 bytes, because browsers honour a later one when they parse the page. There, scripts are skipped.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from archiver.text.charset_names import standard_name

LOOK = 4_096
"""The bytes of a page that are searched for a declaration first."""
LOOK_ALL = 100_000
"""The bytes that are searched when there is no other declaration."""

_PRESCAN = 1_024
_LONGEST_HEADER = 1_000
_HEADER = re.compile(r"""charset\s*=\s*["']?\s*([A-Za-z0-9_:.-]{2,40})""", re.IGNORECASE)
_XML_TYPE = re.compile(r"\s*(?:text/xml|[a-z]{1,20}/(?:[\w.-]{1,60}\+)?xml)\s*(?:;|\Z)", re.IGNORECASE)

_NAME = rb"[^\t\n\f\r />][^\t\n\f\r />=]*+"
_VALUE = rb"""(?:"[^"]*+(?:"|\Z)|'[^']*+(?:'|\Z)|[^\t\n\f\r >"'][^\t\n\f\r >]*+)"""
_EQUALS = rb"[\t\n\f\r ]*+=[\t\n\f\r ]*+"
_ATTRIBUTE = re.compile(rb"[\t\n\f\r /]*+(" + _NAME + rb")(?:" + _EQUALS + rb"(" + _VALUE + rb")?)?+")
_QUOTES = (b'"', b"'")
_TOKEN = re.compile(
    rb"<(?:!--(?:-?>|.*?(?:-->|\Z))|(/?[a-z][^\t\n\f\r />]*+)((?:[\t\n\f\r /]*+"
    + _NAME + rb"(?:" + _EQUALS + _VALUE + rb"?)?+)*+)|[!/?][^>]*+)",
    re.IGNORECASE | re.DOTALL,
)  # fmt: skip
_RAW = frozenset((b"script", b"style", b"title", b"textarea", b"xmp", b"noembed", b"noframes", b"iframe"))
"""Elements whose content is text, not markup (WHATWG HTML, 13.1.2)."""
_END_OF_RAW = re.compile(rb"</(?:script|style|title|textarea|xmp|noembed|noframes|iframe)", re.IGNORECASE)
_CONTENT_CHARSET = re.compile(
    rb"""charset[\t\n\f\r ]*+=[\t\n\f\r ]*+(?:"([^"]*+)"|'([^']*+)'|([^\t\n\f\r ;"'][^\t\n\f\r ;]*+))""", re.IGNORECASE
)
_XML = re.compile(rb"[\t\n\r ]{0,200}<\?xml([^>]{1,1000})>")
_XML_ENCODING = re.compile(rb"""encoding[\0- ]*+=[\0- ]*+(?:"([^"\0- ]++)"|'([^'\0- ]++)')""")
_LANGUAGE = re.compile(rb"[A-Za-z]{2,3}(?:[_-][A-Za-z0-9]{2,8}){0,2}(?![A-Za-z])")
_LANGUAGE_METAS = frozenset((b"content-language", b"og:locale", b"dc.language", b"language"))


class Header(NamedTuple):
    """The encoding in a Content-Type by its standard name (None without one), and whether the type is XML."""

    charset: str | None
    is_xml: bool


@lru_cache(maxsize=256)
def read_header(content_type: str | None) -> Header:
    """Read a Content-Type. An encoding that is not in the standard counts as none."""
    said = (content_type or "")[:_LONGEST_HEADER]
    found = _HEADER.search(said)
    return Header(standard_name(found[1]) if found else None, _XML_TYPE.match(said) is not None)


def read_meta(body: bytes, most: int = LOOK) -> str | None:
    """Return the encoding of the first `<meta>` that declares a known one within `most` bytes; None without one.

    A page whose `<meta>` can be read byte by byte is not UTF-16, so `utf-16` means UTF-8, as in the standard.
    """
    if b"charset" not in body[:_PRESCAN].lower() and b"charset" not in body[:most].lower():
        return None
    for tag, attributes in _tags(body, most):
        if tag == b"meta" and (said := _meta(_values(attributes))):
            return said
    return None


def read_xml(body: bytes) -> str | None:
    """Return the encoding in the XML declaration (XML 1.0, 4.3.3; WHATWG HTML, "get an XML encoding"), or None."""
    declaration = _XML.match(body)
    found = _XML_ENCODING.search(declaration[1]) if declaration else None
    return _of_bytes(found[1] or found[2]) if found else None


def read_languages(body: bytes) -> tuple[str, ...]:
    """Return the language tags of a page: `lang` of the root element, then content-language and og:locale."""
    found: list[bytes] = []
    for tag, attributes in _tags(body, LOOK):
        if tag == b"html":
            values = _values(attributes)
            found[:0] = filter(None, (values.get(b"lang"), values.get(b"xml:lang")))
        elif tag == b"meta":
            values = _values(attributes)
            names = {values.get(name, b"").lower() for name in (b"http-equiv", b"property", b"name")}
            found += [values.get(b"content", b"")] if names & _LANGUAGE_METAS else []
    tags = (_LANGUAGE.match(each.strip()) for each in found)
    return tuple(dict.fromkeys(tag[0].decode("ascii") for tag in tags if tag))


def _tags(body: bytes, most: int) -> Iterator[tuple[bytes, bytes]]:
    """Yield name (`meta`, `/head`) and attributes of the tags that begin in the first `most` bytes; skip comments."""
    position = raw = 0
    limit = min(len(body), LOOK_ALL)
    while (token := _TOKEN.search(body, position, limit)) and token.start() < most:
        position = token.end()
        if _PRESCAN <= token.start() < raw:
            position = raw
        elif token[1]:
            name = token[1].lower()
            if name in _RAW and position > raw:
                end = _END_OF_RAW.search(body, position, limit)
                raw = end.start() if end else limit
            yield name, token[2]


def _values(attributes: bytes) -> dict[bytes, bytes]:
    """Return attributes by lower-case name. The first of a name wins; one with an unclosed quote is left out."""
    values: dict[bytes, bytes] = {}
    for name, value in _ATTRIBUTE.findall(attributes):
        plain = value
        if value[:1] in _QUOTES:
            if len(value) < 2 or value[-1] != value[0]:  # noqa: PLR2004
                continue
            plain = value[1:-1]
        values.setdefault(name.lower(), plain)
    return values


def _meta(values: dict[bytes, bytes]) -> str | None:
    """Return the encoding of one `<meta>`: its `charset`, or the one in `content` if http-equiv is content-type."""
    said = values.get(b"charset")
    if said is None and values.get(b"http-equiv", b"").lower() == b"content-type":
        found = _CONTENT_CHARSET.search(values.get(b"content", b""))
        said = found[1] or found[2] or found[3] if found else None
    return _of_bytes(said) if said else None


def _of_bytes(label: bytes) -> str | None:
    name = standard_name(label.decode("latin-1").strip())
    return "utf-8" if name in ("utf-16le", "utf-16be") else name
