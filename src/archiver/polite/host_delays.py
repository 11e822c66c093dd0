"""Who may be asked when. Pure: the time is an argument, in seconds of any steady clock.

A server gets one request each `delay` seconds, counted from the end of one to the start of the next: only so can
the server's own log prove it, whatever the connections cost. A failure or a refusal only ever
makes the wait longer: each one in a row doubles it, up to five minutes; a success takes it back to the delay. After
ten in a row the circuit opens: the server is left alone for a quarter of an hour, then asked once (half open), and
left alone for twice as long with each further failure, up to a day.
"""

import math
from dataclasses import dataclass

from archiver.model.policy import CIRCUIT

LONGEST_WAIT = 300.0  # seconds between two requests to a server that keeps failing
_FIRST_PAUSE, _LONGEST_PAUSE = 900.0, 86400.0  # seconds


@dataclass
class _Server:
    next_free: float = 0.0
    delay: float = 0.0
    failures: int = 0


class Pace:
    """The waits of many servers, each on its own."""

    def __init__(self, delay: float = 0.0, penalty: float = 1.0, circuit: int = CIRCUIT) -> None:
        """`delay`: least seconds between requests; `penalty`: what a first failure costs where the delay is shorter.

        `circuit`: failures in a row that open it.
        """
        self.circuit = circuit
        self._delay = delay
        self._penalty = penalty
        self._servers: dict[str, _Server] = {}

    def _server(self, origin: str) -> _Server:
        return self._servers.setdefault(origin, _Server(delay=self._delay))

    def slow_down(self, origin: str, delay: float) -> None:
        """Seconds between requests, as a profile or the server itself (Crawl-delay) wants it: the longest counts."""
        server = self._server(origin)
        server.delay = max(server.delay, delay)

    def delay(self, origin: str) -> float:
        """Seconds between two requests to a server that answers well."""
        return self._server(origin).delay

    def reserve(self, origin: str, now: float, patience: float = math.inf) -> float:
        """Take the next free moment to ask; gives the seconds to wait for it. One beyond `patience` is not taken."""
        server = self._server(origin)
        start = max(now, server.next_free)
        if start - now <= patience:
            server.next_free = start + server.delay
        return start - now

    def answered(self, origin: str, now: float, *, well: bool, plea: float = 0.0) -> float:
        """How a request ended. `plea`: seconds the server asked to be left alone (Retry-After).

        Gives the seconds for which the server is left alone now because its circuit is open; 0 when it is not.
        """
        server = self._server(origin)
        server.failures = 0 if well else server.failures + 1
        beyond = server.failures - self.circuit
        pause = min(_LONGEST_PAUSE, _FIRST_PAUSE * float(2 ** min(beyond, 10))) if beyond >= 0 else 0.0
        server.next_free = max(server.next_free, now + max(plea, pause, self._gap(server)))
        return pause

    def gap(self, origin: str) -> float:
        """Seconds between two requests to a server, as things stand."""
        return self._gap(self._server(origin))

    def failures(self, origin: str) -> int:
        """How often in a row it failed."""
        return self._server(origin).failures

    def failed_before(self, origin: str, failures: int) -> None:
        """What another run knows of it."""
        server = self._server(origin)
        server.failures = max(server.failures, failures)

    def hold(self, origin: str, until: float) -> None:
        """Do not ask before this moment."""
        server = self._server(origin)
        server.next_free = max(server.next_free, until)

    def _gap(self, server: _Server) -> float:
        if not server.failures:
            return server.delay
        return min(LONGEST_WAIT, max(server.delay, self._penalty) * float(2 ** min(server.failures - 1, 10)))
