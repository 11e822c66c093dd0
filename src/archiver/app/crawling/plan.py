"""`archiver plan`: what a crawl would visit next, and why. It reads the frontier; it fetches and writes nothing."""

import re
from bisect import bisect_right
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from heapq import nsmallest
from typing import Any, NamedTuple

from archiver.app.crawling.choose_site import choose_site
from archiver.app.reading.questions import ArchiveReader
from archiver.crawl.revisit_schedule import RevisitSchedule
from archiver.errors import NotInArchive, UsageError
from archiver.model.clock import instant, written
from archiver.model.reason import Reason
from archiver.revisit.planner import DAY
from archiver.store.frontier import Due, Frontier

_BUDGET = re.compile(r"([0-9]{1,9})(?:\s*/\s*(d|day|h|hour))?")


@dataclass(frozen=True, slots=True)
class Planned:
    """A page that a crawl will visit. Times are UTC text.

    Attributes:
        due_at: when it is due; in the past when it is due already.
        last_visited: None when it was never visited.
        days: the interval between its last visit and `due_at`; None for a page not visited yet.
        reason: why it is due then.
    """

    url: str
    kind: str | None
    due_at: str
    last_visited: str | None
    days: float | None
    reason: str


@dataclass(frozen=True, slots=True)
class VisitPlan:
    """The frontier of a site.

    Attributes:
        known: the number of pages; `due`: those due now; `in_a_day`: those due within a day, including those due now.
        a_day: visits per day that the intervals of the pages add up to.
        budget: visits per day that the profile allows; None for no limit.
        pages: the first pages, in the order in which they are due.
    """

    site: str
    known: int
    due: int
    in_a_day: int
    a_day: float
    budget: float | None
    pages: tuple[Planned, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the last line of `plan --json`; the pages come before it, one per line."""
        values = asdict(self)
        del values["pages"]
        return values | {"a_day": round(self.a_day, 2)}


def plan_visits(archive: ArchiveReader, site: str, limit: int = 20) -> VisitPlan:
    """Return what a crawl of a site would visit next: the first `limit` pages.

    Raises:
        ProfileError: there is no such profile, or it has faults.
        NotInArchive: the site was never crawled into this archive.
    """
    profile = choose_site(site, archive.store, archive.settings.selectors)
    store, now = archive.store, archive.settings.clock()
    site_id = store.pages.site_id(profile.name)
    if site_id is None or not store.frontier.size(site_id):
        raise NotInArchive(
            f"{profile.name}: the frontier of this site is empty in {archive.settings.archive}; "
            f"`archiver crawl {profile.name}` fills it"
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
    times: list[str]  # when each page is due, in order
    a_day: float


def _coming(frontier: Frontier, site_id: int, updated: dict[int, tuple[str, float, Reason]], limit: int) -> _Coming:
    """Return the frontier as the next crawl will see it; `updated`: the due times that a crawl computes once a day."""
    times = frontier.times(site_id) | {page: (due_at, seconds) for page, (due_at, seconds, _) in updated.items()}
    first = []
    for page_id in nsmallest(limit, times, key=lambda page: (times[page][0], page)):
        entry = frontier.entry(page_id)
        if entry is not None:
            due_at, interval = times[page_id]
            first.append(replace(entry, due_at=due_at, interval=interval))
    a_day = sum(DAY / interval for _, interval in times.values() if interval)
    return _Coming(first, sorted(due_at for due_at, _ in times.values()), a_day)


def parse_budget(text: str) -> float:
    """Parse a budget such as `500`, `500/day` or `20/h`; return visits per day.

    Raises:
        UsageError: the text is not a budget.
    """
    found = _BUDGET.fullmatch(text.strip().lower())
    if found is None or not int(found[1]):
        raise UsageError(f"not a budget: {text!r}; write how many visits a day: 500, 500/day or 20/h")
    return float(found[1]) * (24 if (found[2] or "d").startswith("h") else 1)
