"""Read moments as people and archives write them: `2022-11-01`, `2022-11-01 14:30`, `12h ago`, `20221101143000`."""

import re
from datetime import UTC, date, datetime, time, timedelta

from archiver.errors import UsageError
from archiver.model.clock import written

Moment = str | date | datetime
"""A moment as an argument: text that a person typed, a day, or an instant (without an offset: UTC)."""

MOMENTS = "2022-11-01, '2022-11-01 14:30' (UTC), 20221101143000, 7d or '7d ago', today, yesterday"

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_SPAN = re.compile(r"(\d{1,6})\s*([smhdw])")
_AGO = re.compile(r"\s+ago$")
_DAYS = {"today": 0, "yesterday": 1}
_LAST_SECOND = time(23, 59, 59)
_SECOND = timedelta(seconds=1)
_DIGITS = re.compile(r"[0-9]+")
_DIGITS_FORM = {14: "%Y%m%d%H%M%S", 12: "%Y%m%d%H%M", 10: "%Y%m%d%H", 8: "%Y%m%d", 6: "%Y%m", 4: "%Y"}
_DIGITS_SPAN = {14: _SECOND, 12: timedelta(minutes=1), 10: timedelta(hours=1), 8: timedelta(days=1)}


def parse_span(text: str) -> timedelta:
    """Return a span of time: `30m`, `6h`, `7d`.

    Raises:
        UsageError: the text is not a span.
    """
    found = _SPAN.fullmatch(text.strip().lower())
    if found is None:
        raise UsageError(f"not a span of time: {text!r}; write 90s, 30m, 6h, 7d or 2w")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


def parse_when(when: Moment, now: datetime, *, whole_day: bool = False) -> datetime:
    """Return a moment in UTC. Without an offset it is read as UTC; a span (`7d`, `7d ago`) is that long before now.

    The 14 digits of web archives name a second; their first 4, 6, 8, 10 or 12 name a year, month, day, hour or minute.

    Args:
        when: the text, or a day, or an instant.
        now: the present instant.
        whole_day: return the last second of a day instead of its first; likewise of a year, a month, …

    Raises:
        UsageError: `when` is not a moment.
    """
    if isinstance(when, str) and _DIGITS.fullmatch(when.strip()):
        return _of_digits(when.strip(), last=whole_day)
    if isinstance(when, str):
        when = _read(when, now.astimezone(UTC))
    if not isinstance(when, datetime):
        return datetime.combine(when, _LAST_SECOND if whole_day else time(), UTC)
    return when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)


def _read(text: str, now: datetime) -> date | datetime:
    asked = text.strip().lower()
    span = _AGO.sub("", asked)
    if asked == "now":
        return now
    if asked in _DAYS:
        return now.date() - timedelta(days=_DAYS[asked])
    try:
        if _SPAN.fullmatch(span):
            return now - parse_span(span)
        is_day = re.fullmatch(r"\d{4}-\d{2}-\d{2}", asked)
        return date.fromisoformat(asked) if is_day else datetime.fromisoformat(asked.upper())
    except (ValueError, OverflowError):
        raise UsageError(f"not a moment: {text!r}; write {MOMENTS}") from None


def _of_digits(digits: str, *, last: bool) -> datetime:
    """Return the first or last second of the period that the digits name."""
    form = _DIGITS_FORM.get(len(digits), "no moment has so many digits")
    try:
        begin = datetime.strptime(digits, form).replace(tzinfo=UTC)
        return (_after(begin, len(digits)) - _SECOND) if last else begin
    except (ValueError, OverflowError):
        raise UsageError(
            f"not a moment: {digits[:40]!r}; digits alone are 4, 6, 8, 10, 12 or 14 of YYYYMMDDhhmmss"
        ) from None


def _after(begin: datetime, digits: int) -> datetime:
    """Return the start of the next year, month, day, hour, minute or second."""
    if digits in _DIGITS_SPAN:
        return begin + _DIGITS_SPAN[digits]
    months = 12 if digits == 4 else 1  # noqa: PLR2004  (a year only)
    year, month = divmod(begin.year * 12 + begin.month - 1 + months, 12)
    return begin.replace(year=year, month=month + 1)


def since_text(when: Moment, now: datetime) -> str:
    """Return the start of a span as the archive stores it. A day begins with its first second."""
    return written(parse_when(when, now))


def until_text(when: Moment, now: datetime) -> str:
    """Return the first second after a span as the archive stores it. A day, and a second, is included as a whole."""
    return written(parse_when(when, now, whole_day=True) + timedelta(seconds=1))
