"""Write `src/archiver/text/cldr_words.jsonl` from the CLDR data in babel, or check that it is up to date.

The first line names the CLDR version. Every other line holds one language: the words of all its locales, merged. A
name of a month or weekday that two locales use for different numbers is left out; a word that multiplies by different
powers of ten has the power 0. `make docs` runs this.
"""

import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path

from babel import Locale
from babel.core import get_cldr_version
from babel.localedata import locale_identifiers

PLACE = Path(__file__).parent.parent / "src" / "archiver" / "text" / "cldr_words.jsonl"
_PLACEHOLDER = re.compile(r"M?\d+")  # the root locale's "M01"
_PATTERN = re.compile(r"'((?:[^']|'')*)'|(([a-zA-Z])\3*)|([^a-zA-Z']+)")
_UNIT = re.compile(r"(?P<before>[^0]*)(?P<zeros>0+)(?P<after>[^0]*)")
_DIRECTION_MARKS = re.compile("[\u200e\u200f\u061c\u180e]")
_HALVES = {"am": range(12), "pm": range(12, 24)}
_ROOT_UNITS = {("K", 3, False), ("M", 6, False), ("G", 9, False), ("T", 12, False)}
_ROOT_DAYS = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"}
_HOUR = 3600  # seconds
_LONGEST_NUMBER = 2  # letters of a field that is printed in figures

Parts = list[tuple[str, bool]]
"""A pattern of dates or times: each text, and whether it is a field."""
Numbers = dict[str, set[int]]


def _plain(text: str) -> str:
    return " ".join(_DIRECTION_MARKS.sub("", text).split())


def _parts(pattern: object) -> Parts:
    matches = _PATTERN.finditer(str(getattr(pattern, "pattern", pattern)))
    return [(each[2], True) if each[2] else (each[4] or (each[1] or "'").replace("''", "'"), False) for each in matches]


def _date_patterns(locale: Locale) -> Iterator[Parts]:
    yield from map(_parts, locale.date_formats.values())
    for skeleton, pattern in locale.datetime_skeletons.items():
        if {"y", "M", "d"} <= set(skeleton) and "G" not in skeleton:
            yield _parts(pattern)


def _time_patterns(locale: Locale) -> Iterator[Parts]:
    yield from map(_parts, locale.time_formats.values())
    yield from (_parts(re.sub(r"\{\d\}", "", str(each))) for each in locale.datetime_formats.values())
    yield from (_parts(each) for skeleton, each in locale.datetime_skeletons.items() if re.search("[hH]", skeleton))


def _words(patterns: Iterable[Parts]) -> list[str]:
    literals = (text for parts in patterns for text, is_field in parts if not is_field)
    return sorted({word for text in literals for word in re.findall(r"[^\W\d_][\w\u0300-\u036f]*", _plain(text))})


def _orders(patterns: Iterable[Parts], *, named: bool) -> str:
    """Find the orders of day, month and year, as "dMy": in dates that name the month, or in numeric ones."""
    found = set()
    for parts in patterns:
        fields = [field for field, is_field in parts if is_field and field[0] in "yMLd"]
        if named == any(len(field) > _LONGEST_NUMBER and field[0] in "ML" for field in fields):
            found.add("".join(field[0].replace("L", "M") for field in fields))
    return " ".join(sorted(found))


def _affixes(patterns: Iterable[Parts]) -> set[tuple[str, str]]:
    """Find what is attached to the month: the Hebrew preposition, the Basque ending."""
    found = {("", "")}
    for parts in patterns:
        texts = [("", False), *parts, ("", False)]
        for index, (field, is_field) in enumerate(parts, start=1):
            if is_field and re.fullmatch("M{3,4}|L{3,4}", field):
                (before, is_date), (after, is_too) = texts[index - 1], texts[index + 1]
                start = re.search(r"[^\W\d_]*$", "" if is_date else before)
                end = re.match(r"[^\W\d_]*", "" if is_too else after)
                found.add((start[0] if start else "", end[0] if end else ""))
    return found


def _names(table: object, keys: range, affixes: set[tuple[str, str]]) -> Iterator[tuple[str, int]]:
    """Give the names of months or days with their number, from 1."""
    for context in ("format", "stand-alone"):
        for width in ("wide", "abbreviated"):
            names = table[context][width]  # type: ignore[index]
            skipped = _ROOT_DAYS if set(names.values()) == _ROOT_DAYS else ()
            for number, key in enumerate(keys, start=1):
                name = _plain(names[key])
                if not _PLACEHOLDER.fullmatch(name) and name not in skipped:
                    yield from ((before + name + after, number) for before, after in affixes)


def _numbered(names: Iterable[tuple[str, int]], size: int) -> list[list[str]]:
    numbers: Numbers = defaultdict(set)
    for name, number in names:
        numbers[name].add(number)
    return [sorted(name for name, found in numbers.items() if found == {each}) for each in range(1, size + 1)]


def _periods(locale: Locale) -> Iterator[tuple[str, int]]:
    """Give the words of parts of the day, each with its hours as the bits of a number."""
    rules = dict(locale.day_period_rules.get(None, {}))
    for context in ("format", "stand-alone"):
        for width in ("wide", "abbreviated"):
            for name, word in locale.day_periods[context][width].items():
                hours = set(_HALVES.get(name, ())).union(*map(_hours, rules.get(name, ())))
                if hours:
                    yield _plain(word), sum(1 << hour for hour in hours)


def _hours(rule: dict[str, int]) -> set[int]:
    if "at" in rule:
        return {rule["at"] // _HOUR % 24}
    first, last = rule["from"] // _HOUR, rule["before"] // _HOUR
    return set(range(first, last) if first < last else (*range(first, 24), *range(last)))


def _units(locale: Locale) -> Iterator[tuple[str, int, bool]]:
    """Give the words that multiply, each with its power of ten and whether it stands before the figure."""
    for plurals in locale.compact_decimal_formats.values():
        for patterns in plurals.values():
            for size, pattern in patterns.items():
                text = str(getattr(pattern, "pattern", pattern)).split(";")[0]
                match = _UNIT.fullmatch(_plain(text.replace("'", "")))
                if match and (match["before"] or match["after"]):
                    word = _plain(match["before"] + match["after"])
                    yield word, len(size) - len(match["zeros"]), bool(match["before"])


def _all_units(locales: Iterable[Locale]) -> dict[str, dict[str, int]]:
    powers: dict[bool, Numbers] = {False: defaultdict(set), True: defaultdict(set)}
    for locale in locales:
        found = set(_units(locale))
        for word, power, is_before in found if found - _ROOT_UNITS else ():
            powers[is_before][word].add(power)
    one = {
        is_before: {word: min(found) if len(found) == 1 else 0 for word, found in sorted(each.items())}
        for is_before, each in powers.items()
    }
    return {"units": one[False]} | ({"units_before": one[True]} if one[True] else {})


def _language(code: str, locales: list[Locale]) -> dict[str, object]:
    dates = [pattern for locale in locales for pattern in _date_patterns(locale)]
    times = [pattern for locale in locales for pattern in _time_patterns(locale)]
    affixes = _affixes(dates)
    periods: dict[str, int] = defaultdict(int)
    for locale in locales:
        for word, hours in _periods(locale):
            periods[word] |= hours
    own = Locale(code)
    called = {own.get_language_name("en"), own.get_language_name(code)} - {None}
    return {
        "language": code,
        "names": sorted(_plain(str(name)) for name in called),
        "months": _numbered((each for locale in locales for each in _names(locale.months, range(1, 13), affixes)), 12),
        "weekdays": _numbered((each for locale in locales for each in _names(locale.days, range(7), {("", "")})), 7),
        "periods": dict(sorted(periods.items())),
        "joins": _words(dates),
        "clock": _words(times),
        "numeric": _orders(dates, named=False),
        "named": _orders(dates, named=True),
        **_all_units(locales),
    }


def _text() -> str:
    identifiers = sorted(locale_identifiers(), key=lambda name: (name.split("_")[0], name))
    lines: list[dict[str, object]] = [{"cldr": get_cldr_version()}]
    for code, names in groupby(identifiers, key=lambda name: name.split("_")[0]):
        if code != "root":
            lines.append(_language(code, [Locale.parse(name) for name in names]))
    full = [line for line in lines if "cldr" in line or any(line["months"])]  # type: ignore[call-overload]
    return "".join(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n" for line in full)


def main() -> int:
    """Return 0 when the file is written or up to date, 1 when it is stale."""
    text = _text()
    if "--check" not in sys.argv:
        PLACE.write_text(text, encoding="utf-8")
        return 0
    is_same = PLACE.is_file() and PLACE.read_text(encoding="utf-8") == text
    if not is_same:
        print(f"{PLACE.name} is stale; run `make docs`", file=sys.stderr)
    return 0 if is_same else 1


if __name__ == "__main__":
    sys.exit(main())
