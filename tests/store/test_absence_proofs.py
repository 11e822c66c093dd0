"""The proofs of absences are rows, and a page that came back says whether it is the same."""

import pytest

from archiver.model.record import Content
from made import Bench

SAME, OTHER = Content(title="T", body="Một."), Content(title="T", body="Hai.")


def proofs(bench: Bench) -> list[tuple[object, ...]]:
    sql = "SELECT substr(visited_at, 12, 2) AS hour, status, proof FROM absence_proofs ORDER BY visited_at, visit_id"
    return [tuple(row.values()) for row in bench.store.sql(sql)]


def came_back(bench: Bench) -> list[object]:
    return [row["came_back"] for row in bench.store.sql("SELECT came_back FROM absences ORDER BY gone_by")]


def test_each_miss_is_a_row(bench: Bench) -> None:
    bench.visit(SAME)
    for _ in range(4):
        bench.visit(status=404)
    assert proofs(bench) == [
        ("10", 404, "first"),
        ("11", 404, "proving"),
        ("12", 404, "further"),
        ("13", 404, "newest"),
    ]


def test_a_410_proves_alone(bench: Bench) -> None:
    bench.visit(SAME)
    bench.visit(status=410)
    assert proofs(bench) == [("10", 410, "proving")]


def test_a_410_proves_after_a_404(bench: Bench) -> None:
    bench.visit(SAME)
    bench.visit(status=404)
    bench.visit(status=410)
    assert proofs(bench) == [("10", 404, "first"), ("11", 410, "proving")]


def test_two_misses_of_one_moment_in_two_runs(bench: Bench) -> None:
    bench.visit(SAME)
    bench.hours = 0
    begin = bench.store.runs.begin
    runs = [begin("capture", bench.site_id, "2022-10-21 10:00:00", code_version="", command="") for _ in range(2)]
    for run in (runs[0], runs[0], runs[1]):
        bench.visit(status=404, run=run)
    assert proofs(bench) == [("10", 404, "first"), ("10", 404, "newest"), ("10", 404, "proving")]


def test_other_failures_are_no_proofs_and_one_miss_is_no_absence(bench: Bench) -> None:
    bench.visit(SAME)
    bench.visit(status=404)
    assert proofs(bench) == []
    bench.visit(status=503)
    bench.visit(status=404)
    assert proofs(bench) == [("10", 404, "first"), ("12", 404, "proving")]


@pytest.mark.parametrize(("after", "wanted"), [(SAME, "same"), (OTHER, "different"), (None, None)])
def test_a_page_comes_back_the_same_or_different(bench: Bench, after: Content | None, wanted: str | None) -> None:
    bench.visit(SAME)
    bench.visit(status=410)
    if after is not None:
        bench.visit(after)
    assert came_back(bench) == [wanted]


def test_each_absence_says_how_it_ended(bench: Bench) -> None:
    for content in (SAME, OTHER, OTHER):
        bench.visit(content)
        bench.visit(status=410)
    assert came_back(bench) == ["different", "same", None]
    assert [row[2] for row in proofs(bench)] == ["proving"] * 3


def test_a_page_that_was_first_found_gone_cannot_be_compared(bench: Bench) -> None:
    bench.visit(status=410)
    bench.visit(SAME)
    assert came_back(bench) == [None]


def test_proofs_are_found_by_page(bench: Bench) -> None:
    plan = " ".join(
        row["detail"]
        for row in bench.store._main.rows("EXPLAIN QUERY PLAN SELECT * FROM absence_proofs WHERE page_id = 1")
    )
    assert "_absence_page" in plan
    assert "_visit_page (page_id=? AND visited_at>? AND visited_at<?)" in plan
