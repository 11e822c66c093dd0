"""Declared texts as a page would show them: their entities are unescaped."""

import html
import re
from html.entities import html5

from archiver.extract.body import line

_MOST_UNESCAPED = 2
"""The number of times entities are unescaped: some sites escape a text that their template escapes again."""
_ENTITY = re.compile(r"&(?:#\d{1,7};|#[xX][0-9a-fA-F]{1,6};|([A-Za-z][A-Za-z0-9]{1,31};))")
"""With its semicolon: "?a=1&copy=2" contains none."""


def shown(text: str) -> str:
    """Return a declared value as one line; entities are unescaped until none is left, at most twice."""
    for _ in range(_MOST_UNESCAPED):
        plain = _ENTITY.sub(_entity, text) if "&" in text else text
        if plain == text:
            break
        text = plain
    return line(text)


def _entity(found: re.Match[str]) -> str:
    return html5.get(found[1], found[0]) if found[1] else html.unescape(found[0])
