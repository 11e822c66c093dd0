"""Recognise Vietnamese syllables, and Vietnamese text in windows-1258.

A syllable is an initial, a rime and a tone. The rimes are a closed list; before a final stop (c, ch, p, t) only two of
the six tones are possible. Text of another language that is wrongly decoded as windows-1258 rarely forms syllables.
"""

import re
import unicodedata
from enum import Enum
from functools import lru_cache

from archiver.text.charset_names import to_text
from archiver.text.clean import nfc

_INITIAL_LIST = "b c ch d đ g gh gi h k kh l m n ng ngh nh p ph qu r s t th tr v x"
_RIME_LIST = """
    a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây e ec em en eng eo ep
    et ê êch êm ên êng ênh êp êt êu i ia ich im in inh ip it iu iêc iêm iên iêng iêp iêt iêu o oa oac oach oai
    oam oan oang oanh oao oap oat oay oc oe oem oen oeo oet oi om on ong ooc oong op ot oăc oăm oăn oăng oăt ô
    ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơp ơt u ua uc ui um un ung up ut uy uya uych uyn uynh uyp uyt uyu uyên
    uyêt uân uâng uât uây uê uêch uênh uôc uôi uôm uôn uông uôt uơ ư ưa ưc ưi ưm ưn ưng ưt ưu ươc ươi ươm ươn
    ương ươp ươt ươu y yêm yên yêng yêt yêu yt ynh yu
"""
_INITIALS, _RIMES = frozenset(("", *_INITIAL_LIST.split())), frozenset(_RIME_LIST.split())
_STOPS = ("c", "p", "t", "ch")
_TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")
_AFTER_STOPS = frozenset("\u0301\u0323")
_LONGEST = 7  # nghiêng

_MOST_TEXT, _BEGINNING = 20_000, 2_500
_LEAST = 0.5
"""The share of accented words at the beginning that must be syllables: a cheap test that other languages fail."""
_OWN = (b"\xf0\xd0", b"\xf5\xd5", b"\xfd\xdd")
"""The bytes of đ, ơ and ư, and of their capitals."""
_OWN_LETTER = re.compile("đ|[ou]\u031b")
_REFERENCE = re.compile(
    rb"&#(?:25[89]|27[23]|29[67]|36[01]|41[67]|43[12]|78[4-9]\d|79[0-2]\d"
    rb"|x0{0,4}1(?:0[23]|1[01]|2[89]|6[89]|a[01]|af|b0|e[a-f][0-9a-f]));",
    re.IGNORECASE,
)
"""Character references of Vietnamese letters that are not in Latin-1."""
_HINTED, _UNHINTED = (1, 1, 0.7), (3, 2, 0.85)
"""The words with đ, ơ or ư needed, how many of these letters, and the share of accented words that are syllables."""
_FEW = 3
_WORD = re.compile(r"[^\W\d_]+")


class Proof(Enum):
    """The strength of the evidence that bytes are Vietnamese in windows-1258."""

    NONE = 0
    WEAK = 1
    FULL = 2


@lru_cache(maxsize=4096)
def is_syllable(word: str) -> bool:
    """Return whether a lower-case word in NFC can be a Vietnamese syllable with its tone."""
    if not 0 < len(word) <= _LONGEST:
        return False
    parts = unicodedata.normalize("NFD", word)
    tones = [part for part in parts if part in _TONES]
    bare = unicodedata.normalize("NFC", "".join(part for part in parts if part not in _TONES))
    if len(tones) > 1 or not any(bare[:cut] in _INITIALS and bare[cut:] in _RIMES for cut in range(4)):
        return False
    return not bare.endswith(_STOPS) or (len(tones) == 1 and tones[0] in _AFTER_STOPS)


def weigh_1258(text: bytes, *, hinted: bool = False) -> Proof:
    """Return the strength of the evidence that bytes are Vietnamese in windows-1258.

    The encoding writes most tones as combining marks, in places where other encodings have ordinary letters (Italian
    `ò`). Full proof needs words with at least two of the letters đ, ơ and ư, and nearly all accented words must be
    syllables. A few words are weak proof if one of these letters occurs and nearly every word is a syllable, accented
    or not. A page that writes such letters as references (`&#432;`) is in another encoding, usually Latin-1.

    Args:
        text: the page's text, without markup.
        hinted: the page or its profile says that it is Vietnamese.
    """
    least, kinds, share = _HINTED if hinted else _UNHINTED
    if not any(byte in text for letter in _OWN for byte in letter) or len(_REFERENCE.findall(text)) >= least:
        return Proof.NONE
    beginning = _accented(_words(text[:_BEGINNING]))
    if sum(map(is_syllable, beginning)) < _LEAST * len(beginning):
        return Proof.NONE
    words = _words(text[:_MOST_TEXT])
    accented = _accented(words)
    syllables = [word for word in accented if is_syllable(word)]
    own = [_OWN_LETTER.findall(unicodedata.normalize("NFD", word)) for word in syllables]
    found = {letter[0] for letters in own for letter in letters}
    if sum(map(bool, own)) >= least and len(found) >= kinds and len(syllables) >= share * len(accented):
        return Proof.FULL
    is_possible = found and len(syllables) == len(accented) >= _FEW
    return Proof.WEAK if is_possible and sum(map(is_syllable, words)) >= share * len(words) else Proof.NONE


def _words(text: bytes) -> list[str]:
    return _WORD.findall(nfc(to_text(text, "windows-1258")).lower())


def _accented(words: list[str]) -> list[str]:
    return [word for word in words if not word.isascii()]
