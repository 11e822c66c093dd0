"""The marks of versions and of editions on a line of time."""

from dataclasses import dataclass

from archiver.model.clock import instant

MOST_MARKS = 120
"""The most marks of versions on a strip."""

_SECONDS = {
    "minute": 60,
    "hour": 3600,
    "day": 86_400,
    "week": 7 * 86_400,
    "month": 30 * 86_400,
    "quarter": 91 * 86_400,
    "year": 365 * 86_400,
}


@dataclass(frozen=True, slots=True)
class StripMark:
    """One version or edition, or those that began in one unit of time. Times are UTC text.

    Attributes:
        first, last: the numbers of the first and the last of them.
        since: the first visit that saw it; `until`: the last one.
        ends: the first visit that showed something else; None while it is current, and of a group.
        kind: first, edited, back, redesign, reread (the reader differs, not the page), redacted, edition or group.
        added, removed: the characters of the edit; of a group those of the largest one; of an edition its items.
        edits: how many edits the mark stands for.
        what: what the edit changed, in words.
    """

    first: int
    last: int
    since: str
    until: str
    ends: str | None = None
    kind: str = "edited"
    added: int = 0
    removed: int = 0
    edits: int = 0
    what: str = ""

    @property
    def size(self) -> int:
        """Return how much the edit changed."""
        return self.added + self.removed


def unit_for(since: str, until: str, most: int = MOST_MARKS) -> str:
    """Return the finest unit of time of which a span has at most `most`, counting the parts at both its ends."""
    seconds = (instant(until) - instant(since)).total_seconds()
    return next((unit for unit, size in _SECONDS.items() if seconds / size + 2 <= most), "century")
