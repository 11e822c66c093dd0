"""What raises an alarm and what does not: exit code 5 of `crawl` and `site health`."""

import os
import re
import signal
from collections.abc import Iterator
from typing import Any

import pytest

from archiver.app.watching.after_crawl import worst
from watched import PAGE, Town

WITHOUT_SUMMARY = PAGE.replace("id=s", "id=was")
WITHOUT_BODY = "<title>{n}</title><h1>Tin {n}</h1><span id=d>2022-10-0{n}</span><p id=s>Tóm tắt {n}</p>"


def test_a_field_that_stops_matching_raises_a_complete_alarm(town: Town) -> None:
    town.articles(6)
    assert town.crawl()["alarms"] == []
    town.articles(6, WITHOUT_SUMMARY)
    (alarm,) = town.crawl(code=5)["alarms"]
    assert (alarm["alarm"], alarm["site"], alarm["kind"], alarm["field"]) == ("field", "town", "article", "summary")
    assert alarm["since"] == "2022-10-21 09:00:00"
    assert alarm["url"] in [town.url(number) for number in town.numbers]
    assert alarm["told"] == "6 of 6 pages have no value; in earlier crawls 6 of 6 had one"
    assert alarm["mend"].startswith("`archiver site test town`, then edit the rules of summary in the profile")
    (line,) = town.err.splitlines()
    assert line.startswith("error: town: alarm: article: summary: 6 of 6 pages have no value;")
    assert "last without this problem: 2022-10-21 09:00:00 UTC; e.g. http://127.0.0.1:" in line


def test_an_alarm_is_repeated_until_it_is_fixed(town: Town) -> None:
    town.articles(6)
    town.crawl()
    town.articles(6, WITHOUT_SUMMARY)
    since = {town.crawl(code=5)["alarms"][0]["since"] for _ in range(3)}
    assert since == {"2022-10-21 09:00:00"}
    town.articles(range(7, 15), WITHOUT_SUMMARY)  # more new pages than there were old ones
    assert town.alarms() == {("field", "article", "summary")}
    town.crawl("--limit", "1")  # nothing is due
    town.articles(14)
    assert town.alarms(code=0) == set()


def test_a_field_removed_from_the_profile_is_no_alarm(town: Town) -> None:
    town.articles(6)
    town.crawl()
    town.articles(6, WITHOUT_SUMMARY)
    town.alarms()
    path = town.server.selectors / "town.toml"
    path.write_text(path.read_text(encoding="utf-8").replace('summary = "#s"\n', ""), encoding="utf-8")
    assert town.alarms(code=0) == set()


def test_a_body_that_is_lost(town: Town) -> None:
    town.profile(fallback="false")
    town.articles(6)
    town.crawl()
    town.articles(6, WITHOUT_BODY)
    assert town.alarms() == {("body", "article", "body")}


def test_pages_without_any_value_count(town: Town) -> None:
    town.profile(fallback="false")
    town.articles(6)
    town.crawl()
    town.articles(6, "<div>hết</div>")
    assert town.alarms() == {("drift", "article", "body")}


def test_the_fallback_does_not_hide_a_rule_that_stops_matching(town: Town) -> None:
    town.articles(6)
    town.crawl()
    town.articles(6, '<meta property="og:title" content="Báo {n}">' + PAGE.replace("h1>", "h2>"))
    summary = town.crawl(code=5)
    assert [(each["alarm"], each["field"]) for each in summary["alarms"]] == [("drift", "title")]
    (title,) = [each for each in summary["health"] if each["field"] == "title"]
    assert title == {
        "kind": "article",
        "field": "title",
        "read": 6,
        "values": 0,
        "before_read": 6,
        "before_values": 6,
    }


TEXT = "".join(f"<p>Câu {{n}}.{number} kể rằng người dân cùng nhau dọn dẹp con hẻm nhỏ.</p>" for number in range(12))
LONG = PAGE.replace("<p>Bài {n}.</p>", TEXT)


@pytest.mark.parametrize("renamed", ["<div id=c>", "<article class=bai>"])
def test_a_body_from_the_fallback_does_not_hide_a_rule_that_matches_nothing(town: Town, renamed: str) -> None:
    """Also when the fallback reads the same text, so that no page has a new version."""
    town.articles(6, LONG)
    assert town.crawl()["alarms"] == []
    town.articles(6, LONG.replace("<div id=b>", renamed))
    summary = town.crawl(code=5)
    assert [(each["alarm"], each["field"]) for each in summary["alarms"]] == [("drift", "body")]
    (body,) = [each for each in summary["health"] if each["field"] == "body"]
    assert (body["read"], body["values"], body["before_values"]) == (6, 0, 6)
    page = town.json("show", town.url(1))[0]
    assert "Câu 1.11 kể rằng" in page["record"]["body"]
    (visit,) = town.json("sql", "SELECT DISTINCT note FROM visits WHERE cause = 'broken'")
    assert "body: none of its rules gave a value; read by the fallback" in visit["note"]
    town.articles(6, LONG)
    assert town.alarms(code=0) == set()


def test_a_body_rule_that_never_matches_is_found_despite_the_fallback(town: Town) -> None:
    town.articles(6, LONG.replace("<div id=b>", "<div id=c>"))
    assert town.alarms() == {("required", "article", "body")}


def test_a_lost_counter_raises_an_alarm(town: Town) -> None:
    town.articles(6, PAGE + "<b id=v>12</b>")
    town.crawl()
    town.articles(6)
    assert town.alarms() == {("field", "article", "readings.views")}


def test_a_missing_required_field_raises_an_alarm_in_the_first_crawl(town: Town) -> None:
    town.profile(required="true")
    town.articles(6, PAGE.replace("h1", "h2"))
    (alarm,) = town.crawl(code=5)["alarms"]
    assert (alarm["alarm"], alarm["field"], alarm["since"]) == ("required", "title", None)


def test_a_wrongly_edited_profile_raises_an_alarm(town: Town) -> None:
    """The stored pages are read again with it, so that none of them has an earlier body."""
    town.articles(6)
    town.crawl()
    path = town.server.selectors / "town.toml"
    path.write_text(path.read_text(encoding="utf-8").replace('body = "#b"', 'body = "#bodi"'), encoding="utf-8")
    assert town.alarms() == {("required", "article", "body")}


def test_a_few_pages_raise_no_alarm(town: Town) -> None:
    town.articles(6)
    town.crawl()
    town.articles(2, WITHOUT_SUMMARY)
    assert town.alarms(code=0) == set()
    town.articles(6, WITHOUT_SUMMARY)
    assert town.crawl("--all", "--limit", "3")["alarms"] == []


def test_small_runs_are_judged_together(town: Town) -> None:
    """Runs every six hours read a few pages each: none has enough pages by itself."""
    town.articles(6)
    town.crawl()
    town.articles(6, WITHOUT_SUMMARY)
    result = [bool(town.crawl("--limit", "3", code=None)["alarms"]) for _ in range(8)]
    assert result[0] is False
    assert result[-1] is True


def test_pages_that_never_had_a_field_do_not_count_as_missing_it(town: Town) -> None:
    town.articles(20)
    town.articles(range(21, 26), WITHOUT_SUMMARY)
    assert town.alarms(code=0) == set()
    for number in range(1, 21):
        del town.server.answers[f"/a/{number}"]
    assert town.alarms(code=0) == set()


def test_a_304_does_not_count_as_a_reading(town: Town) -> None:
    town.articles(6)
    for _ in range(3):
        town.crawl()
    town.server.rule = lambda path, _headers: (304, {}, b"") if path.startswith("/a/") else None
    assert [each for each in town.crawl(code=None)["health"] if each["kind"] == "article"] == []


def test_kinds_are_judged_separately(town: Town) -> None:
    """Six notices without a summary next to many articles with one are another kind of page, not a broken rule."""
    town.profile(more='[[page]]\nkind = "article"\nurl = "/n/"\n[page.fields]\ntitle = "h1"\nbody = "#b"\n')
    town.articles(30)
    town.crawl()
    for number in range(6):
        body = WITHOUT_SUMMARY.replace("{n}", f"9{number}").replace("2022-10-09", "")
        town.server.answers[f"/n/{number}"] = (200, {}, body.encode())
    status, headers, home = town.server.answers["/"]
    town.server.answers["/"] = (status, headers, home + b"".join(b"<a href='/n/%d'>n</a>" % n for n in range(6)))
    summary = town.crawl()
    assert summary["alarms"] == []
    assert {re.sub(r"\d+", "N", each["kind"]) for each in summary["health"]} == {"article@N"}


@pytest.mark.parametrize(("status", "what"), [(503, "errors"), (403, "blocked")])
def test_a_site_that_returns_only_errors(town: Town, status: int, what: str) -> None:
    town.articles(4)
    town.crawl()
    town.fails(status)
    (alarm,) = town.crawl(code=5)["alarms"]
    assert (alarm["alarm"], alarm["kind"], alarm["since"]) == (what, None, "2022-10-21 09:00:00")
    assert f"all of the last 5 visits {'failed' if what == 'errors' else 'were blocked'}" in alarm["told"]
    assert str(status) in alarm["told"]


def test_three_failures_in_a_row_raise_an_alarm_two_do_not(town: Town) -> None:
    town.fails()
    assert town.crawl(code=1)["alarms"] == []
    assert town.crawl(code=1)["alarms"] == []
    assert [alarm["since"] for alarm in town.crawl(code=5)["alarms"]] == [None]


def test_one_successful_page_prevents_the_alarm(town: Town) -> None:
    town.articles(4)
    town.crawl()
    town.server.rule = lambda path, _: (503, {}, b"") if path.startswith("/a/") else None
    assert town.crawl(code=1)["alarms"] == []


def test_refusal_by_robots_is_an_alarm_only_after_successful_visits(town: Town) -> None:
    town.articles(4)
    town.server.answers["/robots.txt"] = (200, {}, b"User-agent: *\nDisallow: /")
    assert town.crawl()["refused"] == 1
    assert town.alarms(code=0) == set()
    town.server.answers["/robots.txt"] = (200, {}, b"User-agent: *\nDisallow:")
    town.crawl()
    town.server.answers["/robots.txt"] = (200, {}, b"User-agent: *\nDisallow: /")
    assert town.alarms() == {("refused", None, None)}


def refuse(town: Town, what: str) -> None:
    town.server.clock.advance(hours=30)  # the previous robots.txt is valid for a day
    town.server.answers["/robots.txt"] = (200, {}, f"User-agent: *\nDisallow: {what}\n".encode())


def due(town: Town, runs: int) -> Iterator[tuple[dict[str, Any], list[str]]]:
    """Crawl what is due every six hours and yield the alarms; the exit code is 5 if and only if there are any."""
    for _ in range(runs):
        summary = town.json("crawl", "town", code=None)[-1]
        alarms = [alarm["alarm"] for alarm in summary["alarms"]]
        town("site", "health", "town", code=5 if alarms else 0)
        town.server.clock.advance(hours=6)
        yield summary, alarms


@pytest.mark.parametrize(("status", "what"), [(503, "errors"), (403, "blocked"), (200, "refused")])
def test_an_alarm_of_the_site_is_repeated_in_each_run_until_a_visit_succeeds(
    town: Town, status: int, what: str
) -> None:
    """Failed pages back off, and most runs visit none; the newest mail must still show the alarm."""
    town.articles(8)
    town.crawl()
    refuse(town, "/") if what == "refused" else town.fails(status)
    town.alarms()
    result = list(due(town, 12))
    assert [alarms for _, alarms in result] == [[what]] * 12
    assert 0 in [summary["visits"] for summary, _ in result]
    town("crawl", "town", code=5)
    town.server.rule = lambda *_: None
    refuse(town, "")
    assert town.alarms(code=0) == set()
    assert [alarms for _, alarms in due(town, 4)] == [[]] * 4


def test_another_kind_of_failure_keeps_the_alarm(town: Town) -> None:
    town.articles(4)
    town.crawl()
    refuse(town, "/")
    assert town.alarms() == {("refused", None, None)}
    refuse(town, "")
    town.fails()
    (alarm,) = town.crawl("--all", "--limit", "1", code=5)["alarms"]
    assert (alarm["alarm"], alarm["since"]) == ("errors", "2022-10-21 09:00:00")
    assert alarm["told"] == "all of the last 6 visits failed (server error 503)"


def test_one_page_refused_many_times_is_no_alarm(town: Town) -> None:
    town.articles(4)
    town.crawl()
    refuse(town, "/a/1")
    for _ in range(3):
        assert town.json("capture", town.url(1), code=None)[0]["outcome"] == "refused"
    assert town.json("crawl", "town", "--limit", "1")[-1]["alarms"] == []


def test_health_without_a_crawl(town: Town) -> None:
    town("site", "health", "town", code=1)
    town.articles(6)
    town.crawl()
    assert town("site", "health", "town").startswith("town: no alarm (run 1 of 2022-10-21 09:00:00 UTC)\n")
    town.articles(6, WITHOUT_SUMMARY)
    town.crawl(code=5)
    (result,) = town.json("site", "health", "town", code=5)
    assert (result["healthy"], result["alarms"][0]["field"]) == (False, "summary")
    printed = town("site", "health", "town", code=5).splitlines()
    assert printed[0].startswith("town: alarm: article: summary: ")
    assert printed[1] == "site\tkind\tfield\tnow\tbefore"
    assert "town\tarticle\tsummary\t0/6\t6/6" in printed
    town("site", "health", "twn", code=1)
    assert "did you mean" in town.err


def test_an_alarm_is_worse_than_failed_visits_and_damage_is_worse_than_an_alarm(town: Town) -> None:
    town.articles(7)
    town.crawl()
    town.articles(6, WITHOUT_SUMMARY)
    town.server.answers["/a/7"] = (503, {}, b"")
    assert town.crawl(code=5)["errors"] == 1
    with town.path.open("r+b") as file:
        file.seek(0)
        file.write(b"\0" * 4096)
    town("crawl", "town", "--all", code=4)


def test_the_worst_exit_code_wins() -> None:
    """Damage (4) is raised as an error before these are compared."""
    assert [worst(codes) for codes in ([], [0, 1], [5, 1, 0], [5, 3, 1], [3, 130, 5])] == [0, 1, 5, 3, 130]


def test_an_interrupted_crawl_with_an_alarm_exits_as_interrupted(town: Town) -> None:
    town.articles(6)
    town.crawl()
    town.articles(6, WITHOUT_SUMMARY)

    def ends_at_the_last(path: str, _headers: object) -> None:
        if path == "/a/6":
            os.kill(os.getpid(), signal.SIGTERM)

    town.server.rule = ends_at_the_last
    summary = town.crawl(code=130)
    assert summary["ended"] == "interrupted"
