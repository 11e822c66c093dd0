"""Pages in a browser whose data does not come, that the run stops in, or that archiver fails at: no edit, no lost page."""

import logging
from collections.abc import Iterator
from email.message import Message
from pathlib import Path

import pytest

from archiver.extract.profile import parse_profile
from archiver.maintain.verify.verify import verify
from archiver.model.profile import Profile
from archiver.render.renderer import Renderer
from browsers import needs_chromium
from scripted import Answer, Scripted

pytestmark = needs_chromium
TEXT = "Hội nghị triển khai kế hoạch năm 2027 của quận diễn ra tại hội trường, với hai trăm đại biểu tham dự."
ERROR = "Đã có lỗi xảy ra khi tải bài viết này, xin vui lòng thử lại sau ít phút hoặc liên hệ với chúng tôi."
SHELL = """<!doctype html><title>Cổng</title><h1>Tin</h1><div id="app"></div><script>
fetch('/api' + location.pathname).then((r) => { if (!r.ok) throw 1; return r.text() })
  .then((t) => { app.innerHTML = '<div class=body><p>' + t + '</p></div>' })
  .catch(() => { app.innerHTML = '<div class=body><p>ERROR</p></div><b class=failed></b>' })
</script>""".replace("ERROR", ERROR)
PROFILE = """
[site]
name = "t"
home = "{url}/"
[crawl]
start = ["/a/1", "/a/2"]
delay = 0.0
sitemaps = []
feeds = []
{crawl}
[[page]]
kind = "article"
url = '/a/'
render = "always"
{more}
[page.fields]
title = "h1"
body = "div.body"
"""


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Scripted]:
    scripted = Scripted(tmp_path / "archive.db")
    for path in ("/a/1", "/a/2"):
        scripted.answers[path] = (200, {}, SHELL.encode())
        scripted.answers[f"/api{path}"] = (200, {"Content-Type": "text/plain"}, TEXT.encode())
    yield scripted
    scripted.close()


def _profile(site: Scripted, more: str = "", crawl: str = "") -> Profile:
    return parse_profile(PROFILE.format(url=site.url, more=more, crawl=crawl), "t")


def _crawl(site: Scripted, profile: Profile) -> None:
    site.archive.crawl(profile, everything=True)
    site.clock.advance(days=1)


def _last(site: Scripted, path: str) -> tuple[object, ...]:
    (row,) = site.rows(
        f"SELECT outcome, cause, note FROM visits WHERE url LIKE '%1{path}' OR url = '{site.url}{path}' ORDER BY visit_id DESC LIMIT 1"
    )
    return tuple(row)


@pytest.mark.parametrize("status", [500, 503])
def test_a_page_whose_data_does_not_come_claims_nothing(site: Scripted, status: int) -> None:
    _crawl(site, _profile(site))
    site.answers["/api/a/1"] = (status, {}, b"")
    _crawl(site, _profile(site))
    outcome, cause, note = _last(site, "/a/1")
    assert (outcome, cause) == ("unreadable", "not_rendered")
    assert f"its data did not come: {site.url}/api/a/1: {status}" in str(note)
    assert site.rows("SELECT * FROM changes") == []
    assert _last(site, "/a/2")[0] == "ok"


def test_data_that_is_longer_than_the_profile_allows_is_no_empty_data(site: Scripted) -> None:
    _crawl(site, _profile(site))
    site.answers["/api/a/1"] = (200, {"Content-Type": "text/plain"}, b"x" * 3_000_000)
    _crawl(site, _profile(site, crawl='max_bytes = "1MB"'))
    assert _last(site, "/a/1")[1] == "not_rendered"
    assert site.rows("SELECT * FROM changes") == []


def test_a_page_is_complete_when_the_node_that_the_profile_waits_for_came(site: Scripted) -> None:
    site.answers["/api/a/1"] = (500, {}, b"")
    _crawl(site, _profile(site, 'wait = "b.failed, div.body"'))
    assert _last(site, "/a/1")[0] == "ok"


def test_a_page_whose_server_is_suspended_meanwhile_is_visited_later(site: Scripted) -> None:
    _crawl(site, _profile(site))
    site.answers["/api/a/1"] = site.answers["/api/a/2"] = (503, {"Retry-After": "7200"}, b"")
    visits = len(site.rows("SELECT 1 FROM visits WHERE url LIKE '%/a/%'"))
    _crawl(site, _profile(site))
    assert site.rows("SELECT * FROM changes") == []
    assert len(site.rows("SELECT 1 FROM visits WHERE url LIKE '%/a/%'")) < visits + 4
    for path in ("/a/1", "/a/2"):
        site.answers[f"/api{path}"] = (200, {"Content-Type": "text/plain"}, TEXT.encode())
    _crawl(site, _profile(site))
    assert {_last(site, path)[0] for path in ("/a/1", "/a/2")} == {"ok"}


def test_a_capture_keeps_the_plain_page_when_its_server_asks_for_a_pause(site: Scripted) -> None:
    site.answers["/a/1"] = (
        200,
        {},
        (SHELL.replace("fetch(", "fetch('/busy').finally(() => fetch('/b'));fetch(", 1)).encode(),
    )
    site.answers["/busy"] = (503, {"Retry-After": "7200"}, b"")
    site.archive.capture(f"{site.url}/a/1", render=True)
    assert _last(site, "/a/1")[0] == "ok"  # without a profile, the plain page is read
    assert site.rows("SELECT outcome FROM renditions WHERE kind = 'dom'") == [("unreadable",)]


def test_a_page_with_an_address_that_is_too_long_does_not_end_the_crawl(site: Scripted) -> None:
    script = "<script>for (const n of [8000, 9000, 90000]) fetch('/' + 'y'.repeat(n)).catch(() => 0)</script>"
    site.answers["/a/1"] = (200, {}, (SHELL + script).encode())
    _crawl(site, _profile(site))
    assert {_last(site, path)[0] for path in ("/a/1", "/a/2")} == {"ok"}
    assert not verify(site.archive.store.path, deep=True).findings


def test_a_bug_of_the_renderer_is_logged_and_the_crawl_goes_on(
    site: Scripted, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    render, calls = Renderer.render, []

    async def fail_once(*arguments: object, **options: object) -> object:
        calls.append(arguments)
        if len(calls) == 1:
            raise TypeError("a bug of ours")
        return await render(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(Renderer, "render", fail_once)
    with caplog.at_level(logging.ERROR):
        _crawl(site, _profile(site))
    assert "Traceback" in caplog.text
    assert sorted(site.rows("SELECT outcome, cause FROM visits WHERE url LIKE '%/a/%' AND via IS NOT 'browser'")) == [
        ("ok", None),
        ("unreadable", "not_rendered"),
    ]
    assert "a fault of archiver, see the log: TypeError: a bug of ours" in str(site.rows("SELECT note FROM visits"))
    _crawl(site, _profile(site))
    assert {_last(site, path)[0] for path in ("/a/1", "/a/2")} == {"ok"}


def test_a_page_without_end_is_left_when_the_run_ends(site: Scripted) -> None:
    endless = [True]

    def rule(path: str, _headers: Message) -> Answer | None:
        return (200, {}, b"<h1>Tin</h1><script>for (;;);</script>") if endless and path.startswith("/a/") else None

    site.rule = rule
    site.archive.crawl(_profile(site), seconds=3)
    assert site.rows("SELECT 1 FROM visits WHERE url LIKE '%/a/%'") == []
    endless.clear()
    _crawl(site, _profile(site))
    assert {_last(site, path)[0] for path in ("/a/1", "/a/2")} == {"ok"}
