"""An article behind a login is blocked, however many redirects lead there; a page with a login box is a page."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from archiver.maintain.verify.verify import verify
from scripted import Answer, Scripted

TEXT = "<p>Hơn ba trăm học sinh đã tham gia ngày hội đọc sách do quận tổ chức với nhiều gian hàng và trò chơi.</p>" * 4
ARTICLE = f"<title>Bài</title><h1>Bài</h1><div id=b>{TEXT}</div>".encode()
FORM = "<form><input name=u><input type=password name=p></form>"
LOGIN = f"<title>Đăng nhập | Cổng</title><nav><a href=/>Trang chủ</a></nav><h1>Đăng nhập</h1>{FORM}".encode()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Scripted]:
    made = Scripted(tmp_path / "archive.db")
    made.page("/", "Home", extra="<a href=/bai>Bài</a>")
    made.answers["/bai"] = (200, {}, ARTICLE)
    yield made
    made.close()


def _to(target: str) -> Answer:
    return (302, {"Location": target}, b"")


CHAINS: dict[str, dict[str, Answer]] = {
    "two hops": {
        "/bai": _to("/acl_users/credentials/require_login?came_from=/bai"),
        "/acl_users/credentials/require_login?came_from=/bai": _to("/login?came_from=/bai"),
        "/login?came_from=/bai": (200, {}, LOGIN),
    },
    "no words in any address": {
        "/bai": _to("/x?back=%2Fbai"),
        "/x?back=%2Fbai": _to("/members"),
        "/members": (200, {}, f"<title>Members</title><a href=/>Home</a><p>Who are you?</p>{FORM}".encode()),
    },
    "one hop, words only": {"/bai": _to("/dang-nhap"), "/dang-nhap": (200, {}, b"<p>Closed.</p>" + FORM.encode())},
    "the login is refused": {"/bai": _to("/gate?next=/bai"), "/gate?next=/bai": (401, {}, b"no")},
    "another server": {"/bai": _to("http://login.portal.invalid/adfs/ls?wa=1")},
}


@pytest.mark.parametrize("chain", CHAINS.values(), ids=CHAINS)
def test_an_article_behind_a_login_is_blocked_and_then_back(site: Scripted, chain: dict[str, Answer]) -> None:
    site.crawl()
    site.answers |= chain
    for _ in range(2):
        site.crawl()
    states = site.rows("SELECT url, state FROM pages ORDER BY url")
    assert states == [(f"{site.url}/", "live"), (f"{site.url}/bai", "blocked")], "no hop is a page"
    assert set(site.rows("SELECT outcome FROM visits WHERE url LIKE '%/bai'")) == {("ok",), ("blocked",)}
    assert ("redirect_to_login",) in site.rows("SELECT cause FROM visits WHERE url LIKE '%/bai'")
    site.answers["/bai"] = (200, {}, ARTICLE)
    summary = site.archive.crawl(site.profile(), everything=True)
    assert summary.tally.back == 1
    assert site.rows("SELECT count(*) FROM changes") == [(0,)]
    assert site.rows("SELECT max(version) FROM versions") == [(1,)]
    assert [row["url"] for row in site.archive.changes("back")] == [f"{site.url}/bai"]
    before = site.rows("SELECT url, outcome, cause FROM visits ORDER BY visit_id")
    site.archive.extract("t")
    assert site.rows("SELECT url, outcome, cause FROM visits ORDER BY visit_id") == before
    assert [row["url"] for row in site.archive.changes("back")] == [f"{site.url}/bai"]
    assert verify(site.archive.settings.archive, deep=True).whole


def test_an_article_that_moved_to_a_site_with_a_login_box_is_not_blocked(site: Scripted) -> None:
    site.crawl()
    box = f"<title>Bài</title><header>{FORM}</header><h1>Bài</h1><aside>{FORM}</aside><div id=b>{TEXT}</div>"
    site.answers |= {"/bai": _to("/moi"), "/moi": (200, {}, box.encode())}
    site.crawl()
    assert site.rows("SELECT url, state FROM pages WHERE url LIKE '%i' ORDER BY url") == [
        (f"{site.url}/bai", "moved"),
        (f"{site.url}/moi", "live"),
    ]


def test_an_address_with_the_words_of_a_login_that_leads_to_an_article_is_no_login(site: Scripted) -> None:
    site.crawl()
    site.answers |= {"/bai": _to("/login"), "/login": _to("/moi"), "/moi": (200, {}, ARTICLE)}
    site.crawl()
    assert site.rows("SELECT state FROM pages WHERE url LIKE '%/bai'") == [("moved",)]


@pytest.mark.parametrize("chain", CHAINS.values(), ids=CHAINS)
def test_a_capture_sees_the_login_at_the_end(site: Scripted, chain: dict[str, Answer]) -> None:
    site.archive.capture(f"{site.url}/bai")
    site.answers |= chain
    site.clock.advance(hours=1)
    captured = site.archive.capture(f"{site.url}/bai")
    assert (captured.state.url, captured.state.outcome) == (f"{site.url}/bai", "blocked")
    assert site.rows("SELECT url, state FROM pages") == [(f"{site.url}/bai", "blocked")], "no hop is a page"
    outcomes = site.rows("SELECT outcome FROM visits WHERE url LIKE '%/bai' ORDER BY visit_id")
    assert (outcomes[0], outcomes[1]) == (("ok",), ("blocked",))
    assert verify(site.archive.settings.archive, deep=True).whole
    site.answers["/bai"] = (200, {}, ARTICLE)
    site.clock.advance(hours=1)
    site.archive.capture(f"{site.url}/bai")
    assert site.rows("SELECT count(*) FROM changes") == [(0,)]
    assert site.rows("SELECT max(version) FROM versions") == [(1,)]


def test_the_first_capture_of_a_page_behind_a_login_makes_no_page_of_a_hop(site: Scripted) -> None:
    site.answers |= CHAINS["two hops"]
    site.archive.capture(f"{site.url}/bai")
    assert site.rows("SELECT url, state FROM pages") == [(f"{site.url}/bai", "blocked")]


def test_a_capture_of_a_page_that_moved_has_the_pages_of_its_redirects(site: Scripted) -> None:
    site.answers |= {"/bai": _to("/login"), "/login": _to("/moi"), "/moi": (200, {}, ARTICLE)}
    captured = site.archive.capture(f"{site.url}/bai")
    assert captured.state.outcome == "ok"
    assert {url.removeprefix(site.url) for (url,) in site.rows("SELECT url FROM pages")} == {"/bai", "/login", "/moi"}
