"""The only place that asks the time, and how the archive writes it down."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Clock = Callable[[], datetime]
"""Gives the present instant, aware, in UTC."""

ARCHIVE_TIME = "%Y-%m-%d %H:%M:%S"


def system_clock() -> datetime:
    """The present instant by this machine's clock, in UTC."""
    return datetime.now(UTC)  # noqa: TID251  (the one place)


def written(moment: datetime) -> str:
    """An instant as the archive writes it: UTC, `YYYY-MM-DD HH:MM:SS`; sorts and compares with `datetime()`."""
    return moment.astimezone(UTC).strftime(ARCHIVE_TIME)


def instant(text: str) -> datetime:
    """The inverse of `written`: an aware instant in UTC.

    Raises:
        ValueError: the text is not in the archive's form.
    """
    return datetime.strptime(text, ARCHIVE_TIME).replace(tzinfo=UTC)


class SettableClock:
    """A clock that is moved by hand, for tests and the demo. Units: whatever `timedelta` takes."""

    def __init__(self, start: datetime) -> None:
        self._now = start.astimezone(UTC)

    def __call__(self) -> datetime:
        """The instant it stands at."""
        return self._now

    def advance(self, **delta: float) -> None:
        """Move forward by `timedelta(**delta)`."""
        self._now += timedelta(**delta)
