"""The door to tenacity: what is asked again, how long we wait, and what a server's Retry-After means."""

import asyncio
import dataclasses
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import tenacity

from archiver.model.capture import Capture, Outcome, Request
from archiver.model.policy import Retries

Fetch = Callable[[Request], Awaitable[Capture]]
Sleep = Callable[[float], Awaitable[None]]

_TRANSIENT_STATUS = frozenset({408, 425, 429, 500, 502, 503, 504})
_TRANSIENT_OUTCOME = frozenset({Outcome.NETWORK_ERROR, Outcome.TRUNCATED})
_LONGEST_PLEA = timedelta(days=1)


def is_transient(capture: Capture) -> bool:
    """Whether the same request may well fare better in a moment."""
    return capture.outcome in _TRANSIENT_OUTCOME or capture.status in _TRANSIENT_STATUS


def retry_after(capture: Capture) -> timedelta | None:
    """How long the server asks to be left alone (RFC 9110, 10.2.3): seconds or a date; at most a day.

    A date counts from the answer's own Date header, so that a wrong clock on either side does no harm.
    Negative, past and unreadable values are no plea.
    """
    plea = capture.header("retry-after")
    if not plea:
        return None
    if plea.isascii() and plea.isdigit():
        return min(timedelta(seconds=int(plea[:9])), _LONGEST_PLEA)
    until = _http_date(plea)
    if until is None:
        return None
    since = _http_date(capture.header("date") or "") or capture.visited_at
    wait = until - since
    return min(wait, _LONGEST_PLEA) if wait > timedelta(0) else None


def _http_date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


async def fetch_patiently(fetch: Fetch, request: Request, policy: Retries, sleep: Sleep = asyncio.sleep) -> Capture:
    """Ask, and ask again while it may help; gives the last answer, with the number of tries in its note.

    A server that pleads for longer than `policy.longest_wait` is not asked again here.
    """
    backoff = tenacity.wait_random_exponential(multiplier=policy.first_wait, max=policy.longest_wait)

    def wait(state: tenacity.RetryCallState) -> float:
        capture = _result(state)
        plea = retry_after(capture) if capture else None
        return max(plea.total_seconds() if plea else 0.0, backoff(state))

    def worth_it(capture: Capture) -> bool:
        plea = retry_after(capture)
        return is_transient(capture) and (plea is None or plea.total_seconds() <= policy.longest_wait)

    retrying = tenacity.AsyncRetrying(
        retry=tenacity.retry_if_result(worth_it),
        wait=wait,
        stop=tenacity.stop_after_attempt(policy.attempts),
        sleep=sleep,
        retry_error_callback=_result,
    )
    capture: Capture = await retrying(fetch, request)
    tries = int(retrying.statistics.get("attempt_number", 1))
    if tries == 1:
        return capture
    note = "; ".join(filter(None, (capture.note, f"{tries} tries")))
    return dataclasses.replace(capture, note=note)


def _result(state: tenacity.RetryCallState) -> Capture | None:
    return state.outcome.result() if state.outcome is not None else None
