"""The rest of the daily budget: at most one day's visits at once, and unused visits stay available."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from archiver.revisit.daily_budget import left

START = datetime(2022, 10, 21, 9, tzinfo=UTC)
gaps = st.lists(st.floats(0.0, 90.0), min_size=1, max_size=40)


def _runs(budget: float, hours: list[float], wanted: int) -> list[tuple[datetime, int]]:
    """Return runs that begin after these waits (hours), and that each make as many of `wanted` visits as they may."""
    runs: list[tuple[datetime, int]] = []
    now = START
    for wait in hours:
        now += timedelta(hours=wait)
        runs.append((now, min(left(budget, runs, now, full=True), wanted)))
    return runs


@given(st.integers(1, 500), gaps, st.integers(0, 1000))
def test_any_number_of_days_has_at_most_its_budgets_and_one_more(budget: int, hours: list[float], wanted: int) -> None:
    runs = _runs(budget, hours, wanted)
    assert all(0 <= made <= budget for _, made in runs)
    for first, (began, _) in enumerate(runs):
        made = 0
        for at, visits in runs[first:]:
            made += visits
            assert made <= budget * (1 + (at - began) / timedelta(days=1)) + 1e-3


@given(st.integers(1, 500), st.lists(st.floats(0.0, 24.0), min_size=1, max_size=40))
def test_runs_at_least_once_a_day_can_use_the_whole_budget(budget: int, hours: list[float]) -> None:
    runs = _runs(budget, hours, 10**9)
    days = (runs[-1][0] - runs[0][0]) / timedelta(days=1)
    lost = budget * sum(max((b - a) / timedelta(days=1) - 1 + 1 / budget, 0) for (a, _), (b, _) in pairwise(runs))
    assert sum(made for _, made in runs) >= int(budget * (1 + days) - lost - 1e-3)


def test_a_run_dated_in_the_future_counts_as_begun_now() -> None:
    runs = [(START + timedelta(days=3650), 40)]
    assert left(40, runs, START, full=True) == 0
    assert left(40, [], START, full=True) == 40
    assert left(40, [], START, full=False) == 0
