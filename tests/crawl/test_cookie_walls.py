"""Servers that redirect until a cookie comes back: with `cookies = true` the page is reached."""

from collections.abc import Callable, Iterator
from email.message import Message
from pathlib import Path

import pytest

from archiver.extract.profile import parse_profile
from archiver.maintain.verify.verify import verify
from archiver.model.event import Event, Noticed
from archiver.model.profile import Profile
from archiver.polite.polite_client import names_page
from scripted import Answer, Scripted

PAGE = b"<html><body><h1>Title</h1><div id=b>Some text of the page.</div></body></html>"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Scripted]:
    scripted = Scripted(tmp_path / "archive.db")
    scripted.answers["/"] = (200, {}, b"<html><body><h1>Home</h1><div id=b><a href=/p>p</a> text</div></body></html>")
    yield scripted
    scripted.close()


def profile(site: Scripted, cookies: str) -> Profile:
    text = f"""[site]\nname = "t"\nhome = "{site.url}/"\n[crawl]\ndelay = 0.0\nsitemaps = []\ncookies = {cookies}
        [[page]]\nkind = "article"\n[page.fields]\ntitle = "h1"\nbody = "#b"\n"""
    return parse_profile(text, "t")


def visits(site: Scripted) -> list[tuple[str, str | None]]:
    rows = site.rows("SELECT outcome, note FROM visits WHERE url LIKE '%/p' ORDER BY visit_id")
    return [(outcome, note) for outcome, note in rows]


def has(headers: Message, cookie: str) -> bool:
    return cookie in (headers["Cookie"] or "")


def to_itself(path: str, headers: Message) -> Answer | None:
    if path != "/p":
        return None
    return (200, {}, PAGE) if has(headers, "seen=1") else (302, {"Location": "/p", "Set-Cookie": "seen=1; Path=/"}, b"")


def twice(path: str, headers: Message) -> Answer | None:
    if path != "/p" or has(headers, "b=2"):
        return (200, {}, PAGE) if path == "/p" else None
    cookie = "b=2; Path=/" if has(headers, "a=1") else "a=1; Path=/"
    return 302, {"Location": "/p", "Set-Cookie": cookie}, b""


def by_consent(path: str, headers: Message) -> Answer | None:
    if path == "/p":
        return (200, {}, PAGE) if has(headers, "ok=1") else (302, {"Location": "/consent?back=%2Fp"}, b"")
    return (302, {"Location": "/p", "Set-Cookie": "ok=1; Path=/"}, b"") if path.startswith("/consent") else None


def by_full_address(path: str, headers: Message) -> Answer | None:
    address = f"http://{headers['Host']}/p"
    if path == "/p":
        return (200, {}, PAGE) if has(headers, "ok=1") else (302, {"Location": f"/c?to={address}&x=1"}, b"")
    return (302, {"Location": address, "Set-Cookie": "ok=1; Path=/"}, b"") if path.startswith("/c?") else None


@pytest.mark.parametrize("rule", [to_itself, twice, by_consent, by_full_address])
def test_with_cookies_the_page_is_reached(site: Scripted, rule: Callable[[str, Message], Answer | None]) -> None:
    site.rule = rule
    site.archive.crawl(profile(site, "true"))
    assert visits(site)[-1][0] == "ok"
    assert site.rows("SELECT title FROM pages WHERE url LIKE '%/p'") == [("Title",)]
    assert site.rows("SELECT url FROM pages WHERE url LIKE '%/c?%' OR url LIKE '%/c'") == []  # no page of its own
    site.clock.advance(days=40)
    site.archive.crawl(profile(site, "true"), everything=True)
    assert site.rows("SELECT count(*) FROM changes") == [(0,)]
    assert site.rows("SELECT count(*) FROM absences") == [(0,)]


@pytest.mark.parametrize("rule", [by_consent, by_full_address])
def test_a_capture_makes_no_page_of_the_consent(site: Scripted, rule: Callable[[str, Message], Answer | None]) -> None:
    site.rule = rule
    (site.selectors / "t.toml").write_text(profile(site, "true").text, encoding="utf-8")
    captured = site.archive.capture(f"{site.url}/p")
    assert (captured.state.url, captured.state.outcome) == (f"{site.url}/p", "ok")
    assert site.rows("SELECT url FROM pages") == [(f"{site.url}/p",)]


def test_without_cookies_the_note_says_what_would_help(site: Scripted) -> None:
    site.rule = to_itself
    site.archive.crawl(profile(site, "false"))
    (outcome, note), *others = visits(site)
    assert not others
    assert outcome == "moved"
    assert "cookies = true" in str(note)


def by_gate(path: str, headers: Message) -> Answer | None:
    if path == "/p":
        return (200, {}, PAGE) if has(headers, "ok=1") else (302, {"Location": "/gate"}, b"")
    return (302, {"Location": "/p", "Set-Cookie": "ok=1; Path=/"}, b"") if path == "/gate" else None


def by_two_gates(path: str, headers: Message) -> Answer | None:
    if path == "/gate":
        return 302, {"Location": "/second"}, b""
    return by_gate("/gate" if path == "/second" else path, headers)


def from_the_page(path: str, headers: Message) -> Answer | None:
    if path == "/p" and not has(headers, "ok=1"):
        return 302, {"Location": "/gate", "Set-Cookie": "ok=1; Path=/"}, b""
    return by_gate(path, headers)


def by_refresh(path: str, headers: Message) -> Answer | None:
    if path == "/p" and not has(headers, "ok=1"):
        return 200, {"Refresh": "0; url=/gate"}, b""
    return by_gate(path, headers)


@pytest.mark.parametrize("rule", [by_gate, by_two_gates, from_the_page, by_refresh, by_consent])
def test_without_cookies_a_circle_of_pages_is_noted(
    site: Scripted, rule: Callable[[str, Message], Answer | None]
) -> None:
    site.rule = rule
    events: list[Event] = []
    site.archive.crawl(profile(site, "false"), listen=events.append)
    ((outcome, note),) = visits(site)
    assert outcome == "moved"
    assert str(note) == "redirect loop; the server sets a cookie: `cookies = true` in [crawl] may help"
    said = [each.text for each in events if isinstance(each, Noticed) and "circle" in each.text]
    assert said == [
        f"1 page redirects in a circle that sets a cookie (the first: {site.url}/p): `cookies = true` in [crawl] may help"
    ]
    page = site.archive.page(f"{site.url}/p")
    assert (page.url, page.state) == (f"{site.url}/p", "moved")
    before = site.rows("SELECT url, outcome, note FROM visits ORDER BY visit_id")
    site.archive.extract("t")
    assert site.rows("SELECT url, outcome, note FROM visits ORDER BY visit_id") == before
    assert verify(site.archive.settings.archive, deep=True).whole
    site.archive.crawl(profile(site, "true"), everything=True)
    assert site.archive.page(f"{site.url}/p").state == "live"


def test_a_circle_is_noted_when_it_is_read_again(site: Scripted, monkeypatch: pytest.MonkeyPatch) -> None:
    site.rule = by_gate
    with monkeypatch.context() as earlier:
        earlier.setattr("archiver.extract.reader_version.CODE_VERSION", "0")
        site.archive.crawl(profile(site, "false"))
    before = site.rows("SELECT url, outcome, note FROM visits ORDER BY visit_id")
    site.archive.extract("t")
    assert site.rows("SELECT url, outcome, note FROM visits ORDER BY visit_id") == before


def test_a_circle_without_a_cookie_is_not_noted(site: Scripted) -> None:
    site.answers |= {"/p": (302, {"Location": "/gate"}, b""), "/gate": (302, {"Location": "/p"}, b"")}
    site.archive.crawl(profile(site, "false"))
    assert visits(site) == [("moved", None)]


def test_a_redirect_to_another_page_that_sets_a_cookie_is_no_circle(site: Scripted) -> None:
    site.answers |= {"/p": (302, {"Location": "/q", "Set-Cookie": "a=1"}, b""), "/q": (200, {}, PAGE)}
    site.archive.crawl(profile(site, "false"))
    assert visits(site) == [("moved", None)]


def test_a_server_that_sets_a_new_cookie_each_time_ends_the_loop(site: Scripted) -> None:
    def endless(path: str, _headers: Message) -> Answer | None:
        count = len(site.asked)
        return (302, {"Location": "/p", "Set-Cookie": f"n={count}; Path=/"}, b"") if path == "/p" else None

    site.rule = endless
    site.archive.crawl(profile(site, "true"))
    assert 2 <= site.asked.count("/p") <= 12
    assert "redirect loop" in str(visits(site)[-1][1])


def test_a_page_that_asks_and_does_not_lead_back_is_not_taken_for_the_page(site: Scripted) -> None:
    form = b"<html><body><h1>Log in</h1><div id=b><form><input type=password></form></div></body></html>"

    def asks(path: str, _headers: Message) -> Answer | None:
        if path == "/p":
            return 302, {"Location": "/login?next=/p"}, b""
        return (200, {}, form) if path.startswith("/login") else None

    site.rule = asks
    site.archive.crawl(profile(site, "true"))
    assert site.rows("SELECT title FROM pages WHERE url LIKE '%/p'") == [(None,)]
    assert {outcome for outcome, _ in visits(site)} <= {"moved", "blocked"}


@pytest.mark.parametrize(
    ("target", "is_named"),
    [
        ("http://p.example/c?r=/a", True), ("http://p.example/c?x=1&r=http%3A%2F%2Fp.example%2Fa", True), ("http://p.example/c?r=/b", False),
        ("http://p.example/c", False), ("http://other.example/c?r=/a", False), ("http://p.example/c?r=//a", False),
    ],
)  # fmt: skip
def test_whether_an_address_names_the_page(target: str, is_named: bool) -> None:
    assert names_page(target, "http://p.example/a") is is_named
