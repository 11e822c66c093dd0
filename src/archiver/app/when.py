"""Moments as people type them: `2022-11-01`, `2022-11-01 14:30`, ISO 8601 with an offset, `12h ago`, `yesterday`."""

import re
from datetime import UTC, date, datetime, time, timedelta

from archiver.errors import UsageError
from archiver.model.clock import written

Moment = str | date | datetime
"""A moment as a caller gives it: text as people type it, a day, or an instant (without an offset: UTC)."""

MOMENTS = "2022-11-01, '2022-11-01 14:30' (UTC), 7d or '7d ago', today, yesterday"

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_SPAN = re.compile(r"(\d{1,6})\s*([smhdw])")
_AGO = re.compile(r"\s+ago$")
_DAYS = {"today": 0, "yesterday": 1}
_LAST_SECOND = time(23, 59, 59)


def parse_span(text: str) -> timedelta:
    """A span of time: `30m`, `6h`, `7d`.

    Raises:
        UsageError: it is none.
    """
    found = _SPAN.fullmatch(text.strip().lower())
    if found is None:
        raise UsageError(f"not a span of time: {text!r}; write 90s, 30m, 6h, 7d or 2w")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


def parse_when(when: Moment, now: datetime, *, whole_day: bool = False) -> datetime:
    """A moment in UTC. Without an offset it is read as UTC; a span (`7d`, `7d ago`) is that long before now.

    Args:
        when: what was typed, or a day, or an instant.
        now: the present instant.
        whole_day: a day means its last second (as it was *on* that day), not its first.

    Raises:
        UsageError: it is no moment.
    """
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


def since_text(when: Moment, now: datetime) -> str:
    """From when on, as the archive writes it: a day from its first second."""
    return written(parse_when(when, now))


def until_text(when: Moment, now: datetime) -> str:
    """The first second that is too late, as the archive writes it: a day, or a second, is meant whole."""
    return written(parse_when(when, now, whole_day=True) + timedelta(seconds=1))
