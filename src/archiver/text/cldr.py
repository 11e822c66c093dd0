"""Give the words of dates and counts that CLDR has for a language.

The data is the file `cldr_words.jsonl`, written by `docs/cldr_words.py` from the CLDR release that babel carries. It is
part of the package, so that a capture is read the same way whatever babel is installed (decision 10). The file is
opened when a text holds a word that the tables of the program do not know, and only the lines asked for are parsed.
"""

import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

_FIELDS = ("language", "names", "months", "weekdays", "periods", "joins", "clock", "numeric", "named", "units")
_OLD_CODES = {"iw": "he", "in": "id", "ji": "yi", "jw": "jv", "mo": "ro", "tl": "fil", "sh": "sr", "cmn": "zh"}
# Marks that writers leave out: accents, Hebrew points, Arabic vowels, the nukta; and full stops, quotes, spaces.
_LEFT_OUT = re.compile(
    "[\u0300-\u036f\u0591-\u05c7\u064b-\u0655\u0670\u0640\u093c\u09bc\u0a3c\u0abc\u0b3c"
    "\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff.'’ʼ׳״\"\\s]"
)
_SAME_LETTER = str.maketrans({"ı": "i", "ł": "l", "ى": "ي", "ی": "ي", "ک": "ك", "ہ": "ه", "ھ": "ه"})


@dataclass(frozen=True, slots=True)
class LanguageWords:
    """The words of one language, as printed."""

    language: str
    """First subtag of BCP 47."""
    names: tuple[str, ...]
    """The language's name in English and in itself."""
    months: tuple[tuple[str, ...], ...]
    """From January: all names and abbreviations."""
    weekdays: tuple[tuple[str, ...], ...]
    """From Monday."""
    periods: Mapping[str, int]
    """Parts of the day: bit N is set when the hour from N:00 belongs to it."""
    joins: tuple[str, ...]
    """Words between the parts of a date."""
    clock: tuple[str, ...]
    """Words of a time that say nothing of the half of the day."""
    numeric: str
    """Orders of numeric dates, as "dMy yMd"."""
    named: str
    """Orders of dates that name the month."""
    units: Mapping[str, int]
    """Words that multiply a count: the power of ten, 0 when the locales of the language differ."""
    units_before: Mapping[str, int]
    """The same, for words before the figure."""


@lru_cache(maxsize=1)
def _lines() -> dict[str, str]:
    text = Path(__file__).with_name("cldr_words.jsonl").read_text(encoding="utf-8")
    return {line.split('"', 4)[3]: line for line in text.splitlines()[1:]}


@lru_cache(maxsize=64)
def language_words(language: str) -> LanguageWords | None:
    """Return the words of a language (its first subtag), or None when CLDR has none."""
    line = _lines().get(language) if language else None
    if line is None:
        return None
    read = json.loads(line)
    for field in ("months", "weekdays"):
        read[field] = tuple(map(tuple, read[field]))
    for field in ("names", "joins", "clock"):
        read[field] = tuple(read[field])
    return LanguageWords(units_before=read.pop("units_before", {}), **{field: read[field] for field in _FIELDS})


def languages() -> list[str]:
    """Return the codes of all languages of the file, sorted."""
    return sorted(_lines())


def primary_of(language: str) -> str:
    """Return the first subtag of a BCP 47 tag in lower case, today's code for a withdrawn one; "" for none."""
    primary = language.replace("_", "-").split("-", 1)[0].lower()
    return _OLD_CODES.get(primary, primary)


@lru_cache(maxsize=2048)
def word_key(text: str) -> str:
    """Return the form in which words are compared whatever their accents, full stops, quotes and spaces."""
    folded = unicodedata.normalize("NFKD", text.casefold().translate(_SAME_LETTER))
    return unicodedata.normalize("NFC", _LEFT_OUT.sub("", folded))
