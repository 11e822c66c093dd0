"""Who is visited next: the budget is spent, nobody is forgotten or pestered, and each choice says why."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.revisit.age_decay import cooling_of
from archiver.revisit.ranking import Bounds, Trust, Waiting, choose, threshold, wait, weight_of, why

BOUNDS = Bounds(1 / 24, 30.0)
RATE = st.floats(1e-4, 24)
PAGE = st.builds(
    Waiting,
    rate=RATE,
    cooling=st.sampled_from([cooling_of("article"), cooling_of(None)]),
    age=st.floats(0, 400),
    weight=st.floats(0.1, 2),
    hint=st.sampled_from([0.0, 0.0, 0.5, 0.9]),
)
STILL = cooling_of(None)


@given(st.lists(RATE, min_size=1, max_size=60), st.floats(0.05, 0.9))
def test_the_threshold_spends_the_budget(paces: list[float], share: float) -> None:
    lowest, highest = len(paces) / BOUNDS.most, len(paces) / BOUNDS.least
    budget = lowest + share * (highest - lowest)
    value = threshold(paces, budget, BOUNDS)
    pages = [Waiting(pace, STILL) for pace in paces]
    assert sum(1 / wait(page, value, BOUNDS) for page in pages) == pytest.approx(budget, rel=0.01)


def test_a_budget_too_small_and_one_too_large() -> None:
    assert threshold([1.0] * 60, 1.0, BOUNDS) == math.inf
    assert threshold([1.0] * 60, 1e6, BOUNDS) == 0
    assert threshold([], 10, BOUNDS) == 0
    assert wait(Waiting(1.0, STILL), math.inf, BOUNDS) == BOUNDS.most
    assert wait(Waiting(1.0, STILL), 0.0, BOUNDS) == BOUNDS.least
    assert wait(Waiting(0.0, STILL), 0.0, BOUNDS) == BOUNDS.most


@given(PAGE, st.floats(1e-6, 1e3))
def test_nobody_is_forgotten_and_nobody_pestered(page: Waiting, value: float) -> None:
    days = wait(page, value, BOUNDS)
    assert BOUNDS.least <= days <= BOUNDS.most


@given(PAGE, st.floats(1e-3, 10))
def test_a_page_is_due_when_its_pressure_reaches_the_threshold(page: Waiting, value: float) -> None:
    days = wait(page, value, BOUNDS)
    if BOUNDS.least * 1.01 < days < BOUNDS.most:
        assert page.pressure(days + 1e-4) >= value * 0.999
        assert page.pressure(days - 1e-4) <= value * 1.001


@given(PAGE, st.floats(0, 60), st.floats(0, 60))
def test_pressure_only_grows(page: Waiting, one: float, other: float) -> None:
    assert page.pressure(min(one, other)) <= page.pressure(max(one, other)) + 1e-9


@given(st.lists(st.tuples(PAGE, st.floats(0, 60)), max_size=30), st.integers(0, 10))
def test_the_choice_keeps_its_bounds(pages: list[tuple[Waiting, float]], count: int) -> None:
    chosen = choose(pages, count, BOUNDS)
    may = {place for place, (_, elapsed) in enumerate(pages) if elapsed >= BOUNDS.least}
    must = {place for place in may if pages[place][1] >= BOUNDS.most}
    found = {choice.place for choice in chosen}
    assert len(chosen) == len(found) == min(count, len(may))
    assert found <= may
    assert must <= found or found <= must
    rest = [pages[place][0].pressure(pages[place][1]) for place in may - found - must]
    assert all(choice.pressure >= pressure for choice in chosen for pressure in rest if choice.place not in must)


def test_the_choice_of_the_hour_and_the_stored_time_agree() -> None:
    """The pages the threshold lets fall due first are those under most pressure."""
    pages = [Waiting(0.1 * number, STILL) for number in range(1, 20)]
    value = threshold([page.pace for page in pages], 5.0, BOUNDS)
    due = sorted(range(19), key=lambda place: wait(pages[place], value, BOUNDS))
    chosen = choose([(page, 1.0) for page in pages], 5, BOUNDS)
    assert [choice.place for choice in chosen] == due[:5]


def test_a_hint_makes_a_page_due_at_once_as_far_as_it_is_trusted() -> None:
    quiet, hinted = Waiting(0.01, STILL), Waiting(0.01, STILL, hint=0.9, told="sitemap")
    assert wait(hinted, 0.3, BOUNDS) == BOUNDS.least
    assert wait(quiet, 0.3, BOUNDS) > 5
    assert wait(Waiting(0.01, STILL, hint=0.01), 0.3, BOUNDS) > 5
    assert choose([(quiet, 2.0), (hinted, 2.0)], 1, BOUNDS)[0].place == 1


def test_trust_is_learned() -> None:
    honest, liar = Trust(), Trust()
    for _ in range(50):
        honest = honest.after(hinted=True, changed=True).after(hinted=False, changed=False)
        liar = liar.after(hinted=True, changed=False).after(hinted=False, changed=True)
    prior = 0.05
    assert honest.probability(prior) > Trust().probability(prior) > prior
    assert liar.probability(prior) < prior
    assert Trust().probability(0) == 0
    assert Trust().probability(1) == 1


REASONS = {
    "changes about every 2 days, waited 3 days": (Waiting(0.5, STILL), 3.0),
    "changes about every 6 hours, waited 30 minutes": (Waiting(4.0, STILL), 30 / 1440),
    "not seen for 31 days": (Waiting(0.5, STILL), 31.0),
    "hint: sitemap says newer": (Waiting(0.01, STILL, hint=0.9, told="sitemap"), 1.0),
    "waited 5 hours": (Waiting(0.0, STILL), 5 / 24),
    "changes about every 1000 days or more, waited 29 days": (Waiting(1e-4, STILL), 29.0),
}


@pytest.mark.parametrize(("words", "asked"), REASONS.items())
def test_a_choice_says_why(words: str, asked: tuple[Waiting, float]) -> None:
    assert why(*asked, BOUNDS).text == words


def test_listings_weigh_less() -> None:
    """Their news is the articles', which have visits of their own."""
    assert weight_of("listing") < weight_of("article") == weight_of(None)
