"""Tokens for differences: syllables and words, numbers with their marks, single marks, and white space."""

import re
import unicodedata

_UNSPACED = (
    "\u0e01-\u0edf\u1000-\u109f\u1780-\u17d3\u3005-\u3007\u3041-\u309f\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff"
)
"""Thai, Lao, Burmese, Khmer, Hiragana and Han, which are written without spaces between words."""
_BLOCKS_WITH_MARKS = (range(0x300, 0x1E00), range(0x20D0, 0x2100), range(0x302A, 0x309B), range(0xA66F, 0xAC00))
_MARKS = "".join(
    chr(code) for block in _BLOCKS_WITH_MARKS for code in block if unicodedata.category(chr(code)).startswith("M")
)
"""Accents and vowel signs of all scripts in use. One never begins a token, so no difference tears it off its letter."""
_TOKEN = re.compile(
    rf"\d+(?:[.,:/]\d+)*+|[{_UNSPACED}][{_MARKS}]*+"
    rf"|[^\W\d_{_UNSPACED}]++(?:[{_MARKS}]++[^\W\d_{_UNSPACED}]*+)*+|\n+|[^\S\n]+|.[{_MARKS}]*+",
    re.DOTALL,
)


def words(text: str) -> list[str]:
    """Return the tokens of a text, in order; joined they are the text.

    Vietnamese syllables, `1.234,5`, `21/10/2022` and `15:55` are one token each; every other mark is a token. So is
    every letter of a script without spaces between words. Line breaks are separate from other white space, so that
    paragraphs can be compared.
    """
    return _TOKEN.findall(text)
