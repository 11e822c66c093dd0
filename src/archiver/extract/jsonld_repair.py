"""Parse JSON-LD as sites write it: common faults are repaired, in linear time.

Repaired are: a byte order mark, HTML comments and CDATA marks around the text, escaped markup (`&quot;`), JavaScript
comments, trailing commas and semicolons, an escaped apostrophe, and several values in a row. A block that stays
invalid gives nothing.
"""

import html
import json
import re
from collections.abc import Iterator
from typing import Any

_WRAPPING = re.compile(
    r"(?:[\s\ufeff;]++|<!--[^{<]*?-->|(?://|/\*)?[ \t]*+<!\[CDATA\[(?:[ \t]*+\*/|[^\n{\[<]*+)|<!--[^\n{\[<]*+)*+"
)
_REMAINS = re.compile(r"[\s\ufeff;>/*]*+(?:(?:\]\]>|--!?>|<!)[\s\ufeff;>/*]*+)*+\Z")
_STRING = r'"(?:[^"\\]++|\\.)*+(?:"|\Z)'
_COMMENT = re.compile(
    rf"{_STRING}|//[^\n]*+|/\*(?:[^*]++|\*(?!/))*+(?:\*/|\Z)|<!--(?:[^-]++|-(?!->))*+(?:-->|\Z)", re.DOTALL
)
_STRAY_MARK = re.compile(rf"{_STRING}|,(?=\s*+[\]}}])|;(?=\s*+(?:[\]}}{{\[]|\Z))", re.DOTALL)
_ESCAPED = re.compile(r"\\.", re.DOTALL)
_BETWEEN = re.compile(r"[\s\ufeff,;]*+")
_MOST_VALUES = 1_000
_DECODER = json.JSONDecoder(strict=False)


def parse_jsonld(text: str) -> list[Any]:
    """Return the values of a JSON-LD block, in order; an empty list when it cannot be repaired."""
    try:
        return [_DECODER.decode(text.strip("\ufeff \t\r\n"))]
    except (ValueError, RecursionError):
        pass
    for candidate in _repaired(text):
        values = _values(candidate)
        if values:
            return values
    return []


def _repaired(text: str) -> Iterator[str]:
    """Yield the text after each repair."""
    wrapping = _WRAPPING.match(text)
    bare = text[wrapping.end() :] if wrapping else text
    yield _without_marks(bare)
    if "&quot;" in bare or "&#34;" in bare:
        yield _without_marks(html.unescape(bare))


def _without_marks(text: str) -> str:
    """Return a text without comments, then without trailing commas and semicolons."""
    return _STRAY_MARK.sub(_kept, _COMMENT.sub(_kept, text))


def _kept(token: re.Match[str]) -> str:
    if token[0][0] != '"':
        return " "
    return _ESCAPED.sub(_escape, token[0]) if "\\'" in token[0] else token[0]


def _escape(found: re.Match[str]) -> str:
    return "'" if found[0] == "\\'" else found[0]


def _values(text: str) -> list[Any]:
    """Return several values in a row; none when something else is between them."""
    values: list[Any] = []
    position = 0
    try:
        while len(values) < _MOST_VALUES:
            between = _BETWEEN.match(text, position)
            position = between.end() if between else position
            if position >= len(text) or (values and _REMAINS.match(text, position)):
                return values
            value, position = _DECODER.raw_decode(text, position)
            values.append(value)
    except (ValueError, RecursionError):
        return []
    return values
