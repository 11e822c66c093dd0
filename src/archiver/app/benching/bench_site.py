"""Compare a profile with the one in force over the stored captures of a site. Writes nothing.

choose captures (ends of versions, captures outside of versions; or a sample)
  → read each with the profile, by rules only → what the archive has of it, or a reading with the other profile
  → for some: what the page declares, and the reading without a profile → count (`tally`) → `Bench`
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from archiver.app import profiles
from archiver.app.benching.bench import Amounts, Bench, Sides
from archiver.app.benching.choose_captures import Unit, all_units, in_sample_order, single_units
from archiver.app.benching.other_readings import OtherReadings
from archiver.app.benching.read_captures import CaptureReader
from archiver.app.benching.sides import ProfileTables, Side, side_of_reading, stored_side
from archiver.app.benching.tally import BenchTally
from archiver.crawl.read_capture import ReadResult
from archiver.errors import NotInArchive
from archiver.model.event import Listener, Progress, ignore
from archiver.model.profile import Profile
from archiver.model.record import Content
from archiver.model.redacted import is_redacted
from archiver.polite.stop import StopFlag
from archiver.store.archive import Store

SAMPLE = 400
"""The most captures of a sample."""
LEAST_SAMPLE = 100
"""The least, however long they take."""
SAMPLE_SECONDS = 1.1
"""The processor time after which a sample ends, so that the command answers within two seconds."""


@dataclass(frozen=True)
class BenchOptions:
    """How much is read, and how.

    Attributes:
        everything: read all captures that differ, not a sample.
        fallback: also read bodies with the slow fallback.
        workers: the number of processes that read everything; None for one per core.
        embargoed: pages that are left out.
        listen: called with progress events.
        stop: ends the reading early when its `wanted` becomes True; the result says so.
    """

    everything: bool = False
    fallback: bool = False
    workers: int | None = None
    embargoed: Sequence[int] = ()
    listen: Listener = ignore
    stop: StopFlag = field(default_factory=StopFlag)


def bench(
    store: Store,
    site: str,
    candidate: Profile,
    captures: Sequence[int] | None = None,
    *,
    against: Profile | None = None,
    options: BenchOptions | None = None,
) -> Bench:
    """Compare a profile with the one in force, over a site's history.

    Args:
        store: the archive, open to read.
        site: the site's name in the archive.
        candidate: the profile to try.
        captures: visit ids; only these are read, and with both profiles.
        against: the profile to compare with; None: the one in force.
        options: how much is read.

    Raises:
        NotInArchive: there is no such site, or none of its captures can be read.
    """
    return _Benching(store, site, candidate, against, options or BenchOptions()).run(captures)


class _Benching:
    """One comparison."""

    def __init__(
        self, store: Store, site: str, candidate: Profile, against: Profile | None, options: BenchOptions
    ) -> None:
        self._store = store
        self._site = site
        self._options = options
        self._site_id, self._extractor, in_force = _in_force(store, site)
        self._compares_readings = against is not None
        self._now, self._was = ProfileTables(candidate), ProfileTables(against or in_force)
        self._reader = CaptureReader(store, fallback=options.fallback)
        self._others = OtherReadings(self._reader, candidate, against or in_force)
        self._tally = BenchTally(self._now)
        self._read = self._covered = self._unreadable = self._files = self._read_before = 0
        self._spans: set[int] = set()

    def run(self, captures: Sequence[int] | None) -> Bench:
        started, used = time.perf_counter(), time.process_time()
        units = self._units(captures)
        if not units:
            raise NotInArchive(f"{self._site}: no capture to read yet; `archiver crawl {self._site}` makes some")
        is_sample = captures is None and not self._options.everything and len(units) > LEAST_SAMPLE
        chosen = in_sample_order(units, self._now.for_address)[:SAMPLE] if is_sample else units
        self._others.expect(len(chosen))
        ended = "sample" if is_sample and len(chosen) < len(units) else "all"
        for number, (unit, now, was) in enumerate(self._readings(chosen), 1):
            self._count(unit, now, was)
            self._options.listen(Progress(f"reading {self._site} with the profile", number, len(chosen)))
            if self._options.stop.wanted:
                ended = "interrupted"
                break
            if is_sample and number >= LEAST_SAMPLE and time.process_time() - used > SAMPLE_SECONDS:
                ended = "sample" if number < len(units) else "all"
                break
        return self._result(len(units), time.perf_counter() - started, ended)

    def _units(self, captures: Sequence[int] | None) -> list[Unit]:
        spans, without = self._store.reading_spans, set(self._options.embargoed)
        if captures is not None:
            named = spans.named(self._site_id, captures)
            return single_units((each for each in named if each.page_id not in without), is_named=True)
        return all_units(spans.of_site(self._site_id), spans.outside(self._site_id), without)

    def _readings(self, units: Sequence[Unit]) -> Iterator[tuple[Unit, ReadResult | None, ReadResult | None]]:
        """Yield each unit with its reading by the profile and, where the archive has no values, by the other one."""
        workers = self._options.workers
        again = [unit.visit_id for unit in units if self._is_read_again(unit)]
        before = self._reader.read_many(again, self._was.profile, workers)
        now = self._reader.read_many([unit.visit_id for unit in units], self._now.profile, workers)
        for unit, (_, result) in zip(units, now, strict=True):
            yield unit, result, next(before)[1] if self._is_read_again(unit) else None

    def _is_read_again(self, unit: Unit) -> bool:
        """Return whether a unit is read with the other profile: the archive has no values of that profile for it."""
        if self._compares_readings or unit.is_named:
            return True
        return unit.span is not None and unit.span.extractor_id != self._extractor

    def _count(self, unit: Unit, result: ReadResult | None, before: ReadResult | None) -> None:
        self._read += 1
        if result is None or (result.record is None and result.failure):
            self._unreadable += 1
            return
        now = side_of_reading(result, self._now)
        was = self._before(unit, before)
        captures = self._captures_of(unit)
        if was.content.file is not None or now.content.file is not None:
            self._files += 1
            return
        shows_nothing = now.is_gone and was.content == Content()
        if not shows_nothing and not is_redacted(was.content):
            self._tally.add(unit, now, was, captures, self._others.of(unit, now, was))

    def _before(self, unit: Unit, before: ReadResult | None) -> Side:
        if self._is_read_again(unit):
            self._read_before += 1
            return side_of_reading(before, self._was)
        spans = self._store.reading_spans
        content, ranks = Content(), {f"readings.{name}": 1 for name in spans.counters(unit.visit_id)}
        if unit.span is not None:
            content, ranks = spans.content(unit.span), ranks | spans.ranks(unit.span)
        return stored_side(content, ranks, self._was.ruled_at(unit.url))

    def _captures_of(self, unit: Unit) -> int:
        """Return how many captures a unit stands for, and count them once."""
        if unit.span is None:
            self._covered += unit.captures
            return unit.captures
        count = self._store.reading_spans.captures_in(unit.span)
        if unit.span.version_id not in self._spans:
            self._spans.add(unit.span.version_id)
            self._covered += count
        return count

    def _result(self, units: int, seconds: float, ended: str) -> Bench:
        now, was = self._others.milliseconds
        amounts = Amounts(
            self._store.reading_spans.counts(self._site_id, self._options.embargoed),
            units,
            self._read,
            self._covered,
            self._unreadable,
            self._files,
            self._others.declared,
            self._others.generic,
            self._read_before,
            self._tally.left_to_fallback,
            self._tally.misread,
            self._options.fallback,
            len(self._tally.split),
            seconds,
            ended,
        )
        return Bench(
            self._site, Sides(_named(self._now.profile), _named(self._was.profile), now, was), amounts, self._tally
        )


def _named(profile: Profile) -> str:
    return profile.source or "the reading without a profile"


def _in_force(store: Store, site: str) -> tuple[int, int, Profile]:
    """Return the id of a site, of its extractor, and the profile of that extractor.

    Raises:
        NotInArchive: there is no such site.
    """
    homes = {row["name"]: row["home"] for row in store.history.sites()}
    site_id = store.pages.site_id(site)
    extractor = None if site_id is None else store.pages.current_extractor(site_id)
    if site_id is None or extractor is None:
        raise NotInArchive(f"{site}: no such site in {store.path}; known: {', '.join(sorted(homes)) or 'none yet'}")
    kept = profiles.stored(store, site)
    return site_id, extractor.extractor_id, kept or profiles.generic_profile(homes[site] or f"https://{site}.invalid/")
