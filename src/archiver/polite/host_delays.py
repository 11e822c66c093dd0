"""Who may be asked when. Pure: the time is an argument, in seconds of any steady clock.

A server gets one request each `delay` seconds, counted from the end of one to the start of the next: only so can
the server's own log prove it, whatever the connections cost. A failure or a refusal only ever
makes the wait longer: each page in a row that failed doubles it, up to five minutes; a success takes it back to the
delay.

The circuit counts pages that no server answered for: it refused or broke the connection, was silent, had no name or no
valid certificate, or said that it is overloaded (429, 502, 503, 504). A page that answers 500 is a fault of that page,
and ends such a row. After ten in a row the circuit opens: the server is left alone for a quarter of an hour, then asked
once (half open), and left alone for twice as long with each further failure, up to a day. Pages are counted, not tries.
"""

import math
from dataclasses import dataclass

from archiver.model.policy import CIRCUIT

LONGEST_WAIT = 300.0  # seconds between two requests to a server that keeps failing
_FIRST_PAUSE, _LONGEST_PAUSE = 900.0, 86400.0  # seconds


@dataclass
class _Server:
    """`failures`: pages in a row that failed; `unanswered`: those in a row for which the circuit counts."""

    next_free: float = 0.0
    delay: float = 0.0
    failures: int = 0
    unanswered: int = 0


class Pace:
    """The waits of many servers, each on its own."""

    def __init__(self, delay: float = 0.0, penalty: float = 1.0, circuit: int = CIRCUIT) -> None:
        """`delay`: least seconds between requests; `penalty`: what a first failure costs where the delay is shorter.

        `circuit`: pages in a row without an answer that open it.
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

    def failed_once(self, origin: str, now: float, *, plea: float = 0.0) -> None:
        """A try failed, and the page may be asked again: it counts when the page is done, and slows down at once."""
        server = self._server(origin)
        server.next_free = max(server.next_free, now + max(plea, self._gap(server, server.failures + 1)))

    def answered(
        self, origin: str, now: float, *, well: bool, plea: float = 0.0, is_answer: bool | None = None
    ) -> float:
        """How a page ended.

        Args:
            origin: the server.
            now: seconds.
            well: whether it came as it should; else the wait doubles.
            plea: seconds the server asked to be left alone (Retry-After).
            is_answer: whether the server answered at all; by default when all is well. The circuit counts the others.

        Returns:
            The seconds for which the server is left alone now because its circuit is open; 0 when it is not.
        """
        server = self._server(origin)
        server.failures = 0 if well else server.failures + 1
        server.unanswered = 0 if (well if is_answer is None else is_answer) else server.unanswered + 1
        beyond = server.unanswered - self.circuit
        pause = min(_LONGEST_PAUSE, _FIRST_PAUSE * float(2 ** min(beyond, 10))) if beyond >= 0 else 0.0
        server.next_free = max(server.next_free, now + max(plea, pause, self._gap(server, server.failures)))
        return pause

    def gap(self, origin: str) -> float:
        """Seconds between two requests to a server, as things stand."""
        server = self._server(origin)
        return self._gap(server, server.failures)

    def failures(self, origin: str) -> int:
        """For how many pages in a row it did not answer."""
        return self._server(origin).unanswered

    def is_open(self, origin: str) -> bool:
        """Whether the circuit is open: one try decides whether the server is left alone again."""
        return self._server(origin).unanswered >= self.circuit

    def failed_before(self, origin: str, failures: int) -> None:
        """What another run knows of it."""
        server = self._server(origin)
        server.failures = max(server.failures, failures)
        server.unanswered = max(server.unanswered, failures)

    def hold(self, origin: str, until: float) -> None:
        """Do not ask before this moment."""
        server = self._server(origin)
        server.next_free = max(server.next_free, until)

    def _gap(self, server: _Server, failures: int) -> float:
        if not failures:
            return server.delay
        return max(
            server.delay, min(LONGEST_WAIT, max(server.delay, self._penalty) * float(2 ** min(failures - 1, 10)))
        )
