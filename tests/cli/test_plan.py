"""`archiver plan` and `crawl --budget`."""

from shell import Shell


def test_a_plan_is_printed_as_a_table_and_as_json(shell: Shell) -> None:
    shell("crawl", "demo")
    lines = shell("plan", "demo", "--limit", "5").splitlines()
    assert lines[0] == "due (UTC)\tkind\tlast visited\turl\twhy"
    assert len(lines) == 6
    assert "pages known, 0 due now" in shell.err
    result = shell.json("plan", "demo", "--limit", "3")
    assert set(result[0]) == {"url", "kind", "due_at", "last_visited", "days", "reason"}
    assert result[0]["due_at"] <= result[2]["due_at"]
    assert result[-1]["site"] == "demo"
    assert result[-1]["a_day"] > 0


def test_a_site_that_was_never_crawled_has_no_plan(shell: Shell) -> None:
    shell("crawl", "demo", "--limit", "1")
    shell("plan", "wordpress", code=1)
    assert "`archiver crawl wordpress` fills it" in shell.err


def test_a_budget_bounds_a_run(shell: Shell) -> None:
    result = shell.json("crawl", "demo", "--budget", "7/day")[-1]
    assert (result["visits"], result["ended"]) == (7, "limit")
    shell("crawl", "demo", "--budget", "many", code=2)
    assert "write how many visits a day" in shell.err
