"""Estimates how often a page changes, by Bayesian inference. Pure; rates are changes a day, gaps and exposures days.

A visit only tells whether the content changed since the last visit, not how often. The number of changes divided by the
time therefore underestimates the rate of busy pages. Instead, each page stores the likelihood of its visits under each
of fourteen rates (`RateLikelihood`: log likelihoods, exact, independent of the order of visits). The site stores, for
each kind of page, a prior (`RateDistribution`: a probability for each rate). Together they give the posterior of the
page's rate. They are stored separately, so that a new prior also applies to pages that were visited long ago.

*Exposure* is the gap between two visits times the mean factor of the decay curve (`archiver.revisit.age_decay`).
"""

import math
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

_COUNT = 14
_SLOWEST, _FASTEST = 1e-4, 24.0
RATES = tuple(_SLOWEST * math.pow(_FASTEST / _SLOWEST, step / (_COUNT - 1)) for step in range(_COUNT))
_FORMAT = struct.Struct(f"<{_COUNT}f")
_MIN_EXPOSURE = 1e-6  # days; keeps the logarithm finite for two visits at the same time
_SPREAD = 2.0  # standard deviation of the natural logarithm of the rate, in the default priors
_MEDIANS = {"listing": 1.0, "list": 1.0, "article": 0.1}  # changes a day; for articles: on the first day
_OTHER_MEDIAN = 0.01  # for other pages
_PRIOR_PAGES = 20.0  # the default prior weighs as much as this many pages when a site's prior is fitted


@dataclass(frozen=True, slots=True)
class RateLikelihood:
    """The log likelihoods of a page's visits under each of `RATES`, shifted so that the greatest is 0."""

    logs: tuple[float, ...] = (0.0,) * _COUNT

    def with_visit(self, *, changed: bool, exposure: float) -> "RateLikelihood":
        """Return the likelihoods with one more visit, `exposure` days (gap x decay factor) after the visit before."""
        days = max(exposure, _MIN_EXPOSURE)
        if changed:
            logs = [log + math.log(-math.expm1(-rate * days)) for log, rate in zip(self.logs, RATES, strict=True)]
        else:
            logs = [log - rate * days for log, rate in zip(self.logs, RATES, strict=True)]
        best = max(logs)
        return RateLikelihood(tuple([log - best for log in logs]))

    def to_bytes(self) -> bytes:
        """Return the values as a database column of 56 bytes."""
        return _FORMAT.pack(*self.logs)

    @classmethod
    def from_bytes(cls, data: bytes | None) -> Self:
        """Read a database column; return equal likelihoods for an invalid one."""
        logs = _unpacked(data)
        return cls(logs) if logs and max(logs) <= 0 else cls()


@dataclass(frozen=True, slots=True)
class RateDistribution:
    """A probability distribution over `RATES`. The weights add up to 1."""

    weights: tuple[float, ...]

    @property
    def mean(self) -> float:
        """The expected rate in changes a day; for an article: on its first day."""
        return sum([weight * rate for weight, rate in zip(self.weights, RATES, strict=True)])

    @property
    def planning_rate(self) -> float:
        """The rate that visits are planned with, in changes a day: the root of the mean square.

        It is greater than the mean while the rate is uncertain. The additional visits of a page that may be busy also
        reduce the uncertainty. With the mean, busy pages without an early change would be visited too late.
        """
        return math.sqrt(sum([weight * rate * rate for weight, rate in zip(self.weights, RATES, strict=True)]))

    def posterior(self, likelihood: RateLikelihood) -> "RateDistribution":
        """Return the posterior of a page's rate, with this distribution as the prior."""
        weights = [weight * math.exp(log) for weight, log in zip(self.weights, likelihood.logs, strict=True)]
        total = sum(weights)
        if total <= 0:  # the prior has no weight at the rates that the visits allow: use a uniform prior
            return _normalized([math.exp(log) for log in likelihood.logs])
        return RateDistribution(tuple([weight / total for weight in weights]))

    def change_probability(self, exposure: float) -> float:
        """Return the probability of at least one change within an exposure (days)."""
        return -sum([weight * math.expm1(-rate * exposure) for weight, rate in zip(self.weights, RATES, strict=True)])

    def to_bytes(self) -> bytes:
        """Return the values as a database column of 56 bytes."""
        return _FORMAT.pack(*self.weights)


def distribution_from_bytes(data: bytes | None, default: RateDistribution) -> RateDistribution:
    """Read a database column; return the default for an invalid one."""
    weights = _unpacked(data)
    if not weights or min(weights) < 0 or not math.isclose(sum(weights), 1, abs_tol=1e-3):
        return default
    return _normalized(weights)


def default_prior(kind: str | None) -> RateDistribution:
    """Return the prior for a kind of page (`listing`, `article` or any other) of a site without visits."""
    middle = math.log(_MEDIANS.get(kind or "", _OTHER_MEDIAN))
    return _normalized([math.exp(-(((math.log(rate) - middle) / _SPREAD) ** 2) / 2) for rate in RATES])


def refit_prior(
    prior: RateDistribution, pages: Iterable[RateLikelihood], default: RateDistribution
) -> RateDistribution:
    """Return the new prior for one kind of pages of a site: the mean of the posteriors of its pages.

    Args:
        prior: the site's prior until now.
        pages: the likelihoods of all pages of the kind.
        default: `default_prior(kind)`, which weighs as much as twenty pages.
    """
    sums = [_PRIOR_PAGES * weight for weight in default.weights]
    for likelihood in pages:
        for index, weight in enumerate(prior.posterior(likelihood).weights):
            sums[index] += weight
    return _normalized(sums)


def _normalized(weights: Iterable[float]) -> RateDistribution:
    values = tuple(weights)
    total = sum(values)
    return RateDistribution(tuple([weight / total for weight in values]))


def _unpacked(data: bytes | None) -> tuple[float, ...]:
    if data is None or len(data) != _FORMAT.size:
        return ()
    found = _FORMAT.unpack(data)
    return found if all(map(math.isfinite, found)) else ()
