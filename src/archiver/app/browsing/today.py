"""What happened since the visitor last looked: counts, alarms, the events by day, and what was not looked at."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from archiver.app.browsing.alarms import SiteAlarms, alarms_by_site
from archiver.app.browsing.day_list import DayList, ListFilter, day_list, one_day
from archiver.app.browsing.days import known_day, shifted
from archiver.app.browsing.event_counts import EventCounts, event_counts
from archiver.app.browsing.feeds import feed_of
from archiver.app.browsing.site_names import site_names
from archiver.app.reading.find import known_field, known_site
from archiver.app.reading.questions import ArchiveReader
from archiver.app.watching.page_events import EVENT_KINDS, EventFilter
from archiver.errors import UsageError
from archiver.model.clock import instant, written
from archiver.model.moments import since_text
from archiver.store.day_events import LABELS, DaySpan
from archiver.text.near import did_you_mean

BAR_DAYS = 30
USUAL_DAYS = 7
"""Days that are shown to a visitor who has not looked before."""
OVERDUE = timedelta(days=2)
"""An archive without a visit for so long is not watching."""
_FOR_EVER = "9999"


@dataclass(frozen=True, slots=True)
class TodayQuestion:
    """What a visitor asks.

    Attributes:
        since: a moment as typed; "" for the last look, or the last days.
        last_look: when the visitor last marked all as seen (UTC text); "" when never.
        site, kind, label, field: only these; `label` is one of `LABELS`.
        day: only this day (YYYY-MM-DD); `section`: only this section of it.
        cursor: where the list goes on: a day, or with `day` a number of rows.
    """

    since: str = ""
    last_look: str = ""
    site: str | None = None
    kind: str | None = None
    label: str | None = None
    field: str | None = None
    day: str | None = None
    section: str | None = None
    cursor: str = ""


@dataclass(frozen=True, slots=True)
class Watched:
    """What the archive looked at since a moment. Times are UTC text.

    Attributes:
        last_visit: of all; None when there is none.
        is_overdue: there was no visit for days.
        visits, runs: since the moment; `failed`: those that got no page, by outcome and status.
        pages: that should be there; `unseen`: those of them without a visit since the moment; `never`: without any.
    """

    last_visit: str | None
    is_overdue: bool
    visits: int
    runs: int
    failed: list[dict[str, Any]]
    pages: int
    unseen: int
    never: int

    @property
    def failures(self) -> int:
        """Return the number of failed visits."""
        return sum(each["visits"] for each in self.failed)


@dataclass(frozen=True, slots=True)
class Today:
    """The answer.

    Attributes:
        since: from when on events are told (UTC text); `since_is`: asked, look (the visitor's last look) or usual.
        state: what the first sentence says: changes, calm, partly (not all was looked at), silent or empty.
        bars: the last 30 days, each with `day`, `edited`, `gone` and `visited`.
        is_capped: there are more events than are counted.
    """

    since: str
    since_is: str
    state: str
    counts: EventCounts
    watched: Watched
    alarms: list[SiteAlarms]
    bars: list[dict[str, Any]]
    listed: DayList
    sites: list[str] = field(default_factory=list)
    is_capped: bool = False

    def as_json(self) -> dict[str, Any]:
        """Return the answer as the page's JSON has it."""
        return {
            "since": self.since,
            "since_is": self.since_is,
            "state": self.state,
            "counts": self.counts.by_name,
            "is_capped": self.is_capped,
            "typography": self.counts.typography,
            "last_visit": self.watched.last_visit,
            "is_overdue": self.watched.is_overdue,
            "visits": self.watched.visits,
            "runs": self.watched.runs,
            "failures": self.watched.failures,
            "failed": self.watched.failed,
            "pages": self.watched.pages,
            "unseen": self.watched.unseen,
            "never": self.watched.never,
            "sites": self.sites,
            "alarms": [each.as_json() for each in self.alarms],
            "bars": self.bars,
            **self.listed.as_json(),
        }


def today(archive: ArchiveReader, asked: TodayQuestion) -> Today:
    """Return what happened, and what is known of it.

    Raises:
        UsageError: a filter is not known, or a text is not a moment.
        NotInArchive: there is no such site.
    """
    check(archive, asked)
    store, now = archive.store, archive.settings.clock()
    site_id = None if asked.site is None else store.pages.site_id(asked.site)
    last = store.browsing.coverage.last_visit(site_id)
    since, since_is = _since(asked, now, last)
    end = _bars_end(now, last)
    first = (instant(f"{end} 00:00:00") - timedelta(days=BAR_DAYS - 1)).date().isoformat()
    hidden = archive.embargoed_pages()
    span = DaySpan(min(since, first), _FOR_EVER, site_id, asked.field, hidden)
    found = event_counts(store, span, asked.site, since)
    wanted = ListFilter(asked.kind, asked.label, asked.section, asked.cursor)
    new_span = replace(span, since=since)
    listed = (
        one_day(store, replace(span, since=asked.day, until=shifted(asked.day, 1)), asked.site, wanted)
        if asked.day
        else day_list(store, new_span, found.new, wanted)
    )
    watched = _watched(archive, since, site_id, last)
    counts, alarms = found.new, alarms_by_site(archive, asked.site)
    return Today(
        since,
        since_is,
        _state(counts, watched, has_alarms=bool(alarms)),
        counts,
        watched,
        alarms,
        _bars(store.browsing.coverage.visited_days(first, end, site_id), found),
        listed,
        site_names(archive),
        store.browsing.days.is_capped(new_span),
    )


def check(archive: ArchiveReader, asked: TodayQuestion) -> None:
    """Check the filters.

    Raises:
        UsageError: one is not known; the message suggests the nearest name.
        NotInArchive: there is no such site.
    """
    known_site(archive.store, asked.site)
    known_field(archive.store, asked.field)
    for name, given, known in (("kind", asked.kind, EVENT_KINDS), ("nature", asked.label, LABELS)):
        if given is not None and given not in known:
            hint = did_you_mean(given, known)
            raise UsageError(f"{given}: no such {name} of change; {hint}known: {', '.join(known)}")
    for day in filter(None, (asked.day, "" if asked.day else asked.cursor)):
        known_day(day)
    if asked.day and asked.cursor and not asked.cursor.isdecimal():
        raise UsageError(f"cursor {asked.cursor}: not a number of rows")


def feed_filter(archive: ArchiveReader, asked: TodayQuestion) -> EventFilter:
    """Return the feed of the same events, from any time."""
    kinds = (asked.kind,) if asked.kind else ()
    return feed_of(archive, site=asked.site, kinds=kinds, label=asked.label, field=asked.field)


def _since(asked: TodayQuestion, now: datetime, last: str | None) -> tuple[str, str]:
    """Return from when on events are told, and why from then: asked, look (the last look) or usual."""
    if asked.since:
        return since_text(asked.since, now), "asked"
    if asked.last_look:
        return asked.last_look, "look"
    end = min(now, instant(last)) if last else now
    first = (end - timedelta(days=USUAL_DAYS - 1)).date()
    return f"{first.isoformat()} 00:00:00", "usual"


def _bars_end(now: datetime, last: str | None) -> str:
    """Return the last day of the bars: today, or the day of the newest visit when that is long ago."""
    is_long_ago = last is not None and now - instant(last) > timedelta(days=BAR_DAYS)
    return last[:10] if last is not None and is_long_ago else written(now)[:10]


def _watched(archive: ArchiveReader, since: str, site_id: int | None, last: str | None) -> Watched:
    watch, now = archive.store.browsing.coverage, archive.settings.clock()
    looked = watch.looked_at(since, site_id)
    return Watched(
        last,
        last is None or now - instant(last) > OVERDUE,
        watch.visits(since, _FOR_EVER, site_id),
        watch.runs(since, site_id),
        watch.failed(since, site_id),
        looked.pages,
        looked.never + looked.before,
        looked.never,
    )


def _state(counts: EventCounts, watched: Watched, *, has_alarms: bool) -> str:
    """Return what the first sentence says: changes, calm, partly (not all was looked at), silent or empty."""
    if watched.last_visit is None:
        return "empty"
    if counts.total:
        return "changes"
    if watched.is_overdue or not watched.visits:
        return "silent"
    return "partly" if watched.unseen or watched.failures or has_alarms else "calm"


def _bars(visited: dict[str, bool], found: EventCounts) -> list[dict[str, Any]]:
    return [
        {"day": day, "edited": found.of(day, "edited"), "gone": found.of(day, "gone"), "visited": is_visited}
        for day, is_visited in visited.items()
    ]
