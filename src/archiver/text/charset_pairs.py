"""Recognise the two-byte encodings of Chinese, Japanese and Korean by their common characters.

In all five encodings nearly any two bytes are a character. Only in the right one are most of them common characters.
"""

import re
from typing import NamedTuple

from archiver.text.charset_letters import MULTIBYTE_OF
from archiver.text.charset_names import python_codec

_MOST = 4_000
_FEWEST, _FEWEST_HINTED = 3, 2
_COMMON = 0.5
_KANA = 0.15
_KOREAN = 0.9
"""Hangul occupies part of the range of common Chinese characters; Chinese text does not stay within that part."""
_BOTH_HIGH = 1.25
"""Non-ASCII bytes per character: accented Latin letters, read as the first of two bytes, have only one."""
_SEVEN_BITS = bytes(range(128))
_BROKEN = 0.02
_HINTED = 0.15
_ASCII = re.compile("[\x00-\x7f\xa0]+")


class _Script(NamedTuple):
    """How to recognise common characters: by their first byte in the encoding `order`, which sorts by frequency."""

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
    """A two-byte encoding, and the share of common characters in it."""

    charset: str
    share: float


def find_pairs(text: bytes, language: str | None) -> Pairs | None:
    """Return the encoding in which most characters are common ones; None when there is none."""
    text = text[:_MOST]
    shares = {charset: _share(text, charset, language) for charset in _SCRIPTS}
    korean = shares["euc-kr"]
    charset = "euc-kr" if korean >= _KOREAN else max(shares, key=lambda each: shares[each])
    return Pairs(charset, shares[charset]) if shares[charset] >= _COMMON else None


def _share(text: bytes, charset: str, language: str | None) -> float:
    """Return the share of common characters, plus a bonus for the language; 0 when the encoding is impossible."""
    script, is_hinted = _SCRIPTS[charset], charset in MULTIBYTE_OF.get(language or "", ())
    chars = _ASCII.sub("", text.decode(python_codec(charset), "replace"))
    broken = chars.count("\ufffd") - 1  # the last character may be cut in two
    if (
        len(chars) < (_FEWEST_HINTED if is_hinted else _FEWEST)
        or broken > _BROKEN * len(chars)
        or len(text.translate(None, _SEVEN_BITS)) < _BOTH_HIGH * len(chars)
    ):
        return 0.0
    firsts = chars.encode(script.order, "ignore")[::2]
    common = (len(firsts) - len(firsts.translate(None, script.common))) / len(chars)
    kana = len(firsts) - len(firsts.translate(None, _KANA_ROWS))
    if script.order == "euc_jp" and kana < _KANA * len(chars) and not is_hinted:
        return 0.0
    return common + (_HINTED if is_hinted else 0.0) if common else 0.0
