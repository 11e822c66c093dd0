"""Find the addresses in CSS: `url()`, `@import` and `image-set()` (CSS Syntax Level 3, 4.3; CSS Values Level 4, 4.5).

Comments and other strings are skipped, and escapes are decoded. The scan takes linear time for any text.
"""

import re
from collections.abc import Iterator

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
_LONGEST_SET = 10_000  # characters of one image-set()
_MOST_SETS = 500
_LAST_CODE_POINT = 0x10FFFF
_CHARSET = re.compile(rb'@charset "([\w.:-]{1,40})";')


def css_addresses(text: str) -> Iterator[str]:
    """Yield the addresses in a style sheet or in a `style` attribute, as written but without quotes and escapes."""
    position = sets = 0
    while (found := _TOKEN.search(text, position)) is not None:
        position = found.end()
        if found["images"]:
            sets += 1
            if sets <= _MOST_SETS:
                yield from _of_set(text, position)
            continue
        quoted = found["imported"] or found["quoted"]
        address = quoted[1:-1] if quoted else found["plain"]
        if address:
            yield unescaped(address)


def _of_set(text: str, start: int) -> Iterator[str]:
    """Yield the addresses that an `image-set()` gives as strings; the scan finds its `url()` afterwards."""
    depth, position, end = 1, start, min(len(text), start + _LONGEST_SET)
    while depth and (found := _IN_SET.search(text, position, end)) is not None:
        position = found.end()
        depth += bool(found["open"]) - bool(found["close"])
        if found["quoted"] and depth == 1:  # deeper strings are those of url() and of other functions
            yield unescaped(found["quoted"][1:-1])


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
