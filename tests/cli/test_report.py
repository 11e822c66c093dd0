"""`archiver report`: the results of a run as text and JSON; and the summary of `crawl`."""

import archiver
from watched import PAGE, Town


def edited(town: Town, number: int, text: str = "Bài sửa.") -> None:
    town.articles(range(number, number + 1), PAGE.replace("Bài {n}.", text))


def a_day_of_all(town: Town) -> dict[str, object]:
    """Crawl with one page new, one edited, one gone, one back and one failed; return the summary."""
    town.articles(6)
    town.crawl()
    del town.server.answers["/a/2"]
    town.crawl()
    town.crawl()  # the second proof
    del town.server.answers["/a/3"]
    town.crawl()
    town.articles(range(2, 3))
    town.articles(range(7, 8))
    edited(town, 1)
    town.server.answers["/a/6"] = (503, {}, b"")
    return town.crawl(code=1)


def test_a_report_has_all_results_of_a_run(town: Town) -> None:
    summary = a_day_of_all(town)
    (report,) = town.json("report")
    assert (report["site"], report["runs"], report["ended"]) == ("town", [5], "done")
    assert report["pages"]["new"] == [{"url": town.url(7), "title": "Tin 7"}]
    assert report["pages"]["edited"] == [{"url": town.url(1), "fields": ["body"]}]
    assert [row["url"] for row in report["pages"]["gone"]] == [town.url(3)]
    assert [row["url"] for row in report["pages"]["back"]] == [town.url(2)]
    (cause,) = report["causes"]
    assert (cause["cause"], cause["visits"], cause["url"]) == ("server error 503", 1, town.url(6))
    for name in ("visits", "new_pages", "new_versions", "changed", "gone", "back", "errors", "refused"):
        assert report[name] == summary[name]
    assert report["fields_edited"] == {"body": 1} == summary["fields_edited"]
    assert summary["causes"] == {"server error 503": 1}
    assert report["outcomes"] == {"ok": 6, "gone": 1, "server_error": 1}
    assert summary["alarms"] == report["alarms"] == []


def test_a_report_in_a_pipe_is_lines_that_grep_finds(town: Town) -> None:
    a_day_of_all(town)
    printed = town("report", "town").splitlines()
    assert printed[0] == (
        "town: run 5, done, 2022-10-25 09:00:00 to 2022-10-25 09:00:00 UTC: 8 visits, 1 new, 1 edited (body ×1), "
        "1 gone, 1 back, 1 error, 0 refused"
    )
    assert f"town: new\t{town.url(7)}\tTin 7" in printed
    assert f"town: edited\t{town.url(1)}\tbody" in printed
    assert any(line.startswith(f"town: gone\t{town.url(3)}\t404 gone at") for line in printed)
    assert f"town: back\t{town.url(2)}\tgone by 2022-10-22 09:00:00" in printed
    assert any(line.startswith(f"town: error: server error 503 ×1\t{town.url(6)}") for line in printed)
    assert "site\tkind\tfield\tnow\tbefore" in printed
    assert "town\tarticle\tsummary\t5/5\t6/6" in printed


def test_most_shortens_long_lists(town: Town) -> None:
    town.articles(30)
    town.crawl()
    assert sum(line.startswith("town: new\t") for line in town("report").splitlines()) == 30
    cut = [line for line in town("report", "--most", "3").splitlines() if line.startswith("town: new\t")]
    assert len(cut) == 4
    assert cut[-1] == "town: new\tand 27 more"
    with archiver.open(town.path, write=False) as opened:
        (result,) = opened.report("town", since="2000-01-01")
        assert len(result.new) == 30


def test_a_page_that_stays_gone_is_reported_once(town: Town) -> None:
    town.articles(2)
    town.crawl()
    del town.server.answers["/a/2"]
    result = []
    for _ in range(4):
        town.crawl()
        result.append([row["url"] for row in town.json("report")[0]["pages"]["gone"]])
    assert result == [[], [town.url(2)], [], []]


def test_any_earlier_run_and_span_can_be_reported(town: Town) -> None:
    a_day_of_all(town)
    (first,) = town.json("report", "--run", "1")
    assert (first["runs"], first["new_pages"], len(first["pages"]["new"])) == ([1], 6, 6)
    (span,) = town.json("report", "town", "--since", "2022-10-22")
    assert (span["runs"], span["new_pages"], span["gone"], span["started_at"]) == (
        [5, 4, 3, 2],
        1,
        2,
        "2022-10-22 09:00:00",
    )
    assert sorted(row["url"] for row in span["pages"]["gone"]) == [town.url(2), town.url(3)]
    assert town.json("report", "--since", "2022-11-01") == []
    assert "no crawl since 2022-11-01" in town.err
    town("report", "--run", "99", code=1)
    assert "run 99: not in" in town.err
    town("report", "nowhere", code=1)
    town("report", "town", "--run", "1", code=2)


def test_a_crawl_prints_which_fields_were_edited(town: Town) -> None:
    town.articles(3)
    town("crawl", "town")
    assert "edited:" not in town.err
    edited(town, 1)
    edited(town, 2)
    town("crawl", "town", "--all")
    assert "town: edited: body ×2\n" in town.err
    edited(town, 1, "Bài sửa nữa.")
    town("-q", "crawl", "town", "--all")
    assert town.err == "", "with -q, no more than the summary"


def test_a_one_off_capture_is_a_run_that_can_be_reported(town: Town) -> None:
    town.articles(1)
    town("capture", town.url(1))
    assert town.json("report") == []
    (report,) = town.json("report", "--run", "1")
    assert [row["url"] for row in report["pages"]["new"]] == [town.url(1)]
