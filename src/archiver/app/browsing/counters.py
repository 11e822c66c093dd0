"""Counters: what pages gained in a period, how, and where the numbers fell. A counter is never an edit."""

import itertools
from dataclasses import dataclass
from datetime import timedelta
from statistics import median
from typing import Any

from archiver.app.browsing.site_names import demand_site
from archiver.app.reading.questions import ArchiveReader
from archiver.errors import UsageError
from archiver.model.clock import instant, written
from archiver.model.moments import since_text
from archiver.store.counter_queries import CounterChoice
from archiver.text.near import did_you_mean

MOST = 25
"""The number of pages that are listed."""
_MOST_FALLS = 50
_STEPS = 48  # points of a series
_DAYS = 7  # the usual period
_PAUSE = timedelta(days=2)  # a shorter pause is no gap


@dataclass(frozen=True, slots=True)
class CounterSeries:
    """What a counter of a page did in the period. Times are UTC text.

    Attributes:
        value: the newest value; `gained`: what it gained, without falls; `fell`: the sum of falls.
        points: time and value, at most 48: the last reading of each part of the period.
        gaps: pauses between two points in which it was not read: from, until.
    """

    site: str
    page_id: int
    url: str
    title: str | None
    language: str | None
    value: int
    gained: int
    fell: int
    points: tuple[tuple[str, int], ...]
    gaps: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Counters:
    """The counters of a period. Times are UTC text.

    Attributes:
        names: of all counters.
        pages: the number of pages with a reading; `gained`: the sum of what they gained.
        series: the pages that gained most.
        falls: readings that are lower than the one before, newest first: at most 50.
    """

    name: str | None
    names: tuple[str, ...]
    since: str
    until: str
    pages: int
    gained: int
    series: tuple[CounterSeries, ...]
    falls: tuple[dict[str, Any], ...]


def counters(
    archive: ArchiveReader,
    name: str | None = None,
    *,
    site: str | None = None,
    since: str | None = None,
    most: int = MOST,
) -> Counters:
    """Return what pages gained since a moment, up to the newest visit. Pages under an embargo are left out.

    Args:
        archive: the archive.
        name: of a counter; by default `views`, else the first one.
        site: only of this site.
        since: any moment; by default seven days before the newest visit.
        most: the number of pages.

    Raises:
        UsageError: an unknown counter, or a text that is no moment.
        NotInArchive: there is no such site.
    """
    demand_site(archive, site)
    queries = archive.store.browsing.counters
    names = queries.names()
    if name is not None and name not in names:
        known = f"{did_you_mean(name, names)}known: {', '.join(names) or 'none yet'}"
        raise UsageError(f"{name}: no such counter; {known}")
    until = archive.store.browsing.coverage.last_visit() or written(archive.settings.clock())
    begin = since_text(since, archive.settings.clock()) if since else written(instant(until) - timedelta(days=_DAYS))
    if not names:
        return Counters(None, (), begin, until, 0, 0, (), ())
    chosen = CounterChoice(name or names[0], begin, until, site, archive.embargoed_pages())
    gained = queries.gained(chosen)
    series = _series(archive, chosen, [row for row in gained[:most] if row[2] > 0])
    falls = tuple(queries.falls(chosen, _MOST_FALLS))
    return Counters(chosen.name, tuple(names), begin, until, len(gained), sum(row[2] for row in gained), series, falls)


def _series(
    archive: ArchiveReader, chosen: CounterChoice, rows: list[tuple[int, int, int, int]]
) -> tuple[CounterSeries, ...]:
    pages = [row[0] for row in rows]
    queries = archive.store.browsing.counters
    points, named = queries.points(chosen, pages, _STEPS), queries.named(pages)
    return tuple(
        CounterSeries(
            **named[page_id],
            value=value,
            gained=gain,
            fell=fell,
            points=tuple(points[page_id]),
            gaps=tuple(gaps(points[page_id])),
        )
        for page_id, value, gain, fell in rows
    )


def gaps(points: list[tuple[str, int]]) -> list[tuple[str, str]]:
    """Return the pauses that are longer than two days and than three times the usual pause: from, until (UTC text)."""
    times = [instant(at) for at, _ in points]
    pauses = [(later - earlier).total_seconds() for earlier, later in itertools.pairwise(times)]
    if not pauses:
        return []
    least = max(_PAUSE.total_seconds(), 3 * median(pauses))
    return [(points[place][0], points[place + 1][0]) for place, pause in enumerate(pauses) if pause > least]
