"""Loads the revisit planner of one site from the archive, and stores what it learns."""

from datetime import datetime, timedelta

from archiver.model.clock import Clock, instant, written
from archiver.model.profile import CrawlRules
from archiver.model.reason import Reason
from archiver.revisit import daily_budget
from archiver.revisit.planner import RevisitPlanner
from archiver.store.archive import Store
from archiver.store.revisit_state import FrontierRow

_MAX_REFIT = 20_000  # pages that one refit reads: about a second of CPU time and 30 MB
_BUDGET_RUNS = timedelta(days=30)  # the time in which runs count for the rest of the budget


class RevisitSchedule:
    """Loads a planner, and stores what it learns and when pages are due.

    Attributes:
        planner: the site's revisit planner.
    """

    def __init__(self, store: Store, site_id: int, rules: CrawlRules, clock: Clock) -> None:
        self._store = store
        self._site_id = site_id
        self.planner = RevisitPlanner(
            rules, clock, store.revisit_state.usual(site_id), store.revisit_state.threshold(site_id)
        )

    def refit(self, now: datetime) -> None:
        """Fit the planner to the site's pages and set when they are due, once a day and when the budget has changed.

        A site of more than 20,000 pages is divided into parts. Each refit reads another part, so the cost is bounded,
        and each page gets a new due time at its visits and once in as many refits as there are parts.
        Call this within a transaction.
        """
        latest = now + timedelta(days=self.planner.bounds.max_days)
        self._store.frontier.bound(self._site_id, written(now), written(latest))
        if not self.planner.is_refit_due(now):
            return
        pages, parts = self._part()
        self._store.revisit_state.put_threshold(
            self._site_id, self.planner.refit(pages, self._visits_since_refit(), now, parts)
        )
        self._store.revisit_state.put_due(self.planner.due_times(pages, now))
        self.save()

    def forecast(self, now: datetime) -> dict[int, tuple[str, float, Reason]]:
        """Return what `refit` would set now, by page id: when it is due (UTC text), after how many seconds, and why."""
        if not self.planner.is_refit_due(now):
            return {}
        pages, parts = self._part()
        self.planner.refit(pages, self._visits_since_refit(), now, parts)
        times = self.planner.due_times(pages, now)
        return {page: (due_at, seconds, reason) for due_at, seconds, reason, page in times}

    def _part(self) -> tuple[list[FrontierRow], int]:
        """Return the pages of the part that is next, and the number of parts."""
        parts = 1 + self._store.frontier.size(self._site_id) // _MAX_REFIT
        return self._store.revisit_state.learned(self._site_id, parts, self.planner.next_part % parts), parts

    def _visits_since_refit(self) -> int:
        since = self.planner.set_at
        return self._store.revisit_state.made(self._site_id, since) if since is not None else 0

    def save(self) -> None:
        """Store what the planner learned since the last call."""
        if self.planner.has_learned:
            self._store.revisit_state.put_usual(self._site_id, self.planner.learned())

    def visits_left(self, now: datetime, run_id: int) -> int | None:
        """Return how many visits the daily budget leaves for a run; None without a budget."""
        budget = self.planner.budget
        if budget is None:
            return None
        since = written(now - _BUDGET_RUNS)
        runs = [(instant(at), visits) for at, visits in self._store.revisit_state.crawls(self._site_id, since, run_id)]
        return daily_budget.left(
            budget, runs, now, full=not self._store.revisit_state.crawled_before(self._site_id, since)
        )
