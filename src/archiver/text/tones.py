"""Vietnamese tone marks in open syllables: the old placement (hòa, khỏe, thủy) and the new one (hoà, khoẻ, thuỷ).

Both are correct and mean the same; a portal may change from one to the other with its editor's keyboard. Text is NFC.
"""

import re
import unicodedata

_TONES = "\u0300\u0301\u0309\u0303\u0323"  # huyền, sắc, hỏi, ngã, nặng
_END = r"(?![^\W\d_])"


def _marked(letters: str) -> str:
    """These letters with each of the five tones."""
    return "".join(unicodedata.normalize("NFC", letter + tone) for letter in letters for tone in _TONES)


_OLD = re.compile(f"([{_marked('oO')}])([aeAE]){_END}|(?<![qQ])([{_marked('uU')}])([yY]){_END}")
_NEW = re.compile(f"([oO])([{_marked('aeAE')}]){_END}|(?<![qQ])([uU])([{_marked('yY')}]){_END}")


def new_placement(text: str) -> str:
    """Return the text with the tone on the main vowel: hoà, khoẻ, thuỷ."""
    return _OLD.sub(_swapped, text)


def old_placement(text: str) -> str:
    """Return the text with the tone on the first of the two vowels: hòa, khỏe, thủy."""
    return _NEW.sub(_swapped, text)


def _swapped(match: re.Match[str]) -> str:
    """Return two vowels with the tone on the other vowel."""
    first, second = (letter for letter in match.groups() if letter is not None)
    bare, other = unicodedata.normalize("NFD", first), unicodedata.normalize("NFD", second)
    tone = (bare[1:] + other[1:])[:1]
    pair = (bare[0] + tone, other[0]) if len(other) > 1 else (bare[0], other[0] + tone)
    return "".join(unicodedata.normalize("NFC", letter) for letter in pair)
