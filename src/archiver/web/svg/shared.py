"""What several charts draw with: the hatch of absences, and the scale of time."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from markupsafe import Markup

from archiver.web.moments import parsed

HATCH = Markup(
    '<defs><pattern id="{0}" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<line class="hatch" x1="0" y1="0" x2="0" y2="6"/></pattern></defs>'
)
"""The hatch of absences, by the id that `fill="url(#…)"` names. An id must be unique in its page."""


@dataclass(frozen=True, slots=True)
class TimeScale:
    """The time that a chart shows, as per cent of its width."""

    start: datetime
    seconds: float

    @classmethod
    def between(cls, start: str, end: str) -> Self:
        """Return the scale from one moment to another (UTC text)."""
        return cls(parsed(start), max(1.0, (parsed(end) - parsed(start)).total_seconds()))

    def at(self, moment: str) -> float:
        """Return the place of a moment (UTC text) in per cent, within the chart."""
        place = (parsed(moment) - self.start).total_seconds() / self.seconds * 100
        return min(100.0, max(0.0, place))
