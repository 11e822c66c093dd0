"""Read some captures by other sources: what the page declares, and the reading without a profile; and take the time.

The reading without a profile is slow, so only a small part of the captures is read by it.
"""

import time

from archiver.app.benching.agreement import DECLARED, GENERIC
from archiver.app.benching.choose_captures import Unit
from archiver.app.benching.read_captures import CaptureReader
from archiver.app.benching.sides import Side
from archiver.app.benching.tally import Values
from archiver.extract.declared_values import declared_values
from archiver.extract.read import read
from archiver.model.capture import Capture
from archiver.model.profile import Profile

_SMALL = 400
_MOST = {True: (60, 10), False: (500, 50)}
"""The most captures of which declared values, and generic readings, are compared: of at most `_SMALL`, or of more."""
_TIMED = 30
_LARGE = 2_000_000  # bytes, from which a page is not read without a profile


class OtherReadings:
    """Reads evenly spread captures by other sources.

    Attributes:
        declared, generic: how many captures were read so.
    """

    def __init__(self, reader: CaptureReader, candidate: Profile, in_force: Profile) -> None:
        self._reader = reader
        self._profiles = (candidate, in_force)
        self._without = Profile(candidate.site)
        self._expected = 1
        self._seen = 0
        self._seconds = [0.0, 0.0]
        self._timed = self._tried = 0
        self.declared = self.generic = 0

    def expect(self, units: int) -> None:
        """Spread the readings over a number of captures."""
        self._expected = units

    @property
    def milliseconds(self) -> tuple[float | None, float | None]:
        """Return the mean milliseconds that reading a page by each of the two profiles takes."""
        if not self._timed:
            return None, None
        now, was = (1000 * seconds / self._timed for seconds in self._seconds)
        return round(now, 2), round(was, 2)

    def of(self, unit: Unit, now: Side, was: Side) -> dict[str, Values]:
        """Return the values of a capture by other sources, if it is one of those that are read so."""
        self._seen += 1
        if not now.levels and not was.levels:
            return {}
        most_declared, most_generic = _MOST[self._expected <= _SMALL]
        is_generic = self.generic < self._share(most_generic)
        if not is_generic and self._tried >= self._share(most_declared):
            return {}
        self._tried += 1
        capture = self._reader.capture(unit.visit_id)
        if capture is None:
            return {}
        self._time(capture)
        return self._values(capture, is_generic=is_generic and len(capture.body) <= _LARGE)

    def _share(self, most: int) -> float:
        """Return how many of the captures up to now may be read by another source: as many of each part of them."""
        return most * self._seen / self._expected

    def _values(self, capture: Capture, *, is_generic: bool) -> dict[str, Values]:
        declared = declared_values(capture, self._without)
        self.declared += bool(declared)
        found: dict[str, Values] = {"declared": {name: declared[name] for name in DECLARED if name in declared}}
        if is_generic:
            self.generic += 1
            flat = read(capture, self._without, slow=True, links=False).content.flat()
            found["generic"] = {name: flat[name] for name in GENERIC if flat[name]}
        return found

    def _time(self, capture: Capture) -> None:
        if self._timed == _TIMED:
            return
        self._timed += 1
        for place, profile in enumerate(self._profiles):
            started = time.process_time()
            read(capture, profile, links=False)
            self._seconds[place] += time.process_time() - started
