"""The only place that reads the system clock, and the text form of times in the archive."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Clock = Callable[[], datetime]
"""Return the present instant, aware, in UTC."""

ARCHIVE_TIME = "%Y-%m-%d %H:%M:%S"
_LENGTH = len("2022-10-21 15:55:00")
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
"""No web page was captured before this day."""
TOLERANCE = timedelta(days=1)
"""How far a stated time may lie after the present: clocks differ, and some write local time."""


def system_clock() -> datetime:
    """Return the present instant by the system clock, in UTC."""
    return datetime.now(UTC)  # noqa: TID251  (the one place)


def written(moment: datetime) -> str:
    """An instant as the archive writes it: UTC, `YYYY-MM-DD HH:MM:SS`; sorts and compares with `datetime()`."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "seconds")


def instant(text: str) -> datetime:
    """Return the aware instant in UTC of a stored time; the inverse of `written`.

    Raises:
        ValueError: the text is not in the archive's form.
    """
    moment = datetime.fromisoformat(text).replace(tzinfo=UTC) if len(text) == _LENGTH else None
    if moment is None or written(moment) != text:
        raise ValueError(f"not a time of the archive (YYYY-MM-DD HH:MM:SS): {text!r}")
    return moment


def implausible(moment: datetime, now: datetime) -> str:
    """Why a capture cannot have been made at a moment, "" when it can: before the web, or later than now + 1 day."""
    if moment < EARLIEST:
        return "before there was a web"
    return "later than now" if moment > now + TOLERANCE else ""


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
