"""When a site is crawled again after a slice."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest

from archiver.app.fleet.worker.after_slice import AfterSlice, after_slice
from archiver.app.reading.state import CrawlSummary
from archiver.model.clock import written
from archiver.model.profile import CrawlRules
from archiver.store.runs import Tally
from made import START

SLICE = 600.0


def after(
    ended: str,
    due_in: float | None,
    *,
    seconds: float = 10.0,
    visits: int = 5,
    asked_wait: float | None = None,
    budget: float | None = None,
) -> AfterSlice:
    def moment(left: float | None) -> str | None:
        return None if left is None else written(START + timedelta(seconds=left))

    summary = cast(
        "CrawlSummary",
        SimpleNamespace(ended=ended, next_due=moment(due_in), seconds=seconds, tally=Tally(visits=visits)),
    )
    rules = CrawlRules(revisit_budget=budget)
    return after_slice(summary, rules, START, seconds=SLICE, not_before=moment(asked_wait))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (after("limit", -5, seconds=SLICE), AfterSlice(goes_on=True, due_in=0.0)),
        (after("interrupted", -5), AfterSlice(goes_on=True, due_in=0.0)),
        (after("limit", 300, seconds=SLICE), AfterSlice(goes_on=False, due_in=300.0)),
        (after("done", 7200), AfterSlice(goes_on=False, due_in=7200.0)),
        (after("done", 5), AfterSlice(goes_on=False, due_in=60.0)),
        (after("done", None), AfterSlice(goes_on=False, due_in=86400.0)),
        (after("done", 10**7), AfterSlice(goes_on=False, due_in=86400.0)),
        (after("done", -5), AfterSlice(goes_on=False, due_in=60.0)),
        (after("stopped", -5, visits=0), AfterSlice(goes_on=False, due_in=600.0)),
        (after("stopped", -5, asked_wait=900), AfterSlice(goes_on=False, due_in=900.0, wait=900.0)),
        (after("limit", -5, seconds=SLICE, asked_wait=900), AfterSlice(goes_on=False, due_in=900.0, wait=900.0)),
        (after("done", 7200, asked_wait=-900), AfterSlice(goes_on=False, due_in=7200.0)),
        (after("limit", -5, budget=500), AfterSlice(goes_on=False, due_in=3600.0)),
        (after("limit", -5, budget=10), AfterSlice(goes_on=False, due_in=8640.0)),
    ],
)
def test_what_follows_a_slice(given: Any, expected: AfterSlice) -> None:
    assert given == expected
