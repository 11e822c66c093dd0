"""Counters: the previous value, series and times are found by indices, whatever the length of a page's history."""

import json

import pytest

from archiver.model.reason import Reason, ReasonCode
from archiver.model.record import Content
from archiver.store.cookbook import question
from archiver.store.new_visit import NewVisit
from made import Bench, capture

NAMES = (("views", 1), ("site_visits", 2))


def steps_of(bench: Bench, visit: int) -> int:
    """Return the number of SQLite's instructions to find the previous value of a counter."""
    count = 0

    def step() -> None:
        nonlocal count
        count += 1

    bench.store._main.raw.set_progress_handler(step, 1)
    try:
        (counters,) = (state.counters for state in bench.store.state_of([visit], [(visit, "views")]).values())
    finally:
        bench.store._main.raw.set_progress_handler(None, 1)
    assert counters == (("views", visit - 2),)
    return count


def test_the_cost_of_the_previous_value_does_not_grow(bench: Bench) -> None:
    costs = []
    for number in range(120):
        _, history = bench.visit(Content(title="T"), readings=(("views", number), *NAMES[1:]))
        if number in (20, 119):
            costs.append(steps_of(bench, history.visit_id))
    assert costs[1] <= costs[0] + 20


def plan_of(bench: Bench, sql: str, **values: str) -> str:
    return json.dumps([row["detail"] for row in bench.store._main.rows(f"EXPLAIN QUERY PLAN {sql}", {**values})])


@pytest.mark.parametrize(
    ("sql", "index"),
    [
        (question("most-viewed").sql, "t USING COVERING INDEX _visit_when (visited_at>? AND visited_at<?)"),
        (question("backwards").sql, "r USING INDEX _reading_reset (name_id=?)"),
        ("SELECT * FROM readings WHERE page_id = 1 ORDER BY read_at", "t USING COVERING INDEX _visit_page (page_id=?)"),
        ("SELECT * FROM readings WHERE visit_id = 1", "r USING PRIMARY KEY (visit_id=?)"),
    ],
)
def test_readings_are_found_by_time_page_and_visit(bench: Bench, sql: str, index: str) -> None:
    for number in range(40):
        bench.visit(Content(title="T"), readings=(("views", number % 13),), url=f"http://portal.example/{number % 8}")
    fresh = plan_of(bench, sql, begin="2022-10-21", end="2022-10-22")
    bench.store._main.execute("ANALYZE")
    plan = plan_of(bench, sql, begin="2022-10-21", end="2022-10-22")
    assert index in plan
    assert index in fresh
    assert not {"SCAN r", "SCAN t", "SCAN p"} & set(plan.split('"'))


def test_readings_are_rows_of_four_integers(bench: Bench) -> None:
    bench.visit(Content(title="T"), readings=NAMES)
    bench.visit(Content(title="T"), readings=NAMES)
    rows = [tuple(row) for row in bench.store._main.rows("SELECT * FROM _reading")]
    assert rows == [(1, 1, 1, None), (1, 2, 2, None), (2, 1, 1, 0), (2, 2, 2, 0)]
    assert [row["name"] for row in bench.store.history.series(1)] == ["site_visits"] * 2 + ["views"] * 2
    assert bench.store.history.readings_at(1) == dict(NAMES)
    assert bench.store.history.readings_of(2) == dict(NAMES)


def test_each_reason_of_visits_is_stored_once(bench: Bench) -> None:
    page = bench.page()
    for code, detail in ((ReasonCode.RATE, "a"), (ReasonCode.RATE, "b"), (ReasonCode.RATE, "a"), (None, "")):
        reason = Reason.of(code, detail) if code else None
        bench.store.evidence.keep([NewVisit(page, capture("http://portal.example/1"), reason=reason)], None)
    assert [tuple(row.values()) for row in bench.store.sql("SELECT reason_code, reason FROM visits ORDER BY visit_id")] == [
        ("rate", "a"), ("rate", "b"), ("rate", "a"), (None, None),
    ]  # fmt: skip
    assert bench.store._main.value("SELECT count(*) FROM _reason") == 2
