"""What a crawl would visit next, and why: the site's list as the archive holds it. Nothing is asked or altered."""

import re
from bisect import bisect_right
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from heapq import nsmallest
from typing import Any, NamedTuple

from archiver.app import profiles
from archiver.app.archive import Archive
from archiver.crawl.revisit_schedule import RevisitSchedule
from archiver.errors import NotInArchive, UsageError
from archiver.model.clock import instant, written
from archiver.model.reason import Reason
from archiver.revisit.planner import DAY
from archiver.store.frontier import Due, Frontier

_BUDGET = re.compile(r"([0-9]{1,9})(?:\s*/\s*(d|day|h|hour))?")


@dataclass(frozen=True, slots=True)
class Planned:
    """One page to come. Times are UTC text.

    Attributes:
        due_at: from when on; in the past, when it is due already.
        last_visited: None when it never was.
        days: that it waits from its last visit on; None for a page not visited yet.
        reason: why then.
    """

    url: str
    kind: str | None
    due_at: str
    last_visited: str | None
    days: float | None
    reason: str


@dataclass(frozen=True, slots=True)
class VisitPlan:
    """A site's list.

    Attributes:
        known: pages on it; `due`: those due now; `in_a_day`: those due within a day, these included.
        a_day: visits that the pages' waits come to, a day; `budget`: what the profile allows, None for no bound.
        pages: the first of them, in the order in which they fall due.
    """

    site: str
    known: int
    due: int
    in_a_day: int
    a_day: float
    budget: float | None
    pages: tuple[Planned, ...]

    def as_json(self) -> dict[str, Any]:
        """The last line of `plan --json`; the pages come before it, one a line."""
        told = asdict(self)
        del told["pages"]
        return told | {"a_day": round(self.a_day, 2)}


def plan_visits(archive: Archive, site: str, limit: int = 20) -> VisitPlan:
    """What a crawl of a site would visit next.

    Raises:
        ProfileError: there is no such profile, or it has faults.
        NotInArchive: the site was never crawled into this archive.
    """
    profile = profiles.by_name(site, archive.settings.selectors)
    store, now = archive.store, archive.settings.clock()
    site_id = store.pages.site_id(profile.name)
    if site_id is None or not store.frontier.size(site_id):
        raise NotInArchive(
            f"{profile.name}: no page of this site is on the list of {archive.settings.archive}; "
            f"`archiver crawl {profile.name}` begins one"
        )
    schedule = RevisitSchedule(store, site_id, profile.crawl, archive.settings.clock)
    coming = _coming(store.frontier, site_id, schedule.forecast(now), limit)
    pages = tuple(
        Planned(
            page.url,
            page.kind,
            page.due_at,
            page.last_visited,
            round(page.interval / DAY, 3) if page.last_visited else None,
            schedule.planner.reason(page, max(now, instant(page.due_at))).text,
        )
        for page in coming.first
    )
    due, soon = (bisect_right(coming.times, written(now + ahead)) for ahead in (timedelta(0), timedelta(days=1)))
    return VisitPlan(profile.name, len(coming.times), due, soon, coming.a_day, schedule.planner.budget, pages)


class _Coming(NamedTuple):
    first: list[Due]
    times: list[str]  # of all, in order
    a_day: float


def _coming(frontier: Frontier, site_id: int, anew: dict[int, tuple[str, float, Reason]], limit: int) -> _Coming:
    """A site's list as the next crawl will find it: once a day it reckons anew when pages are due."""
    times = frontier.times(site_id) | {page: (due_at, seconds) for page, (due_at, seconds, _) in anew.items()}
    first = []
    for page_id in nsmallest(limit, times, key=lambda page: (times[page][0], page)):
        entry = frontier.entry(page_id)
        if entry is not None:
            due_at, interval = times[page_id]
            first.append(replace(entry, due_at=due_at, interval=interval))
    a_day = sum(DAY / interval for _, interval in times.values() if interval)
    return _Coming(first, sorted(due_at for due_at, _ in times.values()), a_day)


def parse_budget(text: str) -> float:
    """Visits a day: `500`, `500/day`, `20/h`.

    Raises:
        UsageError: it is no such number.
    """
    found = _BUDGET.fullmatch(text.strip().lower())
    if found is None or not int(found[1]):
        raise UsageError(f"not a budget: {text!r}; write how many visits a day: 500, 500/day or 20/h")
    return float(found[1]) * (24 if (found[2] or "d").startswith("h") else 1)
