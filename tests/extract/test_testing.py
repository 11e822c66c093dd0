"""The tests of a profile, and the explanation of a page."""

from pathlib import Path

import pytest

from archiver.extract.explain import explain
from archiver.extract.profile import parse_profile
from archiver.extract.testing import TestResult, run_tests
from archiver.model.capture import Capture, Outcome, Request
from archiver.model.clock import instant

PROFILE = """
[site]
name = "a"
home = "http://a.example/"
timezone = "Asia/Ho_Chi_Minh"
[[page]]
kind = "article"
until = 2022-12-31
ignore = [".x"]
gone = { css = ".loi" }
[page.fields]
title = ["h3", "h1"]
published = ".ngay"
tags = ".t"
so = "i"
body = "div"
[page.readings]
views = ".x b"
[[page]]
kind = "article"
since = 2023-01-01
[page.fields]
body = "main"
title = "h2"
[[test]]
file = "a.html"
url = "http://a.example/1"
expect = { title = "Bài", published = "2022-10-21", published_precision = "day", tags = ["a", "b"], so = "7", extra.so = "8", readings.views = 5, language = "vi" }
[[test]]
file = "b.html"
url = "http://a.example/2"
expect = { title = "Mới", kind = "article", soft_gone = false }
[[test]]
file = "none.html"
url = "http://a.example/3"
expect = { title = "x" }
"""
PAGE = "<html lang=vi><h1>Bài</h1><p class=ngay>21/10/2022</p><p class=t>a</p><p class=t>b</p><i>7</i><div>thân</div><p class=x><b>5</b></p>"


def test_one_result_a_field(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(PAGE, encoding="utf-8")
    (tmp_path / "b.html").write_text("<main>thân</main><h2>Mới</h2>", encoding="utf-8")
    results = run_tests(parse_profile(PROFILE, "a.toml"), tmp_path)
    wrong = [result for result in results if not result.ok]
    assert len(results) == 12
    assert wrong == [
        TestResult("a.html", "extra.so", ok=False, expected="8", got="7"),
        TestResult("none.html", "file", ok=False, expected="a file", got="No such file or directory"),
    ]
    assert str(results[0]) == "a.html title: ok"
    assert str(wrong[0]) == "a.html extra.so: expected '8', got '7'"


def capture(html: str) -> Capture:
    headers = ((b"Content-Type", b"text/html"),)
    moment = instant("2022-10-22 00:00:00")
    return Capture(Request("http://a.example/1"), moment, Outcome.OK, 200, headers=headers, body=html.encode())


def test_every_rule_that_was_tried() -> None:
    lines = [str(tried) for tried in explain(capture(PAGE + f"<p class=t>{'x' * 200}"), parse_profile(PROFILE, "a"))]
    assert lines[:4] == [
        "readings.views: css:.x b (rule 1) gives '5'",
        "title: css:h3 (rule 1) finds nothing",
        "title: css:h1 (rule 2) gives 'Bài'",
        "published: css:.ngay (rule 1) gives '2022-10-21'",
    ]
    assert lines[4].endswith("xxx…'")


@pytest.mark.parametrize("html", ["", "%PDF-1.4", "<p class=loi>"])
def test_pages_that_are_not_read(html: str) -> None:
    assert all(not tried.wins for tried in explain(capture(html), parse_profile(PROFILE, "a")))
