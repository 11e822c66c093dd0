"""The spans of links: links of contents and listings, one row for each span, and none for a visit without news."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripted import Scripted


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Scripted]:
    scripted = Scripted(tmp_path / "archive.db")
    yield scripted
    scripted.close()


def show(site: Scripted, body: str, side: str = "") -> None:
    """Crawl the home page an hour later, with this body and sidebar."""
    site.answers["/"] = (200, {}, f"<h1>T</h1><div id=b><p>{body}</p></div><aside>{side}</aside>".encode())
    site.crawl()
    site.clock.advance(hours=1)


def spans(site: Scripted) -> list[tuple[object, ...]]:
    return site.rows(
        "SELECT substr(to_url, -2), text, substr(seen_from, 12, 2), substr(seen_last, 12, 2) FROM links ORDER BY seen_from, to_url"
    )


def table(site: Scripted, name: str) -> list[tuple[object, ...]]:
    return [tuple(row) for row in site.archive.store._main.rows(f"SELECT * FROM {name}")]


def test_a_link_of_the_content_has_a_span_for_each_time_it_was_there(site: Scripted) -> None:
    for body in ("<a href=/a>A</a>", "<a href=/a>A</a> <a href=/b>B</a>", "<a href=/b>B</a>", "<a href=/a>A</a>"):
        show(site, body)
    assert spans(site) == [("/a", "A", "09", "10"), ("/b", "B", "10", "11"), ("/a", "A", "12", "12")]
    assert len(table(site, "_target")) == 2


def test_rotating_links_of_the_frame_are_followed_and_write_nothing(site: Scripted) -> None:
    for number in range(4):
        site.page(f"/r{number}", f"Tin {number}")
        show(site, "<a href=/a>A</a>", f"<a href=/r{number}>{number}</a>")
    assert spans(site) == [("/a", "A", "09", "12")]
    assert len(table(site, "_link")) == len(table(site, "_target")) == 1
    assert all(f"/r{number}" in site.asked for number in range(4))


def test_equal_links_of_many_pages_are_stored_once(site: Scripted) -> None:
    for path in ("/x", "/y"):
        site.page(path, path, "<a href=/a>A</a>")
    show(site, "<a href=/x>x</a><a href=/y>y</a><a href=/a>A</a>")
    assert len(table(site, "_link")) == 5
    assert len(table(site, "_target")) == 3


@pytest.mark.parametrize(
    ("where", "index"),
    [
        ("to_url = ?", ("_target_address", "_link_target")),
        ("from_url = ?", ("_page_address", "l USING PRIMARY KEY (page_id=?)")),
        ("page_id = ?", ("l USING PRIMARY KEY (page_id=?)",)),
    ],
)
def test_links_are_found_by_either_end(site: Scripted, where: str, index: tuple[str, ...]) -> None:
    plan = site.archive.store._main.rows(f"EXPLAIN QUERY PLAN SELECT * FROM links WHERE {where}", ("x",))
    steps = json.dumps([row["detail"] for row in plan])
    assert all(each in steps for each in index)
    assert "SCAN" not in steps
