"""Chinese, Japanese and Korean text of two bytes a character, known by the characters that are common in it.

All five encodings take nearly any two bytes for a character; only the right one makes most of them common ones.
"""

import re
from typing import NamedTuple

from archiver.text.charset_letters import MULTIBYTE_OF
from archiver.text.charset_names import python_codec

_MOST = 4_000
_FEWEST = 3
_COMMON = 0.5
_KANA = 0.15
_KOREAN = 0.9
"""Hangul stands where the common half of Chinese characters does in other encodings: hardly any text is all there."""
_BOTH_HIGH = 1.25
"""Bytes beyond ASCII for a character: in a text of accented letters each is one, and an ASCII letter follows it."""
_SEVEN_BITS = bytes(range(128))
_BROKEN = 0.02
_HINTED = 0.15
_ASCII = re.compile("[\x00-\x7f\xa0]+")


class _Script(NamedTuple):
    """How common characters are known: by the first byte they have in the encoding `order`, which sorts them so."""

    order: str
    common: bytes


_SCRIPTS = {
    "shift_jis": _Script("euc_jp", bytes((0xA1, 0xA4, 0xA5, *range(0xB0, 0xD0)))),
    "euc-jp": _Script("euc_jp", bytes((0xA1, 0xA4, 0xA5, *range(0xB0, 0xD0)))),
    "euc-kr": _Script("euc_kr", bytes((0xA1, *range(0xB0, 0xC9)))),
    "gb18030": _Script("gb2312", bytes((0xA1, 0xA3, *range(0xB0, 0xD8)))),
    "big5": _Script("big5", bytes((0xA1, *range(0xA4, 0xC7)))),
}
_KANA_ROWS = b"\xa4\xa5"


class Pairs(NamedTuple):
    """An encoding of two bytes a character, and the share of common characters in it."""

    charset: str
    share: float


def find_pairs(text: bytes, language: str | None) -> Pairs | None:
    """The encoding in which most characters are common ones; None when there is none."""
    text = text[:_MOST]
    shares = {charset: _share(text, charset, language) for charset in _SCRIPTS}
    korean = shares["euc-kr"]
    charset = "euc-kr" if korean >= _KOREAN else max(shares, key=lambda each: shares[each])
    return Pairs(charset, shares[charset]) if shares[charset] >= _COMMON else None


def _share(text: bytes, charset: str, language: str | None) -> float:
    """The share of common characters, more when the language fits; 0 when the bytes cannot be of this encoding."""
    script = _SCRIPTS[charset]
    chars = _ASCII.sub("", text.decode(python_codec(charset), "replace"))
    broken = chars.count("\ufffd") - 1  # the last character may be cut in two
    if (
        len(chars) < _FEWEST
        or broken > _BROKEN * len(chars)
        or len(text.translate(None, _SEVEN_BITS)) < _BOTH_HIGH * len(chars)
    ):
        return 0.0
    firsts = chars.encode(script.order, "ignore")[::2]
    common = (len(firsts) - len(firsts.translate(None, script.common))) / len(chars)
    if script.order == "euc_jp" and (len(firsts) - len(firsts.translate(None, _KANA_ROWS))) < _KANA * len(chars):
        return 0.0
    return common + (_HINTED if charset in MULTIBYTE_OF.get(language or "", ()) else 0.0) if common else 0.0
