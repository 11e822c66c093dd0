"""A portal whose pages are empty and whose news come from a JSON API: crawled, edited, crawled again, and explained."""

import json
from email.message import Message
from typing import Any

import pytest

from scripted import Answer
from watched import Town

PROFILE = r"""
[site]
name = "town"
home = "{home}/"
language = "vi"
timezone = "Asia/Ho_Chi_Minh"
[crawl]
start = ["/api/news?page=1"]
sitemaps = []
delay = 0.0
[[page]]
kind = "api"
url = '/api/news\?page='
items = "data"
headline = "title"
follow = ["/api/news/{{id}}"]
next = {{ query = "page" }}
[[page]]
kind = "api"
url = '/api/news/\d+$'
address = "/tin/{{slug}}"
gone = {{ json = "error" }}
[page.fields]
title = "title"
published = "date"
body = "html"
tags = "tags"
[page.readings]
views = "views"
[[page]]
kind = "skip"
[[test]]
file = "one.json"
url = "{home}/api/news/1"
expect = {{ title = "Tin 1", published = "2026-03-04 08:00:00", body = "Bài 1.", readings.views = 1 }}
"""


class Portal:
    """The news of an API in two lists of three, and the commands on it."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.news: list[dict[str, Any]] = [
            {
                "id": n,
                "title": f"Tin {n}",
                "slug": f"tin-{n}",
                "date": 1772586000000,
                "html": f"<p>Bài {n}.</p>",
                "tags": ["a", "b"],
                "views": n,
            }
            for n in range(1, 6)
        ]
        text = PROFILE.format(home=town.server.url)
        (town.server.selectors / "town.toml").write_text(text, encoding="utf-8")
        (town.folder / "one.json").write_text(json.dumps(self.news[0]), encoding="utf-8")
        self.serve()

    def serve(self, indent: int | None = None) -> None:
        """Serve the news, as the server writes JSON today."""
        answers = self.town.server.answers
        lists = [self.news[:3], self.news[3:], []]
        pages = {f"/api/news?page={n}": {"data": each} for n, each in enumerate(lists, 1)}
        pages |= {f"/api/news/{each['id']}": each for each in self.news}
        for path, value in pages.items():
            answers[path] = (200, {"Content-Type": "application/json"}, json.dumps(value, indent=indent).encode())

    def crawl(self) -> dict[str, Any]:
        self.serve()
        return self.town.crawl()

    def rows(self, query: str) -> list[dict[str, Any]]:
        return self.town.json("sql", query)


@pytest.fixture
def portal(town: Town) -> Portal:
    return Portal(town)


def test_lists_and_records_are_crawled_and_their_history_is_told(portal: Portal) -> None:
    portal.crawl()
    outcomes = portal.rows("SELECT outcome, count(*) AS n FROM visits GROUP BY outcome ORDER BY n")
    assert outcomes == [{"outcome": "gone", "n": 1}, {"outcome": "ok", "n": 8}], "robots.txt is missing"
    pages = portal.rows("SELECT kind, count(*) AS pages FROM pages WHERE kind IN ('listing', 'article') GROUP BY kind")
    assert pages == [{"kind": "article", "pages": 5}, {"kind": "listing", "pages": 3}]
    assert portal.rows("SELECT title, published FROM versions WHERE title LIKE 'Tin%' ORDER BY title LIMIT 1") == [
        {"title": "Tin 1", "published": "2026-03-04 08:00:00"}
    ]
    portal.news[0] |= {"html": "<p>Bài 1 đã sửa.</p>", "views": 40}
    portal.news[1] |= {"views": 70}
    portal.news[2] |= {"title": "Tin 3, mới"}
    del portal.news[4]
    portal.town.server.answers["/api/news/5"] = (200, {"Content-Type": "application/json"}, b'{"error": "none"}')
    portal.crawl()
    portal.serve(indent=2)
    portal.town.crawl()
    changes = portal.rows("SELECT field, new FROM changes ORDER BY change_id")
    assert changes == [{"field": "body", "new": "Bài 1 đã sửa."}, {"field": "title", "new": "Tin 3, mới"}]
    readings = portal.rows("SELECT value FROM readings WHERE url LIKE '%/news/2' ORDER BY read_at")
    assert [each["value"] for each in readings][:2] == [2, 70]
    assert portal.rows("SELECT url FROM visits WHERE outcome = 'soft_gone'")[0]["url"].endswith("/api/news/5")
    editions = portal.rows(
        "SELECT edition, title FROM editions WHERE url LIKE '%page=1' AND position = 3 ORDER BY edition"
    )
    assert editions == [{"edition": 1, "title": "Tin 3"}, {"edition": 2, "title": "Tin 3, mới"}]
    assert not portal.rows("SELECT * FROM visits WHERE cause IS NOT NULL AND cause <> 'gone_rule'")


def test_the_same_answer_written_otherwise_is_no_version(portal: Portal) -> None:
    portal.crawl()
    for item in portal.news:
        item["views"] += 5
        item["html"] = item.pop("html")
    portal.serve(indent=4)
    portal.town.crawl()
    assert portal.rows("SELECT count(*) AS n FROM changes") == [{"n": 0}]
    assert portal.rows("SELECT max(version) AS n FROM versions") == [{"n": 1}]
    assert portal.rows("SELECT count(*) AS n FROM editions WHERE edition > 1") == [{"n": 0}]


def test_json_is_asked_for_at_the_addresses_of_an_api(portal: Portal) -> None:
    server = portal.town.server
    asked: dict[str, list[str] | None] = {}

    def rule(path: str, headers: Message) -> Answer | None:
        asked[path] = headers.get_all("Accept")
        return None if "json" in str(asked[path]) else (200, {}, b"<p>as a page</p>")

    server.rule = rule
    portal.crawl()
    portal.town("capture", f"{server.url}/api/news/1")
    assert asked.pop("/robots.txt") == ["text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"]
    assert {tuple(each or ()) for each in asked.values()} == {("application/json,*/*;q=0.8",)}


def test_robots_and_scope_hold(portal: Portal) -> None:
    portal.town.server.answers["/robots.txt"] = (200, {}, b"User-agent: *\nDisallow: /api/news/2\n")
    portal.crawl()
    assert "/api/news/2" not in portal.town.server.asked
    assert "/api/news/3" in portal.town.server.asked


def test_a_table_that_is_added_later_is_no_edit(portal: Portal) -> None:
    path = portal.town.server.selectors / "town.toml"
    text = path.read_text(encoding="utf-8").replace('["/api/news?page=1"]', '["/api/news?page=1", "/api/news/1"]')
    path.write_text(text.partition("[[page]]")[0], encoding="utf-8")
    portal.crawl()
    assert portal.rows("SELECT count(*) AS n FROM versions WHERE file IS NOT NULL") == [{"n": 2}]
    path.write_text(text, encoding="utf-8")
    portal.news[0]["views"] = 99
    portal.crawl()
    assert portal.rows("SELECT url FROM visits WHERE outcome = 'unreadable'") == []
    assert portal.rows("SELECT version, title, file FROM versions WHERE url LIKE '%/news/1'") == [
        {"version": 1, "title": "Tin 1", "file": None}
    ]
    portal.news[0]["html"] = "<p>Sửa.</p>"
    portal.crawl()
    assert portal.rows("SELECT field, new FROM changes") == [{"field": "body", "new": "Sửa."}]


def test_new_names_of_members_are_drift_and_no_edit(portal: Portal) -> None:
    portal.crawl()
    prose = "<p>" + "Một đoạn văn dài của bài viết. " * 20 + "</p>"
    for n in range(1, 6):
        body = json.dumps({"headline": f"Tin {n}", "content": prose}).encode()
        portal.town.server.answers[f"/api/news/{n}"] = (200, {"Content-Type": "application/json"}, body)
    summary = portal.town.crawl(code=None)
    assert portal.rows("SELECT count(*) AS n FROM changes") == [{"n": 0}]
    assert {each["cause"] for each in portal.rows("SELECT cause FROM visits WHERE url LIKE '%/news/1'")} == {
        None,
        "broken",
    }
    assert any(each["field"] for each in summary["alarms"])


def test_no_answer_stops_the_crawl(portal: Portal) -> None:
    portal.crawl()
    odd = [
        b"[" * 5_000,
        b"{bad",
        b'{"title": "\\ud800", "html": "\\u0000", "views": 1e999}',
        b"<html><p>x",
        b"\xff\xfe",
    ]
    for n, body in enumerate(odd, 1):
        portal.town.server.answers[f"/api/news/{n}"] = (200, {"Content-Type": "application/json"}, body)
    portal.town.crawl(code=None)
    assert portal.rows("SELECT count(*) AS n FROM runs WHERE ended <> 'done'") == [{"n": 0}]
    assert portal.rows("SELECT url FROM visits WHERE cause IN ('reader_failed', 'reader_died')") == []


def test_the_commands_know_the_kind(portal: Portal) -> None:
    town = portal.town
    portal.crawl()
    assert "valid" in town("site", "check", "town")
    tested = town("site", "test", "town")
    assert tested.count("ok\t") == 4
    (found,) = town.json("site", "explain", f"{town.server.url}/api/news/1")
    (title,) = [each for each in found["fields"] if each["name"] == "title"]
    assert (title["rule"], title["node_path"]) == ("json:title", "/title")
    (found,) = town.json("site", "explain", f"{town.server.url}/api/news?page=1")
    (items,) = [each for each in found["fields"] if each["name"] == "items"]
    assert items["tried"][0]["values"] == ["Tin 1", "Tin 2", "Tin 3"]
    shown = town("show", f"{town.server.url}/api/news/1")
    assert "Bài 1." in shown
    assert "Tin 3" in town("show", f"{town.server.url}/api/news?page=1")
    assert "Tin 1" in town("show", f"{town.server.url}/tin/tin-1")
    before = portal.rows("SELECT * FROM versions")
    town("extract")
    assert portal.rows("SELECT * FROM versions") == before
    town("report", "town")
    town("verify")
