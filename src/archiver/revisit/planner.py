"""When again: after each visit, when a page is due next, and why. What was learned is kept in the archive.

A page that is there is due when the changes to expect of it reach the site's threshold (`ranking`), within the
profile's `revisit` bounds; with `revisit = { every = "6h" }`, whenever that time is over. What failed, is missing or
moved away has waits of its own (`troubles`). With a budget the threshold is reckoned anew each day, and all pages'
times with it.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import astuple
from datetime import datetime, timedelta

from archiver.extract.listed import moment_of
from archiver.model.clock import Clock, instant, written
from archiver.model.profile import CrawlRules
from archiver.model.reason import OWN_WAIT, Reason, ReasonCode
from archiver.revisit import daily_budget
from archiver.revisit.age_decay import Counts
from archiver.revisit.backoff import backoff
from archiver.revisit.change_rate import Evidence, belief_from, usual
from archiver.revisit.learner import UNBOUNDED, Learner, Watched
from archiver.revisit.observed import Observed
from archiver.revisit.ranking import Bounds, Trust, wait, why
from archiver.store.archive import Store
from archiver.store.frontier import Due, NextVisit
from archiver.store.revisit_state import PaceRow, PageRow, UsualRow

DAY = 86400.0
_DAILY = timedelta(days=1)
_SAID_AT_MOST = timedelta(days=1)  # a page may claim to be of tomorrow, for its clock's sake; not of next year
_LISTS, _NEWS_WAIT = ("sitemap", "feed"), 1.0  # days: what tells of all other pages costs one visit
_TELLING = timedelta(days=30)  # the runs that say how much of the budget is left
_HINTS = "hints"  # the row of what is learned of hints
_DATED, _UNDATED = "article", "page"  # kinds of what is learned, of pages that the profile calls articles, or nothing


class RevisitPlanner:
    """One site's."""

    def __init__(self, store: Store, site_id: int, rules: CrawlRules, clock: Clock) -> None:
        self._now = clock
        self._store = store
        self._site_id = site_id
        self._rules = rules
        self.budget = rules.revisit_budget
        """Visits a day; None: as many as the pages seem worth."""
        self._is_saved = True
        self._learner = Learner()
        for row in store.rates.usual(site_id):
            if row.kind == _HINTS:
                continue
            self._learner.usual[row.kind] = belief_from(row.belief, usual(row.kind))
            self._learner.counts[row.kind] = Counts.from_json(row.counts)
        self._trust = _trust(next((row.counts for row in store.rates.usual(site_id) if row.kind == _HINTS), None))
        self._pace = store.rates.pace(site_id)
        self._learner.threshold = self._pace.threshold if self._pace else UNBOUNDED

    @property
    def bounds(self) -> Bounds:
        """How often a page may be visited, and must be, in days."""
        least = self._rules.revisit_min / DAY
        return Bounds(least, max(self._rules.revisit_max / DAY, least))

    # daily

    def refit(self, now: datetime) -> int:
        """Once a day, and when the budget is another: what is usual, the threshold, and when all pages are due.

        Gives how many pages were reckoned anew. To be called within a transaction.
        """
        self._store.frontier.bound(self._site_id, written(now), written(now + timedelta(days=self.bounds.most)))
        if not self._is_due(now):
            return 0
        rows, self._pace = self._reckon(now)
        self._store.rates.put_pace(self._site_id, self._pace)
        self._store.rates.put_due(self._due_anew(rows, now))
        self._is_saved = False
        self.save()
        return len(rows)

    def forecast(self, now: datetime) -> dict[int, tuple[str, float, Reason]]:
        """What `refit` would set now: of each page, when it is due, after how many seconds, and why. Keeps nothing."""
        if not self._is_due(now):
            return {}
        rows, _ = self._reckon(now)
        return {page: (due_at, seconds, reason) for due_at, seconds, reason, page in self._due_anew(rows, now)}

    def _reckon(self, now: datetime) -> tuple[list[PageRow], PaceRow]:
        """Learn what is usual, and the threshold; gives the pages that are due by it, and what is to be kept."""
        rows = list(self._store.rates.learned(self._site_id))
        pages = [self._row(row, now) for row in rows]
        self._learner.refit(pages)
        self._learner.asked = self._pace.asked if self._pace and self._pace.budget == self.budget else 0.0
        self._learner.spend(pages, self.budget, self._made_a_day(now), self.bounds)
        return rows, PaceRow(self._learner.threshold, self.budget, self._learner.asked, written(now))

    def _is_due(self, now: datetime) -> bool:
        if self._pace is None or self._pace.budget != self.budget:
            return True
        return not timedelta(0) <= now - instant(self._pace.set_at) < _DAILY  # less: the clock was wrong

    def _made_a_day(self, now: datetime) -> float:
        if self._pace is None:
            return 0.0
        days = (now - instant(self._pace.set_at)) / _DAILY
        return self._store.rates.made(self._site_id, self._pace.set_at) / max(days, 1.0)

    def _due_anew(self, rows: Iterable[PageRow], now: datetime) -> Iterator[tuple[str, float, Reason, int]]:
        """When they are due; not those that a wrong clock says were visited after now: their last visit has set it."""
        for row in rows:
            last = instant(row.last_visited)
            if last <= now:
                page = self._row(row, last)
                days = self._wait(page, row.kind, row.depth)
                reason = why(self._learner.waiting(page), days, self.bounds)
                yield (written(last + timedelta(days=days)), days * DAY, reason, row.page_id)

    def _wait(self, page: Watched, kind: str | None, depth: int) -> float:
        """Days until a page is due; start pages, sitemaps and feeds, where news appears, wait a day at most."""
        days = self._learner.wait(page, self.bounds)
        return self._daily(days) if kind in _LISTS or not depth else days

    def _daily(self, days: float) -> float:
        return max(min(days, _NEWS_WAIT), self.bounds.least)

    def _row(self, row: PageRow, at: datetime) -> Watched:
        born = instant(row.born) if row.born else None
        return _watched(row.kind, born, Evidence.from_bytes(row.evidence), at)

    def save(self) -> None:
        """Store what the visits since the last time taught, if anything."""
        if self._is_saved:
            return
        learner = self._learner
        rows = [
            UsualRow(kind, learner.belief(kind).to_bytes(), learner.counts.get(kind, Counts()).to_json())
            for kind in learner.usual
        ]
        rows.append(UsualRow(_HINTS, None, json.dumps(astuple(self._trust))))
        self._store.rates.put_usual(self._site_id, rows)
        self._is_saved = True

    # after each visit

    def next_visit(self, seen: Observed, entry: Due | None) -> NextVisit:
        """Return when a page is due next. `entry`: its row of the frontier before the visit."""
        evidence = Evidence.from_bytes(entry.evidence if entry else None)
        depth = entry.depth if entry else 1
        waited, reason = (entry.interval / DAY, entry.reason) if entry else (0.0, None)
        failing = backoff(seen, waited, reason, self.bounds)
        if failing is not None:
            days, reason = failing
            is_news = not depth or (seen.kind in _LISTS and not seen.outcome.is_absence)
            return _next(seen.at, (self._daily(days) if is_news else days) * DAY, reason, evidence)
        born = _born(seen, entry)
        evidence = self._learned(seen, evidence, born, entry)
        page = _watched(seen.kind, born, evidence, seen.at)
        days = self._wait(page, seen.kind, depth)
        reason = why(self._learner.waiting(page), days, self.bounds)
        return _next(seen.at, days * DAY, reason, evidence, written(born) if born else None)

    def _learned(self, seen: Observed, evidence: Evidence, born: datetime | None, entry: Due | None) -> Evidence:
        """What the page's visits say with this one."""
        if seen.changed is None or seen.since is None:
            return evidence
        self._is_saved = False
        last = instant(seen.since)
        page = _watched(seen.kind, born, evidence, last)
        if entry is not None and entry.hint is not None:
            self._trust = self._trust.after(hinted=entry.reason.code is ReasonCode.HINT, changed=seen.changed)
        return self._learner.seen(page, _days(last, seen.at), changed=seen.changed)

    # hints

    def hinted(self, entry: Due, moment: str, told: str) -> NextVisit | None:
        """When a page is due of which a sitemap or a feed says that it is newer than our last visit; None: as before.

        How far that is believed was learned by what visits found that were hinted at, and those that were not.
        """
        found, last = moment_of(moment), instant(entry.last_visited or "")
        if found is None or (found[0] + _DAILY if found[1] else found[0]) <= last:
            return None
        page = _watched(
            entry.kind, instant(entry.born) if entry.born else None, Evidence.from_bytes(entry.evidence), last
        )
        hint = self._trust.probability(self._learner.chance(page, _days(last, self._now())))
        waiting = self._learner.waiting(page, hint, told)
        days = wait(waiting, self._learner.threshold, self.bounds)
        return NextVisit(written(last + timedelta(days=days)), days * DAY, Reason.of(ReasonCode.HINT, told))

    # before each visit

    def reason(self, page: Due, now: datetime) -> Reason:
        """Return why a page is visited now."""
        if not page.last_visited or page.reason.code in OWN_WAIT:
            return page.reason
        last = instant(page.last_visited)
        born = instant(page.born) if page.born else None
        watched = _watched(page.kind, born, Evidence.from_bytes(page.evidence), last)
        return why(self._learner.waiting(watched), _days(last, now), self.bounds)

    def allowance(self, now: datetime, run_id: int) -> int | None:
        """How many visits this run may make of a day's budget; None without one."""
        if self.budget is None:
            return None
        since = written(now - _TELLING)
        runs = [(instant(at), visits) for at, visits in self._store.rates.crawls(self._site_id, since, run_id)]
        return daily_budget.left(
            self.budget, runs, now, full=not self._store.rates.crawled_before(self._site_id, since)
        )


def _days(since: datetime, until: datetime) -> float:
    return max((until - since) / _DAILY, 0.0)


def _instant(text: str | None) -> datetime | None:
    try:
        return instant(f"{text} 00:00:00"[:19]) if text else None
    except ValueError:
        return None


def _trust(text: str | None) -> Trust:
    """Counts read back; the first guess for what are none."""
    try:
        values = [float(value) for value in json.loads(text or "")]
    except (ValueError, TypeError, RecursionError):
        return Trust()
    return Trust(*values) if len(values) == len(astuple(Trust())) and min(values) > 0 else Trust()


def _watched(kind: str | None, born: datetime | None, evidence: Evidence, at: datetime) -> Watched:
    """A page at a moment. Only what is dated cools: of other pages nobody knows how old they are."""
    if kind in _LISTS:
        return Watched("listing", evidence, 0.0)
    if born is None:
        return Watched(_UNDATED if kind in (None, _DATED) else str(kind), evidence, 0.0)
    return Watched(kind or _DATED, evidence, _days(born, at))


def _born(seen: Observed, entry: Due | None) -> datetime | None:
    """When the page was published, as it says itself; None when it does not, or cannot have been."""
    said = _instant(seen.said)
    if said is not None and said <= seen.at + _SAID_AT_MOST:
        return min(said, seen.at)
    return instant(entry.born) if entry and entry.born else None


def _next(at: datetime, seconds: float, reason: Reason, evidence: Evidence, born: str | None = None) -> NextVisit:
    return NextVisit(written(at + timedelta(seconds=seconds)), seconds, reason, evidence.to_bytes(), born)
