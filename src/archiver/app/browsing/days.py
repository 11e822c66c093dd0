"""Days as the addresses of pages write them: YYYY-MM-DD, in UTC."""

from datetime import date, timedelta

from archiver.errors import UsageError


def known_day(text: str) -> str:
    """Return a day as it is written in the archive.

    Raises:
        UsageError: the text is not a day.
    """
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise UsageError(f"{text}: not a day; write YYYY-MM-DD") from None


def shifted(day: str, days: int) -> str:
    """Return the day so many days later; the same day at the ends of the calendar."""
    try:
        return (date.fromisoformat(day) + timedelta(days=days)).isoformat()
    except OverflowError:
        return day
