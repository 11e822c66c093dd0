"""The delay before each request to a server. Pure: the time is an argument, in seconds of any steady clock.

A server gets one request per `delay` seconds, counted from the end of one request to the start of the next. The
server's own log can then confirm the delay, however long connections take. A failed page doubles the wait, up to five
minutes; a successful page resets it to the delay.

The circuit breaker counts the pages in a row for which the server gave no answer: it refused or broke the connection,
timed out, had no DNS entry or no valid certificate, or said that it is overloaded (429, 502, 503, 504). A page that
answers 500 is an error of that page and resets the count. After ten such pages the circuit opens: the server gets no
request for 15 minutes, then one (half open). Each further failure doubles the pause, up to a day. Retries of one page
are not counted.

Before the circuit opens, the page that answered last is requested again (`is_about_to_open`). When it answers, pages
fail and not the server, so the count begins again (`excuse`), twice at most without a page that succeeds.
"""

import math
from dataclasses import dataclass

from archiver.model.policy import CIRCUIT

LONGEST_WAIT = 300.0  # seconds between two requests to a server that keeps failing
_MOST_EXCUSES = 2
_FIRST_PAUSE, _LONGEST_PAUSE = 900.0, 86400.0  # seconds


@dataclass
class _DelayState:
    """The state of one server.

    `failures`: failed pages in a row; `unanswered`: those that the circuit counts; `excuses`: how often the count began
    again because another page answered.
    """

    next_free: float = 0.0
    delay: float = 0.0
    failures: int = 0
    unanswered: int = 0
    excuses: int = 0


class HostDelays:
    """The delays of many servers, each independent of the others."""

    def __init__(self, delay: float = 0.0, penalty: float = 1.0, circuit: int = CIRCUIT) -> None:
        """Set the limits that hold for every server.

        Args:
            delay: least seconds between two requests.
            penalty: seconds to wait after a first failure when `delay` is shorter.
            circuit: the number of pages in a row without an answer that opens the circuit.
        """
        self.circuit = circuit
        self._delay = delay
        self._penalty = penalty
        self._states: dict[str, _DelayState] = {}

    def _state(self, origin: str) -> _DelayState:
        return self._states.setdefault(origin, _DelayState(delay=self._delay))

    def slow_down(self, origin: str, delay: float) -> None:
        """Raise the delay to `delay` seconds, as a profile or the server (Crawl-delay) asks. It is never lowered."""
        state = self._state(origin)
        state.delay = max(state.delay, delay)

    def delay(self, origin: str) -> float:
        """Return the seconds between two requests to a server without failures."""
        return self._state(origin).delay

    def reserve(self, origin: str, now: float, max_wait: float = math.inf) -> float:
        """Reserve the next free time and return the seconds until then. Reserve nothing if it is beyond `max_wait`."""
        state = self._state(origin)
        start = max(now, state.next_free)
        if start - now <= max_wait:
            state.next_free = start + state.delay
        return start - now

    def attempt_failed(self, origin: str, now: float, *, retry_after: float = 0.0) -> None:
        """Slow down after an attempt that may be retried. The page counts as failed only after its last attempt."""
        state = self._state(origin)
        state.next_free = max(state.next_free, now + max(retry_after, self._gap(state, state.failures + 1)))

    def page_finished(
        self, origin: str, now: float, *, succeeded: bool, retry_after: float = 0.0, is_answered: bool | None = None
    ) -> float:
        """Record how a page ended.

        Args:
            origin: the server.
            now: seconds.
            succeeded: whether the page was fetched; if not, the wait doubles.
            retry_after: seconds of the server's Retry-After header.
            is_answered: whether the server answered; `succeeded` by default. The circuit counts unanswered pages.

        Returns:
            The seconds for which the open circuit suspends requests to the server; 0 when it is closed.
        """
        state = self._state(origin)
        state.failures = 0 if succeeded else state.failures + 1
        state.excuses = 0 if succeeded else state.excuses
        state.unanswered = 0 if (succeeded if is_answered is None else is_answered) else state.unanswered + 1
        beyond = state.unanswered - self.circuit
        pause = min(_LONGEST_PAUSE, _FIRST_PAUSE * float(2 ** min(beyond, 10))) if beyond >= 0 else 0.0
        state.next_free = max(state.next_free, now + max(retry_after, pause, self._gap(state, state.failures)))
        return pause

    def is_about_to_open(self, origin: str) -> bool:
        """Whether the next page without an answer opens the closed circuit, and another page may still excuse it."""
        state = self._state(origin)
        return state.unanswered == self.circuit - 1 and state.excuses < _MOST_EXCUSES

    def excuse(self, origin: str) -> None:
        """Count from the beginning: another page of the server answered."""
        state = self._state(origin)
        state.failures = state.unanswered = 0
        state.excuses += 1

    def seconds_held(self, origin: str, now: float) -> float:
        """Return the seconds until the next request to a server is allowed."""
        return max(0.0, self._state(origin).next_free - now)

    def gap(self, origin: str) -> float:
        """Return the present seconds between two requests to a server, with its failures counted."""
        state = self._state(origin)
        return self._gap(state, state.failures)

    def failures(self, origin: str) -> int:
        """Return the number of pages in a row that the server did not answer."""
        return self._state(origin).unanswered

    def is_open(self, origin: str) -> bool:
        """Whether the circuit is open: one request decides whether it stays open."""
        return self._state(origin).unanswered >= self.circuit

    def restore_failures(self, origin: str, failures: int) -> None:
        """Take over the number of failures that an earlier run stored."""
        state = self._state(origin)
        state.failures = max(state.failures, failures)
        state.unanswered = max(state.unanswered, failures)

    def hold(self, origin: str, until: float) -> None:
        """Allow no request before the time `until`, in seconds."""
        state = self._state(origin)
        state.next_free = max(state.next_free, until)

    def _gap(self, state: _DelayState, failures: int) -> float:
        if not failures:
            return state.delay
        return max(state.delay, min(LONGEST_WAIT, max(state.delay, self._penalty) * float(2 ** min(failures - 1, 10))))
