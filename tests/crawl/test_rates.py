"""What is believed of a page's rate follows from its visits alone, and the columns it is kept in cannot lie."""

import math
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.revisit.change_rate import RATES, Belief, Evidence, belief_from, refit, usual

DAYS = st.floats(1e-4, 100)
VISITS = st.lists(st.tuples(st.booleans(), DAYS), max_size=20)
KINDS = st.sampled_from(["listing", "article", "file", None])


def evidence_of(visits: list[tuple[bool, float]]) -> Evidence:
    evidence = Evidence()
    for changed, exposure in visits:
        evidence = evidence.after(changed=changed, exposure=exposure)
    return evidence


@given(KINDS, VISITS)
def test_a_belief_always_adds_up_to_one(kind: str | None, visits: list[tuple[bool, float]]) -> None:
    belief = usual(kind).given(evidence_of(visits))
    assert math.isclose(sum(belief.weights), 1)
    assert min(belief.weights) >= 0
    assert RATES[0] <= belief.mean * (1 + 1e-9)
    assert belief.mean <= RATES[-1] * (1 + 1e-9)


@given(KINDS, VISITS, DAYS)
def test_a_change_never_lowers_the_rate_and_no_change_never_raises_it(
    kind: str | None, visits: list[tuple[bool, float]], exposure: float
) -> None:
    prior, evidence = usual(kind), evidence_of(visits)
    before = prior.given(evidence).mean
    assert prior.given(evidence.after(changed=True, exposure=exposure)).mean >= before * (1 - 1e-9)
    assert prior.given(evidence.after(changed=False, exposure=exposure)).mean <= before * (1 + 1e-9)


@given(KINDS, VISITS, st.randoms(use_true_random=False))
def test_the_order_of_visits_does_not_matter(
    kind: str | None, visits: list[tuple[bool, float]], chance: object
) -> None:
    shuffled = list(visits)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = (usual(kind).given(evidence_of(order)) for order in (visits, shuffled))
    assert one.weights == pytest.approx(other.weights, abs=1e-9)


@given(KINDS, VISITS, DAYS)
def test_the_probability_of_a_change_is_one_and_grows_with_time(
    kind: str | None, visits: list[tuple[bool, float]], exposure: float
) -> None:
    belief = usual(kind).given(evidence_of(visits))
    assert 0 <= belief.changed(exposure) <= belief.changed(exposure * 2) <= 1 + 1e-9
    assert belief.changed(0) == 0


@given(KINDS, VISITS)
def test_columns_come_back_as_they_went(kind: str | None, visits: list[tuple[bool, float]]) -> None:
    evidence = evidence_of(visits)
    assert Evidence.from_bytes(evidence.to_bytes()).to_bytes() == evidence.to_bytes()
    belief = usual(kind).given(evidence)
    assert belief_from(belief.to_bytes(), usual(None)).weights == pytest.approx(belief.weights, abs=1e-6)


NOT_OURS = [
    None,
    b"",
    b"\0" * 55,
    b"\0" * 57,
    struct.pack("<14f", *[math.nan] * 14),
    struct.pack("<14f", *[0.0] * 13, math.inf),
]


@pytest.mark.parametrize("data", [*NOT_OURS, struct.pack("<14f", 1.0, *[0.0] * 13)])
def test_a_column_that_is_none_of_ours_says_nothing(data: bytes | None) -> None:
    assert Evidence.from_bytes(data) == Evidence()


@pytest.mark.parametrize("data", [*NOT_OURS, b"\0" * 56, struct.pack("<14f", 2.0, -1.0, *[0.0] * 12)])
def test_a_belief_that_is_none_of_ours_is_the_default(data: bytes | None) -> None:
    assert belief_from(data, usual("article")) == usual("article")


def test_a_page_seen_often_is_believed_its_own_rate() -> None:
    """Daily visits that find a change every fourth day: 0.29 a day, as near as the grid has it."""
    visits = [(day % 4 == 0, 1.0) for day in range(400)]
    for kind in ("listing", "article", None):
        assert usual(kind).given(evidence_of(visits)).mean == pytest.approx(0.288, rel=0.5)


def test_two_visits_at_one_moment_are_no_error() -> None:
    assert usual(None).given(Evidence().after(changed=True, exposure=0.0)).mean > usual(None).mean


def test_evidence_against_the_whole_prior_speaks_alone() -> None:
    certain = Belief((1.0, *[0.0] * 13))
    evidence = Evidence((-2000.0, *[0.0] * 13))
    assert certain.given(evidence).weights[0] == 0


def test_the_site_teaches_what_is_usual() -> None:
    """Two hundred pages that never changed: a page nobody has visited yet is believed to be quiet, too."""
    still = Evidence().after(changed=False, exposure=30.0)
    learned = usual("article")
    for _ in range(3):
        learned = refit(learned, [still] * 200, usual("article"))
    assert learned.mean < usual("article").mean / 3
    assert math.isclose(sum(learned.weights), 1)
    assert refit(learned, [], usual("article")).weights == pytest.approx(usual("article").weights)
