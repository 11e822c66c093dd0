"""Read some captures by other sources: what the page declares, and the reading without a profile; and take the time.

The reading without a profile is slow, so only a small part of the captures is read by it.
"""

import time

from archiver.app.benching.choose_captures import Unit
from archiver.app.benching.read_captures import CaptureReader
from archiver.app.benching.sides import Side
from archiver.app.benching.tally import Values
from archiver.extract.guessed import JSONLD, MICRODATA
from archiver.extract.read import read
from archiver.extract.shown import META
from archiver.learn.agreement import DECLARED, GENERIC
from archiver.model.capture import Capture
from archiver.model.profile import Profile
from archiver.model.record import Record

_MOST = {True: (500, 50), False: (60, 10)}
"""The most captures of which declared values, and generic readings, are compared: of all captures, of a sample."""
_TIMED = 30
_LARGE = 2_000_000  # bytes, from which a page is not read without a profile
_DECLARED = (META, JSONLD, MICRODATA)


class OtherReadings:
    """Reads evenly spread captures by other sources.

    Attributes:
        declared, generic: how many captures were read so.
    """

    def __init__(self, reader: CaptureReader, candidate: Profile, in_force: Profile) -> None:
        self._reader = reader
        self._profiles = (candidate, in_force)
        self._without = Profile(candidate.site)
        self._steps = (1, 1)
        self._seen = 0
        self._seconds = [0.0, 0.0]
        self._timed = 0
        self.declared = self.generic = 0

    def expect(self, units: int, *, everything: bool) -> None:
        """Spread the readings over a number of captures."""
        declared, generic = _MOST[everything]
        self._steps = (-(-units // declared), -(-units // generic))

    @property
    def milliseconds(self) -> tuple[float | None, float | None]:
        """Return the mean milliseconds that reading a page by each of the two profiles takes."""
        if not self._timed:
            return None, None
        now, was = (1000 * seconds / self._timed for seconds in self._seconds)
        return round(now, 2), round(was, 2)

    def of(self, unit: Unit, now: Side, was: Side) -> dict[str, Values]:
        """Return the values of a capture by other sources, if it is one of those that are read so."""
        if not now.levels and not was.levels:
            return {}
        number, self._seen = self._seen, self._seen + 1
        declared, generic = self._steps
        is_generic = number % generic == 0
        if not is_generic and number % declared:
            return {}
        capture = self._reader.capture(unit.visit_id)
        if capture is None:
            return {}
        self._time(capture)
        return self._values(capture, is_generic=is_generic and len(capture.body) <= _LARGE)

    def _values(self, capture: Capture, *, is_generic: bool) -> dict[str, Values]:
        record = read(capture, self._without, slow=is_generic, links=False)
        self.declared += 1
        flat = record.content.flat()
        found: dict[str, Values] = {"declared": {name: flat[name] for name in DECLARED if _is_declared(name, record)}}
        if is_generic:
            self.generic += 1
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


def _is_declared(name: str, record: Record) -> bool:
    source = dict(record.sources).get(name)
    return source is not None and source.rule.startswith(_DECLARED) and bool(record.content.flat()[name])
