"""How long something may still be done, by a clock that nobody sets."""

import time
from collections.abc import Callable
from dataclasses import dataclass

_BOOT = getattr(time, "CLOCK_BOOTTIME", None)


def steady_seconds() -> float:
    """Return the seconds since a fixed moment. Nobody sets this clock; on Linux it goes on while the machine sleeps."""
    return time.monotonic() if _BOOT is None else time.clock_gettime(_BOOT)


@dataclass(frozen=True, slots=True)
class Deadline:
    """The end of a span that another machine has granted.

    The span is counted from before the request for it was sent, so the deadline is never later than the end that the
    other machine knows, however long the answer took and whatever its clock shows.

    Attributes:
        ends: of the steady clock, in seconds.
        steady: that clock.
    """

    ends: float
    steady: Callable[[], float] = steady_seconds

    @classmethod
    def granted(cls, seconds: float, asked_at: float, steady: Callable[[], float] = steady_seconds) -> "Deadline":
        """Return the deadline of a span of `seconds` that was asked for at `asked_at` of the steady clock."""
        return cls(asked_at + seconds, steady)

    @property
    def left(self) -> float:
        """The seconds until the end, at least 0."""
        return max(0.0, self.ends - self.steady())

    @property
    def is_over(self) -> bool:
        """Whether the end has come."""
        return self.steady() >= self.ends
