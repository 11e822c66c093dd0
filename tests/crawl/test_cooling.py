"""How change falls with age: exact integrals, a guess that a site corrects, and columns that cannot lie."""

import math
import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.revisit.age_decay import SPANS, Cooling, Counts, cooling_of

AGES = st.floats(0, 500)
CORRECTIONS = st.tuples(*[st.floats(0.02, 50)] * SPANS)


@given(AGES, AGES, AGES, CORRECTIONS)
def test_exposure_adds_up(one: float, two: float, three: float, corrections: tuple[float, ...]) -> None:
    a, b, c = sorted((one, two, three))
    curve = Cooling(1.5, corrections)
    assert curve.exposure(a, b) + curve.exposure(b, c) == pytest.approx(curve.exposure(a, c), abs=1e-9)
    by_span = sum(corrections[span] * days for span, days in curve.spans(a, c))
    assert by_span == pytest.approx(curve.exposure(a, c), abs=1e-9)


@given(AGES, CORRECTIONS)
def test_exposure_is_the_integral_of_the_factor(age: float, corrections: tuple[float, ...]) -> None:
    curve = Cooling(1.5, corrections)
    if len(curve.spans(age, age + 1e-3)) == 1:
        assert curve.exposure(age, age + 1e-3) == pytest.approx(curve.factor(age + 5e-4) * 1e-3, rel=1e-3)


def test_articles_cool_and_nothing_else_does() -> None:
    article = cooling_of("article")
    assert article.factor(0) == 1
    assert article.factor(30) < 0.01
    assert article.exposure(0, math.inf) == pytest.approx(2)
    for kind in ("listing", "file", None):
        assert cooling_of(kind).factor(100) == 1
        assert cooling_of(kind).exposure(7, 10) == 3


def test_a_clock_that_went_back_is_no_exposure() -> None:
    assert cooling_of("article").exposure(3, 2) == 0
    assert cooling_of("article").exposure(-5, -2) == 0
    assert cooling_of(None).exposure(3, 2) == 0
    assert cooling_of("article").spans(3, 2) == []


def test_nothing_counted_is_the_guess() -> None:
    assert Counts().curve("article") == cooling_of("article")


def test_what_does_not_cool_is_not_counted() -> None:
    assert Counts().after(cooling_of("listing"), 1.0, (0, 1), changed=True) == Counts()


def test_a_site_corrects_the_guess() -> None:
    """Articles of a site that cools by the power 1: old ones change more, by the young ones, than the guess has it."""
    chance, counts, curve = random.Random(1), Counts(), cooling_of("article")
    for _ in range(3):
        for _ in range(1500):
            ages = [0.0, *sorted(chance.uniform(0, 60) for _ in range(6))]
            for start, end in pairwise(ages):
                hazard = math.log((1 + end) / (1 + start))
                counts = counts.after(curve, 1.0, (start, end), changed=chance.random() < -math.expm1(-hazard))
        curve = counts.curve("article")
    ratio = curve.factor(30) / curve.factor(1)
    assert ratio == pytest.approx(2 / 31, rel=0.4)
    assert ratio > 3 * cooling_of("article").factor(30) / cooling_of("article").factor(1)


def test_how_high_the_hazard_is_does_not_bend_the_curve() -> None:
    """Ten times as many changes at all ages are a matter of rates; the curve stays."""
    curve = Counts((1000.0,) * SPANS, (100.0,) * SPANS).curve("article")
    assert curve.corrections == pytest.approx((1.0,) * SPANS, rel=0.2)


@given(st.lists(st.tuples(st.booleans(), AGES, AGES), max_size=10))
def test_columns_come_back_as_they_went(visits: list[tuple[bool, float, float]]) -> None:
    counts = Counts()
    for changed, one, other in visits:
        counts = counts.after(cooling_of("article"), 0.5, (min(one, other), max(one, other)), changed=changed)
    back = Counts.from_json(counts.to_json())
    assert back.seen == pytest.approx(counts.seen, abs=1e-4)
    assert back.expected == pytest.approx(counts.expected, abs=1e-4)


NOTHING = [0] * SPANS
NOT_OURS = [
    *(None, "", "{", "[]", "[[1], [2]]", "3", "[" * 100_000),
    f"[{NOTHING}, {[-1] * SPANS}]",
    f"[{NOTHING}, {['x'] * SPANS}]",
    f"[[{', '.join(['NaN'] * SPANS)}], {NOTHING}]",
]


@pytest.mark.parametrize("text", NOT_OURS)
def test_a_column_that_is_none_of_ours_counts_for_nothing(text: str | None) -> None:
    assert Counts.from_json(text) == Counts()
