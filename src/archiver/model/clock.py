"""The only place that reads the system clock, and the text form of times in the archive."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Clock = Callable[[], datetime]
"""Return the present instant, aware, in UTC."""

ARCHIVE_TIME = "%Y-%m-%d %H:%M:%S"


def system_clock() -> datetime:
    """Return the present instant by the system clock, in UTC."""
    return datetime.now(UTC)  # noqa: TID251  (the one place)


def written(moment: datetime) -> str:
    """Return an instant as the archive stores it: UTC, `YYYY-MM-DD HH:MM:SS`; sorts and compares with `datetime()`."""
    return moment.astimezone(UTC).strftime(ARCHIVE_TIME)


def instant(text: str) -> datetime:
    """Return the aware instant in UTC of a stored time; the inverse of `written`.

    Raises:
        ValueError: the text is not in the archive's form.
    """
    return datetime.strptime(text, ARCHIVE_TIME).replace(tzinfo=UTC)


class SettableClock:
    """A clock that tests and the demo set. Units: those of `timedelta`."""

    def __init__(self, start: datetime) -> None:
        self._now = start.astimezone(UTC)

    def __call__(self) -> datetime:
        """Return the instant to which the clock is set."""
        return self._now

    def advance(self, **delta: float) -> None:
        """Move forward by `timedelta(**delta)`."""
        self._now += timedelta(**delta)
