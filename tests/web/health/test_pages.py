"""The list of pages, the counters, the sites and the archive, on an archive of two sites."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unicodedata import combining, normalize

import pytest
from selectolax.lexbor import LexborHTMLParser

import lived
from archiver.app.archive import open_archive
from archiver.app.browsing.counters import gaps
from archiver.app.browsing.page_list import PageChoice, page_list
from web_served import Served, served


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lived.live(tmp_path_factory.mktemp("web"))


@pytest.fixture(scope="module")
def server(path: Path) -> Iterator[Served]:
    with served(path) as found:
        yield found


def texts(page: str, selector: str) -> list[str]:
    return [" ".join(node.text().split()) for node in LexborHTMLParser(page).css(selector)]


def asked(path: Path, query: str) -> list[tuple[Any, ...]]:
    with open_archive(path, write=False) as archive:
        return [tuple(row.values()) for row in archive.sql(query)]


def test_the_list_has_every_page_that_the_view_has(server: Served, path: Path) -> None:
    ((total,),) = asked(path, "SELECT count(*) FROM pages")
    found, rows = server.json("/pages.json"), server.get("/pages.csv").text
    assert found["total"] == total == len(list(csv.DictReader(rows.splitlines())))
    assert sum(found["states"].values()) == total == sum(found["kinds"].values())
    assert texts(server.get("/pages").text, "h1") == [f"{total} pages"]


def test_filters_of_the_list_are_those_of_the_view(server: Served, path: Path) -> None:
    for name, value in (("site", "second"), ("state", "live"), ("kind", "article"), ("section", "Y tế - Giáo dục")):
        ((total,),) = asked(path, f"SELECT count(*) FROM pages WHERE {name} = '{value}'")
        found = server.client.get(f"{server.url}/pages.json", params={name: value}).json()
        assert (found["total"], found[name]) == (total, value)
        assert total != 0
        assert {page[name] for page in found["pages"]} == {value}


def test_text_is_found_in_titles_without_accents_and_in_addresses(server: Served) -> None:
    chosen = server.json("/pages.json?kind=article")["pages"][0]
    words = (
        "".join(char for char in normalize("NFD", chosen["title"]) if not combining(char))
        .replace("Đ", "D")
        .replace("đ", "d")
    )
    plain = server.client.get(f"{server.url}/pages.json", params={"text": words.upper()}).json()["pages"]
    assert chosen["page_id"] in [page["page_id"] for page in plain]
    assert len(plain) < 5
    by_address = server.json("/pages.json?text=ItemID%3D56")["pages"]
    assert by_address
    assert all("ItemID=56" in page["url"] for page in by_address)
    assert server.json('/pages.json?text="%25_\\')["total"] == 0


@pytest.mark.parametrize("order", ["changed", "visited", "found", "title", "address", "edits", "views"])
def test_an_order_is_one_and_its_reverse(server: Served, order: str) -> None:
    column = {"changed": "seen_from", "visited": "last_visited", "found": "first_seen", "address": "url"}.get(
        order, order
    )
    values = [page[column] for page in server.json(f"/pages.json?site=demo&sort={order}")["pages"]]
    turned = [page[column] for page in server.json(f"/pages.json?site=demo&sort={order}&turned=1")["pages"]]
    known = [value for value in values if value is not None]
    is_down = order not in ("title", "address")
    assert known == sorted(known, reverse=is_down)
    assert [value for value in turned if value is not None] == sorted(known, reverse=not is_down)
    assert len(known) > 3


def test_parts_of_the_list_go_on_and_end(path: Path) -> None:
    with open_archive(path, write=False) as archive:
        parts = [page_list(archive, PageChoice(), part=part, size=7) for part in (1, 2, 3, 999)]
        last = page_list(archive, PageChoice(), part=parts[0].parts, size=7)
    seen = [page["page_id"] for part in parts[:3] for page in part.pages]
    assert len(seen) == len(set(seen)) == parts[0].total > 14
    assert parts[0].parts == 3
    assert parts[3] == last


@pytest.mark.parametrize(
    "place",
    [
        "/pages?sort=size",
        "/pages?state=dead",
        "/pages?part=x",
        "/counters?name=likes",
        "/counters?since=never",
        "/silent?kind=loud",
    ],
)
def test_what_cannot_be_answered_is_said(server: Served, place: str) -> None:
    assert server.get(place).status_code == 400


@pytest.mark.parametrize("place", ["/pages", "/silent", "/counters", "/health"])
def test_an_unknown_site_is_not_found(server: Served, place: str) -> None:
    answer = server.get(f"{place}?site=secnd")
    assert answer.status_code == 404
    assert "known: demo, second" in answer.text
    assert server.get("/site/nowhere").status_code == 404


def test_gains_are_those_of_the_readings(server: Served, path: Path) -> None:
    found = server.json("/counters.json?name=views&since=2022-10-01")
    sums = "SELECT page_id, sum(gained) FROM readings WHERE name = 'views' AND gained > 0 GROUP BY page_id"
    gained = {row[0]: row[1] for row in asked(path, sums)}
    assert {each["page_id"]: each["gained"] for each in found["series"]} == gained
    falls = asked(path, "SELECT page_id, value, gained FROM readings WHERE name = 'views' AND gained < 0")
    assert [(each["page_id"], each["value"], each["gained"]) for each in found["falls"]] == falls
    assert len(falls) == 1


def test_a_line_of_a_counter_ends_at_its_value(server: Served) -> None:
    series = server.json("/counters.json?since=2022-10-20")["series"]
    assert all(each["points"][-1][1] == each["value"] for each in series)
    assert max(len(each["points"]) for each in series) > 3
    page = server.get("/counters?since=2022-10-20").text
    assert len(LexborHTMLParser(page).css("td.line > svg[role=img][aria-label]")) == len(series)
    assert LexborHTMLParser(page).css("td.line line.reset"), "the counter that was set back has no mark"


def test_a_pause_is_a_gap_only_when_it_is_long() -> None:
    days = [f"2022-10-{day:02} 09:00:00" for day in (1, 2, 3, 4, 9, 10)]
    assert gaps([(day, 1) for day in days]) == [(days[3], days[4])]
    assert gaps([(day, 1) for day in days[:4]]) == []
    assert gaps([]) == []


def test_sites_have_their_numbers(server: Served, path: Path) -> None:
    rows = {row[0]: row[1:] for row in asked(path, "SELECT site, pages, title FROM sites")}
    found = server.json("/sites.json")["sites"]
    assert {each["site"]: (each["pages"], each["title"]) for each in found} == rows
    for each in found:
        ((versions,),) = asked(path, f"SELECT count(*) FROM versions WHERE site = '{each['site']}'")
        assert (each["versions"], each["due"] > 0) == (versions, True)


def test_a_site_shows_its_profile_and_all_that_read_it(server: Served, path: Path) -> None:
    found = server.json("/site/demo.json")
    hashes = {row[0] for row in asked(path, "SELECT DISTINCT profile_sha256 FROM sources WHERE site = 'demo'")}
    assert {each["profile_sha256"] for each in found["profiles"]} >= hashes
    assert [each["current"] for each in found["profiles"]] == [1, 0]
    page = server.get("/site/demo").text
    assert found["profiles"][0]["profile_sha256"] in page
    assert "[page.fields]" in page
    assert sum(each["pages"] for each in found["sections"]) == found["numbers"]["pages"]
    assert "<feed" in server.get("/site/demo.atom").text


def test_the_archive_tells_its_chain_and_its_state(server: Served, path: Path) -> None:
    with open_archive(path, write=False) as archive:
        identity = archive.store.archive_id
        ((visits,),) = asked(path, "SELECT count(*) FROM visits")
        head = archive.store.browsing.about.head()
    found, page = server.json("/about.json"), server.get("/about").text
    assert head is not None
    assert (found["archive_id"], found["counts"]["visits"], found["head"]["chain"]) == (identity, visits, head["chain"])
    assert head["chain"] in page
    assert any(each["topic"] == "verification" for each in found["advice"])
    assert found["archive"] == path.name
    assert str(path.parent) not in page
