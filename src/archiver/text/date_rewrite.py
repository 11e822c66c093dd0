"""Rewrite dates that mean one day in every language, so that they can be read without knowing the language.

Programs print dates in English whatever the language of the page (RFC 2822 3.3, JavaScript's Date, asctime of C). A
month whose name means one month in all languages of CLDR needs no language either.
"""

import re
from datetime import date

from archiver.text.cldr_dates import month_anywhere
from archiver.text.date_form import number
from archiver.text.date_words import ENGLISH

_MONTHS, _WEEKDAYS = number(ENGLISH.months), number(ENGLISH.weekdays)
_MONTH = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
_WEEKDAY = "mon|tue|wed|thu|fri|sat|sun"
_CLOCK = r"\d\d:\d\d(?::\d\d)?"
_ZONE = r"(?: ?(?:z|(?:gmt|utc)?(?:[+-]\d\d:?\d\d)?)|(?: [a-z]{2,5}))?"
_BY_MACHINE = re.compile(
    rf"(?:(?:{_WEEKDAY}),? )?(?:\d{{1,2}} (?:{_MONTH})|(?:{_MONTH}) \d{{1,2}}) \d{{4}} {_CLOCK}{_ZONE}"
    r"(?: \([^()]{0,40}\))?",
    re.IGNORECASE,
)
_ASCTIME = re.compile(
    rf"(?<![^\W_])(?P<weekday>{_WEEKDAY}),? (?P<month>{_MONTH}) (?P<day>\d{{1,2}}) (?P<clock>{_CLOCK})"
    r"(?P<zone> (?:gmt|utc)?[+-]\d\d:?\d\d| [a-z]{2,5})? (?P<year>\d{4})(?!\w)",
    re.IGNORECASE,
)
_LETTER = r"[^\W\d_][\w\u0300-\u036f\u0900-\u0dff.'’-]"
_JOIN = r"(?:[ ,./-]{1,3}(?:[^\W\d_]{1,3}[ .])?)"
_NAMED = re.compile(
    rf"(?<![\w./:-])(?:(?P<d1>\d{{1,2}})(?:st|nd|rd|th|er|º|ª|°)?{_JOIN}(?P<m1>{_LETTER}{{2,24}}){_JOIN}(?P<y1>\d{{4}})"
    rf"|(?P<m2>{_LETTER}{{2,24}})[ .]{{1,2}}(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<y2>\d{{4}}))(?![\w/-])(?!:\d)"
)


def is_by_machine(text: str) -> bool:
    """Whether a text is nothing but a date as a program prints it in English."""
    return ":" in text and (_BY_MACHINE.fullmatch(text) or _ASCTIME.fullmatch(text)) is not None


def with_asctime_as_iso(text: str) -> str:
    """Return the text with dates such as "Wed Aug 05 12:00:00 2015" rewritten as "2015-08-05 12:00:00"."""
    return _ASCTIME.sub(_iso_of_asctime, text) if ":" in text else text


def _iso_of_asctime(match: re.Match[str]) -> str:
    month, weekday = _MONTHS.get(match["month"].lower()), _WEEKDAYS.get(match["weekday"].lower())
    try:
        day = date(int(match["year"]), month or 0, int(match["day"]))
    except ValueError:
        return match[0]
    if day.isoweekday() != weekday:
        return match[0]
    return f"{day.isoformat()} {match['clock']}{match['zone'] or ''}"


def with_named_months_as_iso(folded: str) -> str:
    """Return the text with dates rewritten as ISO 8601 where the month's name means that month in every language."""
    return _NAMED.sub(_iso_of_named, folded)


def _iso_of_named(match: re.Match[str]) -> str:
    month = month_anywhere(match["m1"] or match["m2"])
    if month is None:
        return match[0]
    return f"{match['y1'] or match['y2']}-{month:02}-{int(match['d1'] or match['d2']):02}"
