"""Cut a text into the pieces of a date, with one pattern per language that is made from the language's words.

The pattern names what it finds (a day, a time, a weekday, a zone, ...); the text between is not read.
`archiver.text.dates` decides what the pieces mean together. Every repetition is bounded and no two neighbouring parts
can match the same text in many ways, so the cost is linear in the length of the text.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from archiver.text.cldr_dates import date_words
from archiver.text.date_form import EASTERN_PARTS, Hours, Words, fold, is_eastern, number
from archiver.text.date_words import ENGLISH_BY_MACHINE, FIGURES_ONLY, WORDS

_NEVER = r"(?!)"
_LONGEST_GAP = 40  # characters between two pieces; more text is about another subject
_HANGERS_ON = frozenset({"weekday", "part", "zone", "named", "hint"})  # they count only next to a day or a time
_PARTS = frozenset({"part", "hint"})
_SHORT_WORD = 3
_NEAR = 20  # characters between a time and a word that may still tell the half of the day

# Neither in the middle of a number or a word ("A21"), nor after one ("12/2022/NĐ-CP", "028-39-10-2022").
_FREE_BEFORE = r"(?<!\w)(?<!\w[/-])(?<!\d[.:])"
_FREE_AFTER = r"(?!\w)(?![/-]\w)(?!\.\d)"
_YMD = (
    rf"(?P<ymd>{_FREE_BEFORE}(?P<ymd_y>\d{{4}}) ?(?P<ymd_sep>[/.-]) ?(?P<ymd_m>\d{{1,2}}) ?(?P=ymd_sep) ?"
    rf"(?P<ymd_d>\d{{1,2}})(?:(?=t\d)|{_FREE_AFTER}))"
)
_NUMERIC = (
    rf"(?P<numeric>{_FREE_BEFORE}(?P<numeric_1>\d{{1,2}}) ?(?P<numeric_sep>[/.-]) ?(?P<numeric_2>\d{{1,2}}) ?"
    rf"(?P=numeric_sep) ?(?P<numeric_y>\d{{4}}){_FREE_AFTER})"
)
_SHORT = rf"(?P<short>{_FREE_BEFORE}\d{{1,2}}(?P<short_sep>[/.-])\d{{1,2}}(?P=short_sep)\d\d{_FREE_AFTER})"
_ZONE = (
    r"(?P<zone>(?<!\w)(?:gmt|utc)"
    r"(?: ?(?P<zone_sign>[+-]) ?(?P<zone_h>\d{1,2})(?::?(?P<zone_m>\d\d))?)?(?!\w))"
)
# A bare "-10:30" is an offset after "T08:30" or after seconds; "08:30-10:30" is a range of times. After a space
# and an ISO date ("2022-10-21 15:55 -05:00") it is an offset when such an offset exists.
_OFFSET = (
    r"(?: ?(?P<offset_z>z)(?!\w)| ?(?P<offset_sign>\+|(?(a_s)-|(?(t)-|(?<= )-(?=\d{4}(?!\d)"
    r"|(?(iso)(?:0[1-9]:[03]0|1[0-2]:00)|(?!))))))"
    r"(?P<offset_h>0\d|1[0-4])(?::?(?P<offset_m>\d\d))?(?!\w|[:/.-]\w))"
)
_FIRST_EASTERN = "\u3005"
_EASTERN_DAY = (
    r"(?P<cjk>(?<!\d)(?P<cjk_y>\d{4}) ?(?:年|년)[ )]{0,2}(?P<cjk_m>\d{1,2}) ?(?:月|월) ?"
    r"(?P<cjk_d>\d{1,2})(?!\d)(?: ?(?:日|号|號|일))?)"
)
_EASTERN_TIME = (
    r"(?P<e_h>\d{1,2}) ?(?:時|时|點|点|시)"
    r"(?: ?(?P<e_m>\d{1,2}) ?(?:分|분)(?: ?(?P<e_s>\d{1,2}) ?(?:秒|초))?|(?! ?\d{1,2}(?!\d)))"
    r"(?P<e_inexact> ?(?:半|반|许|許|頃|ごろ|쯤))?"
)
_EASTERN_PART = (
    rf"(?:(?![\x00-\x7f])(?P<east>{'|'.join(sorted(EASTERN_PARTS, key=len, reverse=True))})[ :,.()]{{0,2}})?"
)
_EASTERN_RANGE = re.compile(
    r" ?(?:[~,-]|、|・|至|到|から|부터|和|及) ?(?:\d{1,2} ?(?:月|월) ?)?\d{1,2} ?(?:日|号|號|일)"
)
_EASTERN_LUNAR = "农历|農曆|阴历|陰曆|旧历|舊曆|旧暦|음력"
_LONE_NUMBER = re.compile(r"(?<![\d:.,/-])\d{1,2}\.? (?:[^\W\d]{1,10}\.? ?){1,2}$")
# ISO 8601, basic format: 20221021T155500Z. Without the time it would be any number.
_BASIC = re.compile(r"(?<!\w)(\d{4})(\d\d)(\d\d)t(\d\d)(\d\d)(\d\d)(?!\d)")


_BRACKETS = str.maketrans("[]", "  ")


class Piece(NamedTuple):
    """One piece found: `kind` is the name of its pattern; `before` and `after` reach to the next pieces."""

    kind: str
    said: dict[str, str | None]
    text: str
    before: str
    after: str
    is_last: bool = False


@dataclass(frozen=True, slots=True)
class Scanner:
    """The compiled patterns of one language, with the numbers of its words (folded)."""

    words: Words
    months: dict[str, int]
    weekdays: dict[str, int]
    hours: dict[str, Hours]
    pattern: re.Pattern[str]
    thin: re.Pattern[str]
    half_range: re.Pattern[str]
    range_goes_on: re.Pattern[str]

    def fold(self, text: str) -> str:
        """Return a text in the form that this scanner reads."""
        plain = fold(text, accents=self.words.accents).translate(_BRACKETS)
        if max(plain, default="") >= _FIRST_EASTERN:
            plain = _with_eastern_letters_apart(plain)
        plain = " ".join(plain.split())
        return _BASIC.sub(r"\1-\2-\3t\4:\5:\6", plain)

    def find(self, text: str) -> list[Piece]:
        """Find the pieces in a folded text, in order.

        Words away from the date do not count: "The Sun reported on ... 5 May 2022".
        """
        matches = list(self.pattern.finditer(text))
        kinds = ["", *(match.lastgroup or "" for match in matches), ""]
        ends = [0, *(match.end() for match in matches)]
        starts = [*(match.start() for match in matches), len(text)]
        gaps = [text[end:start] for end, start in zip(ends, starts, strict=True)]
        joins = [0 < index < len(matches) and self.is_thin(gap) for index, gap in enumerate(gaps)]
        found: list[Piece] = []
        for index, match in enumerate(matches):
            kind, before, after = kinds[index + 1], gaps[index], gaps[index + 1]
            if kinds[index - 1 : index + 1] == ["weekday", "weekday"] and joins[index]:
                before = gaps[index - 1]  # "Thursday 5 - Saturday 7 May 2022"
            if kind in _HANGERS_ON and not (joins[index] or joins[index + 1]):
                neighbours = ((kinds[index], before), (kinds[index + 2], after))
                if kind not in _PARTS or not any(other == "time" and len(gap) <= _NEAR for other, gap in neighbours):
                    continue
                kind = "hint"
            found.append(Piece(kind, match.groupdict(), match.group(), before, after, index + 1 == len(matches)))
        return found

    def is_thin(self, gap: str) -> bool:
        """Whether a gap holds only marks and the little words that join the pieces of one date."""
        return len(gap) <= _LONGEST_GAP and self.thin.fullmatch(gap) is not None

    def is_little(self, text: str) -> bool:
        """Whether a text is one of the little words that join the pieces of one date."""
        return re.fullmatch(rf"(?:{self.words.little or _NEVER})", text) is not None

    def is_range(self, piece: Piece) -> bool:
        """Whether a day is the end of a range whose other end is less complete: "5 - 7/9/2023", "5/9/2023 - 7/9"."""
        before = piece.before[-_LONGEST_GAP:]
        if piece.kind == "cjk":
            return _EASTERN_RANGE.match(piece.after[:_LONGEST_GAP]) is not None
        lone_number = piece.kind == "mdy" and re.search(r"(?<!\d)\d{1,2} ?$", before) is not None
        if self.words.is_strict and _LONE_NUMBER.search(before):
            return True
        later_end = self.range_goes_on.match(piece.after[:_LONGEST_GAP])
        return lone_number or self.half_range.search(before) is not None or later_end is not None


def _with_eastern_letters_apart(text: str) -> str:
    """Return the text with a space between a letter of an Eastern script and a figure or another letter."""
    edges = (
        " " if before.isalnum() and after.isalnum() and is_eastern(before) != is_eastern(after) else ""
        for before, after in pairwise(text)
    )
    return text[0] + "".join(map("".join, zip(edges, text[1:], strict=True)))


@lru_cache(maxsize=64)
def scanner_for(language: str) -> Scanner:
    """Return the scanner of a language (its first subtag).

    The scanner of an unknown language reads figures only; that of "machine" reads dates as programs print them in
    English.
    """
    words = ENGLISH_BY_MACHINE if language == "machine" else WORDS.get(language) or date_words(language) or FIGURES_ONLY

    def folded(table: str) -> dict[str, int]:
        return {fold(word, accents=words.accents): value for word, value in number(table).items()}

    months = folded(words.months)
    parts_of_the_day = words.last_marks | words.marks | words.parts | words.hints
    month, until = _any(months), words.until or _NEVER
    little = rf"(?:{words.little})" if words.little else _NEVER
    marks = r"[ ,.;:|()\[\]/·•-]"
    a_number = rf"(?<!\w)(?<![^\W\d]-)(?:(?:0?[1-9]|[12]\d|3[01])(?:{words.ordinal})?|{month})"
    other_end = (
        rf"(?:\d{{1,2}}(?:/\d{{1,2}}(?![\d/])|{_month_after_day(words, month)})"
        rf"|{words.before_month}{month}\.? \d{{1,2}}(?![\d:]))"
    )
    return Scanner(
        words=words,
        months=months,
        weekdays=folded(words.weekdays),
        hours={fold(word, accents=words.accents): hours for word, hours in parts_of_the_day.items()},
        pattern=re.compile(_pattern(words, month)),
        thin=re.compile(rf"{marks}*(?:{little}(?!\w){marks}*){{0,3}}"),
        half_range=re.compile(rf"{a_number}(?:\./|\.? ?(?:[~&,+-] ?|(?<= )(?:{until}) (?:{little} )?))$"),
        range_goes_on=re.compile(rf" ?(?:[~-] ?|(?<= )(?:{until}) (?:{little} )?){other_end}"),
    )


def _any(words: Iterable[str]) -> str:
    """Return a pattern of whole words, the longest first, so that "mười hai" is not read as "mười"."""
    return rf"{_one_of(words)}(?!\w)"


def _any_folded(words: Iterable[str], *, accents: bool) -> str:
    return rf"{_one_of_folded(words, accents=accents)}(?!\w)"


def _one_of_folded(words: Iterable[str], *, accents: bool) -> str:
    return _one_of(fold(word, accents=accents) for word in words)


def _one_of(words: Iterable[str]) -> str:
    return rf"(?:{'|'.join(sorted(map(re.escape, words), key=len, reverse=True)) or _NEVER})"


def _behind(words: Iterable[str]) -> str:
    """Return a pattern of no width: directly after one of the words."""
    places = "|".join(rf"(?<=\b{re.escape(word)} )" for word in words)
    return rf"(?:{places or _NEVER})"


def _month_after_day(words: Words, month: str) -> str:
    return rf"(?:{words.ordinal or _NEVER})?[ .,/-]{{0,3}}{words.before_month}{month}"


def _pattern(words: Words, month: str) -> str:
    """Return the whole pattern: of two kinds that match at one place, the earlier one wins."""
    year = rf"(?:(?!\w)|(?=(?:{words.after_year or _NEVER})(?!\w)))(?![/-]\w)(?!:\d)"
    dmy = (
        rf"(?P<dmy>{_FREE_BEFORE}(?P<dmy_d>\d{{1,2}})(?:{words.ordinal or _NEVER})?[ .,/-]{{0,3}}"
        rf"{words.before_month}(?P<dmy_m>{month})\.?[ .,/-]{{0,3}}{words.before_year}"
        rf"(?P<dmy_y>\d{{4}}){year})"
    )
    mdy = (
        rf"(?P<mdy>(?<!\w){words.before_month}(?P<mdy_m>{month})\.?[ .,-]{{0,3}}(?:the |ngày )?"
        rf"(?P<mdy_d>\d{{1,2}})(?:{words.ordinal or _NEVER})?[ ,.]{{1,3}}{words.before_year}"
        rf"(?P<mdy_y>\d{{4}}){year})"
    )
    weekdays = number(words.weekdays)
    weekday = _any_folded(weekdays, accents=words.accents)
    if words.is_strict:
        short = _any_folded((word for word in weekdays if len(word) <= _SHORT_WORD), accents=words.accents)
        weekday = rf"(?!(?<=:\d\d ){short}){weekday}"
    part = _any_folded(words.parts, accents=words.accents)
    hint = _one_of_folded(words.hints, accents=words.accents)
    mark = _any_folded(words.marks, accents=words.accents)
    letter = r"[^\W\d_]"
    simple = {
        "lunar": rf"(?<!\w)(?:{words.lunar or _NEVER})(?!\w)|{_EASTERN_LUNAR}",
        "weekday": rf"(?<!\w){weekday}",
        "part": rf"(?<!\w){part}{words.parts_end}",
        "named": rf"(?<!\w)(?P<inexact_named>{_behind(words.inexact_before)})?{_any(words.named)}",
        "hint": rf"(?<!\w)(?:{letter}{{0,12}}?(?P<hint_word>{hint}){letter}{{0,3}}(?!{letter})|{mark})",
    }
    relative = rf"(?P<relative>(?<!\w)(?:{words.relative or _NEVER})(?!\w))"
    others = (f"(?P<{kind}>{pattern})" for kind, pattern in simple.items())
    days = (_EASTERN_DAY, *_year_first(words, month), dmy, mdy, _YMD, _NUMERIC)
    return "|".join((relative, *days, _time(words, month), _SHORT, _ZONE, *others))


def _year_first(words: Words, month: str) -> tuple[str, ...]:
    """Return the patterns of dates that begin with the year and name the month: "2022 m. spalio 21 d."."""
    if not words.y_first:
        return ()
    join = rf"\.?[ .,/()-]{{0,3}}{words.before_month}"
    year = r"(?<![\w.:/-])(?P<{0}_y>\d{{4}})(?!\d)"
    end = rf"(?!\d)(?!{join}\d{{4}}(?!\d))"
    day = r"(?P<{0}_d>\d{{1,2}})"
    name = rf"(?P<{{0}}_m>{month})"
    return (
        rf"(?P<ymn>{year.format('ymn')}{join}{name.format('ymn')}{join}{day.format('ymn')}{end})",
        rf"(?P<ydn>{year.format('ydn')}{join}{day.format('ydn')}(?!\d){join}{name.format('ydn')}{end})",
    )


def _time(words: Words, month: str) -> str:
    """Return the pattern of a time: 15:55:00, 15h55, 15.55 Uhr, 3 PM, with its words."""
    hours = rf"(?:{words.hours or _NEVER})(?![^\W\d])"
    mark = _any_folded(words.marks, accents=words.accents)
    part = _any_folded(words.parts, accents=words.accents)
    figures = "|".join(rf" ?{sep} ?\d{{1,2}} ?{sep} ?\d{{4}}" for sep in ("/", "-", r"\."))
    a_date = rf"\d{{1,2}}(?:{figures}|{_month_after_day(words, month)})"
    colons = (
        r"(?P<t>(?<=\dt))?(?P<iso>(?<=\d{4}-\d\d-\d\d ))?"
        r"(?P<a_h>\d{1,2}):(?P<a_m>\d\d)(?::(?P<a_s>\d\d)(?:[.,]\d{1,9})?)?(?!\d|:\d)"
        rf"(?: ?{hours}\.?)?"
    )
    seconds = rf"(?: ?(?!{a_date})(?P<b_s>\d{{1,2}}) ?(?:{words.seconds or _NEVER})(?!\w))?"
    minutes = rf"(?: ?(?:{words.minutes or _NEVER})(?!\w))"
    units = (
        rf"(?P<b_h>\d{{1,2}}) ?{hours}"
        rf"(?: ?(?!{a_date})(?P<b_m>\d\d(?!\d|:)|\d(?={minutes})){minutes}?{seconds})?(?!\d)"
    )
    led = _behind(words.before_hours) + (r"|(?<=\d{4} )|(?<=\d{4}, )" if words.dotted else "")
    dotted = (
        rf"(?P<led>{led})?(?P<c_h>\d{{1,2}})\.(?P<c_m>\d\d)(?:\.(?P<c_s>\d\d))?"
        rf"(?: ?{hours}|(?= ?{mark})|(?(led)(?![\d.]|\w)|{_NEVER}))"
    )
    bare = rf"(?P<d_h>\d{{1,2}})(?= ?{mark})"
    last = rf"{_any_folded(words.last_marks, accents=words.accents)}(?= ?(?:$|[,.;:|()-]))"
    marked = rf"(?: ?(?P<mark>{mark}|{last}|{part}{words.parts_end})|(?= ?(?P<doubt>{part})))?"
    inexact = rf"(?P<inexact_after>(?= ?(?:{words.inexact_after or _NEVER})(?!\w)))?"
    name = rf" ?\(?(?P<name>(?:{words.zones})(?!\w))"
    clock = rf"(?:{colons}|{units}|{_EASTERN_TIME}|{dotted}|{bare})"
    behind = rf"(?P<inexact_before>{_behind(words.inexact_before)})?"
    return rf"(?P<time>(?<!\d)(?<!\d[.:/]){behind}{_EASTERN_PART}{clock}{marked}{inexact}(?:{_OFFSET}|{name})?)"
