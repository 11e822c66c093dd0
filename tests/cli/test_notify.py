"""`crawl --notify`: notifications by apprise, here to a server on loopback."""

import json
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from watched import PAGE, Town


class Inbox:
    """A server that accepts what is posted to it, or refuses."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []
        self.status = 200
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                outer.messages.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(outer.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Print nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()
        self.url = f"json://user:s3cret@127.0.0.1:{self._server.server_address[1]}/hook"

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    inbox = Inbox()
    yield inbox
    inbox.close()


def breaks(town: Town) -> None:
    town.articles(6)
    town.crawl()
    town.articles(6, PAGE.replace("id=s", "id=was"))


def test_an_alarm_is_sent_with_the_report(town: Town, inbox: Inbox) -> None:
    breaks(town)
    town.crawl("--all", "--notify", inbox.url, code=5)
    (message,) = inbox.messages
    assert message["title"] == "archiver: alarm: town"
    assert "town: alarm: article: summary: 6 of 6 pages have none" in message["message"]
    assert "town: run 2, done, " in message["message"]


def test_a_crawl_without_an_alarm_sends_nothing_by_default(town: Town, inbox: Inbox) -> None:
    town.articles(3)
    town.crawl("--notify", inbox.url)
    assert inbox.messages == []
    town.crawl("--all", "--notify", inbox.url, "--notify-always")
    assert inbox.messages[0]["title"] == "archiver: town"


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
    assert message["title"] == "archiver: crawl town failed"
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
    assert "archiver[notify]" in line
    town("crawl", "town")


def test_no_address_is_stored_in_the_archive(town: Town, inbox: Inbox) -> None:
    breaks(town)
    town.crawl("--all", "--notify", inbox.url, code=5)
    for file in town.folder.rglob("archive*"):
        assert b"s3cret" not in file.read_bytes()
    assert "s3cret" not in town.err
