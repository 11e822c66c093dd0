"""robots.txt by RFC 9309: how it is fetched, what its status means, and whether an address may be visited."""

import codecs
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import lru_cache

from archiver.fetch.rules import Rules
from archiver.model.capture import Capture, Outcome, Request
from archiver.text.url import origin_of

MAX_BYTES = 500 * 1024  # RFC 9309, 2.5: at least 500 KiB are parsed; a line cut at the limit is dropped
MAX_HOPS = 5  # RFC 9309, 2.3.1.2
MAX_CRAWL_DELAY = 60.0  # seconds; a longer delay would stop a crawl instead of slowing it
_OK, _TOO_MANY, _SERVER = 200, 429, 500


@dataclass(frozen=True, slots=True)
class RobotsAnswer:
    """The robots.txt of a server and the visits that fetched it. status None: the server did not respond."""

    status: int | None
    text: str
    note: str = ""
    captures: tuple[Capture, ...] = ()


@dataclass(frozen=True, slots=True)
class RobotsDecision:
    """Whether an address may be visited, and the reason as text."""

    allowed: bool
    why: str


def robots_address(url: str) -> str:
    """Return the address of the rules for an address: the origin's /robots.txt (scheme, host and port)."""
    return origin_of(url) + "/robots.txt"


async def ask_robots(fetch: Callable[[Request], Awaitable[Capture]], url: str) -> RobotsAnswer:
    """Fetch the rules for an address; up to five redirects are followed, even to other hosts."""
    target = robots_address(url)
    captures: list[Capture] = []
    while len(captures) <= MAX_HOPS:
        capture = await fetch(Request(target))
        captures.append(capture)
        if capture.outcome is not Outcome.MOVED or not capture.location:
            return _answer(capture, tuple(captures))
        target = capture.location
    return RobotsAnswer(404, "", f"more than {MAX_HOPS} redirects: treated as missing", tuple(captures))


def _answer(capture: Capture, captures: tuple[Capture, ...]) -> RobotsAnswer:
    is_cut = capture.outcome is Outcome.TRUNCATED and len(capture.body) >= MAX_BYTES
    if capture.status is None or (capture.outcome.traits.is_partial and not is_cut):
        return RobotsAnswer(None, capture.note, capture.note, captures)
    return RobotsAnswer(capture.status, _text(capture.body), capture.note, captures)


def text_of(capture: Capture) -> str | None:
    """Return the text of a robots.txt; "" when there is none, None when that is unknown."""
    if capture.outcome is Outcome.GONE:
        return ""
    return _text(capture.body) if capture.outcome is Outcome.OK else None


def _text(body: bytes) -> str:
    if len(body) >= MAX_BYTES:
        body = body[:MAX_BYTES].rpartition(b"\n")[0]
    return body.removeprefix(codecs.BOM_UTF8).decode("utf-8", "replace")


class Robots:
    """The rules of one server. Without a status, `text` is the reason why there are none."""

    def __init__(self, status: int | None, text: str) -> None:
        self._status = status
        self._text = text
        self._rules = _parse(text) if status is not None and _OK <= status < 300 else None  # noqa: PLR2004

    @property
    def are_known(self) -> bool:
        """Return whether the rules are known; if not, the server must not be requested for now."""
        return self._status is not None and self._status < _SERVER and self._status != _TOO_MANY

    def decide(self, url: str, agent: str) -> RobotsDecision:
        """Return whether an address may be visited."""
        if self._status is None:
            cause = f" ({self._text})" if self._text else ""
            return RobotsDecision(
                allowed=False, why=f"robots.txt could not be fetched{cause}, so nothing may be requested (RFC 9309)"
            )
        if self._status >= _SERVER or self._status == _TOO_MANY:
            return RobotsDecision(
                allowed=False, why=f"robots.txt answered {self._status}, so nothing may be requested yet (RFC 9309)"
            )
        if self._rules is None or url == robots_address(url):
            return RobotsDecision(allowed=True, why=f"robots.txt answered {self._status}: no rules")
        verdict = self._rules.verdict(url, agent)
        words = f": {verdict.words}" if verdict.words else "; no rule matches it"
        return RobotsDecision(verdict.allowed, f"robots.txt {'allows' if verdict.allowed else 'forbids'} it{words}")

    def delay(self, agent: str) -> float:
        """Return the requested Crawl-delay in seconds, at most a minute; 0 without one."""
        return min(self._rules.delay(agent), MAX_CRAWL_DELAY) if self._rules else 0.0


@lru_cache(maxsize=64)
def _parse(text: str) -> Rules:
    return Rules(text)
