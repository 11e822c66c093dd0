"""The only user of tenacity: which requests are repeated, how long to wait, and what Retry-After means."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import tenacity

from archiver.model.capture import Capture, Request
from archiver.model.outcome import Outcome
from archiver.model.policy import Retries

Fetch = Callable[[Request], Awaitable[Capture]]
Sleep = Callable[[float], Awaitable[None]]

_TRANSIENT_STATUS = frozenset({408, 425, 429, 500, 502, 503, 504})
_LONGEST_DELAY = timedelta(days=1)


def is_transient(capture: Capture) -> bool:
    """Return whether the same request may succeed in a moment."""
    is_garbled = capture.outcome is Outcome.SERVER_ERROR and capture.status is None
    return capture.outcome.traits.is_transient or is_garbled or capture.status in _TRANSIENT_STATUS


def retry_after(capture: Capture) -> timedelta | None:
    """Return the delay that the server requests (RFC 9110, 10.2.3), as a number or a date; at most a day.

    A date is compared with the response's own Date header, so that a wrong clock on either side does no harm.
    Negative, past and invalid `Retry-After` values are ignored.
    """
    delay = capture.header("retry-after")
    if not delay:
        return None
    if delay.isascii() and delay.isdigit():
        return min(timedelta(seconds=int(delay[:9])), _LONGEST_DELAY)
    until = _http_date(delay)
    if until is None:
        return None
    since = _http_date(capture.header("date") or "") or capture.visited_at
    wait = until - since
    return min(wait, _LONGEST_DELAY) if wait > timedelta(0) else None


def _http_date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


async def fetch_patiently(fetch: Fetch, request: Request, policy: Retries, sleep: Sleep = asyncio.sleep) -> Capture:
    """Send a request, repeat it while that may help, and return the last capture with the attempts in its note.

    A server whose Retry-After exceeds `policy.longest_wait` is not requested again here.
    """
    backoff = tenacity.wait_random_exponential(multiplier=policy.first_wait, max=policy.longest_wait)

    def wait(state: tenacity.RetryCallState) -> float:
        capture = _result(state)
        delay = retry_after(capture) if capture else None
        return max(delay.total_seconds() if delay else 0.0, backoff(state))

    def worth_it(capture: Capture) -> bool:
        delay = retry_after(capture)
        return is_transient(capture) and (delay is None or delay.total_seconds() <= policy.longest_wait)

    first = await fetch(request)
    if not worth_it(first):
        return first  # as for nearly every request: what follows costs 0.1 ms
    taken = [first]

    async def attempt(request: Request) -> Capture:
        return taken.pop() if taken else await fetch(request)

    retrying = tenacity.AsyncRetrying(
        retry=tenacity.retry_if_result(worth_it),
        wait=wait,
        stop=tenacity.stop_after_attempt(policy.attempts),
        sleep=sleep,
        retry_error_callback=_result,
    )
    capture: Capture = await retrying(attempt, request)
    tries = int(retrying.statistics.get("attempt_number", 1))
    if tries == 1:
        return capture
    return capture.noted(f"{tries} tries")


def _result(state: tenacity.RetryCallState) -> Capture | None:
    return state.outcome.result() if state.outcome is not None else None
