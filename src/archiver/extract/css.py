"""Find and replace addresses in CSS: `url()`, `@import`, `image-set()` (CSS Syntax Level 3, 4.3; CSS Values 4, 4.5).

Comments and other strings are skipped, and escapes are decoded. The scan takes linear time for any text.
"""

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

_SPACE = r"[ \t\r\n\f]*+"
_STRING = r"\"(?:[^\"\\\n\r\f]|\\.)*+\"|'(?:[^'\\\n\r\f]|\\.)*+'"
_STRINGS = r"\"(?:[^\"\\\n\r\f]|\\.)*+\"?|'(?:[^'\\\n\r\f]|\\.)*+'?"
"""A string, or one that is not closed: its line is skipped, so that each of its quotes is not tried again."""
_ESCAPED = r"\\(?:[0-9a-f]{1,6}+(?:\r\n|[ \t\r\n\f])?|[^\n\r\f])"
_TOKEN = re.compile(
    rf"""
      /\*.*?(?:\*/|\Z)                                                 # a comment
    | @namespace\b[^;{{}}]*+;?                                         # its address is a name
    | @import{_SPACE}(?>(?:/\*.*?\*/{_SPACE})?)(?P<imported>{_STRING})
    | \burl\({_SPACE}(?P<quoted>{_STRING}){_SPACE}(?:\)|\Z)
    | \burl\({_SPACE}(?P<plain>(?:[^\"'()\\\s\x00-\x08\x0b\x0e-\x1f\x7f]|{_ESCAPED})*+){_SPACE}(?:\)|\Z)
    | (?P<images>image-set\()
    | {_STRINGS}
    """,
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
_IN_SET = re.compile(
    rf"/\*.*?(?:\*/|\Z)|type\({_SPACE}(?:{_STRING}){_SPACE}\)|(?P<quoted>{_STRING})|(?P<open>\()|(?P<close>\))",
    re.DOTALL | re.IGNORECASE,
)
_ESCAPE = re.compile(r"\\(?:([0-9a-fA-F]{1,6})(?:\r\n|[ \t\r\n\f])?|(\r\n|[\n\r\f])|(.))", re.DOTALL)
_IMPORTING = re.compile(rf"@import{_SPACE}(?:/\*[^*]*\*/{_SPACE})?\Z", re.IGNORECASE)
_LOOKED_BACK = 200
_LONGEST_SET = 10_000  # characters of one image-set()
_MOST_SETS = 500
_LAST_CODE_POINT = 0x10FFFF
_GIVEN = re.compile(r"data:(?:image|font|application/(?:x-)?font)", re.IGNORECASE)
_UNSAFE = re.compile(r"[\"\\\x00-\x1f<>]")
_DECLARED = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", re.IGNORECASE)
_CHARSET = re.compile(rb'@charset "([\w.:-]{1,40})";')


class CssAddress(NamedTuple):
    """An address in CSS.

    Attributes:
        start: where its string or its `url()` begins; `end`: where it ends.
        address: without quotes and escapes.
        is_url: whether it is a `url()`, and not a string.
        is_import: whether it is the address of an imported style sheet.
    """

    start: int
    end: int
    address: str
    is_url: bool
    is_import: bool


def css_addresses(text: str) -> Iterator[str]:
    """Yield the addresses in a style sheet or in a `style` attribute, as written but without quotes and escapes."""
    return (found.address for found in _found(text) if found.address)


def replace_addresses(text: str, replacement: Callable[[CssAddress], str]) -> str:
    """Return CSS with other addresses.

    Args:
        text: a style sheet, or the value of a `style` attribute.
        replacement: returns the new address, without characters that end a string; it is called with each address.
    """
    parts, position = [], 0
    for found in sorted(_found(text)):
        if found.start < position:  # a string in the url() of an image-set()
            continue
        new = f'"{replacement(found)}"'
        parts += [text[position : found.start], f"url({new})" if found.is_url else new]
        position = found.end
    return "".join((*parts, text[position:]))


def own_address(found: CssAddress) -> str | None:
    """Return an address that needs nothing else, for use in a string: data of an image or a font, a part of the page.

    None: it is the address of something else.
    """
    if _GIVEN.match(found.address) and not found.is_import:
        return re.sub("[\n\r\f]", "", found.address.replace('"', "%22").replace("\\", "%5C"))
    if found.address.startswith("#"):  # a part of the page: `fill: url(#gradient)`
        return re.sub(r"[\"\\\n\r\f]", "", found.address)
    return None


def css_string(address: str) -> str:
    """Return an address for use in a CSS string: what would end the string or the `style` element is escaped."""
    return _UNSAFE.sub(lambda found: f"\\{ord(found[0]):x} ", address)


def declared_charset(content_type: str | None) -> str | None:
    """Return the charset of a Content-Type; None without one."""
    declared = _DECLARED.search(content_type or "")
    return declared[1] if declared else None


def _found(text: str) -> Iterator[CssAddress]:
    position = sets = 0
    while (found := _TOKEN.search(text, position)) is not None:
        position = found.end()
        if found["images"]:
            sets += 1
            if sets <= _MOST_SETS:
                yield from _of_set(text, position)
        elif found["imported"]:
            yield CssAddress(*found.span("imported"), unescaped(found["imported"][1:-1]), is_url=False, is_import=True)
        elif found["quoted"] or found["plain"] is not None:
            address = found["quoted"][1:-1] if found["quoted"] else found["plain"]
            is_import = _IMPORTING.search(text, max(found.start() - _LOOKED_BACK, 0), found.start()) is not None
            yield CssAddress(*found.span(), unescaped(address), is_url=True, is_import=is_import)


def _of_set(text: str, start: int) -> Iterator[CssAddress]:
    """Yield the addresses that an `image-set()` gives as strings; the scan finds its `url()` afterwards."""
    depth, position, end = 1, start, min(len(text), start + _LONGEST_SET)
    while depth and (found := _IN_SET.search(text, position, end)) is not None:
        position = found.end()
        depth += bool(found["open"]) - bool(found["close"])
        if found["quoted"] and depth == 1:  # deeper strings are those of url() and of other functions
            address = unescaped(found["quoted"][1:-1])
            yield CssAddress(*found.span("quoted"), address, is_url=False, is_import=False)


def unescaped(text: str) -> str:
    """Return a CSS string or name without its escapes: a backslash and `26 ` mean `&`."""

    def plain(found: re.Match[str]) -> str:
        code, line_end, other = found.groups()
        if code is None:
            return "" if line_end else other or ""
        number = int(code, 16)
        is_character = 0 < number <= _LAST_CODE_POINT and not 0xD800 <= number <= 0xDFFF  # noqa: PLR2004  (surrogates)
        return chr(number) if is_character else "\ufffd"

    return _ESCAPE.sub(plain, text) if "\\" in text else text


def css_text(body: bytes, declared: str | None) -> str:
    """Return a style sheet as text (CSS Syntax Level 3, 3.2).

    Args:
        body: its bytes.
        declared: the charset of its Content-Type; None without one.
    """
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        return body.decode("utf-16", "replace")
    rule = _CHARSET.match(body.removeprefix(b"\xef\xbb\xbf"))
    charset = declared or (rule[1].decode("ascii") if rule else "utf-8")
    try:
        return body.decode(charset, "replace").removeprefix("\ufeff")
    except LookupError:  # no such charset
        return body.decode("utf-8", "replace").removeprefix("\ufeff")
