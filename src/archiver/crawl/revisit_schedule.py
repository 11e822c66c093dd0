"""The revisit planner of one site, with what it learned in the archive."""

from datetime import datetime, timedelta

from archiver.model.clock import Clock, instant, written
from archiver.model.profile import CrawlRules
from archiver.model.reason import Reason
from archiver.revisit import daily_budget
from archiver.revisit.planner import RevisitPlanner
from archiver.store.archive import Store

_TELLING = timedelta(days=30)  # the runs that say how much of the budget is left


class RevisitSchedule:
    """Loads a planner, and stores what it learned and when pages are due.

    Attributes:
        planner: the site's.
    """

    def __init__(self, store: Store, site_id: int, rules: CrawlRules, clock: Clock) -> None:
        self._store = store
        self._site_id = site_id
        self.planner = RevisitPlanner(rules, clock, store.rates.usual(site_id), store.rates.pace(site_id))

    def refit(self, now: datetime) -> None:
        """Once a day, and when the budget changed: learn what is usual, and set when all pages are due.

        To be called within a transaction.
        """
        latest = now + timedelta(days=self.planner.bounds.most)
        self._store.frontier.bound(self._site_id, written(now), written(latest))
        if not self.planner.is_refit_due(now):
            return
        pages = list(self._store.rates.learned(self._site_id))
        self._store.rates.put_pace(self._site_id, self.planner.refit(pages, self._made(), now))
        self._store.rates.put_due(self.planner.due_times(pages, now))
        self.save()

    def forecast(self, now: datetime) -> dict[int, tuple[str, float, Reason]]:
        """Return what `refit` would set now: of each page, when it is due, after how many seconds, and why."""
        if not self.planner.is_refit_due(now):
            return {}
        pages = list(self._store.rates.learned(self._site_id))
        self.planner.refit(pages, self._made(), now)
        times = self.planner.due_times(pages, now)
        return {page: (due_at, seconds, reason) for due_at, seconds, reason, page in times}

    def _made(self) -> int:
        since = self.planner.set_at
        return self._store.rates.made(self._site_id, since) if since is not None else 0

    def save(self) -> None:
        """Store what visits taught since the last time, if anything."""
        if self.planner.has_learned:
            self._store.rates.put_usual(self._site_id, self.planner.learned())

    def visits_left(self, now: datetime, run_id: int) -> int | None:
        """Return how many visits a run may make of the daily budget; None without one."""
        budget = self.planner.budget
        if budget is None:
            return None
        since = written(now - _TELLING)
        runs = [(instant(at), visits) for at, visits in self._store.rates.crawls(self._site_id, since, run_id)]
        return daily_budget.left(budget, runs, now, full=not self._store.rates.crawled_before(self._site_id, since))
