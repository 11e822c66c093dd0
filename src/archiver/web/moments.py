"""Times as people read them: UTC in the text, the site's own time in the title."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from markupsafe import Markup

_FORM = "%Y-%m-%d %H:%M:%S"
_FEW_SECONDS = 120


def parsed(moment: str) -> datetime:
    """Return a time of the archive (`YYYY-MM-DD HH:MM:SS`, or only a date; UTC) as an aware datetime.

    Raises:
        ValueError: the text is neither.
    """
    text = moment if len(moment) > len("YYYY-MM-DD") else f"{moment} 00:00:00"
    return datetime.strptime(text[:19].replace("T", " "), _FORM).replace(tzinfo=UTC)


def time_tag(moment: str | None, now: datetime, zone: str = "", *, hour: bool = True, year: bool = False) -> Markup:
    """Return a time as a `<time>` element: `29 Nov 01:00`, with the year when it is not the present one.

    Args:
        moment: of the archive; None: "".
        now: the present moment.
        zone: the site's IANA time zone, for the title; "" for none.
        hour: also show the hour and the minute.
        year: always show the year.
    """
    if not moment:
        return Markup()
    try:
        at = parsed(moment)
    except ValueError:
        return Markup("<span>{}</span>").format(moment)
    shown = _day(at, with_year=year or at.year != now.year) + (f" {at:%H:%M}" if hour else "")
    return Markup('<time datetime="{}"{}>{}</time>').format(f"{at:%Y-%m-%dT%H:%M:%SZ}", _title(at, zone), shown)


def _day(at: datetime, *, with_year: bool) -> str:
    return f"{at.day} {at:%b}" + (f" {at.year}" if with_year else "")


def _title(at: datetime, zone: str) -> Markup:
    if not zone:
        return Markup()
    try:
        local = at.astimezone(ZoneInfo(zone))
    except (ZoneInfoNotFoundError, ValueError, OverflowError):
        return Markup()
    return Markup(' title="{}"').format(f"{_day(local, with_year=True)}, {local:%H:%M} at the site ({zone})")


def day_heading(day: str) -> str:
    """Return a date as a heading: `Tuesday 29 November 2022`."""
    at = parsed(day)
    return f"{at:%A} {at.day} {at:%B} {at.year}"


def duration(since: str, until: str) -> str:
    """Return the time between two moments of the archive in words: `24 hours`, `3 days`, `within 40 seconds`."""
    return span_words(parsed(until) - parsed(since))


def span_words(span: timedelta) -> str:
    """Return a length of time in words, rounded to its largest useful unit."""
    seconds = abs(int(span.total_seconds()))
    if seconds < _FEW_SECONDS:
        return _counted(seconds, "second")
    for size, unit, least in ((86_400, "day", 2), (3_600, "hour", 2), (60, "minute", 0)):
        if seconds >= size * least:
            return _counted(round(seconds / size), unit)
    return _counted(seconds, "second")


def _counted(count: int, unit: str) -> str:
    return f"{count:,} {unit}".replace(",", "\u202f") + ("" if count == 1 else "s")
