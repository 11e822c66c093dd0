"""Plans when a page is visited again, with a reason. No I/O: what is learned is passed in and returned as rows.

A page is due when its pressure reaches the site's threshold (`ranking`), within the bounds of the profile's `revisit`.
With `revisit = { every = "6h" }` a page is due after that time. Pages that failed, are missing or moved are due after a
backoff (`backoff`). With a budget, the threshold and the due times of all pages are computed again each day.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from archiver.model.clock import Clock, instant, written
from archiver.model.profile import CrawlRules
from archiver.model.reason import OWN_WAIT, Reason, ReasonCode
from archiver.revisit.age_decay import ChangeCounts
from archiver.revisit.backoff import backoff
from archiver.revisit.change_rate import RateLikelihood, default_prior, distribution_from_bytes
from archiver.revisit.hints import HintAccuracies, is_newer
from archiver.revisit.learner import DEFAULT_THRESHOLD, Learner, PageStats
from archiver.revisit.observed import Observed
from archiver.revisit.ranking import Bounds, wait, why
from archiver.store.frontier import Due, NextVisit
from archiver.store.revisit_state import FrontierRow, KindRow, ThresholdRow

DAY = 86400.0
_DAILY = timedelta(days=1)
_MAX_AHEAD = timedelta(days=1)  # a publication date that is later than the visit by more than this is ignored
_LISTS = ("sitemap", "feed")
_LIST = "list"  # the kind that is learned of both
_SOONER = 0.9  # a hint counts when it shortens the wait by a tenth
_MAX_LIST_WAIT = 1.0  # days; lists and start pages show new pages
_HINTS = "hints"  # the kind of the row that holds the accuracy of hints
_LOSSES = "losses"  # the kind of the row that says which of the last visits found the page lost
_LAST_VISITS = 50
_MIN_VISITS = 15  # the fewest visits by which a site is judged
_DATED, _UNDATED = "article", "page"  # the kinds that are learned, of articles and pages without a kind


class RevisitPlanner:
    """Plans the visits of one site, and learns from each visit. What it learned is passed in and returned as rows.

    Args:
        rules: the profile's crawl rules.
        clock: gives the time.
        kinds: what was learned of each kind of the site's pages.
        threshold: the site's threshold, as it was set last.

    Attributes:
        budget: visits a day; None: no budget.
        has_learned: whether it has learned from visits since `learned` was called last.
    """

    def __init__(
        self, rules: CrawlRules, clock: Clock, kinds: Iterable[KindRow], threshold: ThresholdRow | None
    ) -> None:
        self._now = clock
        self._rules = rules
        self.budget = rules.revisit_budget
        self.has_learned = False
        self._learner = Learner()
        self._hints = HintAccuracies()
        self._losses: deque[bool] = deque(maxlen=_LAST_VISITS)
        for row in kinds:
            if row.kind == _HINTS:
                self._hints = HintAccuracies(row.counts)
                continue
            if row.kind == _LOSSES:
                self._losses.extend(mark == "1" for mark in row.counts or "")
                continue
            self._learner.priors[row.kind] = distribution_from_bytes(row.belief, default_prior(row.kind))
            self._learner.counts[row.kind] = ChangeCounts.from_json(row.counts)
        self._threshold = threshold
        self._learner.threshold = threshold.threshold if threshold else DEFAULT_THRESHOLD

    @property
    def bounds(self) -> Bounds:
        """The shortest and the longest wait between visits."""
        min_days = self._rules.revisit_min / DAY
        return Bounds(min_days, max(self._rules.revisit_max / DAY, min_days))

    @property
    def is_dying(self) -> bool:
        """Whether a third of the site's last fifty visits found the page gone or got no answer."""
        return len(self._losses) >= _MIN_VISITS and sum(self._losses) >= len(self._losses) / 3

    # daily

    def is_refit_due(self, now: datetime) -> bool:
        """Whether the threshold was set a day ago or more, or the budget has changed."""
        if self._threshold is None or self._threshold.budget != self.budget:
            return True
        return not timedelta(0) <= now - instant(self._threshold.set_at) < _DAILY  # negative: the clock was wrong

    def refit(self, pages: Sequence[FrontierRow], made: int, now: datetime, parts: int = 1) -> ThresholdRow:
        """Fit the priors, the decay curves and the threshold to pages of the site; return the threshold.

        Args:
            pages: the pages that are visited repeatedly.
            made: visits that were made since the threshold was set last.
            now: the time.
            parts: the site has as many times more pages than `pages`.
        """
        stats = [self._row(row, now) for row in pages]
        self._learner.refit(stats)
        self._learner.requested = (
            self._threshold.asked if self._threshold and self._threshold.budget == self.budget else 0.0
        )
        self._learner.fit_threshold(stats, self.budget, self._visits_a_day(made, now), self.bounds, parts)
        self.has_learned = True
        learner, part = self._learner, self.next_part
        self._threshold = ThresholdRow(learner.threshold, self.budget, learner.requested, written(now), part + 1)
        return self._threshold

    @property
    def next_part(self) -> int:
        """The part of a large site that the next refit reads, modulo the number of parts. It advances at each refit."""
        return self._threshold.next_part if self._threshold else 0

    @property
    def set_at(self) -> str | None:
        """When the threshold was set last (UTC text)."""
        return self._threshold.set_at if self._threshold else None

    def _visits_a_day(self, made: int, now: datetime) -> float:
        if self._threshold is None:
            return 0.0
        return made / max((now - instant(self._threshold.set_at)) / _DAILY, 1.0)

    def due_times(self, pages: Iterable[FrontierRow], now: datetime) -> Iterator[tuple[str, float, Reason, int]]:
        """Yield when pages are due: time (UTC text), seconds they wait, reason, page id.

        Pages whose last visit a wrong clock dated later than now are left out; they keep their due time.
        """
        for row in pages:
            last = instant(row.last_visited)
            if last <= now:
                page = self._row(row, last)
                days = self._wait(page, row.kind, row.depth)
                reason = why(self._learner.candidate(page), days, self.bounds)
                yield (written(last + timedelta(days=days)), days * DAY, reason, row.page_id)

    def _wait(self, page: PageStats, kind: str | None, depth: int) -> float:
        """Return the days until a page is due; start pages, sitemaps and feeds wait a day at most."""
        days = self._learner.wait(page, self.bounds)
        return self._daily(days) if kind in _LISTS or not depth else days

    def _daily(self, days: float) -> float:
        return max(min(days, _MAX_LIST_WAIT), self.bounds.min_days)

    def _row(self, row: FrontierRow, at: datetime) -> PageStats:
        born = instant(row.born) if row.born else None
        page = _page_stats(row.kind, born, RateLikelihood.from_bytes(row.evidence), at)
        return self._with_silence(page, row.hint, instant(row.last_visited))

    def _with_silence(self, page: PageStats, hint: str | None, last: datetime) -> PageStats:
        """Return a page with what follows from its stored hint: a list that dates it, and does not say it is newer."""
        if page.kind in (_LIST, "listing"):
            return page
        return page._replace(silence=self._hints.silence(hint, page.kind, last))

    def learned(self) -> list[KindRow]:
        """Return what is learned of each kind of page, as the archive stores it."""
        learner = self._learner
        rows = [
            KindRow(kind, learner.prior(kind).to_bytes(), learner.counts.get(kind, ChangeCounts()).to_json())
            for kind in learner.priors
        ]
        self.has_learned = False
        losses = "".join(str(int(is_lost)) for is_lost in self._losses)
        return [
            *rows,
            KindRow(_HINTS, None, self._hints.to_json()),
            KindRow(_LOSSES, None, losses),
        ]

    # after each visit

    def next_visit(self, seen: Observed, entry: Due | None) -> NextVisit:
        """Return when a page is due next, and learn from the visit. `entry`: its frontier row before the visit."""
        self._losses.append(seen.outcome.traits.is_lost)
        self.has_learned = True
        likelihood = RateLikelihood.from_bytes(entry.evidence if entry else None)
        depth = entry.depth if entry else 1
        waited, reason = (entry.interval / DAY, entry.reason) if entry else (0.0, None)
        retry = backoff(seen, waited, reason, self.bounds)
        if retry is not None:
            days, reason = retry
            lists_news = not depth or (seen.kind in _LISTS and not seen.outcome.is_absence)
            return _next(seen.at, (self._daily(days) if lists_news else days) * DAY, reason, likelihood)
        born = _born(seen, entry)
        likelihood = self._learned(seen, likelihood, born, entry)
        page = _page_stats(seen.kind, born, likelihood, seen.at)
        page = self._with_silence(page, entry.hint if entry else None, seen.at)
        days = self._wait(page, seen.kind, depth)
        reason = why(self._learner.candidate(page), days, self.bounds)
        return _next(seen.at, days * DAY, reason, likelihood, written(born) if born else None)

    def _learned(
        self, seen: Observed, likelihood: RateLikelihood, born: datetime | None, entry: Due | None
    ) -> RateLikelihood:
        """Learn from a visit; return the likelihoods of the page's visits with it."""
        if seen.changed is None or seen.since is None:
            return likelihood
        last = instant(seen.since)
        page = _page_stats(seen.kind, born, likelihood, last)
        if entry is not None and entry.hint is not None:
            self._hints.learn(entry.hint, page.kind, last, changed=seen.changed)
        return self._learner.learn(page, _days(last, seen.at), changed=seen.changed)

    # hints

    def hinted(self, entry: Due, hint: str, source: str) -> NextVisit | None:
        """Return when a page with a hint is due; None when it is not due sooner by it.

        A hint counts by its accuracy: how many earlier visits with and without a hint found a change.

        Args:
            entry: the page's frontier row.
            hint: when the page changed, as `archiver.revisit.hints.stored_hint` encodes it.
            source: what says it: sitemap or feed.
        """
        last = instant(entry.last_visited or "")
        if not is_newer(hint, last):
            return None
        page = _page_stats(
            entry.kind, instant(entry.born) if entry.born else None, RateLikelihood.from_bytes(entry.evidence), last
        )
        prior = self._learner.change_probability(page, _days(last, self._now()))
        probability = self._hints.of(source, page.kind).probability(prior)
        candidate = self._learner.candidate(page, probability, source)
        days = wait(candidate, self._learner.threshold, self.bounds)
        if entry.due_at and days >= _SOONER * _days(last, instant(entry.due_at)):
            return None
        return NextVisit(written(last + timedelta(days=days)), days * DAY, Reason.of(ReasonCode.HINT, source))

    # before each visit

    def reason(self, page: Due, now: datetime) -> Reason:
        """Return why a page is visited now."""
        if not page.last_visited or page.reason.code in OWN_WAIT:
            return page.reason
        last = instant(page.last_visited)
        born = instant(page.born) if page.born else None
        stats = _page_stats(page.kind, born, RateLikelihood.from_bytes(page.evidence), last)
        stats = self._with_silence(stats, page.hint, last)
        return why(self._learner.candidate(stats), _days(last, now), self.bounds)


def _days(since: datetime, until: datetime) -> float:
    return max((until - since) / _DAILY, 0.0)


def _instant(text: str | None) -> datetime | None:
    try:
        return instant(f"{text} 00:00:00"[:19]) if text else None
    except ValueError:
        return None


def _page_stats(kind: str | None, born: datetime | None, likelihood: RateLikelihood, at: datetime) -> PageStats:
    """Return a page at a time. Pages without a publication date have age 0, so their rate does not decay."""
    if kind in _LISTS:
        return PageStats(_LIST, likelihood, 0.0)
    if born is None:
        return PageStats(_UNDATED if kind in (None, _DATED) else str(kind), likelihood, 0.0)
    return PageStats(kind or _DATED, likelihood, _days(born, at))


def _born(seen: Observed, entry: Due | None) -> datetime | None:
    """Return when the page was published, by its own date; None without a date that is possible."""
    published = _instant(seen.published)
    if published is not None and published <= seen.at + _MAX_AHEAD:
        return min(published, seen.at)
    return instant(entry.born) if entry and entry.born else None


def _next(
    at: datetime, seconds: float, reason: Reason, likelihood: RateLikelihood, born: str | None = None
) -> NextVisit:
    return NextVisit(written(at + timedelta(seconds=seconds)), seconds, reason, likelihood.to_bytes(), born)
