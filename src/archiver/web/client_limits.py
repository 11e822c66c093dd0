"""How often one client may ask: a bucket of tokens for each, in bounded memory."""

import time
from collections import OrderedDict
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address, ip_network

_MOST_CLIENTS = 10_000


class ClientBuckets:
    """Buckets of tokens by client. A bucket that is full again is as good as none, so old ones are dropped first."""

    def __init__(
        self, burst: float, each_second: float, clock: Callable[[], float] = time.monotonic, most: int = _MOST_CLIENTS
    ) -> None:
        """Make the buckets.

        Args:
            burst: the requests that a client may make at once.
            each_second: those that it may make each second, after that.
            clock: the monotonic clock.
            most: the clients that are remembered.
        """
        self._burst, self._rate, self._clock, self._most = burst, each_second, clock, most
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, client: str, cost: float = 1.0) -> float:
        """Take a token, or a part of one; return 0, or the seconds until there is enough."""
        name, now = _network(client), self._clock()
        tokens, before = self._buckets.pop(name, (self._burst, now))
        tokens = min(self._burst, tokens + (now - before) * self._rate)
        wait = 0.0 if tokens >= cost else (cost - tokens) / self._rate
        self._buckets[name] = (tokens - cost if not wait else tokens, now)
        while len(self._buckets) > self._most:
            self._buckets.popitem(last=False)
        return wait

    def __len__(self) -> int:
        """Return the number of clients that are remembered."""
        return len(self._buckets)


def _network(client: str) -> str:
    """Return what is counted as one client: an IPv4 address, or the 64 first bits of an IPv6 address."""
    try:
        address = ip_address(client)
    except ValueError:
        return client[:64]
    if isinstance(address, IPv6Address):
        return str(address.ipv4_mapped or ip_network((address, 64), strict=False))
    return str(address)
