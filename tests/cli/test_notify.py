"""`crawl --notify`: notifications by apprise, here to a server on loopback."""

import sys
from collections.abc import Iterator

import pytest

from inbox import Inbox, open_inbox
from watched import PAGE, Town


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    with open_inbox() as inbox:
        yield inbox


def breaks(town: Town) -> None:
    town.articles(6)
    town.crawl()
    town.articles(6, PAGE.replace("id=s", "id=was"))


def test_an_alarm_is_sent_with_the_report(town: Town, inbox: Inbox) -> None:
    breaks(town)
    town.crawl("--all", "--notify", inbox.url, code=5)
    (message,) = inbox.messages
    assert (message["title"], message["type"]) == ("archiver: alarm: town", "warning")
    assert "town: alarm: article: summary: 6 of 6 pages have no value" in message["message"]
    assert "town: run 2, done, " in message["message"]


def test_a_crawl_without_an_alarm_sends_nothing_by_default(town: Town, inbox: Inbox) -> None:
    town.articles(3)
    town.crawl("--notify", inbox.url)
    assert inbox.messages == []
    town.crawl("--all", "--notify", inbox.url, "--notify-always")
    assert (inbox.messages[0]["title"], inbox.messages[0]["type"]) == ("archiver: town", "info")


def test_each_address_gets_the_notification_also_those_of_the_environment(
    town: Town, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    breaks(town)
    town.crawl("--all", "--notify", inbox.url, "--notify", inbox.url, code=5)
    assert len(inbox.messages) == 2
    monkeypatch.setenv("ARCHIVER_NOTIFY", f"{inbox.url} {inbox.url}")
    town.crawl(code=5)
    assert len(inbox.messages) == 4


def test_a_crawl_that_fails_completely_is_notified(town: Town, inbox: Inbox) -> None:
    (town.server.selectors / "town.toml").write_text("[site]\n", encoding="utf-8")
    town("crawl", "town", "--notify", inbox.url, code=3)
    (message,) = inbox.messages
    assert (message["title"], message["type"]) == ("archiver: crawl town failed", "failure")
    assert "town.toml" in message["message"]


def test_a_site_left_out_for_its_profile_is_notified_with_the_alarms(town: Town, inbox: Inbox) -> None:
    breaks(town)
    (town.server.selectors / "hamlet.toml").write_text("[site]\n", encoding="utf-8")
    town("crawl", "--all-sites", "--limit", "1", "--notify", inbox.url, code=3)
    town("crawl", "--all-sites", "--all", "--notify", inbox.url, code=3)
    assert [message["title"] for message in inbox.messages] == [
        "archiver: not crawled: hamlet",
        "archiver: alarm: town; not crawled: hamlet",
    ]
    assert [message["type"] for message in inbox.messages] == ["failure", "failure"]
    assert inbox.messages[0]["message"].startswith("hamlet: not crawled; fix its profile")


@pytest.mark.parametrize("alarming", [True, False])
def test_a_failed_notification_is_reported_and_keeps_the_exit_code(town: Town, inbox: Inbox, *, alarming: bool) -> None:
    inbox.status = 500
    if alarming:
        breaks(town)
    else:
        town.articles(3)
    town.crawl("--all", "--notify", inbox.url, "--notify-always", code=5 if alarming else 0)
    assert "error: the notification to address 1 (json://…) could not be sent" in town.err
    assert "s3cret" not in town.err


def test_an_invalid_address_is_an_error_before_any_visit(town: Town) -> None:
    town.articles(3)
    for address in ("nonsense://s3cret", "s3cret"):
        town("crawl", "town", "--notify", address, code=2)
        assert "--notify: address 1" in town.err
        assert "is not an address that apprise knows" in town.err
        assert "s3cret" not in town.err
    assert town.server.asked == []


def test_without_apprise_the_error_says_how_to_install_it(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)
    town("crawl", "town", "--notify", "json://127.0.0.1/", code=2)
    (line,) = town.err.splitlines()
    assert "notifications need the package apprise" in line
    assert "`pipx inject portal-archiver apprise`" in line
    town("crawl", "town")


def test_no_address_is_stored_in_the_archive(town: Town, inbox: Inbox) -> None:
    breaks(town)
    town.crawl("--all", "--notify", inbox.url, code=5)
    for file in town.folder.rglob("archive*"):
        assert b"s3cret" not in file.read_bytes()
    assert "s3cret" not in town.err
