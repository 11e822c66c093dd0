"""Read a printed date: the same result on every day, and no result rather than a guess.

The text is cut into pieces (`date_scan`), and the pieces must agree: every printed day is the same day, there is at
most one time, and the weekday is that of the day. A text that is ambiguous, impossible, relative ("2 hours
ago": it would change at each visit) or partial gives no value but a reason.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from archiver.text.cldr import primary_of
from archiver.text.cldr_dates import date_orders, date_words
from archiver.text.date_clock import NoValue, TimeReader, first_number
from archiver.text.date_form import fold
from archiver.text.date_labels import label_language
from archiver.text.date_other import read_other
from archiver.text.date_rewrite import is_by_machine, with_asctime_as_iso, with_named_months_as_iso
from archiver.text.date_scan import Piece, Scanner, scanner_for
from archiver.text.date_words import WORDS, orders_of

LOOK = 500  # characters read at most; a date field is short, and a page may be hostile
_EDGE = 60  # a date this close to the cut may be incomplete
_FIRST_YEAR, _LAST_YEAR = 1900, 2100
_PLACEHOLDERS = frozenset({date(1900, 1, 1), date(1969, 12, 31), date(1970, 1, 1)})
"""The dates that programs print for "no date"; the second is the start of 1970 in the time of the Americas."""
_FARTHEST = timedelta(hours=14)  # the largest offset from UTC on earth
_FIRST_NEPALI_YEAR = 2040  # Bikram Sambat is 57 years ahead: what is 2040 or later there is before 1984 here
_ETHIOPIAN = frozenset({"am", "byn", "gez", "om", "ti", "tig"})  # languages of a calendar that is 7 or 8 years behind
_DAYS = frozenset({"dmy", "mdy", "ymd", "numeric", "cjk", "ymn", "ydn"})
_FORMAT_PARTS = {"year": "yYGcx", "month": "mbBjcx", "day": "djcx"}
_ENGLISH = re.compile(r"\b(?:January|February|March|April|May|June|July|August|September|October|November|December)\b")
"""Templates that nobody translated print these names on pages in any language."""
_NONE = "no date found"
_MEZ = {"mez": "cet", "mesz": "cest"}  # German names of CET and CEST


@dataclass(frozen=True, slots=True)
class PrintedDate:
    """A date read from a text."""

    local: str | None
    """Wall time at the site: "YYYY-MM-DD HH:MM:SS", or "YYYY-MM-DD" when only a day is printed."""
    utc: str | None
    """The instant, "YYYY-MM-DD HH:MM:SS" in UTC; None when only a day is printed or the instant is unsure."""
    precision: str | None
    """"day", "minute" or "second": how much was said."""
    raw: str
    """The printed text, white space collapsed, at most `LOOK` characters."""
    problem: str = ""
    """Why there is no value, or no instant, as text; empty otherwise."""


@dataclass(frozen=True, slots=True)
class _Wall:
    """The meaning of all pieces. Without `clock` only a day; without `offset` a time at the site."""

    day: date
    clock: time | None = None
    has_seconds: bool = False
    offset: timedelta | None = None
    zone_name: str = ""


def read_date(
    text: str,
    *,
    language: str = "",
    timezone: str = "UTC",
    format: str | None = None,  # noqa: A002 (the profile's own key)
    day_only: bool = False,
) -> PrintedDate:
    """Return the one date that a text prints.

    Other words before, after and between are not read, so "Updated at 08:30, 05/09/2023" is a date. A time that
    occurs twice when clocks go back is the earlier one. "Midnight" is the start of the day with which it is printed.
    Where day and month cannot be told apart in `language`, the language of a label such as "Cập nhật lúc" decides.
    English names of months are read on pages in any language.

    Args:
        text: the text; only the first `LOOK` characters are read.
        language: BCP 47; "" when unknown. Languages without a table in `date_words` are read with the words of
            CLDR. In an unknown language, only dates with one meaning in every language are read: figures in a certain
            order, dates of programs, and names that mean one month everywhere. A time next to a letter is
            left out then.
        timezone: IANA zone of the site, for times printed without an offset; "" when unknown: then the
            wall time is that of the printed offset, and without an offset the instant is unknown.
        format: a strptime format; when given, nothing else is tried.
        day_only: return the day at the site and leave the time out.

    Returns:
        The date. With an unknown zone name ("EST") or a wall time that clocks skipped, `local` is the printed
        time, `utc` is None and `problem` gives the reason.

    Raises:
        ValueError: `timezone` is not an IANA zone, or `format` does not name year, month and day.
    """
    site = _zone(timezone) if timezone else None
    raw = " ".join(text.lstrip()[: 8 * LOOK].split())
    shown = raw[:LOOK]
    try:
        wall = _read_format(shown, format) if format else _read_text(raw, language, day_only=day_only)
        return _settle(wall, site, shown, day_only=day_only)
    except NoValue as refusal:
        other = "" if format else _other_language(shown, str(refusal))
        if other and other != primary_of(language):
            return read_date(text, language=other, timezone=timezone, day_only=day_only)
        return PrintedDate(None, None, None, shown, str(refusal))


def _other_language(text: str, refusal: str) -> str:
    """Return the language in which a text that was refused may have a date: that of its label, or of its months."""
    if refusal.startswith("ambiguous"):
        return label_language(text)
    return "en" if refusal == _NONE and _ENGLISH.search(text) else ""


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as cause:
        raise ValueError(f"unknown time zone {name!r}: IANA names look like Asia/Ho_Chi_Minh") from cause


def _read_format(text: str, layout: str) -> _Wall:
    letters = set(re.findall(r"%[-#]?([a-zA-Z])", layout))
    missing = [part for part, ways in _FORMAT_PARTS.items() if not letters.intersection(ways)]
    if missing:
        raise ValueError(f"the format {layout!r} has no {', no '.join(missing)}")
    try:
        moment = datetime.strptime(text, layout)  # noqa: DTZ007 (the zone of the site is added later)
    except re.error as fault:  # a part that is named twice
        raise ValueError(f"the format {layout!r} cannot be used: {fault}") from None
    except ValueError as fault:
        if " in format " in str(fault) or "stray" in str(fault):
            raise ValueError(f"the format {layout!r} cannot be used: {fault}") from None
        raise NoValue(f"the text does not follow the format {layout!r}") from None
    _demand_plausible(moment.date())
    clock = moment.time() if letters.intersection("HIcXT") else None
    return _Wall(moment.date(), clock, bool(letters.intersection("ScXT")), moment.utcoffset())


def _demand_plausible(day: date) -> None:
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        raise NoValue(f"impossible date: the year {day.year} is outside {_FIRST_YEAR}-{_LAST_YEAR}")


def _read_text(raw: str, language: str, *, day_only: bool) -> _Wall:
    text, primary = raw[:LOOK], primary_of(language)
    orders = orders_of(language) if primary in WORDS else date_orders(primary)
    if is_by_machine(text):
        primary = "machine"
    elif not _is_known(primary):
        primary, text = "", with_named_months_as_iso(fold(text, accents=True))
    scanner = scanner_for(primary)
    pieces = scanner.find(scanner.fold(with_asctime_as_iso(text)))
    if len(raw) > LOOK and pieces and len(pieces[-1].after) < _EDGE:
        raise NoValue("the text is too long: a date is cut")
    by_kind: dict[str, list[Piece]] = {}
    for piece in pieces:
        by_kind.setdefault(piece.kind, []).append(piece)
    clocks = TimeReader(scanner, "en" if primary == "machine" else primary, by_kind)
    if primary not in (*WORDS, "machine", "") and _DAYS.isdisjoint(by_kind):
        return _read_foreign(text, primary, clocks, by_kind)
    day = _agree_on_day(scanner, pieces, orders)
    _check_calendar(primary, day, by_kind)
    _check_weekday(scanner, day, by_kind)
    if day_only and not _offsets(by_kind):
        return _Wall(day)
    return _add_time(clocks, day, by_kind)


def _is_known(primary: str) -> bool:
    """Return whether there are words for a language; CLDR is not read for a language with a table here."""
    return primary in WORDS or (bool(primary) and date_words(primary) is not None)


def _agree_on_day(scanner: Scanner, pieces: list[Piece], orders: str) -> date:
    """Return the one day that everything printed can mean."""
    kinds = {piece.kind for piece in pieces}
    if "short" in kinds:
        raise NoValue("ambiguous: a year of two digits")
    if "lunar" in kinds:
        raise NoValue("a date of the lunar calendar")
    meanings: set[date] | None = None
    for piece in pieces:
        if piece.kind not in _DAYS:
            continue
        if scanner.is_range(piece):
            raise NoValue(f"ambiguous: {piece.text} may be the end of a range of dates")
        found = set(_days(scanner, piece, orders))
        if not found:
            raise NoValue(f"impossible date: {piece.text}")
        meanings = found if meanings is None else meanings & found
    return _only(meanings, is_relative=not kinds.isdisjoint({"relative", "hint"}))


def _only(meanings: set[date] | None, *, is_relative: bool) -> date:
    if meanings is None:
        raise NoValue("relative date" if is_relative else _NONE)
    if not meanings:
        raise NoValue("ambiguous: two different dates")
    if len(meanings) > 1:
        either = " or ".join(day.isoformat() for day in sorted(meanings))
        raise NoValue(f"ambiguous: {either}")
    return meanings.pop()


def _days(scanner: Scanner, piece: Piece, orders: str) -> Iterator[date]:
    """Return the days that one piece can mean: none if impossible, two if day and month cannot be distinguished."""
    said, kind = piece.said, piece.kind
    if kind == "numeric":
        first, second, in_year = (int(said[f"numeric_{part}"] or 0) for part in "12y")
        triples = {"DMY": (in_year, second, first), "MDY": (in_year, first, second)}
        tried = [triples[order] for order in orders.split()]
    else:
        year, month_said, day = (said[f"{kind}_{part}"] or "0" for part in "ymd")
        tried = [(int(year), scanner.months.get(month_said) or int(month_said), int(day))]
    for numbers in tried:
        try:
            found = date(*numbers)
        except ValueError:
            continue
        _demand_plausible(found)
        yield found


def _check_calendar(language: str, day: date, by_kind: dict[str, list[Piece]]) -> None:
    """Reject figures that may be a date of another calendar with similar years."""
    in_figures = _DAYS.intersection(by_kind)
    nepali = language == "ne" and day.year >= _FIRST_NEPALI_YEAR and in_figures <= {"ymd", "numeric"}
    ethiopian = language in _ETHIOPIAN and in_figures == {"numeric"}
    if nepali or ethiopian:
        raise NoValue("ambiguous: the date may be one of another calendar")


def _check_weekday(scanner: Scanner, day: date, by_kind: dict[str, list[Piece]]) -> None:
    for piece in by_kind.get("weekday", ()):
        if scanner.weekdays[piece.text] != day.isoweekday():
            raise NoValue(f"the weekday contradicts the date: {piece.text}, {day.isoformat()}")


def _add_time(clocks: TimeReader, day: date, by_kind: dict[str, list[Piece]]) -> _Wall:
    """Add the time and zone that are printed with a day."""
    times = [*by_kind.get("time", ()), *by_kind.get("named", ())]
    if not times:
        return _Wall(day)
    read = {clocks.read(piece) for piece in times}
    offsets = _offsets(by_kind)
    names = {piece.said["name"] or "" for piece in times} - {""}
    if len({clock for clock, _, _ in read}) > 1 or len(offsets) + len(names) > 1:
        raise NoValue("ambiguous: two different times")
    clock, has_seconds, _ = min(read)
    if not all(is_sure for _, _, is_sure in read):
        return _Wall(day)
    return _Wall(day, clock, has_seconds, next(iter(offsets), None), next(iter(names), ""))


def _offsets(by_kind: dict[str, list[Piece]]) -> set[timedelta]:
    """Collect the printed offsets from UTC, in the time itself or near it."""
    found: set[timedelta] = set()
    for piece in (*by_kind.get("time", ()), *by_kind.get("zone", ())):
        kind = "zone" if piece.kind == "zone" else "offset"
        if kind == "offset" and not (piece.said["offset_z"] or piece.said["offset_h"]):
            continue
        size = timedelta(hours=first_number(piece, f"{kind}_h") or 0, minutes=first_number(piece, f"{kind}_m") or 0)
        if size > _FARTHEST:
            raise NoValue(f"impossible offset: {piece.text}")
        found.add(-size if piece.said[f"{kind}_sign"] == "-" else size)
    return found


def _read_foreign(text: str, language: str, clocks: TimeReader, by_kind: dict[str, list[Piece]]) -> _Wall:
    """Read the day with dateparser, which knows more names than CLDR; it must find the printed time, too."""
    moment = read_other(text, language)
    if moment is None:
        raise NoValue(_NONE)
    _demand_plausible(moment.date())
    wall = _add_time(clocks, moment.date(), by_kind)
    seen, said = moment.time(), wall.clock or time()
    if (seen.hour % 12, seen.minute, seen.second) != (said.hour % 12, said.minute, said.second):
        return _Wall(wall.day) if by_kind.get("time") and wall.clock is None else _refuse_time()
    unknown_zone = moment.tzinfo is not None and wall.offset is None
    return replace(wall, zone_name=wall.zone_name or ("printed" if unknown_zone else ""))


def _refuse_time() -> _Wall:
    raise NoValue("ambiguous: the time is unsure")


def _settle(wall: _Wall, known: ZoneInfo | None, raw: str, *, day_only: bool) -> PrintedDate:
    """Convert the pieces to an instant and to wall time at the site (or at the printed offset, without a zone)."""
    if wall.day in _PLACEHOLDERS:
        raise NoValue(f"a placeholder: programs print {wall.day.isoformat()} for no date")
    site = known or ZoneInfo("UTC")
    if wall.clock is None:
        return PrintedDate(wall.day.isoformat(), None, "day", raw)
    printed = datetime.combine(wall.day, wall.clock.replace(microsecond=0))
    local, problem = printed, ""
    instant: datetime | None = None
    here = printed.replace(tzinfo=site)
    if wall.offset is not None:
        instant = (printed - wall.offset).replace(tzinfo=UTC)
        local = instant.astimezone(site) if known else printed
    elif wall.zone_name and _MEZ.get(wall.zone_name, wall.zone_name) != (here.tzname() or "").casefold():
        problem = f"the time zone {wall.zone_name} is a name, not an offset"
    elif here.astimezone(UTC).astimezone(site).replace(tzinfo=None) != printed:
        problem = f"clocks in {site.key} skipped this time"
    elif known:
        instant = here.astimezone(UTC)
    if day_only:
        return PrintedDate(local.date().isoformat(), None, "day", raw)
    precision = "second" if wall.has_seconds else "minute"
    return PrintedDate(_stamp(local), _stamp(instant) if instant else None, precision, raw, problem)


def _stamp(moment: datetime) -> str:
    return moment.replace(tzinfo=None).isoformat(" ", "seconds")
