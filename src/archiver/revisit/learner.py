"""Learns from a site's visits: the prior change rate and the decay curve of each kind of page, and the due threshold.

Pure; times are days. A crawl loads the learner's state from the archive, and the benchmark keeps it in memory.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from archiver.revisit.age_decay import ChangeCounts, DecayCurve
from archiver.revisit.change_rate import RateDistribution, RateLikelihood, default_prior, refit_prior
from archiver.revisit.ranking import Bounds, RevisitCandidate, requested_visits, threshold, wait, weight_of

DEFAULT_THRESHOLD = 0.1
"""The threshold without a budget: a page is due when about a tenth of a change is expected."""


class PageStats(NamedTuple):
    """What is known of a page's changes at its last visit.

    Attributes:
        age: days since it was published, or else first seen.
        silence: as in `RevisitCandidate`.
    """

    kind: str
    likelihood: RateLikelihood
    age: float
    silence: float = 1.0


@dataclass
class Learner:
    """What is learned of one site. Kinds are those of the profile; all other pages have the kind "page".

    Attributes:
        priors: the prior change rate of each kind.
        counts: the changes that the decay curve of each kind is fitted to.
        threshold: the pressure at which pages are due; `requested`: the visits a day that it was last computed for.
    """

    priors: dict[str, RateDistribution] = field(default_factory=dict)
    counts: dict[str, ChangeCounts] = field(default_factory=dict)
    threshold: float = DEFAULT_THRESHOLD
    requested: float = 0.0
    _curves: dict[str, DecayCurve] = field(default_factory=dict, repr=False)

    def prior(self, kind: str) -> RateDistribution:
        """Return the prior change rate of a kind of page."""
        return self.priors.get(kind) or self.priors.setdefault(kind, default_prior(kind))

    def curve(self, kind: str) -> DecayCurve:
        """Return the decay curve of a kind of page."""
        return self._curves.get(kind) or self._curves.setdefault(kind, self._counts_of(kind).curve(kind))

    def _counts_of(self, kind: str) -> ChangeCounts:
        return self.counts.get(kind) or self.counts.setdefault(kind, ChangeCounts())

    def candidate(self, page: PageStats, hint: float = 0.0, hint_source: str = "") -> RevisitCandidate:
        """Return a page as a candidate for its next visit.

        Args:
            page: the page at its last visit.
            hint: the probability of a change by a hint; 0: without a hint.
            hint_source: what gave the hint: listing, feed, sitemap.
        """
        rate = self.prior(page.kind).posterior(page.likelihood).planning_rate
        silence = 1.0 if hint else page.silence
        return RevisitCandidate(rate, self.curve(page.kind), page.age, weight_of(page.kind), hint, hint_source, silence)

    def change_probability(self, page: PageStats, gap: float) -> float:
        """Return the probability that a page changed within `gap` days after it was `page.age` days old."""
        exposure = self.curve(page.kind).exposure(page.age, page.age + gap)
        return self.prior(page.kind).posterior(page.likelihood).change_probability(exposure)

    def wait(self, page: PageStats, bounds: Bounds) -> float:
        """Return the days from a page's last visit until it is due."""
        return wait(self.candidate(page), self.threshold, bounds)

    def learn(self, page: PageStats, gap: float, *, changed: bool) -> RateLikelihood:
        """Learn from one visit; return the page's likelihoods with it.

        Args:
            page: the page at the visit before.
            gap: days between the two visits.
            changed: whether this visit found a change.
        """
        ages = (page.age, page.age + max(gap, 0.0))
        curve = self.curve(page.kind)
        rate = self.prior(page.kind).posterior(page.likelihood).mean
        self.counts[page.kind] = self._counts_of(page.kind).with_visit(curve, rate, ages, changed=changed)
        return page.likelihood.with_visit(changed=changed, exposure=curve.exposure(*ages))

    def refit(self, pages: Sequence[PageStats]) -> None:
        """Fit the prior and the decay curve of each kind to all pages, as of now. Call this once a day."""
        for kind in {page.kind for page in pages}:
            likelihoods = [page.likelihood for page in pages if page.kind == kind]
            self.priors[kind] = refit_prior(self.prior(kind), likelihoods, default_prior(kind))
            self._curves[kind] = self._counts_of(kind).curve(kind)

    def fit_threshold(
        self, pages: Iterable[PageStats], budget: float | None, made: float, bounds: Bounds, parts: int = 1
    ) -> None:
        """Set the threshold at which all pages together take `budget` visits a day.

        Args:
            pages: the pages, or one of `parts` equal parts of them, as of now.
            budget: visits a day; None: the default threshold.
            made: visits that were made in the last day.
            bounds: the shortest and the longest wait.
            parts: how many times more pages there are.
        """
        if budget is None:
            self.threshold, self.requested = DEFAULT_THRESHOLD, 0.0
            return
        rates = [self.candidate(page).weighted_rate_at(page.age) for page in pages]
        self.requested = requested_visits(self.requested or budget, budget, made)
        self.threshold = min(threshold(rates, self.requested / parts, bounds), _MAX_THRESHOLD)


_MAX_THRESHOLD = math.ldexp(1.0, 60)
"""A threshold that no page reaches, and that a database can store (unlike infinity)."""
