"""The decay curve: exact integrals, corrections that are learned from a site, and invalid database columns."""

import math
import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.revisit.age_decay import SPANS, ChangeCounts, DecayCurve, default_curve

AGES = st.floats(0, 500)
CORRECTIONS = st.tuples(*[st.floats(0.02, 50)] * SPANS)


@given(AGES, AGES, AGES, CORRECTIONS)
def test_exposure_adds_up(one: float, two: float, three: float, corrections: tuple[float, ...]) -> None:
    a, b, c = sorted((one, two, three))
    curve = DecayCurve(1.5, corrections)
    assert curve.exposure(a, b) + curve.exposure(b, c) == pytest.approx(curve.exposure(a, c), abs=1e-9)
    by_span = sum(corrections[span] * days for span, days in curve.spans(a, c))
    assert by_span == pytest.approx(curve.exposure(a, c), abs=1e-9)


@given(AGES, CORRECTIONS)
def test_exposure_is_the_integral_of_the_factor(age: float, corrections: tuple[float, ...]) -> None:
    curve = DecayCurve(1.5, corrections)
    if len(curve.spans(age, age + 1e-3)) == 1:
        assert curve.exposure(age, age + 1e-3) == pytest.approx(curve.factor(age + 5e-4) * 1e-3, rel=1e-3)


def test_only_articles_decay() -> None:
    article = default_curve("article")
    assert article.factor(0) == 1
    assert article.factor(30) < 0.01
    assert article.exposure(0, math.inf) == pytest.approx(2)
    for kind in ("listing", "file", None):
        assert default_curve(kind).factor(100) == 1
        assert default_curve(kind).exposure(7, 10) == 3


def test_a_clock_that_was_set_back_gives_no_exposure() -> None:
    assert default_curve("article").exposure(3, 2) == 0
    assert default_curve("article").exposure(-5, -2) == 0
    assert default_curve(None).exposure(3, 2) == 0
    assert default_curve("article").spans(3, 2) == []


def test_without_counts_the_curve_is_the_default() -> None:
    assert ChangeCounts().curve("article") == default_curve("article")


def test_visits_of_pages_without_decay_are_not_counted() -> None:
    assert ChangeCounts().with_visit(default_curve("listing"), 1.0, (0, 1), changed=True) == ChangeCounts()


def test_a_site_corrects_the_default_curve() -> None:
    """Articles that decay with the power 1: old articles change more, relative to young ones, than by the default."""
    chance, counts, curve = random.Random(1), ChangeCounts(), default_curve("article")
    for _ in range(3):
        for _ in range(1500):
            ages = [0.0, *sorted(chance.uniform(0, 60) for _ in range(6))]
            for start, end in pairwise(ages):
                hazard = math.log((1 + end) / (1 + start))
                counts = counts.with_visit(curve, 1.0, (start, end), changed=chance.random() < -math.expm1(-hazard))
        curve = counts.curve("article")
    ratio = curve.factor(30) / curve.factor(1)
    assert ratio == pytest.approx(2 / 31, rel=0.4)
    assert ratio > 3 * default_curve("article").factor(30) / default_curve("article").factor(1)


def test_the_level_of_the_rates_does_not_change_the_curve() -> None:
    """Ten times as many changes at all ages raise the rates and leave the curve."""
    curve = ChangeCounts((1000.0,) * SPANS, (100.0,) * SPANS).curve("article")
    assert curve.corrections == pytest.approx((1.0,) * SPANS, rel=0.2)


@given(st.lists(st.tuples(st.booleans(), AGES, AGES), max_size=10))
def test_columns_round_trip(visits: list[tuple[bool, float, float]]) -> None:
    counts = ChangeCounts()
    for changed, one, other in visits:
        counts = counts.with_visit(default_curve("article"), 0.5, (min(one, other), max(one, other)), changed=changed)
    back = ChangeCounts.from_json(counts.to_json())
    assert back.seen == pytest.approx(counts.seen, abs=1e-4)
    assert back.expected == pytest.approx(counts.expected, abs=1e-4)


ZEROS = [0] * SPANS
INVALID = [
    *(None, "", "{", "[]", "[[1], [2]]", "3", "[" * 100_000),
    f"[{ZEROS}, {[-1] * SPANS}]",
    f"[{ZEROS}, {['x'] * SPANS}]",
    f"[[{', '.join(['NaN'] * SPANS)}], {ZEROS}]",
]


@pytest.mark.parametrize("text", INVALID)
def test_an_invalid_column_gives_zero_counts(text: str | None) -> None:
    assert ChangeCounts.from_json(text) == ChangeCounts()
