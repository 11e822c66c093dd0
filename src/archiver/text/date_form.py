"""How dates are written in one language: the table of its words, the hours of parts of the day, and folding.

Words are written as printed; they are folded (case, accents) like the text they are compared with. In
`numbered` strings, `|` separates the months (from January) or weekdays (from Monday), `,` separates the ways to write
one. Fields whose comment says "pattern" are regular expressions over folded text.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

Hours = Mapping[int, int]  # the hour printed -> the hour of the day; an hour that is absent contradicts

# Bidirectional and zero-width marks do not matter in a date; typographic and full-width marks are plain ones.
_INVISIBLE = re.compile("[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_PLAIN = str.maketrans(
    dict.fromkeys("‐‑‒–—―−－", "-")
    | {"∕": "/", "⁄": "/", "／": "/", "：": ":", "’": "'", "׳": "'", "״": '"', "，": ",", "،": ",", "．": "."}
    | {"（": "(", "）": ")", "～": "~", "〜": "~", "ł": "l", "ı": "i"}
)
_MARKS = re.compile("[\u0300-\u036f]")
_OTHER_DIGIT = re.compile(r"(?![0-9])\d")


def fold(text: str, *, accents: bool) -> str:
    """Text in the form in which words are compared: no case, ASCII digits, plain dashes, `accents` kept or not."""
    plain = _INVISIBLE.sub("", unicodedata.normalize("NFC", text)).casefold().translate(_PLAIN)
    if not plain.isascii():
        plain = _OTHER_DIGIT.sub(lambda digit: str(int(digit[0])), plain.replace("i\u0307", "i"))
    if accents:
        return unicodedata.normalize("NFC", plain)
    return unicodedata.normalize("NFC", _MARKS.sub("", unicodedata.normalize("NFD", plain)))


def _same(first: int, last: int) -> dict[int, int]:
    return {hour: hour for hour in range(first, last + 1)}


def _later(first: int, last: int) -> dict[int, int]:
    return {hour: hour + 12 for hour in range(first, last + 1)}


MORNING: Hours = _same(0, 11) | {12: 0}
AFTERNOON: Hours = _later(1, 11) | _same(12, 23)  # "13:01 PM" is a clock of 24 hours with a superfluous mark
NOON = _same(11, 14) | _later(1, 2)
EVENING = _later(5, 11) | _same(17, 23)  # twelve "in the evening" may be either end of the day: absent
NIGHT = _same(0, 4) | _later(8, 11) | _same(20, 23)
SMALL_HOURS: Hours = _same(0, 6) | {12: 0}

AM: dict[str, Hours] = dict.fromkeys(("am", "a.m.", "a.m", "a. m."), MORNING)
PM: dict[str, Hours] = dict.fromkeys(("pm", "p.m.", "p.m", "p. m."), AFTERNOON)

# Names of zones that are a word of no language here; "EST" is one in French, "IST" in German.
ZONES = (
    "cet|cest|eet|eest|msk|ict|wib|edt|cst|cdt|mdt|pst|pdt|akst|akdt|bst|jst|kst|sgt|hkt|aest|aedt|acst|acdt|awst"
    "|nzst|nzdt|sast"
)
MORE_ZONES = ZONES + "|est|mst|hst|ist|pht|pkt|npt|wita|wit|ast|brt|art|clt|gst|mmt|eat|wat|cat"


def _hours(first: int, last: int) -> int:
    """Return the hours from `first` to before `last` as bits."""
    return sum(1 << hour % 24 for hour in range(first, last))


EASTERN_PARTS: Mapping[str, int] = (
    dict.fromkeys(("上午", "午前", "오전"), _hours(0, 12))
    | dict.fromkeys(("下午", "午後", "午后", "오후"), _hours(12, 24))
    | dict.fromkeys(("凌晨", "未明", "새벽"), _hours(0, 6))
    | dict.fromkeys(("清晨", "早上", "早晨", "早朝", "朝", "아침"), _hours(4, 12))
    | dict.fromkeys(("中午", "正午", "昼", "낮", "정오"), _hours(10, 16))
    | dict.fromkeys(("傍晚", "夕方", "저녁"), _hours(15, 22))
    | dict.fromkeys(("晚上", "晚间", "晚間", "晚", "夜"), _hours(17, 24))
    | dict.fromkeys(("深夜", "半夜", "夜里", "夜裡", "밤"), _hours(19, 29))
)
"""Parts of the day in Chinese, Japanese and Korean: they precede the hour, whatever the page's language is. The
hours are bits, as in `cldr.LanguageWords.periods`."""


def is_eastern(letter: str) -> bool:
    """Whether a letter is kana, Han or Hangul: scripts that write words without spaces."""
    return "\u3041" <= letter <= "\u9fff" or "\uac00" <= letter <= "\ud7a3" or letter == "\u3005"


@dataclass(frozen=True, slots=True)
class Words:
    """How one language writes dates. With the defaults, only figures are read."""

    months: str = ""  # numbered
    weekdays: str = ""  # numbered
    before_month: str = ""  # pattern
    before_year: str = ""  # pattern
    after_year: str = ""  # pattern: an abbreviation of "year", with or without a space
    y_first: bool = False  # whether dates that name the month may begin with the year
    ordinal: str = ""  # pattern, after the day
    hours: str = ""  # pattern: "h" in 15h55
    before_hours: tuple[str, ...] = ()  # words after which "15.55" is a time
    dotted: bool = False  # whether "15.55" after a date is a time, too
    minutes: str = ""  # pattern
    seconds: str = ""  # pattern
    inexact_before: tuple[str, ...] = ()  # "half", "to": words that change the hour after them
    inexact_after: str = ""  # pattern: "et demie": likewise, after the hour
    marks: dict[str, Hours] = field(default_factory=lambda: AM | PM)  # only directly after a time
    last_marks: dict[str, Hours] = field(default_factory=dict)  # likewise, and only at the end of the phrase
    parts: dict[str, Hours] = field(default_factory=dict)  # parts of the day, after a time or alone
    hints: dict[str, Hours] = field(default_factory=dict)  # the same as bare words, alone or within a word:
    # near a time that they would move, outside known phrases, only the day is read
    parts_end: str = ""  # pattern that must follow a part of the day; else a time that it moves is unsure
    named: Mapping[str, int] = field(default_factory=dict)  # words that are an hour
    relative: str = ""  # pattern
    lunar: str = ""  # pattern: another calendar
    until: str = ""  # pattern: the word between two ends of a range
    little: str = ""  # pattern: words between the pieces of one date
    zones: str = ZONES  # pattern: names that are no offset
    accents: bool = False  # whether accents tell words apart
    is_strict: bool = False  # a table without `until`: a lone number before a date may be the start of a range, and a
    # short word after a time is not a weekday


def number(words: str) -> dict[str, int]:
    """Turn a `numbered` string into word -> number, from 1."""
    groups = enumerate(words.split("|"), start=1) if words else ()
    return {word: index for index, group in groups for word in group.split(",")}
