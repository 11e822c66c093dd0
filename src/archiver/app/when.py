"""Moments as people type them: `2022-11-01`, `2022-11-01 14:30`, ISO 8601 with an offset, `7d`, `12h`."""

import re
from datetime import UTC, datetime, timedelta

from archiver.errors import UsageError

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_SPAN = re.compile(r"(\d{1,6})\s*([smhdw])")


def parse_span(text: str) -> timedelta:
    """A span of time: `30m`, `6h`, `7d`.

    Raises:
        UsageError: it is none.
    """
    found = _SPAN.fullmatch(text.strip().lower())
    if found is None:
        raise UsageError(f"not a span of time: {text!r}; write 90s, 30m, 6h, 7d or 2w")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


def parse_when(text: str, now: datetime, *, whole_day: bool = False) -> datetime:
    """A moment in UTC. Without an offset it is read as UTC; a span (`7d`) is that long before now.

    Args:
        text: what was typed.
        now: the present instant.
        whole_day: a bare date means its last second (as it was *on* that day), not its first.

    Raises:
        UsageError: it is no moment.
    """
    text = text.strip()
    if text == "now":
        return now
    if _SPAN.fullmatch(text.lower()):
        return now - parse_span(text)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(
            f"not a moment: {text!r}; write 2022-11-01, '2022-11-01 14:30' (UTC) or 7d for a week ago"
        ) from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    if whole_day and re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        moment += timedelta(days=1, seconds=-1)
    return moment.astimezone(UTC)
