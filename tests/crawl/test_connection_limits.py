"""Connection limits of a server: at most so many requests at a time, served in order, and none is lost."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.fetch.robots import RobotsAnswer
from archiver.model.clock import SettableClock
from archiver.polite.connection_limits import ConnectionLimits
from archiver.polite.host_delays import HostDelays
from archiver.polite.rate_limiter import RateLimiter
from archiver.polite.server_groups import ServerGroups
from archiver.polite.stop import ServerSuspended, Stopped
from archiver.store.frontier import HostState
from made import START

HOST = "http://x.example"


def _never() -> bool:
    return False


@given(st.lists(st.tuples(st.integers(1, 4), st.integers(0, 5), st.booleans()), max_size=30))
def test_the_lowest_limit_holds_and_all_requests_are_served(requests: list[tuple[int, int, bool]]) -> None:
    async def run() -> tuple[list[int], int]:
        limits, busy, order, peak = ConnectionLimits(), 0, list[int](), 0

        async def one(number: int, limit: int, rounds: int) -> None:
            nonlocal busy, peak
            async with limits.connection(HOST, limit, _never):
                order.append(number)
                busy += 1
                peak = max(peak, busy)
                try:
                    for _ in range(rounds):
                        await asyncio.sleep(0)
                finally:
                    busy -= 1

        async with limits.connection(HOST, min((limit for limit, _, _ in requests), default=1), _never):
            tasks = [
                asyncio.create_task(one(number, limit, rounds)) for number, (limit, rounds, _) in enumerate(requests)
            ]
            for _ in range(3):
                await asyncio.sleep(0)
            for task, (_, _, is_cut) in zip(tasks, requests, strict=True):
                if is_cut:
                    task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        async with limits.connection(HOST, 64, _never):  # none is lost
            pass
        return order, peak

    order, peak = asyncio.run(run())
    assert peak <= min((limit for limit, _, _ in requests), default=1)
    assert {number for number, (_, _, is_cut) in enumerate(requests) if not is_cut} <= set(order)
    assert order == sorted(order)


def test_a_waiting_request_ends_when_the_run_stops() -> None:
    async def run() -> None:
        limits = ConnectionLimits()
        async with limits.connection(HOST, 1, _never):
            with pytest.raises(Stopped):
                async with limits.connection(HOST, 1, lambda: True):
                    raise AssertionError("not reached")
            async with limits.connection("http://y.example", 1, lambda: True):
                pass
        async with limits.connection(HOST, 1, lambda: True):
            pass

    asyncio.run(run())


class _States:
    async def host(self, origin: str) -> HostState:
        return HostState()

    async def put_robots(self, origin: str, answer: RobotsAnswer, now: str) -> None: ...

    async def put_not_before(self, origin: str, not_before: str | None) -> None: ...

    async def put_failures(self, origin: str, failures: int) -> None: ...


def _limiter(
    delays: HostDelays, max_wait: float, on_suspended: Callable[[str], None] = lambda _message: None
) -> RateLimiter:
    return RateLimiter(
        delays,
        _States(),
        SettableClock(START),
        ServerGroups("", _unknown),
        shared_hosts=None,
        max_wait=max_wait,
        on_suspended=on_suspended,
    )


async def _unknown(_url: str) -> list[str]:
    return []


def test_the_usual_delay_is_never_too_far_away() -> None:
    async def run() -> list[float]:
        waits: list[float] = []

        async def rest(seconds: float) -> None:
            waits.append(seconds)

        limiter = _limiter(HostDelays(400.0), 330.0)
        for _ in range(3):
            await limiter.wait(HOST, rest, connections=2)
        return waits

    assert [round(wait, -1) for wait in asyncio.run(run())] == [0, 400, 800]


def test_a_long_retry_after_suspends_the_server_and_reserves_no_time() -> None:
    async def run() -> float:
        delays = HostDelays(1.0)
        limiter = _limiter(delays, 330.0)
        await limiter.page_finished(HOST, succeeded=False, retry_after=timedelta(hours=1))
        for _ in range(50):
            with pytest.raises(ServerSuspended):
                await limiter.wait(HOST, asyncio.sleep)
        await _limiter(delays, 4000.0).wait(HOST, lambda seconds: _keep(kept, seconds))
        return kept[0]

    kept: list[float] = []

    async def _keep(kept: list[float], seconds: float) -> None:
        kept.append(seconds)

    assert 3590 <= asyncio.run(run()) <= 3600
