"""The ranking of pages: it uses the whole budget, keeps the bounds, and gives a reason for each choice."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.revisit.age_decay import default_curve
from archiver.revisit.ranking import Bounds, HintAccuracy, RevisitCandidate, choose, threshold, wait, weight_of, why

BOUNDS = Bounds(1 / 24, 30.0)
RATE = st.floats(1e-4, 24)
PAGE = st.builds(
    RevisitCandidate,
    rate=RATE,
    curve=st.sampled_from([default_curve("article"), default_curve(None)]),
    age=st.floats(0, 400),
    weight=st.floats(0.1, 2),
    hint=st.sampled_from([0.0, 0.0, 0.5, 0.9]),
)
STILL = default_curve(None)


@given(st.lists(RATE, min_size=1, max_size=60), st.floats(0.05, 0.9))
def test_the_threshold_uses_the_whole_budget(rates: list[float], share: float) -> None:
    lowest, highest = len(rates) / BOUNDS.max_days, len(rates) / BOUNDS.min_days
    budget = lowest + share * (highest - lowest)
    value = threshold(rates, budget, BOUNDS)
    pages = [RevisitCandidate(rate, STILL) for rate in rates]
    assert sum(1 / wait(page, value, BOUNDS) for page in pages) == pytest.approx(budget, rel=0.01)


def test_a_budget_too_small_and_one_too_large() -> None:
    assert threshold([1.0] * 60, 1.0, BOUNDS) == math.inf
    assert threshold([1.0] * 60, 1e6, BOUNDS) == 0
    assert threshold([], 10, BOUNDS) == 0
    assert wait(RevisitCandidate(1.0, STILL), math.inf, BOUNDS) == BOUNDS.max_days
    assert wait(RevisitCandidate(1.0, STILL), 0.0, BOUNDS) == BOUNDS.min_days
    assert wait(RevisitCandidate(0.0, STILL), 0.0, BOUNDS) == BOUNDS.max_days


@given(PAGE, st.floats(1e-6, 1e3))
def test_the_wait_is_within_the_bounds(page: RevisitCandidate, value: float) -> None:
    days = wait(page, value, BOUNDS)
    assert BOUNDS.min_days <= days <= BOUNDS.max_days


@given(PAGE, st.floats(1e-3, 10))
def test_a_page_is_due_when_its_pressure_reaches_the_threshold(page: RevisitCandidate, value: float) -> None:
    days = wait(page, value, BOUNDS)
    if BOUNDS.min_days * 1.01 < days < BOUNDS.max_days:
        assert page.pressure(days + 1e-4) >= value * 0.999
        assert page.pressure(days - 1e-4) <= value * 1.001


@given(PAGE, st.floats(0, 60), st.floats(0, 60))
def test_pressure_grows_with_time(page: RevisitCandidate, one: float, other: float) -> None:
    assert page.pressure(min(one, other)) <= page.pressure(max(one, other)) + 1e-9


@given(st.lists(st.tuples(PAGE, st.floats(0, 60)), max_size=30), st.integers(0, 10))
def test_the_choice_keeps_the_bounds(pages: list[tuple[RevisitCandidate, float]], count: int) -> None:
    chosen = choose(pages, count, BOUNDS)
    may = {number for number, (_, elapsed) in enumerate(pages) if elapsed >= BOUNDS.min_days}
    must = {number for number in may if pages[number][1] >= BOUNDS.max_days}
    found = {choice.number for choice in chosen}
    assert len(chosen) == len(found) == min(count, len(may))
    assert found <= may
    assert must <= found or found <= must
    rest = [pages[number][0].pressure(pages[number][1]) for number in may - found - must]
    assert all(choice.pressure >= pressure for choice in chosen for pressure in rest if choice.number not in must)


def test_the_choice_and_the_due_times_agree() -> None:
    """The pages that are due first by the threshold are those with the greatest pressure."""
    pages = [RevisitCandidate(0.1 * number, STILL) for number in range(1, 20)]
    value = threshold([page.weighted_rate for page in pages], 5.0, BOUNDS)
    due = sorted(range(19), key=lambda number: wait(pages[number], value, BOUNDS))
    chosen = choose([(page, 1.0) for page in pages], 5, BOUNDS)
    assert [choice.number for choice in chosen] == due[:5]


def test_a_probable_hint_makes_a_page_due_at_once() -> None:
    quiet, hinted = RevisitCandidate(0.01, STILL), RevisitCandidate(0.01, STILL, hint=0.9, hint_source="sitemap")
    assert wait(hinted, 0.3, BOUNDS) == BOUNDS.min_days
    assert wait(quiet, 0.3, BOUNDS) > 5
    assert wait(RevisitCandidate(0.01, STILL, hint=0.01), 0.3, BOUNDS) > 5
    assert choose([(quiet, 2.0), (hinted, 2.0)], 1, BOUNDS)[0].number == 1


def test_the_accuracy_of_hints_is_learned() -> None:
    honest, liar = HintAccuracy(), HintAccuracy()
    for _ in range(50):
        honest = honest.with_visit(hinted=True, changed=True).with_visit(hinted=False, changed=False)
        liar = liar.with_visit(hinted=True, changed=False).with_visit(hinted=False, changed=True)
    prior = 0.05
    assert honest.probability(prior) > HintAccuracy().probability(prior) > prior
    assert liar.probability(prior) < prior
    assert HintAccuracy().probability(0) == 0
    assert HintAccuracy().probability(1) == 1


REASONS = {
    "changes about every 2 days, waited 3 days": (RevisitCandidate(0.5, STILL), 3.0),
    "changes about every 6 hours, waited 30 minutes": (RevisitCandidate(4.0, STILL), 30 / 1440),
    "not seen for 31 days": (RevisitCandidate(0.5, STILL), 31.0),
    "hint: sitemap says newer": (RevisitCandidate(0.01, STILL, hint=0.9, hint_source="sitemap"), 1.0),
    "waited 5 hours": (RevisitCandidate(0.0, STILL), 5 / 24),
    "changes about every 1000 days or more, waited 29 days": (RevisitCandidate(1e-4, STILL), 29.0),
}


@pytest.mark.parametrize(("words", "page_and_days"), REASONS.items())
def test_a_choice_has_a_reason(words: str, page_and_days: tuple[RevisitCandidate, float]) -> None:
    assert why(*page_and_days, BOUNDS).text == words


def test_listings_weigh_less() -> None:
    """Most of their changes are new articles, which have visits themselves."""
    assert weight_of("listing") < weight_of("article") == weight_of(None)
