"""A server that answers 200 for what is not there: known by what it sends for an address nobody uses."""

from collections.abc import Iterator
from email.message import Message
from pathlib import Path

import pytest

from archiver.maintain.verify.verify import verify
from scripted import Answer, Scripted

SORRY = "Trang bạn tìm không còn ở đây nữa, xin trở về trang chủ hoặc tìm bằng từ khóa khác"


def _sorry(path: str) -> bytes:
    return f"<title>Cổng</title><h1>Thông báo</h1><div id=b><p>{SORRY}</p><p>{path}</p></div>".encode()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Scripted]:
    scripted = Scripted(tmp_path / "archive.db")
    scripted.page("/", "Home", extra="".join(f"<a href=/{n}>n</a>" for n in range(24)))
    for number in range(24):
        scripted.page(f"/{number}", f"Tin {number}", f"Tin số {number}: dân vận khéo ở phường {number}.")
    yield scripted
    scripted.close()


def _polite(site: Scripted) -> None:
    """200 for everything."""

    def rule(path: str, _headers: Message) -> Answer | None:
        return None if path in site.answers or path == "/robots.txt" else (200, {}, _sorry(path))

    site.rule = rule


def test_a_page_that_reads_like_what_is_not_there_is_gone(site: Scripted) -> None:
    _polite(site)
    site.crawl()
    site.crawl()
    (probe,) = [path for path in site.asked if path.endswith("-not-there")]
    kept = site.answers.pop("/7")
    site.crawl()
    site.crawl()
    gone = site.rows(f"SELECT outcome, note FROM visits WHERE url = '{site.url}/7' ORDER BY visited_at")
    assert [row[0] for row in gone] == ["ok", "ok", "soft_gone", "soft_gone"]
    assert gone[-1][1].startswith("reads like a page that is not there (visit ")
    assert site.rows("SELECT state, title FROM pages WHERE url LIKE '%/7'") == [("gone", "Tin 7")]
    assert site.rows("SELECT count(*) FROM changes") == [(0,)]
    site.answers["/7"] = kept
    site.crawl()
    assert site.rows(
        "SELECT state, v.version FROM pages JOIN versions v USING (page_id) WHERE pages.url LIKE '%/7'"
    ) == [
        ("live", 1),
        ("live", 2),
    ]
    assert site.asked.count(probe) == 1, "once in three months"
    assert site.rows(f"SELECT count(*) FROM pages WHERE url LIKE '%{probe}'") == [(0,)]
    assert site.rows(f"SELECT count(*) FROM visits WHERE url LIKE '%{probe}'") == [(1,)], "and it is evidence"
    assert verify(site.archive.settings.archive, deep=True).whole


def test_a_404_seen_before_is_as_good(site: Scripted) -> None:
    site.answers["/x"] = (404, {}, _sorry("/x"))
    site.page("/", "Home", extra="<a href=/x>x</a> <a href=/3>3</a>")
    site.crawl()
    assert not [path for path in site.asked if path.endswith("-not-there")], "a small site is not asked"
    site.answers["/3"] = (200, {}, _sorry("/3"))
    site.crawl()
    assert site.rows(f"SELECT outcome FROM visits WHERE url = '{site.url}/3' ORDER BY visited_at") == [
        ("ok",),
        ("soft_gone",),
    ]


def test_reading_anew_comes_to_the_same(site: Scripted) -> None:
    _polite(site)
    for _ in range(2):
        site.crawl()
    site.answers.pop("/7")
    for _ in range(2):
        site.crawl()
    query = "SELECT url, outcome FROM visits ORDER BY visit_id"
    before = site.rows(query)
    site.crawl(fields='summary = "#none"')
    assert site.rows(query)[: len(before)] == before
    assert site.rows("SELECT state FROM pages WHERE url LIKE '%/7'") == [("gone",)]


def test_pages_alike_but_for_a_few_words_are_pages(site: Scripted) -> None:
    site.answers["/x"] = (404, {}, _sorry("/x"))
    site.page("/", "Home", extra="<a href=/x>x</a> <a href=/3>3</a>")
    site.page("/3", "Thông báo", SORRY + ". Phường họp ngày mai về việc thu gom rác.")
    site.crawl()
    assert site.rows(f"SELECT outcome FROM visits WHERE url = '{site.url}/3'") == [("ok",)]
