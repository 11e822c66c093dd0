"""Addresses as people read them: `/wiki/Quận_11` instead of `/wiki/Qu%E1%BA%ADn_11`.

A decoded address names the same page when it is copied. What could be read or copied as something else stays encoded:
all ASCII, bytes that are no UTF-8, white space, controls, marks that change the direction of text, characters that
cannot be seen, accents without a letter, and characters that have another normal form.
"""

import re
import unicodedata

from archiver.errors import UsageError
from archiver.text.url import canonical

_ESCAPES = re.compile("(?:%[89A-Fa-f][0-9A-Fa-f])+")
_BLANK = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]")
_SHOWN = frozenset("LMNPS")


def shown_address(url: str) -> str:
    """Return an address with the letters that its escapes stand for, where the result names the same page.

    Args:
        url: an address as the archive stores it.
    """
    if "%" not in url:
        return url
    scheme, mark, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    shown = f"{scheme}{mark}{host}{slash}{_ESCAPES.sub(_decoded, path)}"
    try:
        return shown if canonical(shown) == canonical(url) else url
    except UsageError:
        return url


def _decoded(found: re.Match[str]) -> str:
    try:
        text = bytes.fromhex(found[0].replace("%", "")).decode()
    except UnicodeDecodeError:
        return found[0]
    is_safe = (
        all(unicodedata.category(char)[0] in _SHOWN for char in text)
        and not unicodedata.category(text[0]).startswith("M")
        and unicodedata.is_normalized("NFKC", text)
        and not _BLANK.search(text)
    )
    return text if is_safe else found[0]
