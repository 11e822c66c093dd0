"""Tell whether the word next to a figure multiplies it, with the compact numbers of CLDR ("12 bin", "12 ألف").

A word multiplies only in its own language, and only when it has one size in all languages: "M" is a million for most
and a milliard in Indonesian. A word that may be an abbreviation or a form of such a word in any language makes the
figure unsure; every other word is the thing that is counted.
"""

import re
from functools import lru_cache

from archiver.text.cldr import language_words, languages, word_key

_MORE = (
    "hundred hundreds thousands millions billions lakh lakhs lac lacs crore crores thsd mio mill bn bln tn trn mn mrd "
    "mld mln mlrd tsd tys tis tr jt rb nghin ngan trieu ty chuc tram van тыс тис хил млн млрд трлн тысячи миллионов "
    "χιλ εκ δισ centaines milliers ratus puluh yuz yuzlerce hazar hazaar sata sto stotine száz sto "
    "десяток сотен сотня hundert dutzend dozen dozens douzaine docena dozzina"
)
"""Words and abbreviations of counts that are not in CLDR's compact numbers."""
_EASTERN = re.compile(
    "[十百千万萬亿億兆십백천만억조]|พัน|หมื่น|แสน|ล้าน|ร้อย|ສິບ|ຮ້ອຍ|ພັນ|ໝື່ນ|ແສນ|ລ້ານ|ពាន់|លាន|រយ|ရာ|ထောင်|သောင်း|သိန်း|သန်း|ကုဋေ"
)
"""Words that multiply in scripts without spaces between words; there they may begin a longer run of letters."""
_VOWELS = re.compile("[aeiouyäöüåæøœаеёиоуыэюяіїєαεηιουω]")
_ABBREVIATION = 4  # letters of the longest abbreviation
_FORM = 4  # letters that a longer form of a word shares with it
_THOUSAND = "k"
_EXACT = 2  # letters of words that count only as CLDR prints them: "t." is a thousand in Finnish, "t" a tonne


@lru_cache(maxsize=64)
def _units(language: str) -> tuple[dict[str, int], dict[str, int]]:
    """Return the powers of ten of a language's words: short ones as printed, the others by their key."""
    known = language_words(language)
    short: dict[str, int] = {}
    long: dict[str, int] = {}
    for word, power in known.units.items() if known else ():
        key = word_key(word)
        if len(key) <= _EXACT:
            short[word] = power
        else:
            long[key] = power if long.get(key, power) == power else 0
    return short, long


@lru_cache(maxsize=1)
def _everywhere() -> tuple[dict[str, int], frozenset[str]]:
    """Return the words of all languages with their power of ten, 0 when it differs; and those that precede a figure."""
    sizes: dict[str, set[int]] = {}
    before: set[str] = set()
    for known in filter(None, map(language_words.__wrapped__, languages())):
        for words in (known.units, known.units_before):
            for word, power in words.items():
                sizes.setdefault(word_key(word), set()).update({power} - {0})
        before.update(map(word_key, known.units_before))
    one = {key: min(found) if len(found) == 1 else 0 for key, found in sizes.items()}
    return one, frozenset(key for key in before if len(key) > _EXACT or not key.isascii())


@lru_cache(maxsize=1)
def _related() -> tuple[frozenset[str], frozenset[str], tuple[str, ...]]:
    """Return the keys of all words that multiply, the beginnings that may abbreviate one, and the keys in order."""
    words = {word_key(part) for known in _everywhere()[0] for part in known.split()} | set(map(word_key, _MORE.split()))
    words.discard("")
    starts = {word[:length] for word in words for length in range(1, _ABBREVIATION + 1)}
    return frozenset(words), frozenset(starts), tuple(sorted(words))


def power_of(word: str, language: str) -> int | None:
    """Return the power of ten by which a word multiplies in a language.

    Returns:
        None when the language has no such word; 0 when the word has another power in another language ("K" has not, but
        in Tongan).
    """
    short, long = _units(language)
    key = word_key(word)
    power = short.get(word) if len(key) <= _EXACT else long.get(key)
    return power if power is None or key == _THOUSAND or _everywhere()[0].get(key) == power else 0


@lru_cache(maxsize=1024)
def may_multiply(word: str, language: str) -> bool:
    """Return whether a word after a figure may multiply it in some language.

    Args:
        word: The word as printed, a full stop at its end included.
        language: First subtag of BCP 47; "" when it is not known: then fewer words pass.
    """
    if _EASTERN.match(word):
        return True
    key = word_key(word)
    words, starts, every = _related()
    shortest = _FORM if language else _FORM - 1
    if key in starts or any(key[:length] in words for length in range(shortest, len(key) + 1)) or key in words:
        return True
    if any(key.startswith(own) for own in _units(language)[1]):
        return True
    if len(key) > _ABBREVIATION + (not language) or (language and _VOWELS.search(key)):
        return False
    return any(each[:1] == key[:1] and _is_within(key, each) for each in every)


def _is_within(short: str, long: str) -> bool:
    """Whether another word contains the letters of a word in the same order."""
    letters = iter(long)
    return all(letter in letters for letter in short)


def multiplies(word: str) -> bool:
    """Whether a word multiplies in some language."""
    return bool(word) and (_EASTERN.match(word) is not None or word_key(word) in _related()[0])


def multiplies_before(word: str) -> bool:
    """Whether a word that multiplies may precede its figure: "elfu 12"."""
    return word_key(word) in _everywhere()[1]
