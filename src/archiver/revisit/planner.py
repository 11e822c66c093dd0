"""When a page is visited again, and why. No I/O: what was learned comes in and goes out as rows.

A page that is there is due when the changes to expect of it reach the site's threshold (`ranking`), within the
profile's `revisit` bounds; with `revisit = { every = "6h" }`, whenever that time is over. What failed, is missing or
moved away has waits of its own (`backoff`). With a budget the threshold is computed again each day, and all pages'
times with it.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple
from datetime import datetime, timedelta

from archiver.extract.listed import moment_of
from archiver.model.clock import Clock, instant, written
from archiver.model.profile import CrawlRules
from archiver.model.reason import OWN_WAIT, Reason, ReasonCode
from archiver.revisit.age_decay import Counts
from archiver.revisit.backoff import backoff
from archiver.revisit.change_rate import Evidence, belief_from, usual
from archiver.revisit.learner import UNBOUNDED, Learner, Watched
from archiver.revisit.observed import Observed
from archiver.revisit.ranking import Bounds, Trust, wait, why
from archiver.store.frontier import Due, NextVisit
from archiver.store.revisit_state import FrontierRow, KindRow, ThresholdRow

DAY = 86400.0
_DAILY = timedelta(days=1)
_SAID_AT_MOST = timedelta(days=1)  # a page may claim to be of tomorrow, for its clock's sake; not of next year
_LISTS, _NEWS_WAIT = ("sitemap", "feed"), 1.0  # days: what tells of all other pages costs one visit
_HINTS = "hints"  # the row of what is learned of hints
_DATED, _UNDATED = "article", "page"  # kinds of what is learned, of pages that the profile calls articles, or nothing


class RevisitPlanner:
    """Plans the visits of one site. It learns from each visit; what it learned is given to it and taken out as rows.

    Args:
        rules: the profile's crawl rules.
        clock: tells now.
        usual: what is usual of each kind of the site's pages.
        pace: the site's threshold, as it was set last.
    """

    def __init__(
        self, rules: CrawlRules, clock: Clock, usual_rows: Iterable[KindRow], pace: ThresholdRow | None
    ) -> None:
        self._now = clock
        self._rules = rules
        self.budget = rules.revisit_budget
        """Visits a day; None: as many as the pages seem worth."""
        self.has_learned = False
        """Whether visits taught something since the rows were taken out last."""
        self._learner = Learner()
        self._trust = Trust()
        for row in usual_rows:
            if row.kind == _HINTS:
                self._trust = _trust(row.counts)
                continue
            self._learner.usual[row.kind] = belief_from(row.belief, usual(row.kind))
            self._learner.counts[row.kind] = Counts.from_json(row.counts)
        self._pace = pace
        self._learner.threshold = pace.threshold if pace else UNBOUNDED

    @property
    def bounds(self) -> Bounds:
        """How often a page may be visited, and must be, in days."""
        least = self._rules.revisit_min / DAY
        return Bounds(least, max(self._rules.revisit_max / DAY, least))

    # daily

    def is_refit_due(self, now: datetime) -> bool:
        """Whether a day went by since the threshold was set, or the budget is another."""
        if self._pace is None or self._pace.budget != self.budget:
            return True
        return not timedelta(0) <= now - instant(self._pace.set_at) < _DAILY  # less: the clock was wrong

    def refit(self, pages: Sequence[FrontierRow], made: int, now: datetime) -> ThresholdRow:
        """Learn what is usual of a site's pages, and the threshold at which they are due.

        Args:
            pages: those that are visited again and again.
            made: visits made since the threshold was set last.
            now: the moment.
        """
        watched = [self._row(row, now) for row in pages]
        self._learner.refit(watched)
        self._learner.asked = self._pace.asked if self._pace and self._pace.budget == self.budget else 0.0
        self._learner.spend(watched, self.budget, self._a_day(made, now), self.bounds)
        self.has_learned = True
        self._pace = ThresholdRow(self._learner.threshold, self.budget, self._learner.asked, written(now))
        return self._pace

    @property
    def set_at(self) -> str | None:
        """When the threshold was set last (UTC text)."""
        return self._pace.set_at if self._pace else None

    def _a_day(self, made: int, now: datetime) -> float:
        if self._pace is None:
            return 0.0
        return made / max((now - instant(self._pace.set_at)) / _DAILY, 1.0)

    def due_times(self, pages: Iterable[FrontierRow], now: datetime) -> Iterator[tuple[str, float, Reason, int]]:
        """Yield when pages are due: moment (UTC text), seconds they wait, why, page.

        Pages that were visited later than now, by a wrong clock, are left out: their last visit has set it.
        """
        for row in pages:
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

    def _row(self, row: FrontierRow, at: datetime) -> Watched:
        born = instant(row.born) if row.born else None
        return _watched(row.kind, born, Evidence.from_bytes(row.evidence), at)

    def learned(self) -> list[KindRow]:
        """Return what is usual of each kind of pages, as the archive stores it."""
        learner = self._learner
        rows = [
            KindRow(kind, learner.belief(kind).to_bytes(), learner.counts.get(kind, Counts()).to_json())
            for kind in learner.usual
        ]
        self.has_learned = False
        return [*rows, KindRow(_HINTS, None, json.dumps(astuple(self._trust)))]

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
        self.has_learned = True
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
