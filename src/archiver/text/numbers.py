"""Read a printed counter: "1.234", "12,5 nghìn", "1.2M views", digits with one element each.

Portals mix the marks of several languages, so a mark followed by exactly three digits separates thousands
whatever the language, and a decimal counts only before a unit that makes it an integer. A text that could be two
numbers, or none, gives None: never a guess. The word next to a figure may multiply it: it is looked up in the table
of this file, then in CLDR. A word that multiplies only in some other language gives None.
"""

import re
import unicodedata
from functools import lru_cache

from archiver.text.cldr import language_words, primary_of
from archiver.text.cldr_numbers import may_multiply, multiplies, multiplies_before, power_of

LARGEST = 2**63 - 1  # the largest integer of SQLite
LOOK = 500  # a longer text is not a counter
_NEAR = 40  # characters before a figure in which the word next to it begins
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_MARKS = str.maketrans(
    {"٬": ",", "٫": ".", "،": ",", "⹁": ",", "，": ",", "．": ".", "’": "'", "ʼ": "'", "˙": "'", "−": "-"}
)

_THOUSAND, _MILLION, _BILLION = 10**3, 10**6, 10**9
_ANYWHERE = {"k": _THOUSAND}
# A single letter after a space is a unit only in upper case: "5 m" are metres, "12 tr" pages.
_SHORT = frozenset({"k", "m", "b", "n", "tr"})
_MYRIADS = {"万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8, "千": _THOUSAND}


def _units(thousand: str = "", million: str = "", billion: str = "") -> dict[str, int]:
    sizes = ((thousand, _THOUSAND), (f"m {million}", _MILLION), (billion, _BILLION))
    return {word: size for words, size in sizes for word in words.split()}


UNITS: dict[str, dict[str, int]] = {
    "vi": _units("nghìn ngàn n", "triệu tr", "tỷ tỉ"),
    "en": _units("thousand", "million mn", "billion bn b")
    | {"lakh": 10**5, "lakhs": 10**5, "crore": 10**7, "crores": 10**7},
    "fr": _units("mille", "million millions", "milliard milliards md mds"),
    "es": _units("mil", "millón millon millones mill."),
    "de": _units("tausend tsd. tsd", "million millionen mio. mio", "milliarde milliarden mrd. mrd"),
    "it": _units("mila mille", "milione milioni mln", "miliardo miliardi mld"),
    "pt": _units("mil", "milhão milhões mi", "bilhão bilhões"),
    "nl": _units("duizend", "miljoen mln", "miljard mld"),
    "pl": _units("tys. tys tysiąc tysiące tysięcy", "mln milion miliony milionów", "mld miliard miliardy"),
    "ru": _units("тыс. тыс тысяча тысячи тысяч", "млн млн. миллион миллиона", "млрд млрд. миллиард"),
    "zh": _MYRIADS,
    "ja": _MYRIADS,
    "ko": {"천": _THOUSAND, "만": 10**4, "억": 10**8},
}
"""Words that multiply, by language (first subtag of BCP 47), in lower case."""

_COUNTED: dict[str, str] = {
    "vi": "lượt người lần bình trả bài tin chủ thành năm ngày giờ phút thích chia xem",
    "en": "views view comments comment likes shares reads times people users members replies",
    "fr": "vues commentaires lectures fois personnes partages réponses visites",
    "es": "visitas vistas comentarios lecturas veces personas respuestas",
    "de": "aufrufe kommentare leser mal klicks antworten personen",
    "it": "visualizzazioni commenti letture volte persone risposte",
    "pt": "visualizações comentários leituras vezes pessoas acessos respostas",
    "nl": "keer reacties lezers personen weergaven",
    "pl": "wyświetleń komentarzy razy osób odsłon odpowiedzi",
    "ru": "просмотров комментариев раз человек ответов",
    "zh": "次 人 条 評 评 回",
    "ja": "回 件 人",
    "ko": "회 명 건",
}
"""Words for counted things: words that are not looked up in CLDR, or that look like one that multiplies elsewhere."""
_A_WORD = r"[^\W\d_][^\s\d,;:()/|%+-]{0,40}"
_NEXT_WORDS = re.compile(rf" ?{_A_WORD}(?: {_A_WORD}){{0,3}}")
_LAST_WORD = re.compile(rf"({_A_WORD}) ?$")
_WEIGHT = re.compile("[千兆] ?[克米瓦卡赫字位]")  # 12千克 are kilograms
_MILLION_ELSEWHERE = re.compile(r"mil\.", re.IGNORECASE)  # "mil." is a million in Czech; "mil", a thousand in Spanish

_GROUPED = re.compile(r"(\d{1,3})([.,' ])(\d{3})((?:\2\d{3})*)")
_GROUPED_BY_TWO = re.compile(r"\d{1,2}(?:,\d\d)+,\d{3}")  # 12,34,567, as India prints it
_DECIMAL = re.compile(r"(\d+|\d{1,3}([.,' ])\d{3}(?:\2\d{3})*)(?!\2)[.,](\d+)")

_LETTER = "[a-zà-ɏḀ-ỿͰ-ӿ]"  # of scripts with upper and lower case; others write words without spaces
_RAISED = "[\u00b2\u00b3\u00b9\u2070-\u2079\u2080-\u2089\u00bc-\u00be]"  # not a digit of the number
_TIED_BEFORE = rf"(?<=[-.,%])|(?<=\d[:/])|(?<={_LETTER})|(?<={_RAISED})"
_FIXED_SPACE = re.compile(r"(?<=\d)[\u00a0\u2009\u202f](?=\d{3}(?!\d))")
# Where thousands are not separated by a space, "12 375" may be two numbers, unless only a label precedes it.
_NO_SPACES = frozenset({"vi", "en", "zh", "ja", "ko", "th", "id", "ms"})
_LABELLED = re.compile(r"(?:^|[:(]) ?$")


def read_number(text: str, *, language: str = "") -> int | None:
    """Return the one non-negative integer that a text prints.

    Other words are not read ("Số lượt người xem: 375"); the same number twice is one number. Digits of
    any script count.

    Args:
        text: the text; more than `LOOK` characters give None.
        language: BCP 47; it selects the words that multiply ("nghìn", "Mio."); "" when unknown.

    Returns:
        The number, at most `LARGEST`; None when there is none, or several, or when it is negative, a
        fraction, a percentage, part of a date or a time, or could mean two things ("1,234 million"; "12 bin" on a
        page that is not Turkish).
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
    primary = primary_of(language)
    matches = list(_pattern(primary).finditer(plain))
    if primary in _NO_SPACES and any(map(_may_be_two, matches)):
        return None
    values = {_value(match, primary) for match in matches}
    return values.pop() if len(values) == 1 else None


def _may_be_two(match: re.Match[str]) -> bool:
    return " " in match["figure"] and not _LABELLED.search(match.string, 0, match.start())


def _in_ascii(character: str) -> str:
    value = unicodedata.decimal(character, None)
    return character if value is None else str(value)


@lru_cache(maxsize=64)
def _pattern(language: str) -> re.Pattern[str]:
    """Return the pattern of a figure, its units, and neighbours with which it is not a count (`tied`, `cut`)."""
    words = sorted(UNITS.get(language, {}) | _ANYWHERE, key=len, reverse=True)
    any_unit = "|".join(map(re.escape, words))
    long_unit = "|".join(re.escape(word) for word in words if word not in _SHORT) or r"(?!)"
    raised = "|".join(form for word in _SHORT & set(words) for form in (word.upper(), word.capitalize()))
    unit = rf"(?:(?:{any_unit}| (?:{long_unit})|(?-i: (?:{raised})))(?!{_LETTER}))"
    tied_after = rf"(?=[:/-]\d| ?%|{_RAISED}| ?rưỡi)"
    return re.compile(
        rf"(?P<tied>{_TIED_BEFORE})?(?P<figure>\d+(?:[.,' ]\d+)*)(?P<one>{unit})?(?P<two>{unit})?"
        rf"(?P<cut>{tied_after})?(?P<letter>(?={_LETTER}))?",
        re.IGNORECASE,
    )


def _value(match: re.Match[str], language: str) -> int | None:
    if match["tied"] is not None or match["cut"] is not None:
        return None
    counted = _COUNTED.get(language, "").split()
    before = _LAST_WORD.search(match.string, max(0, match.start() - _NEAR), match.start())
    if before and before[1].casefold() not in counted and multiplies_before(before[1]):
        return None
    following = _NEXT_WORDS.match(match.string, match.end())
    words = following[0].split() if following else []
    if words and words[0].casefold() in counted:
        words = []
    size = _size_of_word(match, words, language) if match["one"] is None else _size_of_units(match, words, language)
    whole = _scale(match["figure"], size) if size else None
    return None if whole is None else _bound(whole)


def _size_of_units(match: re.Match[str], words: list[str], language: str) -> int:
    """Return the factor of the units in our table; 0 when it is unsure."""
    units = UNITS.get(language, {}) | _ANYWHERE
    size = 1
    for unit in (match["one"], match["two"]):
        size *= units.get(unit.strip().lower(), 0) if unit else 1  # "ı" matches "i", and is not one of our units
    is_other = _WEIGHT.match(match.string, match.end() - 1) or _MILLION_ELSEWHERE.match(match.string, match.end() - 3)
    is_unsure = match["letter"] is not None or is_other is not None or any(map(multiplies, words[:2]))
    return 0 if is_unsure or (language not in UNITS and language and _has_other_k(language)) else size


def _has_other_k(language: str) -> bool:
    """Return whether "K" is not a thousand in a language: it is 100,000 in Tongan."""
    return not {power_of("K", language), power_of("k", language)} <= {None, 3}


def _size_of_word(match: re.Match[str], words: list[str], language: str) -> int:
    """Return the factor of the words after a figure; 0 when it is unsure."""
    if not words:
        return 1
    is_known = language in UNITS or (bool(language) and language_words(language) is not None)
    for last in range(len(words), 0, -1) if is_known else ():
        power = power_of(" ".join(words[:last]), language)
        if power is not None:
            return 10**power if power and not any(map(multiplies, words[last : last + 2])) else 0
    is_attached = match["letter"] is not None
    return 0 if is_attached or may_multiply(words[0], language if is_known else "") else 1


def _bound(value: int) -> int | None:
    return value if value <= LARGEST else None


def _scale(figure: str, size: int) -> int | None:
    """Return a figure times its unit; None when it is not an integer, or its mark has two meanings."""
    if figure.isdigit():
        return int(figure) * size
    if _GROUPED_BY_TWO.fullmatch(figure):
        return int(figure.replace(",", "")) * size
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
