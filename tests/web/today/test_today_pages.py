"""Today, search, front pages, gone and moved, redesigns: what a browser and a program get."""

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from archiver.app.archive import open_archive
from archiver.model.record import Content
from made import Bench
from restyled import Restyled, second
from web_served import Served, served


@pytest.fixture(scope="module")
def server(lived: Path) -> Iterator[Served]:
    with served(lived) as found:
        yield found


def rows(data: dict[str, Any]) -> list[dict[str, Any]]:
    return [row for day in data["days"] for group in day["groups"] for row in group["rows"]]


def test_today_shows_the_words_of_an_edit_and_a_link_to_both_versions(server: Served) -> None:
    page = server.get("/?since=2022-10-01").text
    assert re.search(r"<del>129</del><ins>162</ins>", page)
    assert 'href="/page/11/compare/1..2"' in page
    assert "<b>2 edits</b>" in page
    assert "<b>1 gone</b>" in page
    assert "Proof: 404 on" in page


def test_today_as_json_csv_and_atom_has_the_same_events(server: Served) -> None:
    query = "?since=2022-10-01&kind=edited"
    data = rows(server.json(f"/today.json{query}"))
    assert [row["page_id"] for row in data] == [10, 11]
    table = list(csv.DictReader(io.StringIO(server.get(f"/today.csv{query}").text)))
    assert [(row["page_id"], row["field"]) for row in table] == [("10", "title"), ("11", "body")]
    assert "[-129-]{+162+}" in table[1]["words"]
    feed = server.get(f"/today.atom{query}")
    assert feed.headers["content-type"] == "application/atom+xml"
    assert feed.text.count("<entry") == 2
    assert f"{server.url}/page/11/compare/1..2" in feed.text
    assert "compare both versions&lt;/a&gt;" in feed.text, "readers of feeds do not show a related link"


@pytest.mark.parametrize(
    ("path", "events"),
    [
        ("/today.atom?site=second", 4),
        ("/today.atom?kind=gone", 1),
        ("/today.atom?nature=figures", 1),
        ("/today.atom?field=title", 1),
        ("/gone.atom", 2),
        ("/search.atom?q=HYPERLINK", 1),
    ],
)
def test_each_list_has_a_feed(server: Served, path: str, events: int) -> None:
    assert server.get(path).text.count("<entry") == events


def test_an_old_archive_does_not_claim_calm(server: Served) -> None:
    assert "silence since then is not calm" in server.get("/").text
    silent = server.get("/?since=1d").text
    assert "Silence here is not calm." in silent
    assert "Nothing changed" not in silent


def test_the_last_look_is_kept_in_a_cookie_of_this_server_alone(server: Served) -> None:
    marked = server.get("/?seen=20221022100000&site=demo")
    assert (marked.status_code, marked.headers["location"]) == (303, "/?site=demo")
    cookie = marked.headers["set-cookie"]
    assert cookie.startswith("look=20221022100000; Path=/; ")
    assert "HttpOnly; SameSite=Lax" in cookie
    later = server.get("/today.json", headers={"Cookie": "look=20221022100000"}).json()
    assert (later["since"], later["since_is"]) == ("2022-10-22 10:00:00", "look")
    assert "edited" not in later["counts"]
    assert "your last look" in server.get("/", headers={"Cookie": "look=20221022100000"}).text
    assert server.get("/?seen=0").headers["set-cookie"].startswith("look=; Path=/; Max-Age=0")


@pytest.mark.parametrize("value", ["x", "20229999999999", "2022", '"><script>', "٢٠٢٢١٠٢٢١٠٠٠٠٠".encode().hex()])
def test_a_bad_cookie_is_as_none(server: Served, value: str) -> None:
    assert server.get("/today.json", headers={"Cookie": f"look={value}"}).json()["since_is"] == "usual"
    assert "script>" not in server.get("/", params={"seen": value}).headers["set-cookie"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/?kind=edit", 400),
        ("/?nature=word", 400),
        ("/?since=soon", 400),
        ("/?day=2022-13-01", 400),
        ("/?day=2022-10-22&cursor=-1", 400),
        ("/?site=nowhere", 404),
        ("/search?q=***", 400),
        ("/search?q=a&by=best", 400),
        ("/search?q=a&field=head", 400),
        ("/search?q=a&since=soon", 400),
        ("/front?day=soon", 400),
        ("/front?page=999999", 404),
        ("/front?page=11", 404),
        ("/gone?state=lost", 400),
        ("/gone?cursor=x", 400),
        ("/redesign/999", 404),
    ],
)
def test_a_bad_request_is_a_clear_page(server: Served, path: str, status: int) -> None:
    page = server.get(path)
    assert page.status_code == status
    assert "Traceback" not in page.text
    assert "fault of archiver" not in page.text


def test_a_day_and_its_sections(server: Served) -> None:
    data = server.json("/today.json?day=2022-10-22")
    assert {row["kind"] for row in rows(data)} == {"edited"}
    assert 'rel="prev" href="/?day=2022-10-21"' in server.get("/?day=2022-10-22").text


def test_search_tells_from_when_to_when_and_what_replaced_it(server: Served) -> None:
    data = server.json('/search.json?q="khởi công nâng cấp"&by=dropped')
    dropped = data["results"][0]
    assert (dropped["state"], dropped["seen_from"], dropped["seen_last"], dropped["went_by"]) == (
        "dropped",
        "2022-10-21 09:00:00",
        "2022-10-21 09:00:00",
        "2022-10-22 09:00:00",
    )
    assert (data["dropped"], data["pages"]) == (1, 2)
    page = server.get('/search?q="khởi công nâng cấp"').text
    assert "<mark>khởi công nâng cấp</mark>" in page
    assert f'href="/page/{dropped["page_id"]}/compare/1..2">what replaced it</a>' in page
    assert "still there" in page
    assert "Biography of the phrase" in page


def test_the_biography_counts_pages_by_day(server: Served) -> None:
    life = server.json('/search.json?q="khởi công nâng cấp"')["life"]
    assert life["unit"] == "day"
    assert [(each["begin"], each["pages"], each["went"]) for each in life["bins"]][:2] == [
        ("2022-10-21", 2, 0),
        ("2022-10-22", 1, 1),
    ]


def test_search_without_accents_in_a_field_and_on_a_day(server: Served) -> None:
    assert server.json("/search.json?q=khoi+cong+nang+cap")["total"] == 0
    assert server.json("/search.json?q=khoi+cong+nang+cap&plain=1")["total"] == 2
    assert server.json("/search.json?q=khoi+cong+nang+cap&plain=1&field=bylines")["total"] == 0
    on_a_day = server.json("/search.json?q=khoi+cong+nang+cap&plain=1&at=2022-10-23")
    assert [each["state"] for each in on_a_day["results"]] == ["standing"]


def test_search_without_words_tells_how(server: Served) -> None:
    page = server.get("/search")
    assert page.status_code == 200
    assert "exactly this phrase" in page.text
    nothing = server.get("/search?q=khongcodau")
    assert nothing.status_code == 200
    assert "No version says it" in nothing.text


def test_gone_has_the_proof_and_the_last_capture(server: Served) -> None:
    data = server.json("/gone.json")
    (row,) = data["rows"]
    assert (row["state"], row["page_id"], row["misses"]) == ("back", 9, 2)
    proof = row["proof"]
    assert (proof["first"]["answer"], proof["first"]["at"], proof["second"]["at"]) == (
        "404",
        "2022-10-22 09:00:00",
        "2022-10-23 09:00:00",
    )
    page = server.get("/gone").text
    assert f'href="/page/9/visit/{proof["second"]["visit_id"]}"' in page
    assert f'href="/page/9/visit/{row["last_visit"]}">last visit</a>' in page
    assert server.json("/gone.json?state=still")["rows"] == []


def test_a_front_page_beside_the_day_before(server: Served) -> None:
    data = server.json("/front.json?day=2022-10-22&before=2022-10-21")
    left = [each["title"] for each in data["old"]["items"] if each["move"] == "left"]
    assert len(left) == data["counts"]["left"] == 1
    assert data["counts"]["reworded"] == 1
    (reworded,) = [each for each in data["new"]["items"] if each["was"]]
    assert reworded["title"] == "=HYPERLINK(1)"
    page = server.get("/front?day=2022-10-22&before=2022-10-21").text
    assert "<b>1 left</b>" in page
    assert "− left" in page
    assert 'rel="next" href="/front?page=1&amp;day=2022-10-23"' in page
    assert server.json("/front.json?day=2020-01-01")["new"] is None


def test_a_redesign_is_one_line_and_a_page(tmp_path: Path) -> None:
    site = Restyled(tmp_path / "archive.db", 24)
    try:
        site.crawl()
        site.posts[3].paragraphs[1] = site.posts[3].paragraphs[1].replace(" đồng", " triệu đồng")
        site.publish(second)
        site.crawl()
    finally:
        site.close()
    with served(tmp_path / "archive.db") as found:
        told = found.get("/?since=2022-10-01").text
        assert "<b>1 edit</b>" in told
        assert "24 pages of portal changed in one and the same way" in told
        assert "1 true edit in the same visits stands alone" in told
        page = found.json("/redesign/1.json")
        assert (page["pages"], len(page["rows"])) == (24, 24)
        assert {edit["field"] for row in page["rows"] for edit in row["edits"]} >= {"title", "bylines", "captions"}
        assert "title gains" in found.get("/redesign/1").text


def test_text_of_pages_is_never_markup(bench: Bench) -> None:
    evil = "<script>alert(1)</script><img src=x onerror=alert(1)>\x1b[31m\u202e"
    for number in range(2):
        bench.visit(Content(title=evil, body=f"{evil} {number}", section=evil, summary=evil))
    for _ in range(2):
        bench.visit(status=404)
    with served(bench.store.path) as found:
        for path in ("/?since=2020-01-01", "/?day=2022-10-21", "/search?q=alert", "/gone", '/search?q="><script>'):
            page = found.get(path)
            assert page.status_code == 200
            assert "<script>alert" not in page.text
            assert "<img src=x" not in page.text
            assert "\x1b" not in page.text


def test_pages_of_an_empty_archive_answer(tmp_path: Path) -> None:
    open_archive(tmp_path / "archive.db").close()
    with open_archive(tmp_path / "archive.db") as archive:
        archive._make()
    with served(tmp_path / "archive.db") as found:
        assert "Nothing is in this archive yet" in found.get("/").text
        for path in ("/", "/search?q=a", "/front", "/gone", "/today.json", "/today.atom"):
            assert found.get(path).status_code == 200, path


def test_what_is_under_an_embargo_is_in_no_list(bench: Bench) -> None:
    for number in range(2):
        bench.visit(Content(title="Giữ kín", body=f"bài {number}"))
    for _ in range(2):
        bench.visit(status=404)
    bench.store.embargoes.set("http://portal.example/1", "portal", "2099-01-01 00:00:00", "r", "2022-10-21 09:00:00")
    with served(bench.store.path) as found:
        for path in ("/?since=2020-01-01", "/?day=2022-10-21", "/today.atom", "/search.json?q=bài", "/gone"):
            assert "Giữ kín" not in found.get(path).text, path
