"""The estimate of a page's change rate depends only on its visits, and invalid database columns are ignored."""

import math
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.revisit.change_rate import (
    RATES,
    RateDistribution,
    RateLikelihood,
    default_prior,
    distribution_from_bytes,
    refit_prior,
)

DAYS = st.floats(1e-4, 100)
VISITS = st.lists(st.tuples(st.booleans(), DAYS), max_size=20)
KINDS = st.sampled_from(["listing", "article", "file", None])


def likelihood_of(visits: list[tuple[bool, float]]) -> RateLikelihood:
    likelihood = RateLikelihood()
    for changed, exposure in visits:
        likelihood = likelihood.with_visit(changed=changed, exposure=exposure)
    return likelihood


@given(KINDS, VISITS)
def test_the_weights_of_a_distribution_add_up_to_one(kind: str | None, visits: list[tuple[bool, float]]) -> None:
    posterior = default_prior(kind).posterior(likelihood_of(visits))
    assert math.isclose(sum(posterior.weights), 1)
    assert min(posterior.weights) >= 0
    assert RATES[0] <= posterior.mean * (1 + 1e-9)
    assert posterior.mean <= RATES[-1] * (1 + 1e-9)


@given(KINDS, VISITS, DAYS)
def test_a_change_never_lowers_the_rate_and_no_change_never_raises_it(
    kind: str | None, visits: list[tuple[bool, float]], exposure: float
) -> None:
    prior, likelihood = default_prior(kind), likelihood_of(visits)
    before = prior.posterior(likelihood).mean
    assert prior.posterior(likelihood.with_visit(changed=True, exposure=exposure)).mean >= before * (1 - 1e-9)
    assert prior.posterior(likelihood.with_visit(changed=False, exposure=exposure)).mean <= before * (1 + 1e-9)


@given(KINDS, VISITS, st.randoms(use_true_random=False))
def test_the_order_of_visits_does_not_matter(
    kind: str | None, visits: list[tuple[bool, float]], chance: object
) -> None:
    shuffled = list(visits)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = (default_prior(kind).posterior(likelihood_of(order)) for order in (visits, shuffled))
    assert one.weights == pytest.approx(other.weights, abs=1e-9)


@given(KINDS, VISITS, DAYS)
def test_the_probability_of_a_change_is_at_most_one_and_grows_with_time(
    kind: str | None, visits: list[tuple[bool, float]], exposure: float
) -> None:
    posterior = default_prior(kind).posterior(likelihood_of(visits))
    assert 0 <= posterior.change_probability(exposure) <= posterior.change_probability(exposure * 2) <= 1 + 1e-9
    assert posterior.change_probability(0) == 0


@given(KINDS, VISITS)
def test_columns_round_trip(kind: str | None, visits: list[tuple[bool, float]]) -> None:
    likelihood = likelihood_of(visits)
    assert RateLikelihood.from_bytes(likelihood.to_bytes()).to_bytes() == likelihood.to_bytes()
    posterior = default_prior(kind).posterior(likelihood)
    assert distribution_from_bytes(posterior.to_bytes(), default_prior(None)).weights == pytest.approx(
        posterior.weights, abs=1e-6
    )


INVALID = [
    None,
    b"",
    b"\0" * 55,
    b"\0" * 57,
    struct.pack("<14f", *[math.nan] * 14),
    struct.pack("<14f", *[0.0] * 13, math.inf),
]


@pytest.mark.parametrize("data", [*INVALID, struct.pack("<14f", 1.0, *[0.0] * 13)])
def test_an_invalid_column_gives_equal_likelihoods(data: bytes | None) -> None:
    assert RateLikelihood.from_bytes(data) == RateLikelihood()


@pytest.mark.parametrize("data", [*INVALID, b"\0" * 56, struct.pack("<14f", 2.0, -1.0, *[0.0] * 12)])
def test_an_invalid_prior_is_replaced_by_the_default(data: bytes | None) -> None:
    assert distribution_from_bytes(data, default_prior("article")) == default_prior("article")


def test_the_estimate_of_a_page_with_many_visits_is_its_own_rate() -> None:
    """Daily visits find a change every fourth day: 0.29 a day, within the resolution of `RATES`."""
    visits = [(day % 4 == 0, 1.0) for day in range(400)]
    for kind in ("listing", "article", None):
        assert default_prior(kind).posterior(likelihood_of(visits)).mean == pytest.approx(0.288, rel=0.5)


def test_two_visits_at_the_same_time_are_no_error() -> None:
    assert (
        default_prior(None).posterior(RateLikelihood().with_visit(changed=True, exposure=0.0)).mean
        > default_prior(None).mean
    )


def test_visits_that_the_prior_excludes_replace_it() -> None:
    certain = RateDistribution((1.0, *[0.0] * 13))
    likelihood = RateLikelihood((-2000.0, *[0.0] * 13))
    assert certain.posterior(likelihood).weights[0] == 0


def test_the_prior_is_fitted_to_the_pages_of_a_site() -> None:
    """Two hundred pages never changed: the prior of a page without visits has a low rate."""
    still = RateLikelihood().with_visit(changed=False, exposure=30.0)
    learned = default_prior("article")
    for _ in range(3):
        learned = refit_prior(learned, [still] * 200, default_prior("article"))
    assert learned.mean < default_prior("article").mean / 3
    assert math.isclose(sum(learned.weights), 1)
    assert refit_prior(learned, [], default_prior("article")).weights == pytest.approx(default_prior("article").weights)
