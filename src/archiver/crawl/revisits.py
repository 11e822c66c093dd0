"""When again: after each visit, when a page is due next, and why. What was learned is kept in the archive.

A page that is there is due when the changes to expect of it reach the site's threshold (`ranking`), within the profile's
`revisit` bounds; with `revisit = { every = "6h" }`, whenever that time is over. What failed, is missing or moved away
has waits of its own. With a budget the threshold is reckoned anew each day, and all pages' times with it.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from archiver.crawl.learner import UNBOUNDED, Learner, Watched
from archiver.crawl.ranking import Bounds, why
from archiver.crawl.rates import Evidence, belief_from, usual
from archiver.crawl.cooling import Counts
from archiver.model.capture import Outcome
from archiver.model.clock import instant, written
from archiver.model.profile import CrawlRules
from archiver.model.version import Decision, Verdict
from archiver.store.archive import Store
from archiver.store.frontier import Due
from archiver.store.pages import KnownPage
from archiver.store.rates import PaceRow, PageRow, UsualRow

DAY = 86400.0
_DAILY = timedelta(days=1)
_SAID_AT_MOST = timedelta(days=1)  # a page may claim to be of tomorrow, for its clock's sake; not of next year
_EVERYWHERE = "page"  # the kind of pages that the profile gives none


@dataclass(frozen=True, slots=True)
class Again:
    """How many seconds until the next visit, why then, and what the page's visits say of its rate."""

    interval: float
    reason: str
    evidence: Evidence
    born: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """What a visit found, for the learner. `before`: the page as it stood before it; `at`: when the visit was.

    `changed`: None where the visit says nothing of it (a first visit, one that failed, one that came late).
    """

    before: KnownPage | None
    at: datetime
    outcome: Outcome
    changed: bool | None
    said: str | None = None
    proven: bool = False


class Revisits:
    """One site's."""

    def __init__(self, store: Store, site_id: int, rules: CrawlRules, budget: float | None = None) -> None:
        self._store = store
        self._site_id = site_id
        self._rules = rules
        self._budget = budget if budget is not None else rules.revisit_budget
        self._learner = Learner()
        self._is_new = False
        for row in store.rates.usual(site_id):
            self._learner.usual[row.kind] = belief_from(row.belief, usual(row.kind))
            self._learner.counts[row.kind] = Counts.from_json(row.counts)
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
        if not self._is_due(now):
            return 0
        rows = list(self._store.rates.learned(self._site_id))
        pages = [self._watched(row, now) for row in rows]
        self._learner.refit(pages)
        self._learner.asked = self._pace.asked if self._pace and self._pace.budget == self._budget else 0.0
        self._learner.spend(pages, self._budget, self._made_a_day(now), self.bounds)
        self._pace = PaceRow(self._learner.threshold, self._budget, self._learner.asked, written(now))
        self._store.rates.put_pace(self._site_id, self._pace)
        self._store.rates.put_due(self._due_anew(row) for row in rows)
        self.save()
        return len(rows)

    def _is_due(self, now: datetime) -> bool:
        if self._pace is None or self._pace.budget != self._budget:
            return True
        return now - instant(self._pace.set_at) >= _DAILY

    def _made_a_day(self, now: datetime) -> float:
        if self._pace is None:
            return 0.0
        days = (now - instant(self._pace.set_at)) / _DAILY
        return self._store.rates.made(self._site_id, self._pace.set_at) / max(days, 1.0)

    def _due_anew(self, row: PageRow) -> tuple[str, float, str, int]:
        last = instant(row.last_visited)
        page = self._watched(row, last)
        days = self._learner.wait(page, self.bounds)
        reason = why(self._learner.waiting(page), days, self.bounds)
        return (written(last + timedelta(days=days)), days * DAY, reason, row.page_id)

    def _watched(self, row: PageRow, at: datetime) -> Watched:
        return Watched(row.kind or _EVERYWHERE, Evidence.from_bytes(row.evidence), _days(instant(row.born), at))

    def save(self) -> None:
        """Keep what the visits since the last time taught."""
        learner = self._learner
        rows = [
            UsualRow(kind, learner.belief(kind).to_bytes(), learner.counts.get(kind, Counts()).to_json())
            for kind in learner.usual
        ]
        self._store.rates.put_usual(self._site_id, rows)

    # after each visit

    def again(self, found: Found, entry: Due | None) -> Again:
        """When a page is due next. `entry`: its line on the site's list."""
        evidence = Evidence.from_bytes(entry.evidence if entry else None)
        own = self._special(found, evidence, entry.interval if entry else 0.0)
        return own or self._learned(found, evidence, entry)

    def _special(self, found: Found, evidence: Evidence, interval: float) -> Again | None:
        """Of a page that was not there to be read."""
        least, most, outcome = self.bounds.least * DAY, self.bounds.most * DAY, found.outcome
        if outcome.is_absence:
            if found.proven:
                return Again(most, "gone: seldom", evidence)
            return Again(least, "missing once: a second proof is needed", evidence)
        if outcome.is_failure:
            return Again(min(max(max(interval, least) * 2, least), most), f"{outcome}: later", evidence)
        return Again(most, "moved: seldom", evidence) if outcome is Outcome.MOVED else None

    def _learned(self, found: Found, evidence: Evidence, entry: Due | None) -> Again:
        kind = (found.before.kind if found.before else None) or _EVERYWHERE
        born = self._born(found, entry)
        if found.changed is not None and found.before is not None and found.before.last_visited:
            last = instant(found.before.last_visited)
            page = Watched(kind, evidence, _days(born, last))
            evidence = self._learner.seen(page, _days(last, found.at), changed=found.changed)
        page = Watched(kind, evidence, _days(born, found.at))
        days = self._learner.wait(page, self.bounds)
        reason = why(self._learner.waiting(page), days, self.bounds)
        return Again(days * DAY, reason, evidence, written(born))

    def _born(self, found: Found, entry: Due | None) -> datetime:
        """When the page was published, as it says itself, or else when it was first seen."""
        seen = instant(found.before.first_seen) if found.before else found.at
        said = _instant(found.said)
        if said is not None and said <= found.at + _SAID_AT_MOST:
            return min(said, found.at)
        return instant(entry.born) if entry and entry.born else seen

    # before each visit

    def reason(self, page: Due, now: datetime) -> str:
        """Why a page is visited now."""
        if not page.last_visited or page.reason.partition(":")[0] in _OWN_REASONS:
            return page.reason
        last = instant(page.last_visited)
        born = instant(page.born) if page.born else last
        watched = Watched(page.kind or _EVERYWHERE, Evidence.from_bytes(page.evidence), _days(born, last))
        return why(self._learner.waiting(watched), _days(last, now), self.bounds)

    def allowance(self, now: datetime, run_id: int) -> int | None:
        """How many visits this run may make of a day's budget; None without one."""
        if self._budget is None:
            return None
        last = self._store.rates.last_crawl(self._site_id, run_id)
        share = 1.0 if last is None else min((now - instant(last)) / _DAILY, 1.0)
        left = self._budget - self._store.rates.made(self._site_id, written(now - _DAILY))
        return max(min(math.ceil(self._budget * share), int(left)), 0)


_OWN_REASONS = frozenset({"gone", "missing once", "moved", "hint", *(str(each) for each in Outcome if each.is_failure)})


def has_changed(decision: Decision | None, *, is_listing: bool, discovered: int) -> bool:
    """Whether a visit found other content than the one before; a listing's content is what it leads to."""
    if is_listing and discovered:
        return True
    return decision is not None and decision.verdict in (Verdict.CHANGED, Verdict.BACK)


def _days(since: datetime, until: datetime) -> float:
    return max((until - since) / _DAILY, 0.0)


def _instant(text: str | None) -> datetime | None:
    try:
        return instant(text) if text else None
    except ValueError:
        return None
