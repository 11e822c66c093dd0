"""The history of one page as marks on a line of time: data for the drawing `archiver.web.svg.strip`.

A mark is a version, or, when there are too many, all versions that began in one unit of time. A listing has editions
instead of versions. The number of marks has a bound, whatever the page's history.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from archiver.app.browsing.counter_lines import CounterLine, counter_lines
from archiver.app.browsing.editions import edition_marks
from archiver.app.browsing.strip_marks import MOST_MARKS, StripMark, unit_for
from archiver.model.clock import instant, written
from archiver.model.version import Verdict
from archiver.store.archive import Store
from archiver.store.event_views import LEAST_DAYS, TIMES
from archiver.store.span_queries import Window

MOST_SPANS = 120
"""The most absences, pauses and failed visits that a strip shows, of each."""

_LEAST_WIDTH = 0.004  # of the strip: the median version must be as wide, or versions are grouped
_FOR_MEDIAN = 20  # fewer versions are never grouped
_MARGIN = 0.01  # of the time shown, after the last visit


@dataclass(frozen=True, slots=True)
class Absence:
    """A span over which a page was proven gone. Times are UTC text, as in the view `absences`."""

    last_seen: str | None
    gone_by: str
    last_miss: str
    back_by: str | None
    misses: int
    evidence: str = ""
    came_back: str | None = None


@dataclass(frozen=True, slots=True)
class TimeSpan:
    """A span of time (UTC text)."""

    since: str
    until: str


@dataclass(frozen=True, slots=True)
class Tick:
    """Failed visits: when the first of them was, how many there are, and how it ended."""

    at: str
    visits: int
    outcome: str
    status: int | None


@dataclass(frozen=True, slots=True)
class Strip:
    """All that a strip shows.

    Attributes:
        start, end: the time shown (UTC text), from the first visit to a little after the last one.
        last_visit: the last visit in this time (UTC text).
        noun: what a mark is: version or edition.
        count: the number of versions.
        unit: the unit of time that versions are grouped by; "" when each has its own mark.
    """

    start: str
    end: str
    last_visit: str
    noun: str = "version"
    count: int = 0
    unit: str = ""
    marks: tuple[StripMark, ...] = ()
    absences: tuple[Absence, ...] = ()
    pauses: tuple[TimeSpan, ...] = ()
    ticks: tuple[Tick, ...] = ()
    counters: tuple[CounterLine, ...] = ()


def strip_of(
    store: Store, page_id: int, since: str | None = None, until: str | None = None, *, counters: bool = True
) -> Strip | None:
    """Return the strip of a page, or of a part of its time; None when the page was never visited.

    Args:
        store: the archive.
        page_id: the page.
        since: begin at this moment (UTC text).
        until: end before this moment (UTC text).
        counters: also read the counters.
    """
    visits = store.browsing.spans.visits(page_id)
    if not visits["visits"]:
        return None
    window = Window(page_id, since or "", until or "9999")
    start = max(since or "", visits["first_visit"])
    last = min(until or "9999", visits["last_visit"])
    strip = Strip(start, _after(start, max(last, start)), max(last, start))
    strip = _with_marks(store, strip, window)
    strip = _with_gaps(store, strip, window, visits)
    if counters:
        broken = [(each.gone_by, each.last_miss) for each in strip.absences]
        broken += [(each.since, each.until) for each in strip.pauses]
        strip = replace(strip, counters=counter_lines(store, window, (strip.start, strip.end), broken))
    return strip


def _after(start: str, last: str) -> str:
    """Return the end of the time shown: the last visit and one hundredth more, a minute at least."""
    span = instant(last) - instant(start)
    return written(instant(last) + max(span * _MARGIN, timedelta(minutes=1)))


def _with_marks(store: Store, strip: Strip, window: Window) -> Strip:
    """Return a strip with marks of versions or editions."""
    found = store.browsing.spans.count(window)
    if not found["versions"]:
        marks, unit, count = edition_marks(store, window)
        return replace(strip, marks=marks, unit=unit, count=count, noun="edition" if count else "version")
    count = found["versions"]
    if count <= MOST_MARKS:
        marks = _version_marks(store, window)
        if len(marks) < _FOR_MEDIAN or not _are_narrow(marks, strip):
            return replace(strip, marks=marks, count=count)
    unit = unit_for(found["seen_from"], found["seen_last"])
    return replace(strip, marks=_bins(store, window, unit), unit=unit, count=count)


def _are_narrow(marks: Sequence[StripMark], strip: Strip) -> bool:
    """Whether the median version is too narrow to be seen."""
    widths = sorted(instant(mark.until) - instant(mark.since) for mark in marks)
    return widths[len(widths) // 2] < _LEAST_WIDTH * (instant(strip.end) - instant(strip.start))


def _version_marks(store: Store, window: Window) -> tuple[StripMark, ...]:
    edits: dict[int, list[Mapping[str, Any]]] = {}
    for row in store.browsing.spans.edits(window, limit=MOST_MARKS * 30):
        edits.setdefault(row["version"], []).append(row)
    rows = store.browsing.spans.versions(window, MOST_MARKS)
    return tuple(version_mark(row, edits.get(row["version"], ())) for row in rows)


def version_mark(row: Mapping[str, Any], edits: Iterable[Mapping[str, Any]]) -> StripMark:
    """Return the mark of one version: a row of `SpanQueries.versions` with its rows of `edits`."""
    edits = list(edits)
    own = [each for each in edits if each["redesign_id"] is None]
    return StripMark(
        first=row["version"],
        last=row["version"],
        since=row["seen_from"],
        until=row["seen_last"],
        ends=row["seen_until"],
        kind=_kind(row, has_edits=bool(own), is_redesign=bool(edits) and not own),
        added=sum(each["chars_added"] for each in own),
        removed=sum(each["chars_removed"] for each in own),
        edits=1 if own else 0,
        what=", ".join(f"{each['field']} +{each['chars_added']} −{each['chars_removed']}" for each in own[:4]),
    )


def _kind(row: Mapping[str, Any], *, has_edits: bool, is_redesign: bool) -> str:
    if row["redacted_at"] is not None:
        return "redacted"
    if row["verdict"] == Verdict.BACK:
        return "back"
    if row["verdict"] == Verdict.REREAD:
        return "reread"
    if row["version"] == 1:
        return "first"
    return "redesign" if is_redesign else "edited" if has_edits else "reread"


def _bins(store: Store, window: Window, unit: str) -> tuple[StripMark, ...]:
    edits = {row["bucket"]: row for row in store.browsing.spans.edit_bins(window, unit)}
    found = []
    for row in store.browsing.spans.bins(window, unit):
        edit = edits.get(row["bucket"], {"edits": 0, "largest": 0})
        found.append(
            StripMark(
                first=row["first"],
                last=row["last"],
                since=row["seen_from"],
                until=row["seen_last"],
                kind="group",
                added=edit["largest"] or 0,
                edits=edit["edits"],
            )
        )  # fmt: skip
    return tuple(found)


def _with_gaps(store: Store, strip: Strip, window: Window, visits: Mapping[str, Any]) -> Strip:
    """Return a strip with what is no version: absences, pauses and failed visits."""
    absences = [
        Absence(**{**row, "gone_by": max(row["gone_by"], strip.start), "last_miss": min(row["last_miss"], strip.end)})
        for row in store.browsing.spans.absences(window, MOST_SPANS, longest=True)
    ]
    spans = store.browsing.spans.pauses(window, LEAST_DAYS, MOST_SPANS)
    least = TIMES * (instant(visits["last_visit"]) - instant(visits["first_visit"])) / visits["visits"]
    pauses = [TimeSpan(row["since"], row["until"]) for row in spans]
    pauses = [each for each in pauses if instant(each.until) - instant(each.since) > least]
    ticks = store.browsing.spans.ticks(window, strip.start, strip.end, MOST_SPANS)
    if strip.unit:  # shorter absences would be narrower than the mark of their group
        half = (instant(strip.end) - instant(strip.start)) / (2 * MOST_MARKS)
        absences = [each for each in absences if instant(each.last_miss) - instant(each.gone_by) > half]
    return replace(
        strip,
        absences=tuple(sorted(absences, key=lambda each: each.gone_by)),
        pauses=tuple(sorted(pauses, key=lambda each: each.since)),
        ticks=tuple(Tick(row["at"], row["visits"], row["outcome"], row["status"]) for row in ticks),
    )
