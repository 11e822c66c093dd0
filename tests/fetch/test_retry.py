"""Which requests are repeated, and what Retry-After means (RFC 9110, 10.2.3)."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from archiver.fetch.retry import fetch_patiently, is_transient, retry_after
from archiver.model.capture import Capture, Outcome, Request
from archiver.model.policy import Retries

NOW = datetime(2022, 10, 21, 9, 0, tzinfo=UTC)


def answer(status: int | None, outcome: Outcome, **headers: str) -> Capture:
    fields = tuple((name.replace("_", "-").encode(), value.encode()) for name, value in headers.items())
    head = b"HTTP/1.1 %d X\r\n\r\n" % status if status else b""
    return Capture(Request("http://x.example/"), NOW, outcome, status, head, fields)


@pytest.mark.parametrize(
    ("plea", "date", "seconds"),
    [
        ("120", "", 120),
        ("0", "", 0),
        ("Fri, 21 Oct 2022 09:10:00 GMT", "Fri, 21 Oct 2022 09:00:00 GMT", 600),
        ("Fri, 21 Oct 2022 12:10:00 GMT", "Fri, 21 Oct 2022 12:00:00 GMT", 600),
        ("Fri, 21 Oct 2022 09:01:00 GMT", "", 60),
        ("Fri, 21 Oct 2022 08:00:00 GMT", "", None),
        ("-5", "", None),
        ("soon", "", None),
        ("1e9", "", None),
        ("99999999999999999999", "", 86400),
        ("", "", None),
    ],
)
def test_retry_after_is_read_in_both_forms(plea: str, date: str, seconds: int | None) -> None:
    headers = {"Retry_After": plea, **({"Date": date} if date else {})}
    wait = retry_after(answer(503, Outcome.SERVER_ERROR, **headers))
    assert wait == (None if seconds is None else timedelta(seconds=seconds))


def run(answers: list[Capture], policy: Retries) -> tuple[Capture, int, list[float]]:
    waits: list[float] = []
    asked = 0

    async def fetch(_: Request) -> Capture:
        nonlocal asked
        asked += 1
        return answers[min(asked, len(answers)) - 1]

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    return asyncio.run(fetch_patiently(fetch, Request("http://x.example/"), policy, sleep)), asked, waits


def test_a_short_fault_is_retried_and_noted() -> None:
    capture, asked, _ = run([answer(503, Outcome.SERVER_ERROR), answer(200, Outcome.OK)], Retries(3, 1, 30))
    assert (capture.outcome, asked, capture.note) == (Outcome.OK, 2, "2 tries")


def test_an_outage_ends_with_the_last_answer() -> None:
    capture, asked, waits = run([answer(None, Outcome.NETWORK_ERROR)], Retries(3, 1, 30))
    assert (capture.outcome, asked, len(waits)) == (Outcome.NETWORK_ERROR, 3, 2)


def test_facts_are_not_asked_again() -> None:
    for status, outcome in ((200, Outcome.OK), (404, Outcome.GONE), (403, Outcome.BLOCKED), (301, Outcome.MOVED)):
        assert not is_transient(answer(status, outcome))
        assert run([answer(status, outcome)], Retries())[1] == 1


def test_a_short_retry_after_is_waited_for_and_a_long_one_ends_the_attempts() -> None:
    busy = answer(429, Outcome.BLOCKED, Retry_After="7")
    _, asked, waits = run([busy, answer(200, Outcome.OK)], Retries(3, 0, 30))
    assert asked == 2
    assert waits == [7.0]
    assert run([answer(503, Outcome.SERVER_ERROR, Retry_After="3600")], Retries(3, 0, 30))[1] == 1
