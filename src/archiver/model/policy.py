"""Limits of a fetch and of its retries, with units and reasons."""

from dataclasses import dataclass
from typing import Literal

from archiver.model.profile import CrawlRules

PRODUCT = "archiver"
_LEAST_SECONDS = 80.0  # of a capture: a request that times out, and a third of another; a command ends within 90
CIRCUIT = 10  # pages in a row that no server answered for


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one fetch.

    Attributes:
        max_bytes: of the body, as sent and as decoded; a larger body is `too_big`.
        timeout: seconds for the whole fetch, from the first byte sent to the last byte received.
        connections: the number of simultaneous connections to one server.
        tls: "verify", or "record": accept an invalid certificate and record that in the visit.
        cookies: whether cookies that the server sets are sent back.
        max_head: bytes of status line and headers; a longer head is rejected.
    """

    max_bytes: int = 10_000_000
    timeout: float = 60.0
    connections: int = 1
    tls: Literal["verify", "record"] = "verify"
    cookies: bool = False
    max_head: int = 512_000


@dataclass(frozen=True, slots=True)
class Retries:
    """How often a failed request is repeated, and when requests to a server are suspended.

    Attributes:
        attempts: in total; three attempts separate a short fault from an outage.
        first_wait: seconds before the second attempt; doubles, with full jitter.
        longest_wait: seconds; when Retry-After is longer, the server is not requested until then.
        circuit: the number of pages in a row without an answer after which requests to a server are suspended.
    """

    attempts: int = 3
    first_wait: float = 1.0
    longest_wait: float = 30.0
    circuit: int = CIRCUIT


def limits_of(rules: CrawlRules) -> Limits:
    """Return the limits that a profile sets."""
    return Limits(rules.max_bytes, rules.timeout, rules.connections, rules.tls, rules.cookies)


def seconds_of_capture(limits: Limits) -> float:
    """Return the seconds that a capture outside of a crawl may take in all, with robots.txt, waits and retries."""
    return max(_LEAST_SECONDS, 1.25 * limits.timeout)


def user_agent(version: str, rules: CrawlRules | None = None) -> str:
    """Return the User-Agent: the profile's own, or product, version and contact."""
    if rules is None:
        return f"{PRODUCT}/{version}"
    if rules.user_agent:
        return rules.user_agent
    return f"{PRODUCT}/{version}" + (f" (+{rules.contact})" if rules.contact else "")
