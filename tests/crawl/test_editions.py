"""The editions of listings: order, headlines and spans, and nothing for a visit that shows the same."""

import json
import random
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from archiver.cli import run
from archiver.store.cookbook import question
from scripted import Scripted

LISTING = """
[site]
name = "t"
home = "{url}/"
[crawl]
delay = 0.0
sitemaps = []
feeds = []
[url]
fold_case = true
drop = ["utm_*"]
[[page]]
kind = "listing"
url = '/$'
{follow}
[[page]]
kind = "article"
[page.fields]
title = "h1"
body = "#b"
"""
FOLLOW = 'follow = ["a.t"]'


class Front:
    """A front page that a test sets, and its crawls, one an hour."""

    def __init__(self, folder: Path, follow: str = FOLLOW) -> None:
        self.site = Scripted(folder / "archive.db")
        self.rules(follow)

    def rules(self, follow: str) -> None:
        text = LISTING.format(url=self.site.url, follow=follow)
        (self.site.selectors / "t.toml").write_text(text, encoding="utf-8")

    def show(
        self,
        items: Sequence[int | tuple[int, str]],
        more: str = "",
        headers: dict[str, str] | None = None,
        *,
        alone: bool = False,
    ) -> None:
        """Show these articles on the front page, and crawl; or capture it `alone`."""
        pairs = [(each, f"Tin {each}") if isinstance(each, int) else each for each in items]
        for number, title in pairs:
            self.site.page(f"/a/{number}", title)
        links = "".join(f"<li><a class=t href='/a/{number}'>{title}</a></li>" for number, title in pairs)
        body = f"<title>Cổng</title><ul>{links}</ul>{more}"
        self.site.answers["/"] = (200, headers or {}, body.encode())
        if not alone:
            self.crawl()
            return
        self.site.archive.capture(f"{self.site.url}/")
        self.site.clock.advance(hours=1)

    def crawl(self) -> None:
        self.site.archive.crawl("t", everything=True)
        self.site.clock.advance(hours=1)

    def editions(
        self, columns: str = "edition, substr(seen_from, 12, 2), substr(seen_last, 12, 2), title"
    ) -> list[Any]:
        """Return each edition: its number, its hours, and the headlines in order."""
        found: dict[Any, list[str]] = {}
        for *span, title in self.site.rows(f"SELECT {columns} FROM editions ORDER BY edition, position"):
            found.setdefault(tuple(span), []).append(title.removeprefix("Tin "))
        return [(*span, " ".join(titles)) for span, titles in found.items()]

    def count(self, table: str) -> int:
        return int(self.site.archive.store._main.value(f"SELECT count(*) FROM {table}"))


@pytest.fixture
def front(tmp_path: Path) -> Iterator[Front]:
    front = Front(tmp_path)
    yield front
    front.site.close()


def test_an_edition_lasts_until_a_visit_shows_something_else(front: Front) -> None:
    for items in ([3, 2, 1], [3, 2, 1], [5, 4, 3, 2], [5, 4, 3, 2], [3, 2, 1]):
        front.show(items)
    assert front.editions() == [(1, "09", "10", "3 2 1"), (2, "11", "12", "5 4 3 2"), (3, "13", "13", "3 2 1")]
    assert front.site.rows("SELECT DISTINCT edition, seen_until IS NULL FROM editions ORDER BY 1") == [
        (1, 0),
        (2, 0),
        (3, 1),
    ]


def test_only_items_that_moved_are_written(front: Front) -> None:
    front.show(range(30, 0, -1))
    assert front.count("_placed") == 30
    front.show(range(33, 3, -1))
    assert front.count("_placed") == 33
    front.show([2, *range(33, 3, -1)])
    assert front.count("_placed") == 34
    assert front.editions()[2][3].startswith("2 33 32")


def test_a_reworded_headline_and_another_order_are_editions(front: Front) -> None:
    front.show([3, 2, 1])
    front.show([3, (2, "Tin hai"), 1])
    front.show([1, 3, (2, "Tin hai")])
    assert [each[3] for each in front.editions()] == ["3 2 1", "3 hai 1", "1 3 hai"]


def test_a_listing_without_items_ends_its_edition(front: Front) -> None:
    front.show([2, 1])
    front.show([])
    front.show([2, 1])
    assert front.editions() == [(1, "09", "09", "2 1"), (3, "11", "11", "2 1")]


def test_failed_and_missing_visits_change_nothing(front: Front) -> None:
    front.show([2, 1])
    for status in (503, 404):
        front.site.answers["/"] = (status, {}, b"no")
        front.crawl()
    front.show([2, 1])
    assert front.editions() == [(1, "09", "12", "2 1")]


def test_a_304_extends_an_edition(front: Front) -> None:
    front.show([2, 1], headers={"ETag": '"1"'})
    front.site.rule = lambda path, headers: (
        (304, {"ETag": '"1"'}, b"") if path == "/" and headers["If-None-Match"] else None
    )
    front.crawl()
    assert front.editions() == [(1, "09", "10", "2 1")]


def test_the_page_of_an_item_is_found_by_its_identity(front: Front) -> None:
    front.show([1], more="<a class=t href='http://elsewhere.example/'>Khác</a><a class=t href='/A/1'>Hoa</a>")
    sql = "SELECT e.title, p.title AS there FROM editions e LEFT JOIN pages p ON p.page_id = e.to_page_id ORDER BY position"
    assert front.site.rows(sql) == [("Tin 1", "Tin 1"), ("Khác", None), ("Hoa", "Tin 1")]


@pytest.mark.parametrize("rounds", [150])
def test_volumes_give_what_was_shown(front: Front, rounds: int) -> None:
    """Many editions with items that come, go, move and are reworded are read back as they were."""
    chance = random.Random(7)
    shown: list[list[tuple[int, str]]] = []
    items = [(number, f"Tin {number}") for number in range(8)]
    for number in range(8, 8 + rounds):
        action = chance.choice(("top", "middle", "move", "reword", "drop", "same", "shuffle"))
        at = chance.randrange(len(items)) if items else 0
        if action in ("top", "middle"):
            items.insert(0 if action == "top" else at, (number, f"Tin {number}"))
        elif action == "move" and items:
            items.append(items.pop(at))
        elif action == "reword" and items:
            items[at] = (items[at][0], f"Tin {items[at][0]}b{number}")
        elif action == "drop" and items:
            items.pop(at)
        elif action == "shuffle" and number % 5 == 0:
            chance.shuffle(items)
        shown.append(list(items))
    store = front.site.archive.store
    for each in shown:
        links = "".join(f"<li><a class=t href='/a/{number}'>{title}</a></li>" for number, title in each)
        front.site.answers["/"] = (200, {}, f"<ul>{links}</ul>".encode())
        front.site.archive.capture(f"{front.site.url}/")
        front.site.clock.advance(hours=1)
    wanted = [" ".join(title.removeprefix("Tin ") for _, title in each) for each in shown]
    wanted = [each for number, each in enumerate(wanted) if number == 0 or wanted[number - 1] != each]
    assert [each[3] for each in front.editions()] == [each for each in wanted if each]
    assert int(store._main.value("SELECT count(DISTINCT volume) FROM _edition")) > 1


@pytest.mark.parametrize("spelling", ["/a/{}?utm_source={}", "/A/{}?UTM_x={}", "/a/{}?sig={}", "/a/{}?ts=16667000{}00"])
def test_other_parameters_of_the_same_pages_are_no_edition(front: Front, spelling: str) -> None:
    for visit in range(5):
        links = "".join(f"<a class=t href='{spelling.format(each, visit)}'>Tin {each}</a>" for each in (3, 2, 1))
        front.site.answers["/"] = (200, {}, links.encode())
        front.site.archive.capture(f"{front.site.url}/")
        front.site.clock.advance(hours=1)
    assert front.editions() == [(1, "09", "13", "3 2 1")]


@pytest.mark.parametrize("name", ["front-page", "on-top", "two-headlines"])
def test_editions_are_found_by_their_listing_and_their_time(front: Front, name: str) -> None:
    front.show([2, 1])
    one = question(name)
    steps = front.site.archive.store._main.rows(f"EXPLAIN QUERY PLAN {one.sql}", dict.fromkeys(one.params, "2022"))
    plan = json.dumps([row["detail"] for row in steps])
    assert "p USING INDEX _page_address (url=?)" in plan
    assert "e USING PRIMARY KEY (page_id=?" in plan


def test_events_of_a_listing_have_its_title(front: Front) -> None:
    front.show([2, 1])
    front.site.answers["/"] = (410, {}, b"no")
    front.crawl()
    front.show([2, 1])
    sql = "SELECT kind, title FROM events WHERE url LIKE '%/' AND kind IN ('gone', 'back') ORDER BY kind"
    assert front.site.rows(sql) == [("back", "Cổng"), ("gone", "Cổng")]


# another profile, and visits out of order


def test_another_profile_makes_no_edition(front: Front) -> None:
    side = "<a class=u href='/a/9'>Tin 9</a>"
    for items in ([2, 1], [3, 2, 1]):
        front.show(items, side)
    front.rules('follow = ["a.t", "a.u"]')
    front.show([3, 2, 1], side)
    assert [each[3] for each in front.editions()] == ["2 1", "3 2 1 9"]
    front.show([4, 3, 2, 1], side)
    assert [each[3] for each in front.editions()] == ["2 1", "3 2 1 9", "4 3 2 1 9"]


def test_an_edit_is_found_at_the_visit_that_changes_the_profile(front: Front) -> None:
    side = "<a class=u href='/a/9'>Tin 9</a>"
    front.show([2, 1], side)
    front.rules('follow = ["a.u"]')
    front.show([2, 1], "<a class=u href='/a/9'>Tin chín</a>")
    assert [each[3] for each in front.editions()] == ["9", "chín"]


def test_reading_again_derives_all_editions(front: Front) -> None:
    for number in (1, 1, 2, 3):
        front.show([2, 1], f"<a class=u href='/a/{number}'>Tin u{number}</a>")
    assert len(front.editions()) == 1
    front.rules('follow = ["a.u"]')
    front.site.archive.extract("t")
    assert front.editions() == [(1, "09", "10", "u1"), (2, "11", "11", "u2"), (3, "12", "12", "u3")]
    front.rules(FOLLOW)
    front.site.archive.extract("t")
    assert front.editions() == [(1, "09", "12", "2 1")]


def test_pruned_visits_keep_their_editions(front: Front) -> None:
    for number in (1, 2, 3):
        front.show([number], f"<a class=u href='/a/{number}'>Tin u{number}</a>")
    store = front.site.archive.store
    (first,) = store._main.rows("SELECT page_id, first_visit FROM _edition WHERE number = 1")
    store.pruning.prune(1, first["page_id"], [first["first_visit"]])
    front.rules('follow = ["a.u"]')
    front.site.archive.extract("t")
    assert [each[3] for each in front.editions()] == ["1", "u2", "u3"]


@pytest.mark.parametrize(
    ("items", "wanted"),
    [
        ([2, 1], ["09-13 2 1"]),
        ([3], ["09-11 2 1", "11-11 3", "12-13 2 1"]),
    ],
)
def test_a_visit_within_an_edition(front: Front, items: list[int], wanted: list[str]) -> None:
    for _ in range(5):
        front.show([2, 1])
    late_visit(front, items, hours=-3, minutes=30)
    assert spans_of(front) == wanted


def test_visits_between_editions_before_all_and_after_all(front: Front) -> None:
    front.show([1])
    front.site.clock.advance(hours=2)
    front.show([2])
    late_visit(front, [3], hours=-2)
    assert spans_of(front) == ["09-09 1", "11-11 3", "12-12 2"]
    late_visit(front, [1], hours=-3)
    assert spans_of(front) == ["09-10 1", "11-11 3", "12-12 2"]
    late_visit(front, [2], hours=-6)
    assert spans_of(front) == ["07-07 2", "09-10 1", "11-11 3", "12-12 2"]
    front.show([5])
    assert spans_of(front)[-2:] == ["12-12 2", "13-13 5"]


def late_visit(front: Front, items: list[int], hours: int, minutes: int = 0) -> None:
    """Capture the front page with a clock that was set back."""
    front.site.clock.advance(hours=hours, minutes=minutes)
    links = "".join(f"<a class=t href='/a/{number}'>Tin {number}</a>" for number in items)
    front.site.answers["/"] = (200, {}, f"<ul>{links}</ul>".encode())
    front.site.archive.capture(f"{front.site.url}/")
    front.site.clock.advance(hours=-hours, minutes=-minutes)


def spans_of(front: Front) -> list[str]:
    return [f"{since}-{last} {titles}" for _, since, last, titles in front.editions()]


# 304s between visits out of order


def confirm(front: Front) -> None:
    """Crawl a front page whose server answers every conditional request with a 304."""
    front.site.rule = lambda path, headers: (
        (304, {"ETag": headers["If-None-Match"]}, b"") if path == "/" and headers.get("If-None-Match") else None
    )
    front.crawl()
    front.site.rule = lambda path, headers: None


def trusted(front: Front) -> None:
    """Show the same page under one ETag until the archive trusts it."""
    for _ in range(4):
        front.show([2, 1], headers={"ETag": '"a"'})


def read_again(front: Front) -> list[str]:
    front.rules('follow = ["ul a"]')
    front.site.archive.extract("t")
    return spans_of(front)


@pytest.mark.parametrize("late", [[[9]], [[9], [8]], [[9], [2, 1]]])
def test_a_304_confirms_the_capture_that_it_answers(front: Front, late: list[list[int]]) -> None:
    trusted(front)
    for _ in range(4):
        confirm(front)
    for number, items in enumerate(late):
        late_visit(front, items, hours=-3 + number, minutes=30)
    wanted = ["09-14 2 1", "14-14 9", "15-16 2 1"]
    if late[-1] == [8]:
        wanted = [*wanted[:2], "15-15 2 1", "15-15 8", "16-16 2 1"]
    assert spans_of(front) == wanted
    assert read_again(front) == wanted


def test_a_304_after_an_out_of_order_capture_confirms_an_earlier_one(front: Front) -> None:
    front.show([9])
    trusted(front)
    confirm(front)
    late_visit(front, [3], hours=-5, minutes=30)
    confirm(front)
    wanted = ["09-09 9", "10-10 2 1", "10-10 3", "11-15 2 1"]
    assert spans_of(front) == wanted
    assert read_again(front) == wanted


@pytest.mark.parametrize("seed", range(4))
def test_reading_again_gives_the_editions_that_were_written_at_the_visits(front: Front, seed: int) -> None:
    chance = random.Random(seed)
    trusted(front)
    for number in range(9):
        items = chance.choice([[2, 1], [3, 2, 1], [4], [4, 3, 1]])
        action = chance.choice(("304", "304", "new", "plain", "late", "late", "failed"))
        if action == "304":
            confirm(front)
        elif action in ("new", "plain"):
            front.show(items, headers={"ETag": f'"{number}"'} if action == "new" else {})
        elif action == "late":
            late_visit(front, items, hours=-chance.randrange(1, 4), minutes=30)
        else:
            before, front.site.answers["/"] = front.site.answers["/"], (503, {}, b"no")
            front.crawl()
            front.site.answers["/"] = before
    live = spans_of(front)
    assert read_again(front) == live


# blocks that rotate


def rotating(front: Front, top: int, side: Sequence[int], *, alone: bool = True) -> None:
    """Show ten news, and a block with three other pages that is no aside."""
    others = "".join(f"<b><a href='/a/{number}'>Tin {number}</a></b>" for number in side)
    front.show(range(top, top - 10, -1), f"<div class=more>{others}</div>", alone=alone)


def test_a_block_that_shows_other_old_pages_at_each_visit_is_left_out(tmp_path: Path) -> None:
    front = Front(tmp_path, follow="")
    chance = random.Random(3)
    pool = range(1, 31)
    for number in pool:
        front.site.page(f"/a/{number}", f"Tin {number}")
    rotating(front, 60, pool, alone=False)
    for number in range(12):
        rotating(front, 61 + number // 6, chance.sample(pool, 3))
    shown = [each[3].split() for each in front.editions()]
    assert shown[-1] == [str(number) for number in range(62, 52, -1)]
    assert len(shown) <= 6
    links = len(front.site.rows("SELECT 1 FROM links WHERE from_url LIKE '%/' "))
    assert links <= 12 + len(pool) + 4 * 3
    before = [each[3] for each in front.editions()]
    front.rules("ignore = ['.none']")
    front.site.archive.extract("t")
    assert [each[3] for each in front.editions()] == before
    front.site.close()


def test_a_list_of_news_that_turns_over_at_each_visit_stays(tmp_path: Path) -> None:
    front = Front(tmp_path, follow="")
    for number in range(6):
        front.show(range(10 * number + 10, 10 * number, -1), alone=number % 2 == 1)
    assert [len(each[3].split()) for each in front.editions()] == [10] * 6
    front.site.close()


def test_verify_finds_editions_that_lost_their_visits_or_items(
    front: Front, capsys: pytest.CaptureFixture[str]
) -> None:
    front.show([2, 1])
    front.show([3, 2, 1])
    path = front.site.archive.store.path
    front.site.archive.close()
    assert run(["--archive", str(path), "verify", "--deep"]) == 0
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA foreign_keys = OFF")
        database.execute("UPDATE _edition SET first_visit = 1 WHERE number = 2")
        database.execute("DELETE FROM _target WHERE text = 'Tin 3' AND to_url LIKE '%/a/3'")
        database.commit()
    capsys.readouterr()
    assert run(["--archive", str(path), "verify"]) != 0
    said = "".join(capsys.readouterr())
    assert "edition 2 of page" in said
    assert "1 items of editions of page" in said
