"""Each reading has the text and the node of its own visit; a visit whose counter only grew stores neither."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from scripted import Scripted

PROFILE = """
[site]
name = "t"
home = "{url}/"
language = "vi"
[crawl]
delay = 0.0
sitemaps = []
feeds = []
[[page]]
kind = "article"
[page.fields]
title = "h1"
body = "#b"
[page.readings]
views = {rule}
"""
RULE = "{ css = '.v', pattern = '([\\d.,]+)' }"


class Counted:
    """A page with a counter, visited each hour."""

    def __init__(self, folder: Path) -> None:
        self.site = Scripted(folder / "archive.db")
        self.rule(RULE)

    def rule(self, rule: str) -> None:
        (self.site.selectors / "t.toml").write_text(PROFILE.format(url=self.site.url, rule=rule), encoding="utf-8")

    def visit(self, *counters: str, hours: int = 0) -> None:
        """Visit the page with these counters, each with its markup, with a clock that is set back by `hours`."""
        self.site.page("/", "T", extra="".join(counters))
        self.site.clock.advance(hours=-hours)
        self.site.archive.capture(f"{self.site.url}/")
        self.site.clock.advance(hours=1 + hours)

    def raws(self) -> list[tuple[object, ...]]:
        return self.site.rows("SELECT raw, substr(node_path, -6) AS node FROM readings ORDER BY read_at")

    def stored(self) -> int:
        return int(self.site.archive.store._main.value("SELECT count(*) FROM _reading_source"))


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Counted]:
    page = Counted(tmp_path)
    yield page
    page.site.close()


def test_a_counter_that_grows_has_its_own_text_at_each_visit(page: Counted) -> None:
    for number in ("998", "999", "1.000", "12.345", "1.234.567"):
        page.visit(f"<i class=v>{number} lượt xem</i>")
    wanted = ["998 lượt xem", "999 lượt xem", "1.000 lượt xem", "12.345 lượt xem", "1.234.567 lượt xem"]
    assert [raw for raw, _ in page.raws()] == wanted
    assert page.stored() == 2


def test_digits_in_nodes_of_their_own_are_one_text(page: Counted) -> None:
    page.rule("{ css = '.d b', join = '', take = 'all' }")
    for number in ("37412005", "37412009"):
        page.visit("<p class=d>", *(f"<b>{digit}</b>" for digit in number), "</p>")
    assert page.raws() == [("37412005", ".d > b"), ("37412009", ".d > b")]
    assert page.stored() == 1


def test_other_numbers_around_are_left_out(page: Counted) -> None:
    for hour in range(10, 14):
        page.visit(f"<i class=v>{hour} lượt xem, {hour}:30</i>")
    assert [raw for raw, _ in page.raws()] == [f"{hour} lượt xem, " for hour in range(10, 14)]
    assert page.stored() == 1


def test_another_node_is_seen_at_its_visit(page: Counted) -> None:
    page.visit("<i class=v>1</i>")
    page.visit("<b class=v>2</b>")
    page.visit("<b class=v>3</b>")
    assert page.raws() == [("1", " > i.v"), ("2", " > b.v"), ("3", " > b.v")]
    assert page.stored() == 2


def test_an_older_visit_leaves_the_sources_of_later_ones(page: Counted) -> None:
    for number in range(1, 5):
        page.visit(f"<i class=v>{number}</i>")
    page.visit("<b class=v>9</b>", hours=2)
    assert [raw for raw, _ in page.raws()].count("9") == 1
    assert [node for _, node in page.raws()] == [" > b.v" if raw == "9" else " > i.v" for raw, _ in page.raws()]


def test_another_rule_is_told_and_reading_again_gives_one_rule(page: Counted) -> None:
    page.visit("<i class=v>1</i>")
    page.rule('".v"')
    page.visit("<i class=v>2</i>")
    assert page.site.rows("SELECT rule FROM readings ORDER BY read_at")[1] == ("css:.v",)
    page.site.archive.extract("t")
    assert page.site.rows("SELECT DISTINCT rule FROM readings") == [("css:.v",)]
    assert page.stored() == 1


def test_a_pattern_far_inside_a_long_node_gives_what_it_matched(page: Counted) -> None:
    page.visit(f"<div class=v>{'chữ ' * 300} 1.234 lượt</div>")
    assert page.raws()[0][0] == "1.234"
