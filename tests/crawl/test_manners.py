"""A capture ends in time, a pause of one server holds up no other one, and hosts on one machine share a rate limit."""

import asyncio
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from archiver.app.archive import Archive
from archiver.cli import run
from archiver.crawl import capture_once as capturing
from archiver.errors import MustWait
from archiver.extract.profile import parse_profile
from archiver.model.clock import SettableClock
from archiver.model.event import Event, Noticed
from archiver.model.policy import Limits, Retries, seconds_of_capture
from archiver.polite import waiting
from archiver.polite.server_groups import ServerGroups
from archiver.settings import Settings
from internet import OTHER, PUBLIC, Internet
from made import START
from paced import too_close
from scripted import Scripted


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Scripted]:
    scripted = Scripted(tmp_path / "archive.db")
    scripted.page("/", "Home")
    scripted.page("/other", "Other")
    yield scripted
    scripted.close()


class Notices:
    def __init__(self) -> None:
        self.lines: list[str] = []

    def __call__(self, event: Event) -> None:
        if isinstance(event, Noticed):
            self.lines.append(event.line)


def test_the_time_of_a_capture() -> None:
    assert seconds_of_capture(Limits()) == 80.0, "the command ends within 90"
    assert seconds_of_capture(Limits(timeout=5.0)) == 80.0
    assert seconds_of_capture(Limits(timeout=200.0)) == 250.0


@pytest.fixture
def stalled() -> Iterator[threading.Event]:
    """Released at the end, so that the threads of the server end."""
    event = threading.Event()
    yield event
    event.set()


@pytest.mark.parametrize("where", ["/robots.txt", "/", "redirect"])
def test_a_capture_of_a_stalled_server_ends(
    site: Scripted, stalled: threading.Event, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    """The limit of 3 seconds holds for robots.txt, waits, retries and redirects together; without it 9 tries follow."""
    monkeypatch.setattr(capturing, "seconds_of_capture", lambda _limits: 3.0)
    site.answers["/redirect"] = (302, {"Location": "/stalled"}, b"")
    slow = {"redirect": "/stalled"}.get(where, where)
    site.rule = lambda path, _headers: (0, {}, b"") if path == slow and stalled.wait() else None
    with Archive(replace(site.archive.settings, retries=Retries(9, 0.0, 0.0))) as archive:
        state = archive.capture(site.url + ("/redirect" if where == "redirect" else "/")).state
    assert site.asked.count(slow) <= 2
    assert state.outcome == ("moved" if where == "redirect" and state.outcome == "moved" else "network_error")
    assert "no complete response within" in (state.note or "")


def test_tries_end_with_the_time_of_a_capture(site: Scripted, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that fails at once is requested until the time is over, and the note says why no more tries follow."""
    monkeypatch.setattr(capturing, "seconds_of_capture", lambda _limits: 3.0)
    site.answers["/"] = (503, {"Retry-After": "20"}, b"")
    with Archive(replace(site.archive.settings, retries=Retries(3, 0.0, 30.0))) as archive:
        state = archive.capture(site.url + "/").state
    assert (state.outcome, site.asked) == ("server_error", ["/robots.txt", "/"])
    assert "1 of 3 tries: the time that one capture may take is over" in (state.note or "")


@pytest.mark.parametrize("status", [429, 503])
def test_a_long_retry_after_holds_up_no_other_address(site: Scripted, tmp_path: Path, status: int) -> None:
    other = Scripted(_folder(tmp_path) / "other.db")
    other.page("/", "Elsewhere")
    site.answers["/"] = (status, {"Retry-After": "9999"}, b"")
    try:
        state = site.archive.capture(site.url + "/").state
        assert "the server asks for no request until 2022-10-2" in (state.note or "")
        with pytest.raises(
            MustWait, match=r"/other: not requested: its server asks for no request until 2022-10-2.* UTC"
        ):
            site.archive.capture(site.url + "/other")
        assert site.asked == ["/robots.txt", "/"]
        assert site.archive.capture(other.url + "/").state.outcome == "ok"
    finally:
        other.close()
    site.clock.advance(hours=3)
    assert site.archive.capture(site.url + "/other").state.outcome == "ok"


def _folder(parent: Path) -> Path:
    (parent / "other").mkdir()
    return parent / "other"


def test_a_long_retry_after_of_robots_txt_is_told_with_its_time(site: Scripted) -> None:
    site.answers["/robots.txt"] = (503, {"Retry-After": "9999"}, b"")
    state = site.archive.capture(site.url + "/").state
    assert state.outcome == "refused"
    assert "the server may be requested again at 2022-10-2" in (state.note or "")


def test_the_command_goes_on_with_other_addresses(
    site: Scripted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ARCHIVER_STATE", str(tmp_path / "state"))
    other = Scripted(_folder(tmp_path) / "other.db")
    other.page("/", "Elsewhere")
    site.answers["/"] = (429, {"Retry-After": "9999"}, b"")
    archive = tmp_path / "command.db"
    try:
        code = run(["--archive", str(archive), "capture", site.url + "/", site.url + "/other", other.url + "/"])
    finally:
        other.close()
    out, error = capsys.readouterr()
    assert code == 1
    assert "Elsewhere" in out
    assert f"{site.url}/other: not requested: its server asks for no request until" in error
    assert site.asked == ["/robots.txt", "/"]


def test_a_crawl_says_that_it_waits_and_until_when(site: Scripted, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "LONG", 0.01)
    site.page("/", "Home", extra="<a href=/a>a</a><a href=/b>b</a><a href=/c>c</a>")
    for path in ("/a", "/b"):
        site.answers[path] = (0, {}, b"")
    notices = Notices()
    with Archive(replace(site.archive.settings, retries=Retries(2, 0.05, 0.1))) as archive:
        archive.crawl(site.profile(), everything=True, listen=notices)
    waits = [line for line in notices.lines if "before the next request (until 2022-10-" in line]
    assert waits
    assert waits[0].startswith("t: waiting ")


def test_a_server_that_does_not_answer_is_reported(
    site: Scripted, stalled: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting, "SILENT", 0.1)
    site.rule = lambda path, _headers: (0, {}, b"") if path == "/robots.txt" and stalled.wait() else None
    profile = site.profile()
    profile = replace(profile, crawl=replace(profile.crawl, timeout=0.5))
    notices = Notices()
    with Archive(replace(site.archive.settings, retries=Retries(3, 0.0, 0.0))) as archive:
        archive.crawl(profile, everything=True, listen=notices)
    message = f"t: {site.url}/robots.txt: no complete answer yet; waiting until 2022-10-"
    assert len([line for line in notices.lines if line.startswith(message)]) == 3


def test_a_server_that_answers_is_not_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "SILENT", 0.0)
    said: list[str] = []

    async def ask(report: waiting.WaitReport, *, is_answered: bool) -> int:
        with report.request("http://x.example/a", "http://x.example", 60.0):
            await asyncio.sleep(0.01)
        report.ended("http://x.example", is_answered=is_answered)
        return len(said)

    async def go() -> list[int]:
        report = waiting.WaitReport(said.append, SettableClock(START), usual=1.0)
        return [await ask(report, is_answered=each) for each in (True, True, False, True)]

    assert asyncio.run(go()) == [1, 1, 1, 2]
    assert said[0] == "http://x.example/a: no complete answer yet; waiting until 2022-10-21 09:01:00 UTC"


# groups of servers


@pytest.fixture
def internet() -> Iterator[Internet]:
    internet = Internet()
    internet.rule = lambda _address, path: (200, {}, b"<h1>x</h1>") if path != "/robots.txt" else None
    yield internet
    internet.close()


@pytest.mark.parametrize(
    ("rule", "first", "second", "shared"),
    [
        ("", [PUBLIC], [PUBLIC], False),
        ("ip", [PUBLIC], [PUBLIC], True),
        ("ip", [PUBLIC], [OTHER], False),
        ("ip", [PUBLIC, OTHER], [OTHER], True),
        ("ip", [OTHER], [PUBLIC, OTHER], True),
        ("ip", [], [], False),
        ("farm", [PUBLIC], [OTHER], True),
    ],
)
def test_which_hosts_share(rule: str, first: list[str], second: list[str], shared: bool) -> None:
    async def addresses(url: str) -> list[str]:
        return first if "a.example" in url else second

    async def go() -> tuple[str, str]:
        groups = ServerGroups(rule, addresses)
        await groups.join("http://a.example")
        await groups.join("https://b.example:444")
        return groups.of("http://a.example"), groups.of("https://b.example:444")

    one, other = asyncio.run(go())
    assert (one == other) is shared


@pytest.mark.parametrize(
    ("server", "addresses"),
    [("ip", [[PUBLIC], [PUBLIC]]), ("ip", [[PUBLIC, OTHER], [OTHER]]), ("farm", [[PUBLIC], [OTHER]])],
)
def test_hosts_of_one_server_share_its_delay(
    internet: Internet, tmp_path: Path, server: str, addresses: Sequence[Sequence[str]]
) -> None:
    """Two hosts are crawled by one site; the logs of both together show its delay."""
    names = ["a.example", "b.example"]
    internet.hosts |= dict(zip(names, addresses, strict=True))
    homes = [internet.url(name) for name in names]
    starts = [f"{home}{number}" for number in range(3) for home in homes]
    profile = parse_profile(
        f'[site]\nname = "t"\nhome = "{homes[0]}"\n[crawl]\nstart = {starts}\nscope = {homes}\ndelay = 0.1\n'
        f'connections = 8\nserver = "{server}"\nsitemaps = []\nfeeds = []\n[[page]]\nkind = "article"\n',
        "t",
    )
    settings = Settings(tmp_path / "a.db", (), SettableClock(START), Retries(1, 0.0, 0.01), guard=internet.guard)
    with Archive(settings) as archive:
        archive.crawl(profile)
    assert len(internet.asked) == 8
    assert too_close(internet.times, 0.1) == []


def test_sites_with_one_server_share_it(internet: Internet, tmp_path: Path) -> None:
    names = ["a.example", "b.example"]
    internet.hosts |= {"a.example": [PUBLIC], "b.example": [OTHER]}
    profiles = [
        parse_profile(
            f'[site]\nname = "{name[0]}"\nhome = "{internet.url(name)}"\n[crawl]\ndelay = 0.1\nserver = "farm"\n'
            f"start = {[internet.url(name, f'/{number}') for number in range(3)]}\nsitemaps = []\nfeeds = []\n"
            '[[page]]\nkind = "article"\n',
            "t",
        )
        for name in names
    ]
    settings = Settings(tmp_path / "a.db", (), SettableClock(START), Retries(1, 0.0, 0.01), guard=internet.guard)
    with Archive(settings) as archive:
        archive.crawl_all(profiles)
    assert len(internet.asked) == 8
    assert too_close(internet.times, 0.1) == []


def test_a_retry_after_holds_for_the_group(internet: Internet, tmp_path: Path) -> None:
    internet.hosts |= {"a.example": [PUBLIC], "b.example": [OTHER]}
    homes = [internet.url(name) for name in ("a.example", "b.example")]
    internet.rule = lambda address, path: (
        (429, {"Retry-After": "7200"}, b"") if path != "/robots.txt" and address == PUBLIC else None
    )
    profile = parse_profile(
        f'[site]\nname = "t"\nhome = "{homes[0]}"\n[crawl]\nstart = {homes}\nscope = {homes}\ndelay = 0.0\n'
        'server = "farm"\nsitemaps = []\nfeeds = []\n[[page]]\nkind = "article"\n',
        "t",
    )
    settings = Settings(tmp_path / "a.db", (), SettableClock(START), Retries(1, 0.0, 0.01), guard=internet.guard)
    with Archive(settings) as archive:
        assert archive.crawl(profile).ended == "stopped"
    assert not [path for address, _, path in internet.asked if address == OTHER and path != "/robots.txt"]
