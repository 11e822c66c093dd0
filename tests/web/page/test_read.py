"""Read, Why and Visit: what a page said at a moment, where each value came from, and the proof."""

import re
from email.message import Message
from pathlib import Path

from archiver.app.archive import open_archive
from archiver.app.maintenance.redacting import RedactionRequest, find_target, redact
from archiver.extract.profile import parse_profile
from lived_page import LivedPage, ServedPage
from scripted import Answer, Scripted
from web_served import served

_PROFILE = """
[site]
name = "town"
title = "Town"
home = "{url}/"
language = "vi"
timezone = "Asia/Ho_Chi_Minh"
[crawl]
delay = 0
"""


def test_read_shows_the_record_of_that_moment_with_its_proof(page: ServedPage) -> None:
    data = page.server.json(f"{page.place}/at/20221101.json")
    assert data["version"]["version"] == 4
    assert data["record"]["title"].endswith("<b>&")
    assert data["version"]["ended_by"] == "gone"
    text = page.server.get(f"{page.place}/at/20221101").text
    assert data["visit"]["sha256"] in text
    assert "and was gone by" in text
    assert text.count("<summary>why?") == len(data["sources"].keys() & data["record"].keys()) + len(data["readings"])


def test_a_failed_visit_shows_what_stood_before_it(page: ServedPage) -> None:
    data = page.server.json(f"{page.place}/at/20221102.json")
    assert data["visit"]["outcome"] == "ok"
    assert data["visits"] == {"visits": 5, "failed": 2}


def test_a_day_leads_to_what_stood_then(page: ServedPage) -> None:
    answer = page.server.get(f"{page.place}/at?at=2022-11-01")
    assert answer.headers["location"] == f"{page.place}/at/20221101235959"
    assert page.server.get(f"{page.place}/at").status_code == 400


def test_a_number_leads_to_its_version(page: ServedPage) -> None:
    assert page.server.get(f"{page.place}/version/3").headers["location"] == f"{page.place}/at/20221027090000"
    assert page.server.get(f"{page.place}/version/99").status_code == 404


def test_an_absence_is_told_with_what_stood_before_and_after(page: ServedPage) -> None:
    answer = page.server.get(f"{page.place}/at/20221105")
    assert answer.status_code == 404
    assert "It was gone at" in answer.text
    assert "version 4, last seen" in answer.text
    assert "version 5, seen" in answer.text
    assert "not yet seen" in page.server.get(f"{page.place}/at/2019").text


def test_a_listing_is_read_item_by_item(page: ServedPage) -> None:
    data = page.server.json(f"/page/{page.lived.listing}/at/20221121.json")
    assert len(data["listing"]["items"]) == 8
    assert "What it showed" in page.server.get(f"/page/{page.lived.listing}/at/20221121").text


def test_why_names_the_rule_the_node_and_the_reader(page: ServedPage) -> None:
    version = page.server.json(f"{page.place}/at/20221101.json")["version"]["version_id"]
    data = page.server.json(f"/why/{version}/title.json")
    assert data["source"]["rule"].startswith("css:")
    assert data["source"]["node_path"] in _unescaped(page.server.get(f"/why/{version}/title").text)
    assert len(page.server.json(f"/why/{version}/captions.json")["items"]) == 2
    assert page.server.get(f"/why/{version}/nothing").status_code == 404
    assert page.server.get("/why/999999/title").status_code == 404


def test_a_visit_shows_its_headers_and_its_place_in_the_chain(page: ServedPage) -> None:
    number = page.server.json(f"{page.place}/at/20221101.json")["visit"]["visit_id"]
    data = page.server.json(f"{page.place}/visit/{number}.json")
    assert ["Content-Type", "text/html; charset=utf-8"] in data["answer"]["headers"]
    assert data["proof"]["position"] == number
    assert re.fullmatch("[0-9a-f]{64}", data["visit"]["chain"])
    text = page.server.get(f"{page.place}/visit/{number}").text
    assert f"id_/{page.lived.url}".replace("&", "&amp;") in text


def test_a_failed_visit_has_its_page(page: ServedPage) -> None:
    rows = page.server.json(f"{page.place}.json")["rows"]
    for row in rows:
        if row["kind"] == "failed":
            assert page.server.get(f"{page.place}/visit/{row['visit_id']}").status_code == 200


def test_a_visit_of_another_page_is_not_there(page: ServedPage) -> None:
    number = page.server.json(f"{page.place}/at/20221101.json")["visit"]["visit_id"]
    assert page.server.get(f"/page/{page.lived.listing}/visit/{number}").status_code == 404


def test_a_redacted_version_says_so_and_shows_nothing(own_page: LivedPage) -> None:
    with open_archive(own_page.path) as archive:
        wanted = RedactionRequest(own_page.url, "court order 7", until="2022-10-24")
        redact(archive, wanted, find_target(archive, wanted))
    place = f"/page/{own_page.page_id}"
    with served(own_page.path) as server:
        row = server.json(f"{place}.json")["rows"][-1]
        assert (row["what"], row["redaction_reason"]) == ("redacted", "court order 7")
        assert "▲ redacted" in server.get(place).text
        assert server.get(f"{place}/at/20221022").status_code == 410
        assert server.get(f"{place}/compare/1..2").status_code == 410
        visit = server.get(f"{place}/visit/{row['first_visit']}")
        assert "Its bytes are deleted for good" in visit.text


def _unescaped(text: str) -> str:
    return text.replace("&gt;", ">")


def test_a_304_is_told_as_what_confirmed_the_capture(tmp_path: Path) -> None:
    site = Scripted(tmp_path / "archive.db")
    try:
        for name in "/abc":  # the server is trusted after three pages came back identical under the same validator
            site.page(
                name if name == "/" else f"/{name}", name, extra="<a href=/a>a</a> <a href=/b>b</a> <a href=/c>c</a>"
            )
        site.rule = lambda path, headers: _tagged(site, path, headers)
        profile = parse_profile(_PROFILE.format(url=site.url), "town")
        for _ in range(4):
            site.archive.crawl(profile, everything=True)
            site.clock.advance(days=1)
        page = site.archive.page(f"{site.url}/")
        last = page.visits[-1]
        assert last.outcome == "not_modified"
    finally:
        site.close()
    with served(tmp_path / "archive.db") as server:
        moment = re.sub(r"\D", "", last.visited_at)
        data = server.json(f"/page/{page.page_id}/at/{moment}.json")
        assert data["confirmed"]["visit_id"] == last.visit_id
        assert data["visit"]["outcome"] == "ok"
        assert "304 not modified" in server.get(f"/page/{page.page_id}/at/{moment}").text
        capture = server.get(f"/page/{page.page_id}/visit/{last.visit_id}").text
        assert "it said that the one captured before is still current" in capture


def _tagged(site: Scripted, path: str, headers: Message) -> Answer | None:
    if path not in site.answers:
        return None
    tag = f'"{path}"'
    return (304, {"ETag": tag}, b"") if headers["If-None-Match"] == tag else (200, {"ETag": tag}, site.answers[path][2])
