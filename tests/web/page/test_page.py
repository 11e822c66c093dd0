"""The page of one page: its state, its strip, its table, and the ways to it."""

import csv
import io
import re
from pathlib import Path
from urllib.parse import urlencode

from archiver.app.archive import Archive, open_archive
from archiver.app.maintenance.embargoing import set_embargo
from lived_page import LivedPage, ServedPage
from made import Works
from web_served import served


def test_the_page_tells_its_edits_and_that_they_are_silent(page: ServedPage) -> None:
    text = page.server.get(page.place).text
    assert "<b>4 edits</b> in 7 versions. The page never says when it was changed. Gone twice" in text
    assert "35 visits, 3 failed" in text
    assert "● live" in text


def test_each_version_is_a_link_of_the_strip_and_a_row_of_the_table(page: ServedPage) -> None:
    text = page.server.get(page.place).text
    assert re.findall(r'data-v="(\d)"', text) == ["1", "2", "3", "4", "5", "6", "7"]
    assert re.findall(r'id="v(\d)"', text) == ["7", "6", "5", "4", "3", "2", "1"]
    for place in re.findall(r'<a href="([^"]+)" data-v', text):
        assert page.server.get(place).status_code == 200


def test_absences_failures_and_pauses_are_rows(page: ServedPage) -> None:
    rows = page.server.json(f"{page.place}.json")["rows"]
    kinds = [row["kind"] for row in rows if row["kind"] != "version"]
    assert kinds == ["failed", "pause", "absence", "failed", "absence"]
    text = page.server.get(page.place).text
    assert "503</a>" not in text  # it says nothing of the page, so it is no proof
    assert "503 from the server on 2 visits</a>: says nothing about the page" in text
    assert "6 days in which nobody looked: no crawl of the site ran; version 5 stood before and after" in text
    assert len(re.findall(r'Proof: <a href="[^"]+">404</a> on', text)) == 2


def test_their_words_are_escaped(page: ServedPage) -> None:
    text = page.server.get(page.place).text
    assert "&lt;b&gt;&amp;" in text
    assert "<b>&" not in text


def test_the_pick_of_two_versions_opens_their_comparison_in_order(page: ServedPage) -> None:
    answer = page.server.get(f"{page.place}?old=5&new=3")
    assert (answer.status_code, answer.headers["location"]) == (302, f"{page.place}/compare/3..5")
    assert page.server.get(f"{page.place}?old=5").status_code == 400


def test_a_page_is_found_by_any_spelling_and_by_permalink(page: ServedPage) -> None:
    other = page.lived.url.replace("Source=/tintuc", "Source=elsewhere").replace("/tintuc/lists", "/tintuc/Lists")
    for url in (page.lived.url, other):
        answer = page.server.client.get(page.server.url + "/page", params={"url": url})
        assert (answer.status_code, answer.headers["location"]) == (302, page.place)
    link = f"/web/20221031000000/{page.lived.url}"
    answer = page.server.client.get(page.server.url + "/page", params={"url": link})
    assert answer.headers["location"].startswith(f"{page.place}/at/20221030")
    assert page.server.get("/page").status_code == 400


def test_the_table_is_csv_with_a_row_for_each_changed_field(page: ServedPage) -> None:
    rows = list(csv.DictReader(io.StringIO(page.server.get(f"{page.place}.csv").text)))
    assert [row["field"] for row in rows if row["what"] == "edited"] == ["body", "bylines", "title", "body"]
    assert {row["kind"] for row in rows} == {"version", "absence", "pause", "failed"}


def test_the_feed_has_the_events_of_this_page_only(page: ServedPage) -> None:
    feed = page.server.get(f"{page.place}.atom")
    assert feed.headers["content-type"] == "application/atom+xml"
    assert feed.text.count("</entry>") >= 6


def test_a_window_of_time_shows_its_own_versions(page: ServedPage) -> None:
    data = page.server.json(f"{page.place}.json?from=2022-10-26&to=2022-11-01")
    assert [mark["first"] for mark in data["strip"]["marks"]] == [2, 3, 4]
    assert [row["version"] for row in data["rows"] if row["kind"] == "version"] == [4, 3, 2]
    assert page.server.get(f"{page.place}?from=never").status_code == 400


def test_a_listing_has_editions(page: ServedPage) -> None:
    place = f"/page/{page.lived.listing}"
    data = page.server.json(f"{place}.json")
    assert data["strip"]["noun"] == "edition"
    assert [row["edition"] for row in data["rows"]] == [2, 1]
    assert data["rows"][0]["retitled"][0]["title"].endswith("<b>&")
    assert "2 editions" in page.server.get(place).text


def test_a_page_that_is_not_there_is_a_clear_404(page: ServedPage) -> None:
    for place in ("/page/999999", f"/page/{10**30}"):
        answer = page.server.get(place)
        assert answer.status_code == 404
        assert "no page has this number" in answer.text


def test_a_page_under_an_embargo_is_held_back_everywhere(own_page: LivedPage) -> None:
    with open_archive(own_page.path) as archive:
        set_embargo(archive, own_page.url, None, "2099-01-01", "asked")
        version = _first_version(archive, own_page)
    number = own_page.page_id
    with served(own_page.path) as server:
        places = [
            f"/page/{number}",
            f"/page/{number}/compare/1..2",
            f"/page/{number}/at/20221022",
            f"/why/{version}/title",
        ]
        places += [f"/page/{number}/visit/1", f"/page/{number}.json", f"/page?{urlencode({'url': own_page.url})}"]
        for place in places:
            assert server.client.get(server.url + place).status_code == 451, place


def _first_version(archive: Archive, page: LivedPage) -> int:
    return archive.page(page.url).version(1).version_id


def test_a_page_that_moved_names_its_new_address_and_the_new_page_its_old_one(works: Works) -> None:
    works.crawl()
    works.next_day()
    item = works.portal.items[2]
    old = works.archive.page(works.portal.address(item)).page_id
    new_item = works.portal.move(item)
    works.crawl()
    new = works.archive.page(works.portal.address(new_item)).page_id
    with served(works.archive.settings.archive) as server:
        text = server.get(f"/page/{old}").text
        assert "→ moved" in text
        assert f'<a href="/page/{new}">' in text
        assert f'from <a href="/page/{old}">' in server.get(f"/page/{new}").text


def test_what_another_reader_reads_differently_is_no_edit(lived: Path) -> None:
    with open_archive(lived, write=False) as archive:
        query = "SELECT p.page_id FROM pages p JOIN reinterpretations r USING (page_id) WHERE field = 'bylines' AND p.version = 1"
        row = next(archive.sql(f"{query} LIMIT 1"))
    with served(lived) as server:
        text = server.get(f"/page/{row['page_id']}").text
        assert "<b>bylines</b> of 1 version: read differently since" in text
        assert "Never edited in 1 version" in text
        version = server.json(f"/page/{row['page_id']}.json")["rows"][-1]["version_id"]
        why = server.json(f"/why/{version}/bylines.json")
        assert (len(why["reread"][0]["was"]), why["reread"][0]["now"]) == (1, None)
