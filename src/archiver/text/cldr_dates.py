"""Read dates with the words of CLDR: tables for languages without a table in `date_words`, and the halves of the day.

A part of the day counts only in its own language, and only when its hours allow one reading of the hour printed.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

from archiver.text.cldr import LanguageWords, language_words, languages, word_key
from archiver.text.date_form import AFTERNOON, AM, MORE_ZONES, MORNING, PM, Hours, Words, fold

_AM, _PM = 0x000FFF, 0xFFF000  # the hours before noon and after it, as bits
_NOON = 12
_SHORTEST = 3
"""Letters of a month that is recognized in an unknown language, and of a word that may name a half of the day there."""
_EASTERN_MONTH = re.compile(r"\d{1,2}[月월]")  # read as figures
_FROM_DAWN = frozenset(
    {"am", "byn", "ebu", "gez", "guz", "kam", "ki", "lg", "luo", "mer", "om", "rw", "so", "sw", "ti"}
)
"""Languages whose speakers count the hours from sunrise: "saa 3 asubuhi" is nine in the morning."""
_AT = {
    "az": "saat", "be": "у а", "bg": "в", "bn": "সাল", "bs": "u", "ca": "a les", "cs": "v o", "da": "kl klokken",
    "el": "στις ώρα", "et": "kell", "fa": "ساعت", "fi": "klo", "gl": "ás", "he": "בשעה", "hr": "u", "hy": "ժամը",
    "id": "pukul jam", "is": "kl klukkan", "ka": "საათი", "lb": "um", "lv": "plkst", "mk": "во", "ms": "pukul jam",
    "nb": "kl klokka", "nn": "kl klokka", "no": "kl klokka", "ro": "ora", "sk": "o", "sl": "ob", "sq": "ora",
    "sr": "u у", "sv": "kl klockan", "th": "เวลา", "tr": "saat", "uk": "о об",
}  # fmt: skip
"""Words for "at" in languages that print hours from 0 to 23."""
_OCLOCK = {
    "bg": "ч часа", "bs": "sati h", "ca": "h hores", "cs": "hod hodin h", "gl": "h horas", "hr": "sati h",
    "lb": "auer", "lt": "val", "mk": "часот", "sk": "hod hodín h", "sl": "uri h", "sr": "sati h часова", "th": "น",
    "uk": "год",
}  # fmt: skip
"""Words for "o'clock", in the same languages."""
_AFTER_YEAR = {"ar": "م", "fa": "م", "ur": "ء"}
"""Letters for "of our era", after the year; the first is also "p.m." in Arabic."""
_DOTTED = frozenset({"da", "fi", "id", "si", "nb", "nn", "no", "sv", "is", "et", "ms"})
"""Languages that print 15.55 for a time, after "at" or after a date."""


@lru_cache(maxsize=64)
def date_words(language: str) -> Words | None:
    """Return the table of a language that CLDR knows, or None."""
    known = language_words(language)
    if known is None:
        return None
    accents = not (_is_clear(known.months) and _is_clear(known.weekdays))
    joins = _one_of(word.rstrip(".") for word in known.joins)
    joined = rf"(?:(?:{joins})(?!\w)[ .,/()'-]{{0,3}}){{0,3}}" if joins else ""
    before_noon, after_noon = _halves(known)
    marks = before_noon | after_noon
    return Words(
        months=_numbered(known.months),
        weekdays=_numbered(known.weekdays),
        before_month=joined,
        before_year=joined,
        after_year="|".join(filter(None, (joins, _AFTER_YEAR.get(language, "")))),
        ordinal=joins,
        y_first="y" in {order[0] for order in known.named.split()},
        before_hours=tuple(each for word in _AT.get(language, "").split() for each in (word, f"{word}."))
        if language in _DOTTED
        else (),
        dotted=language in _DOTTED,
        marks={mark: hours for mark, hours in (AM | PM | marks).items() if mark != "am" or "am" in marks},
        last_marks={"am": MORNING},
        parts={mark: hours for mark, hours in marks.items() if len(word_key(mark)) > 1},
        zones=MORE_ZONES,
        accents=accents,
        is_strict=True,
    )


def _is_clear(groups: Iterable[Iterable[str]]) -> bool:
    """Whether every word still has one number when accents are left out."""
    seen: dict[str, int] = {}
    pairs = [(fold(word, accents=False), index) for index, group in enumerate(groups) for word in group]
    return all(seen.setdefault(word, index) == index for word, index in pairs)


def _numbered(groups: tuple[tuple[str, ...], ...]) -> str:
    kept = [[word.rstrip(".") for word in group if _is_name(word)] for group in groups]
    return "|".join(map(",".join, kept)) if all(kept) else ""


def _is_name(word: str) -> bool:
    return len(word.rstrip(".")) > 1 and not _EASTERN_MONTH.fullmatch(word)


def _one_of(words: Iterable[str]) -> str:
    return "|".join(sorted({re.escape(fold(word, accents=True)) for word in words}, key=len, reverse=True))


def _halves(known: LanguageWords) -> tuple[dict[str, Hours], dict[str, Hours]]:
    """Return the ways to write a.m. and p.m., with and without full stops."""
    found: tuple[dict[str, Hours], dict[str, Hours]] = ({}, {})
    if known.language in _FROM_DAWN:
        return found
    for word, hours in known.periods.items():
        for index, half in enumerate((_AM, _PM)):
            if hours == half:
                ways = {word, word.rstrip("."), word.replace(".", ""), word.replace(".", ". ").strip()}
                found[index].update(dict.fromkeys(ways, (MORNING, AFTERNOON)[index]))
    return found


@lru_cache(maxsize=64)
def date_orders(language: str) -> str:
    """Return the orders in which a language prints numeric dates: "DMY" or, when either is possible, "DMY MDY"."""
    known = language_words(language)
    orders = set(known.numeric.split()) if known else set()
    return "DMY" if "dMy" in orders and "Mdy" not in orders else "DMY MDY"


@lru_cache(maxsize=64)
def _periods(language: str) -> dict[str, int]:
    known = language_words(language)
    found: dict[str, int] = {}
    for word, hours in known.periods.items() if known and language not in _FROM_DAWN else ():
        key = word_key(word)
        found[key] = found.get(key, 0) | hours
    return found


@lru_cache(maxsize=64)
def clock_words(language: str, *, is_after: bool) -> frozenset[str]:
    """Return the keys (`word_key`) of words before or after a time that do not tell the half of the day."""
    known = language_words(language)
    own = (*known.clock, *(() if is_after else known.joins)) if known else ()
    return frozenset(map(word_key, (*own, *(_OCLOCK if is_after else _AT).get(language, "").split())))


def hours_of(language: str, key: str) -> int | None:
    """Return the hours of a part of the day, as bits, or None when the language has no such word."""
    return _periods(language).get(key)


def hour_in(hours: int, printed: int) -> int | None:
    """Return the hour of the day that an hour printed with a part of the day means; None when it is unsure.

    Twelve at night may be either end of the day, so only "12 a.m." is midnight.
    """
    if printed > _NOON:
        return printed
    meant = [hour for hour in (printed % _NOON, printed % _NOON + _NOON) if hours >> hour & 1]
    if len(meant) != 1 or (printed == _NOON and meant == [0] and hours != _AM):
        return None
    return meant[0]


@lru_cache(maxsize=1)
def _everywhere() -> tuple[dict[str, int], frozenset[str]]:
    """Return the months that mean one number in all languages, and the parts of the day of all languages."""
    months: dict[str, set[int]] = {}
    periods: set[str] = set()
    for known in filter(None, map(language_words.__wrapped__, languages())):
        periods.update(map(word_key, known.periods))
        for number, names in enumerate(known.months, start=1):
            for name in names:
                months.setdefault(word_key(name), set()).add(number)
    sure = {key: min(found) for key, found in months.items() if len(found) == 1 and len(key) >= _SHORTEST}
    return sure, frozenset(periods)


def month_anywhere(word: str) -> int | None:
    """Return the number of a month whose name means that month in every language that has it."""
    return _everywhere()[0].get(word_key(word))


def is_half_day_anywhere(key: str) -> bool:
    """Whether a word (its key) is a part of the day in any language."""
    return key in _everywhere()[1]
