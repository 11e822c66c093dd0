"""Read a counter as a page prints it: "1.234", "12,5 nghìn", "1.2M views", digits one to an element.

Portals mix the marks of several languages, so a mark followed by exactly three digits parts thousands
whatever the language, and a decimal counts only before a unit that makes it whole. A text that could be two
numbers, or none, gives None: never a guess.
"""

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache

LARGEST = 2**63 - 1  # what SQLite keeps as an integer
LOOK = 500  # a longer text is no counter
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_MARKS = str.maketrans({"٬": ",", "٫": ".", "，": ",", "．": ".", "’": "'", "ʼ": "'", "˙": "'", "−": "-"})

_THOUSAND, _MILLION, _BILLION = 10**3, 10**6, 10**9
_ANYWHERE = {"k": _THOUSAND, "m": _MILLION}
# A lone letter after a space is a unit only in upper case: "5 m" are metres, "12 tr" pages.
_SHORT = frozenset({"k", "m", "b", "n", "tr"})
_MYRIADS = {"万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8, "千": _THOUSAND}


def _units(thousand: str = "", million: str = "", billion: str = "") -> dict[str, int]:
    sizes = ((thousand, _THOUSAND), (million, _MILLION), (billion, _BILLION))
    return {word: size for words, size in sizes for word in words.split()}


UNITS: dict[str, dict[str, int]] = {
    "vi": _units("nghìn ngàn n", "triệu tr", "tỷ tỉ"),
    "en": _units("thousand", "million mn", "billion bn b"),
    "fr": _units("mille", "million millions", "milliard milliards md mds"),
    "es": _units("mil", "millón millon millones mill."),
    "de": _units("tausend tsd. tsd", "million millionen mio. mio", "milliarde milliarden mrd. mrd"),
    "it": _units("mila mille", "milione milioni mln", "miliardo miliardi mld"),
    "pt": _units("mil", "milhão milhões mi", "bilhão bilhões bi"),
    "nl": _units("duizend", "miljoen mln", "miljard mld"),
    "pl": _units("tys. tys tysiąc tysiące tysięcy", "mln milion miliony milionów", "mld miliard miliardy"),
    "ru": _units("тыс. тыс тысяча тысячи тысяч", "млн млн. миллион миллиона", "млрд млрд. миллиард"),
    "zh": _MYRIADS,
    "ja": _MYRIADS,
    "ko": {"천": _THOUSAND, "만": 10**4, "억": 10**8},
}
"""Words that multiply, by language (first subtag of BCP 47), in lower case."""

_GROUPED = re.compile(r"(\d{1,3})([.,' ])(\d{3})((?:\2\d{3})*)")
_DECIMAL = re.compile(r"(\d+|\d{1,3}([.,' ])\d{3}(?:\2\d{3})*)(?!\2)[.,](\d+)")

_LETTER = "[a-zà-ɏḀ-ỿͰ-ӿ]"  # of scripts with upper and lower case; others write words without spaces
_RAISED = "[\u00b2\u00b3\u00b9\u2070-\u2079\u2080-\u2089\u00bc-\u00be]"  # no digit of the number
_TIED_BEFORE = rf"(?<=[-.,%])|(?<=\d[:/])|(?<={_LETTER})|(?<={_RAISED})"
_FIXED_SPACE = re.compile(r"(?<=\d)[\u00a0\u2009\u202f](?=\d{3}(?!\d))")
# Where thousands are not parted by a space, "12 375" may be two numbers, unless it is all that a label is followed by.
_NO_SPACES = frozenset({"vi", "en", "zh", "ja", "ko", "th", "id", "ms"})
_LABELLED = re.compile(r"(?:^|[:(]) ?$")


def read_number(text: str, *, language: str = "en") -> int | None:
    """Read the one whole, non-negative number a text says.

    Words around it are not read ("Số lượt người xem: 375"); the same number twice is one number. Digits of
    any script count.

    Args:
        text: What the page prints; None is the answer for more than `LOOK` characters.
        language: BCP 47; picks the words that multiply ("nghìn", "Mio.").

    Returns:
        The number, at most `LARGEST`; None when there is none, or several, or one that is negative, a
        fraction, a percentage, part of a date or a time, or could mean two things ("1,234 million").
    """
    if len(text) > 20 * LOOK:
        return None
    plain = _FIXED_SPACE.sub("'", _INVISIBLE.sub("", unicodedata.normalize("NFC", text)).translate(_MARKS))
    plain = " ".join(plain.split())
    if len(plain) > LOOK:
        return None
    plain = "".join(map(_in_ascii, plain))
    if re.fullmatch(r"\d(?: \d)+", plain):
        return _bound(int(plain.replace(" ", "")))
    primary = language.replace("_", "-").split("-")[0].lower()
    units = UNITS.get(primary, {}) | _ANYWHERE
    matches = list(_pattern(primary).finditer(plain))
    if primary in _NO_SPACES and any(map(_may_be_two, matches)):
        return None
    values = {_value(match, units) for match in matches}
    return values.pop() if len(values) == 1 else None


def _may_be_two(match: re.Match[str]) -> bool:
    return " " in match["figure"] and not _LABELLED.search(match.string, 0, match.start())


def _in_ascii(character: str) -> str:
    value = unicodedata.decimal(character, None)
    return character if value is None else str(value)


@lru_cache(maxsize=64)
def _pattern(language: str) -> re.Pattern[str]:
    """Make the pattern of a figure, its units, and what stands so near that it is no count (`tied`)."""
    words = sorted(UNITS.get(language, {}) | _ANYWHERE, key=len, reverse=True)
    any_unit = "|".join(map(re.escape, words))
    long_unit = "|".join(re.escape(word) for word in words if word not in _SHORT) or r"(?!)"
    short = "|".join(_SHORT)
    raised = "|".join(form for word in _SHORT & set(words) for form in (word.upper(), word.capitalize()))
    unit = rf"(?:(?:{any_unit}| (?:{long_unit})|(?-i: (?:{raised})))(?!{_LETTER}))"
    tied_after = rf"(?={_LETTER}|[:/-]\d| ?%|{_RAISED}| ?rưỡi| (?:{short})(?!{_LETTER}))"
    return re.compile(
        rf"(?P<tied>{_TIED_BEFORE})?(?P<figure>\d+(?:[.,' ]\d+)*)(?P<one>{unit})?(?P<two>{unit})?"
        rf"(?P<cut>{tied_after})?",
        re.IGNORECASE,
    )


def _value(match: re.Match[str], units: Mapping[str, int]) -> int | None:
    if match["tied"] is not None or match["cut"] is not None:
        return None
    size = 1
    for unit in (match["one"], match["two"]):
        size *= units.get(unit.strip().lower(), 0) if unit else 1
    whole = _scale(match["figure"], size) if size else None  # "ı" matches "i", and is no unit of ours
    return None if whole is None else _bound(whole)


def _bound(value: int) -> int | None:
    return value if value <= LARGEST else None


def _scale(figure: str, size: int) -> int | None:
    """Multiply a figure by its unit; None when it is not whole, or its mark can be read in two ways."""
    if figure.isdigit():
        return int(figure) * size
    grouped = _GROUPED.fullmatch(figure)
    if grouped and grouped[1] != "0":
        could_be_decimal = size > 1 and grouped[2] in ".," and not grouped[4]
        return None if could_be_decimal else int(re.sub(r"\D", "", figure)) * size
    decimal = _DECIMAL.fullmatch(figure)
    if decimal is None or size == 1:
        return None
    scaled = int(re.sub(r"\D", "", decimal[1] + decimal[3])) * size
    whole, rest = divmod(scaled, 10 ** len(decimal[3]))
    return whole if rest == 0 else None
