"""robots.txt by RFC 9309, and the checks before it."""

import asyncio
from datetime import UTC, datetime

import pytest

from archiver.fetch.robots import MAX_BYTES, Robots, ask_robots
from archiver.model.capture import Capture, Outcome, Request

AGENT = "archiver/0.1 (+archive@example.org)"


@pytest.mark.parametrize(
    ("status", "text", "path", "allowed"),
    [
        (200, "", "/a", True),
        (200, "User-agent: *\nDisallow: /", "/a", False),
        (200, "User-agent: *\nDisallow: /a\nAllow: /a/b", "/a/b/c", True),
        (200, "User-agent: *\nDisallow: /*.pdf$", "/x.pdf", False),
        (200, "User-agent: *\nDisallow: /*.pdf$", "/x.pdf?y", True),
        (200, "User-agent: archiver\nDisallow: /x\n\nUser-agent: *\nDisallow: /", "/a", True),
        (200, "User-agent: other\nDisallow: /", "/a", True),
        (200, "User-agent: *\nDisallow: /", "/robots.txt", True),
        (404, "User-agent: *\nDisallow: /", "/a", True),
        (403, "", "/a", True),
        (429, "", "/a", False),
        (500, "", "/a", False),
        (503, "", "/a", False),
        (None, "", "/a", False),
    ],
)
def test_who_may_ask_what(status: int | None, text: str, path: str, allowed: bool) -> None:
    decision = Robots(status, text).decide(f"http://x.example{path}", AGENT)
    assert decision.allowed is allowed
    assert decision.why


def test_a_crawl_delay_is_honoured_up_to_a_minute() -> None:
    assert Robots(200, "User-agent: *\nCrawl-delay: 5").delay(AGENT) == 5
    assert Robots(200, "User-agent: *\nCrawl-delay: 9999").delay(AGENT) == 60
    assert Robots(200, "User-agent: *\nCrawl-delay: -1").delay(AGENT) == 0
    assert Robots(404, "").delay(AGENT) == 0


def _ask(answers: dict[str, Capture]) -> tuple[int | None, str]:
    async def fetch(request: Request) -> Capture:
        return answers[request.url]

    answer = asyncio.run(ask_robots(fetch, "http://x.example/page"))
    return answer.status, answer.text


def _capture(url: str, status: int, body: bytes = b"", location: str | None = None) -> Capture:
    outcome = Outcome.MOVED if location else Outcome.OK
    now = datetime(2022, 10, 21, tzinfo=UTC)
    return Capture(Request(url), now, outcome, status, b"HTTP/1.1 200 OK\r\n\r\n", (), body, location)


def test_a_byte_order_mark_hides_no_rule() -> None:
    status, text = _ask({"http://x.example/robots.txt": _capture("", 200, b"\xef\xbb\xbfUser-agent: *\nDisallow: /")})
    assert not Robots(status, text).decide("http://x.example/a", AGENT).allowed


def test_redirects_are_followed_to_other_hosts_up_to_a_limit() -> None:
    there = "http://y.example/r.txt"
    moved = {
        "http://x.example/robots.txt": _capture("", 301, location=there),
        there: _capture(there, 200, b"User-agent: *"),
    }
    assert _ask(moved) == (200, "User-agent: *")
    loop = {"http://x.example/robots.txt": _capture("", 301, location="http://x.example/robots.txt")}
    assert _ask(loop)[0] == 404


def test_a_huge_file_is_cut_at_a_line() -> None:
    body = b"User-agent: *\n" + b"Disallow: /private-part-of-the-site\n" * 20_000
    _, text = _ask({"http://x.example/robots.txt": _capture("", 200, body)})
    assert len(text) <= MAX_BYTES
    assert text.splitlines()[-1] == "Disallow: /private-part-of-the-site"


@pytest.mark.parametrize("outcome", [Outcome.TOO_BIG, Outcome.TRUNCATED, Outcome.UNREADABLE])
def test_rules_that_did_not_come_whole_forbid_everything(outcome: Outcome) -> None:
    async def fetch(request: Request) -> Capture:
        return Capture(request, datetime(2022, 10, 21, tzinfo=UTC), outcome, 200, b"HTTP/1.1 200 OK\r\n\r\n")

    answer = asyncio.run(ask_robots(fetch, "http://a.example/p"))
    assert not Robots(answer.status, answer.text).decide("http://a.example/p", "archiver").allowed
