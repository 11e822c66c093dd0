"""Runs: which interrupted runs a run resumes."""

import pytest

from made import Bench

HISTORIES = {
    "alone": ([], 0),
    "the one before was done": (["21 10 done"], 0),
    "the one before was cut off": (["21 10 interrupted"], 1),
    "two were": (["20 13 interrupted", "21 10 failed"], 2),
    "a bound was reached": (["21 10 limit"], 0),
    "only what came after the last whole one": (["21 08 interrupted", "21 09 done", "21 10 interrupted"], 1),
    "not what was cut off long ago": (["20 11 interrupted", "21 10 interrupted"], 1),
}


@pytest.mark.parametrize("history", HISTORIES)
def test_a_run_resumes_the_interrupted_runs_before_it(bench: Bench, history: str) -> None:
    before, goes_on_for = HISTORIES[history]
    runs, numbers = bench.store.runs, list[int]()
    for day, hour, ended in [each.split() for each in [*before, "21 12 running"]]:
        numbers.append(runs.begin("crawl", bench.site_id, f"2022-10-{day} {hour}:00:00", code_version="t", command="t"))
        runs.begin("capture", bench.site_id, f"2022-10-{day} {hour}:00:01", code_version="t", command="t")
        if ended != "running":
            runs.end(numbers[-1], f"2022-10-{day} {hour}:30:00", ended)
    assert runs.resumed_from(numbers[-1]) == numbers[len(before) - goes_on_for]
