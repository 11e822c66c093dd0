"""Pages that a browser must open: what is asked of the server, what is kept, what is read, and what is a change."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from archiver.errors import RenderUnavailable
from archiver.extract.profile import parse_profile
from archiver.maintain.verify.verify import verify
from archiver.model.profile import Profile
from browsers import needs_chromium
from scripted import Scripted

JSON = {"Content-Type": "application/json"}
SCRIPT = {"Content-Type": "text/javascript"}
SHELL = '<!doctype html><title>Cổng</title><div id="app">Đang tải…</div><script src="/app.js"></script>'
APP = """
addEventListener('DOMContentLoaded', async () => {
  const app = document.querySelector('#app')
  const found = await (await fetch('/api' + location.pathname + '.json')).json()
  app.innerHTML = found.items
    ? '<ul>' + found.items.map(each => `<li><a href="${each}">${each}</a></li>`).slice(0, 2).join('') + '</ul>'
    : `<article><h1>${found.title}</h1><div class="body">${found.body}</div><b class="views">${found.views}</b></article>`
})
"""
TEXT = "Hội nghị triển khai kế hoạch năm 2027 của quận diễn ra tại hội trường, với hai trăm đại biểu tham dự."
PROFILE = """
[site]
name = "t"
home = "{url}/"
language = "vi"
[crawl]
start = ["/list"]
delay = 0.0
sitemaps = []
feeds = []
{crawl}
[[page]]
kind = "listing"
url = '/list$'
{render}
[[page]]
kind = "article"
url = '/a/'
{render}
{more}
[page.fields]
title = "h1"
body = "div.body"
[page.readings]
views = "b.views"
"""

pytestmark = needs_chromium


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Scripted]:
    scripted = Scripted(tmp_path / "archive.db")
    scripted.answers["/app.js"] = (200, SCRIPT, APP.encode())
    for path in ("/list", "/a/1", "/a/2", "/a/3"):
        scripted.answers[path] = (200, {}, SHELL.encode())
    scripted.answers["/api/list.json"] = _json(items=["/a/1", "/a/2", "/a/3", "/elsewhere", "/b c"])
    for number in (1, 2, 3):
        _article(scripted, number)
    yield scripted
    scripted.close()


def _json(**values: object) -> tuple[int, dict[str, str], bytes]:
    return 200, JSON, json.dumps(values, ensure_ascii=False).encode()


def _article(site: Scripted, number: int, text: str = TEXT, views: int = 10) -> None:
    body = f"<p>{text}</p>"
    site.answers[f"/api/a/{number}.json"] = _json(title=f"Tin số {number}", body=body, views=views)


def _profile(site: Scripted, render: str = 'render = "always"', crawl: str = "", more: str = "") -> Profile:
    return parse_profile(PROFILE.format(url=site.url, render=render, crawl=crawl, more=more), "t")


def _crawl(site: Scripted, profile: Profile) -> None:
    site.asked.clear()
    site.archive.crawl(profile, everything=True)
    site.clock.advance(days=1)


def _rows(site: Scripted, query: str) -> list[tuple[object, ...]]:
    return [tuple(row.values()) for row in site.archive.store.sql(query)]


def test_an_edit_in_the_data_is_one_change_and_the_shell_is_asked_once_a_visit(site: Scripted) -> None:
    _crawl(site, _profile(site))
    assert sorted(site.asked) == sorted(
        ["/robots.txt", "/list", "/app.js", "/api/list.json"]
        + [path for number in (1, 2, 3) for path in (f"/a/{number}", f"/api/a/{number}.json")]
        + [path for path in site.asked if path.startswith("/archiver") or "missing" in path]
    )
    _article(site, 2, TEXT.replace("hai trăm", "ba trăm"), views=11)
    _article(site, 3, views=30)
    _crawl(site, _profile(site))
    assert _rows(site, "SELECT url, field, nature FROM changes") == [(f"{site.url}/a/2", "body", "words")]
    assert _rows(site, "SELECT value FROM readings WHERE url LIKE '%/3' ORDER BY read_at") == [(10,), (30,)]
    assert {row[0] for row in _rows(site, "SELECT read_from FROM sources")} == {"dom"}
    assert not verify(site.archive.store.path, deep=True).findings


def test_what_the_browser_got_and_made_is_kept_beside_the_bytes_of_the_server(site: Scripted) -> None:
    _crawl(site, _profile(site))
    ((visit,),) = _rows(site, "SELECT visit_id FROM visits WHERE url LIKE '%/a/1'")
    assert SHELL.encode() == site.archive.store.evidence.visit(int(str(visit))).capture.body
    kinds = _rows(site, f"SELECT kind, media_type, outcome FROM renditions WHERE visit_id = {visit} ORDER BY kind")
    assert kinds == [
        ("dom", "text/html", "ok"),
        ("requests", "application/json", "ok"),
        ("screenshot", "image/png", "ok"),
    ]
    ((number, made_by),) = _rows(
        site, f"SELECT rendition_id, made_by FROM renditions WHERE visit_id = {visit} AND kind = 'dom'"
    )
    assert b"hai tr\xc4\x83m" in site.archive.store.evidence.visit(int(str(number))).capture.body
    told = json.loads(str(made_by))
    assert told["browser"].startswith("Chromium ")
    assert told["viewport"] == "1280x1000"
    answers = _rows(site, "SELECT url, via FROM visits WHERE of_visit IS NOT NULL")
    assert (f"{site.url}/api/a/1.json", "browser") in answers
    assert {row[1] for row in answers} == {"browser"}


def test_addresses_in_the_data_are_followed_though_the_list_does_not_show_them(site: Scripted) -> None:
    _crawl(site, _profile(site))
    pages = _rows(site, "SELECT url FROM pages WHERE kind = 'article' ORDER BY url")
    assert pages == [(f"{site.url}/a/{number}",) for number in (1, 2, 3)]


def test_when_empty_opens_shells_and_no_others(site: Scripted) -> None:
    site.answers["/a/2"] = (
        200,
        {},
        f"<h1>Tin số 2</h1><div class=body><p>{TEXT}</p></div><script src=/app.js></script>".encode(),
    )
    profile = _profile(site, 'render = "when-empty"')
    _crawl(site, replace(profile, crawl=replace(profile.crawl, start=(f"{site.url}/a/1", f"{site.url}/a/2"))))
    assert _rows(site, "SELECT DISTINCT url FROM renditions") == [(f"{site.url}/a/1",)]
    assert _rows(site, "SELECT url, body FROM pages WHERE kind = 'article' ORDER BY url") == [
        (f"{site.url}/a/1", TEXT),
        (f"{site.url}/a/2", TEXT),
    ]


def test_a_request_that_robots_txt_forbids_is_not_sent(site: Scripted) -> None:
    site.answers["/robots.txt"] = (200, {"Content-Type": "text/plain"}, b"User-agent: *\nDisallow: /api/")
    _crawl(site, _profile(site))
    assert not [path for path in site.asked if path.startswith("/api/")]
    ((number,),) = _rows(site, "SELECT rendition_id FROM renditions WHERE kind = 'requests' LIMIT 1")
    log = json.loads(site.archive.store.evidence.visit(int(str(number))).capture.body)
    assert [each for each in log if "robots.txt" in each.get("refused", "")]


def test_switching_render_on_and_off_tells_no_edit(site: Scripted) -> None:
    site.answers["/a/1"] = (
        200,
        {},
        f"<div id=app><h1>Tin</h1><div class=body><p>{TEXT} Cũ.</p></div></div><script src=/app.js></script>".encode(),
    )
    plain, rendered = _profile(site, ""), _profile(site)
    for profile in (plain, rendered, plain, rendered):
        one = replace(profile, crawl=replace(profile.crawl, start=(f"{site.url}/a/1",)))
        _crawl(site, one)
    assert _rows(site, "SELECT * FROM changes") == []
    assert len(_rows(site, "SELECT * FROM versions WHERE url LIKE '%/a/1'")) == 3  # the third visit has both
    _article(site, 1, TEXT.replace("hai trăm", "ba trăm"))
    _crawl(site, rendered)
    assert _rows(site, "SELECT field FROM changes") == [("body",)]


def test_a_page_that_the_browser_cannot_show_claims_nothing(site: Scripted) -> None:
    _crawl(site, _profile(site))
    site.answers["/app.js"] = (200, SCRIPT, b"location = '/elsewhere'")
    _crawl(site, _profile(site))
    found = _rows(site, "SELECT DISTINCT outcome, cause FROM visits WHERE url LIKE '%/a/1' ORDER BY visit_id")
    assert found == [("ok", None), ("unreadable", "not_rendered")]
    site.answers["/app.js"] = (200, SCRIPT, APP.encode())
    _crawl(site, _profile(site))
    assert _rows(site, "SELECT * FROM changes") == []
    assert _rows(site, "SELECT * FROM absences") == []


def test_one_page_is_captured_with_a_browser_without_a_profile(site: Scripted) -> None:
    done = site.archive.capture(f"{site.url}/a/1", render=True)
    assert done.state.content is not None
    assert TEXT in (done.state.content.body or "")
    assert done.state.as_json()["read_from"] == "dom"
    assert str(done.state.browser).startswith("read from: the browser's document (Chromium ")
    assert len(_rows(site, "SELECT * FROM renditions")) == 3


def test_without_a_browser_the_error_says_what_to_install(site: Scripted, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARCHIVER_CHROMIUM", "/nowhere/chromium")
    for run in (
        lambda: site.archive.crawl(_profile(site)),
        lambda: site.archive.capture(f"{site.url}/a/1", render=True),
    ):
        with pytest.raises(RenderUnavailable, match="ARCHIVER_CHROMIUM"):
            run()
    assert site.asked == []


def test_a_counter_makes_no_new_screenshot_and_an_edited_figure_does(site: Scripted) -> None:
    one = _profile(site, crawl="depth = 0")
    one = replace(one, crawl=replace(one.crawl, start=(f"{site.url}/a/1",)))
    for views, text in ((10, TEXT), (11, TEXT), (12, TEXT.replace("2027", "2028")), (13, TEXT.replace("2027", "2028"))):
        _article(site, 1, text, views)
        _crawl(site, one)
    visits = _rows(site, "SELECT visit_id FROM renditions WHERE kind = 'dom' ORDER BY visit_id")
    taken = _rows(site, "SELECT visit_id FROM renditions WHERE kind = 'screenshot' ORDER BY visit_id")
    assert taken == [visits[0], visits[2]]
    shown = [site.archive.store.browsing.renditions.of_visit(int(str(row[0])))["screenshot"].visit_id for row in visits]
    assert [(each,) for each in shown] == [visits[0], visits[0], visits[2], visits[2]]
    always = replace(
        one,
        pages=tuple(
            replace(each, render=replace(each.render, screenshot="always")) for each in one.pages if each.render
        ),
    )
    _crawl(site, always)
    assert len(_rows(site, "SELECT visit_id FROM renditions WHERE kind = 'screenshot'")) == 3


def test_a_browser_that_does_not_start_loses_no_plain_visit(site: Scripted, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARCHIVER_CHROMIUM", "/bin/false")
    with pytest.raises(RenderUnavailable, match="does not start"):
        site.archive.capture(f"{site.url}/a/1", site=_profile(site), render=True)
    assert _rows(site, "SELECT outcome, cause FROM visits WHERE url LIKE '%/a/1'") == [("unreadable", "not_rendered")]
    assert _rows(site, "SELECT * FROM versions") == []
