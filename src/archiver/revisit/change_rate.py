"""What is believed of how often a page changes. Pure; rates are changes a day, gaps and exposures are days.

A visit tells one bit: the content changed since the last visit, or it did not. Whether it changed once or ten times
cannot be seen, so counting changes by visits reckons busy pages too low. Instead each page keeps how well each of
fourteen rates explains all its visits (`Evidence`: log likelihoods, exact, whatever the order of visits). Together with
what is usual for such pages of this site (`Belief`: a probability for each rate) that gives the rate to expect. The two
are kept apart so that what the whole site teaches reaches also the pages that were seen long ago.

*Exposure* is the gap times the age factor (archiver.revisit.age_decay): a day of an old article counts for less.
"""

import math
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

_COUNT = 14
_SLOWEST, _FASTEST = 1e-4, 24.0
RATES = tuple(_SLOWEST * math.pow(_FASTEST / _SLOWEST, step / (_COUNT - 1)) for step in range(_COUNT))
_FORM = struct.Struct(f"<{_COUNT}f")
_SHORTEST = 1e-6  # days; two visits at one moment still have to lie apart for the logarithm
_SPREAD = 2.0  # of the default priors: standard deviation of the rate's natural logarithm
_USUAL = {"listing": 1.0, "article": 0.1}  # medians; an article's is that of its first day
_UNUSUAL = 0.01  # median for pages in general
_STRENGTH = 20.0  # how many pages the default counts for when a site's own belief is refitted


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a page's visits say: the log likelihood of each of `RATES`, the best one at 0."""

    logs: tuple[float, ...] = (0.0,) * _COUNT

    def after(self, *, changed: bool, exposure: float) -> "Evidence":
        """What they say with one visit more, `exposure` days (gap x age factor) after the one before."""
        days = max(exposure, _SHORTEST)
        if changed:
            logs = [log + math.log(-math.expm1(-rate * days)) for log, rate in zip(self.logs, RATES, strict=True)]
        else:
            logs = [log - rate * days for log, rate in zip(self.logs, RATES, strict=True)]
        best = max(logs)
        return Evidence(tuple([log - best for log in logs]))

    def to_bytes(self) -> bytes:
        """As a database column: 56 bytes."""
        return _FORM.pack(*self.logs)

    @classmethod
    def from_bytes(cls, data: bytes | None) -> Self:
        """Read a column back; what is none of ours says nothing, so that the prior holds."""
        logs = _unpacked(data)
        return cls(logs) if logs and max(logs) <= 0 else cls()


@dataclass(frozen=True, slots=True)
class Belief:
    """How probable each of `RATES` is held to be. The weights add up to 1."""

    weights: tuple[float, ...]

    @property
    def mean(self) -> float:
        """The rate to expect: changes a day (for an article: on its first day)."""
        return sum([weight * rate for weight, rate in zip(self.weights, RATES, strict=True)])

    @property
    def hopeful(self) -> float:
        """The rate to plan visits by: the root of the mean square, above the mean as long as the belief is wide.

        A page that may be busy is worth a visit too many, because that visit also tells; with the mean, busy pages
        that begin quietly are found too late.
        """
        return math.sqrt(sum([weight * rate * rate for weight, rate in zip(self.weights, RATES, strict=True)]))

    def given(self, evidence: Evidence) -> "Belief":
        """What is believed of a page whose visits say this; this belief is the prior."""
        weights = [weight * math.exp(log) for weight, log in zip(self.weights, evidence.logs, strict=True)]
        total = sum(weights)
        if total <= 0:  # a prior without any weight where the evidence lies: let the evidence speak alone
            return _belief([math.exp(log) for log in evidence.logs])
        return Belief(tuple([weight / total for weight in weights]))

    def changed(self, exposure: float) -> float:
        """How probable it is that something changes within so many days of exposure."""
        return -sum([weight * math.expm1(-rate * exposure) for weight, rate in zip(self.weights, RATES, strict=True)])

    def to_bytes(self) -> bytes:
        """As a database column: 56 bytes."""
        return _FORM.pack(*self.weights)


def belief_from(data: bytes | None, default: Belief) -> Belief:
    """Read a belief's column back; the default for what is none of ours."""
    weights = _unpacked(data)
    if not weights or min(weights) < 0 or not math.isclose(sum(weights), 1, abs_tol=1e-3):
        return default
    return _belief(weights)


def usual(kind: str | None) -> Belief:
    """What is believed before anything is known of the site: of a `listing`, an `article`, or any page."""
    middle = math.log(_USUAL.get(kind or "", _UNUSUAL))
    return _belief([math.exp(-(((math.log(rate) - middle) / _SPREAD) ** 2) / 2) for rate in RATES])


def refit(prior: Belief, pages: Iterable[Evidence], default: Belief) -> Belief:
    """What is usual for the pages of one kind of a site: the mean of what is believed of each. To be done daily.

    `prior`: the site's belief so far; `default`: `usual(kind)`, which counts for twenty pages.
    """
    sums = [_STRENGTH * weight for weight in default.weights]
    for evidence in pages:
        for place, weight in enumerate(prior.given(evidence).weights):
            sums[place] += weight
    return _belief(sums)


def _belief(weights: Iterable[float]) -> Belief:
    kept = tuple(weights)
    total = sum(kept)
    return Belief(tuple([weight / total for weight in kept]))


def _unpacked(data: bytes | None) -> tuple[float, ...]:
    if data is None or len(data) != _FORM.size:
        return ()
    found = _FORM.unpack(data)
    return found if all(map(math.isfinite, found)) else ()
