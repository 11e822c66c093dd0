"""Numbers with their units and reasons: what a fetch may cost, and how often it is tried."""

from dataclasses import dataclass
from typing import Literal

from archiver.model.profile import CrawlRules

PRODUCT = "archiver"
CIRCUIT = 10  # pages in a row that no server answered for


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one fetch.

    Attributes:
        max_bytes: of the body, as sent and as decoded; more is `too_big`.
        timeout: seconds for the whole fetch, from the first byte asked to the last received.
        connections: at the same time to one server.
        tls: "verify", or "record": go on with a broken certificate and say so in the visit.
        cookies: whether what the server sets is sent back.
        max_head: bytes of status line and headers; more is no honest answer.
    """

    max_bytes: int = 10_000_000
    timeout: float = 60.0
    connections: int = 1
    tls: Literal["verify", "record"] = "verify"
    cookies: bool = False
    max_head: int = 256_000


@dataclass(frozen=True, slots=True)
class Retries:
    """How often one address is asked again when the network or the server fails, and when a server is left alone.

    Attributes:
        attempts: in all; three tell a hiccup from an outage.
        first_wait: seconds before the second attempt; doubles, with full jitter.
        longest_wait: seconds; a server that asks for more (Retry-After) is left alone until then, not waited for.
        circuit: pages in a row without an answer after which a server is left alone.
    """

    attempts: int = 3
    first_wait: float = 1.0
    longest_wait: float = 30.0
    circuit: int = CIRCUIT


def limits_of(rules: CrawlRules) -> Limits:
    """The bounds a profile asks for."""
    return Limits(rules.max_bytes, rules.timeout, rules.connections, rules.tls, rules.cookies)


def user_agent(version: str, rules: CrawlRules | None = None) -> str:
    """How we name ourselves: the profile's own words, or product, version and whom to write to."""
    if rules is None:
        return f"{PRODUCT}/{version}"
    if rules.user_agent:
        return rules.user_agent
    return f"{PRODUCT}/{version}" + (f" (+{rules.contact})" if rules.contact else "")
