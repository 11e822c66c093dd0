"""Silent edits and the health of a small site: its pages claim when they were changed, and lose a field."""

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser

from archiver.app.archive import Archive, open_archive
from archiver.app.maintenance.embargoing import lift_embargo, set_embargo
from archiver.settings import Settings
from scripted import Scripted
from watched import PAGE, Town
from web_served import Served, served

CLAIMS = PAGE.replace("<h1>", '<meta property="article:modified_time" content="2022-10-20T10:00:00Z"><h1>')


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve pages: three are edited without a word, one only claims an edit, all lose their summary, some fail."""
    folder = tmp_path_factory.mktemp("town")
    server = Scripted(folder / "archive.db")
    town = Town(server, folder, None)

    def crawl() -> None:
        with Archive(town.settings) as archive:
            archive.crawl("town", everything=True)
        server.clock.advance(days=1)

    town.articles(12, CLAIMS)
    crawl()
    town.articles(range(1, 4), CLAIMS.replace("Bài {n}.", "Bài {n} với 337 phần quà."))
    town.articles(range(4, 5), CLAIMS.replace("10-20T", "10-21T"))
    crawl()
    for n in range(1, 13):
        text = server.answers[f"/a/{n}"][2].replace(b"id=s", b"id=was")
        server.answers[f"/a/{n}"] = (200, {}, text)
    server.answers["/a/11"] = (403, {}, b"no")
    server.answers["/a/12"] = (503, {}, b"no")
    crawl()
    server.close()
    return town.path


@pytest.fixture(scope="module")
def server(path: Path) -> Iterator[Served]:
    with served(path) as found:
        yield found


def test_silent_edits_are_those_of_the_view(server: Served, path: Path) -> None:
    with open_archive(path, write=False) as archive:
        rows = archive.silent_edits(newest_first=True)
    wanted = [(row["kind"], row["url"], row["claim"]) for row in rows if row["claim"] not in ("none", "unknown")]
    edits = server.json("/silent.json")["edits"]
    found = [(each["kind"], each["url"], each["claim"]) for each in edits for _ in each["fields"] or (None,)]
    assert sorted(found) == sorted(wanted)
    assert {each[0] for each in found} == {"silent", "only_claimed"}
    moments = [each["not_after"] for each in edits]
    assert moments == sorted(moments, reverse=True)


def test_a_silent_edit_shows_its_words_and_what_the_page_says(server: Served) -> None:
    page = LexborHTMLParser(server.get("/silent?field=body").text)
    assert [node.text() for node in page.css("ins")] == ["với 337 phần quà"] * 3
    assert "The page still says that it was changed on 2022-10-20 10:00:00." in page.body.text()  # type: ignore[union-attr]
    assert server.json("/silent.json?kind=only_claimed")["edits"][0]["fields"] == []


def test_parts_of_the_list_go_on_at_the_next_moment(server: Served) -> None:
    first = server.json("/silent.json")["edits"]
    rest = server.client.get(f"{server.url}/silent.json", params={"before": first[0]["not_after"]}).json()["edits"]
    assert rest == [each for each in first if each["not_after"] < first[0]["not_after"]]
    assert len(list(csv.DictReader(server.get("/silent.csv").text.splitlines()))) == len(first)


def test_the_feed_has_only_silent_edits(server: Served) -> None:
    silent = {each["title"] for each in server.json("/silent.json?kind=silent")["edits"]}
    feed = server.get("/silent.atom").text
    assert feed.count("<entry>") == sum(
        len(each["fields"]) for each in server.json("/silent.json?kind=silent")["edits"]
    )
    assert all(f"{title}: " in feed for title in silent)
    assert feed.count("<entry>") < server.get("/site/town.atom").text.count("<entry>")


def test_a_field_that_fell_stands_first_and_in_alarm(server: Served) -> None:
    page = LexborHTMLParser(server.get("/health").text)
    assert "town needs attention." in page.css("h1")[0].text()
    assert "archiver site test town" in page.css("section.alarm code")[0].text()
    assert [node.text() for node in page.css("table.mat thead th")][:2] == ["site", "summary"]
    (ill,) = page.css("table.mat td.ill")
    assert ill.text().startswith("▼ 0%")
    assert ill.css("svg")[0].attributes["aria-label"] == "now 0 of 10, before 12 of 12"


def test_health_as_data_is_what_the_crawl_kept(server: Served, path: Path) -> None:
    with open_archive(path, write=False) as archive:
        kept = {
            (row["kind"], row["field"]): (row["found"], row["read"], row["before_found"], row["before_read"])
            for row in archive.sql("SELECT * FROM health WHERE run_id = (SELECT max(run_id) FROM health)")
        }
    rows = list(csv.DictReader(server.get("/health.csv").text.splitlines()))
    names = ("found", "read", "before_found", "before_read")
    assert {(row["kind"], row["field"]): tuple(int(row[name]) for name in names) for row in rows} == kept
    cells = server.json("/health.json")["matrix"][0]["cells"]
    assert {field for field, cell in cells.items() if cell["fell"]} == {"summary"}


def test_walls_and_failures_are_told_by_their_reason(server: Served) -> None:
    found = server.json("/health.json")
    assert {(each["outcome"], each["status"], each["visits"]) for each in found["failures"]} == {
        ("blocked", 403, 1),
        ("server_error", 503, 1),
    }
    assert [run["errors"] for run in found["runs"]] == [0, 0, 2]
    assert [run["answered"] for run in found["runs"]] == [13, 13, 11]
    bars = LexborHTMLParser(server.get("/health").text).css("figure svg rect.b3")
    assert len(bars) == 3


def test_what_comes_next_is_the_frontier_in_its_order(server: Served, path: Path) -> None:
    manners = server.json("/health.json")["manners"]
    times = [each["due_at"] for each in manners["coming"]]
    assert times == sorted(times)
    assert manners["next_due"] == times[0]
    assert (manners["due"], manners["robots"], manners["robots_status"]) == (13, "obeyed", 404)
    assert all(each["why"] for each in manners["coming"])


def test_pages_under_an_embargo_are_nowhere(path: Path, server: Served) -> None:
    with Archive(Settings(path, ())) as archive:
        set_embargo(archive, "/a/", "town", "2999-01-01", "asked for")
    try:
        for place in (
            "/pages.json",
            "/silent.json",
            "/silent.atom",
            "/counters.json",
            "/health.json",
            "/site/town.json",
        ):
            assert "/a/1" not in server.get(place).text, place
        assert server.json("/pages.json")["total"] == 1
        assert server.json("/about.json")["embargoed_pages"] == 12
    finally:
        with Archive(Settings(path, ())) as archive:
            lift_embargo(archive, "/a/", "town")
    assert server.json("/pages.json")["total"] == 13
