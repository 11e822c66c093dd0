"""What the commands say of redesigns, and of the health of earlier runs."""

import json
from typing import Any

from watched import PAGE, Town


def rows(town: Town, query: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in town("export", "jsonl", "-", "--sql", query).splitlines()]


def restyled(town: Town, count: int) -> None:
    """Crawl articles, and crawl them again with a suffix in each title and no body that the profile's rule finds."""
    town.profile(fallback="false")
    town.articles(count)
    town.crawl()
    town.articles(count, PAGE.replace("</h1>", " | Portal</h1>").replace("<div id=b>", "<div id=c>"))
    town.crawl(code=5)


def test_changes_has_one_line_for_a_redesign_with_its_alarm(town: Town) -> None:
    restyled(town, 6)
    told = "redesign: 6 pages, title gains ' | Portal', body disappears (since 2022-10-22 09:00:00 UTC); alarm then: article: body: "
    lines = [line for line in town("changes").splitlines() if "redesign" in line]
    assert len(lines) == 1
    assert told in lines[0]
    assert town("changes", "--kind", "edited").strip() == ""
    assert len(town("changes", "--cause", "template").splitlines()) == 13
    assert town("changes", "--kind", "redesign", "--since", "2022-10-23").strip() == ""


def test_a_redesign_as_json(town: Town) -> None:
    restyled(town, 6)
    (row,) = town.json("changes", "--kind", "redesign")
    assert (row["kind"], row["site"], row["pages"], row["changes"], row["fields"]) == (
        "redesign",
        "town",
        6,
        12,
        "title, body",
    )
    assert (row["not_before"], row["not_after"]) == ("2022-10-21 09:00:00", "2022-10-22 09:00:00")
    assert row["new"] == "title gains ' | Portal', body disappears"
    assert "6 of 6 pages have no value" in row["alarms"][0]
    assert {each["kind"] for each in town.json("changes", "--cause", "template")} == {"template"}


def test_reports_and_notices_count_a_redesign_as_one_line_and_no_edit(town: Town) -> None:
    restyled(town, 6)
    (report,) = town.json("report")
    assert (report["changed"], report["fields_edited"], report["pages"]["edited"]) == (0, {}, [])
    assert [(each["pages"], each["changes"]) for each in report["redesigns"]] == [(6, 12)]
    lines = town("report").splitlines()
    assert "0 edited, " in lines[0]
    assert any(line.startswith("town: redesign: 6 pages, title gains ' | Portal'") for line in lines)
    (run,) = rows(town, "SELECT changed, new_versions FROM runs WHERE run_id = 2")
    assert run == {"changed": 0, "new_versions": 6}


def test_a_crawl_names_the_redesign(town: Town) -> None:
    town.articles(5)
    town.crawl()
    town.articles(5, PAGE.replace("</h1>", " | Portal</h1>"))
    out = town("crawl", "town", "--all")
    assert "changed" not in out
    assert "town: redesign: 5 pages, title gains ' | Portal' (since 2022-10-22 09:00:00 UTC)\n" in town.err


def test_an_old_run_is_reported_with_the_health_that_it_had(town: Town) -> None:
    restyled(town, 6)
    town.articles(6, PAGE)
    town.crawl()
    (second,) = town.json("report", "--run", "2")
    assert [(each["alarm"], each["kind"], each["field"]) for each in second["alarms"]] == [("body", "article", "body")]
    health = {each["field"]: (each["values"], each["read"]) for each in second["health"] if each["kind"] == "article"}
    assert health["body"] == (0, 6)
    (last,) = town.json("report")
    assert last["alarms"] == []
    kept = rows(town, "SELECT run_id, found FROM health WHERE field = 'body' ORDER BY run_id")
    assert [(row["run_id"], row["found"]) for row in kept] == [(1, 6), (2, 0), (3, 6)]
    alarms = rows(town, "SELECT run_id, what, field FROM alarms")
    assert [tuple(row.values()) for row in alarms] == [(2, "body", "body")]


def test_history_calls_a_change_of_a_redesign_so(town: Town) -> None:
    town.articles(5)
    town.crawl()
    town.articles(5, PAGE.replace("</h1>", " | Portal</h1>"))
    put_first = PAGE.replace("</h1>", " | Portal</h1>").replace("{n}", "1").replace("Bài 1", "Bài mới")
    town.server.answers["/a/1"] = (200, {}, put_first.encode())
    town.crawl()
    assert "\tredesign: title: Tin 2{+ | Portal+}\n" in town("history", town.url(2))
    (row,) = [each for each in town.json("history", town.url(2)) if each.get("version") == 2]
    assert (row["what"], row["edits"][0]["cause"]) == ("redesign: title", "template")
    assert "\tedited: body: Bài [-1-]{+mới+}.; redesign: title: " in town("history", town.url(1))
    (row,) = [each for each in town.json("history", town.url(1)) if each.get("version") == 2]
    assert row["what"] == "edited: body; redesign: title"
