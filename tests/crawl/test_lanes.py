"""Lanes at a server: no more abreast than its most, in the order of coming, and none is ever lost."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.model.clock import SettableClock
from archiver.polite.connection_limits import Lanes
from archiver.polite.host_delays import Pace
from archiver.polite.rate_limiter import Turns
from archiver.polite.stop import NotNow, Stopped
from made import START

HOST = "http://x.example"


def _never() -> bool:
    return False


@given(st.lists(st.tuples(st.integers(1, 4), st.integers(0, 5), st.booleans()), max_size=30))
def test_no_more_abreast_than_the_least_most_and_all_come_through(requests: list[tuple[int, int, bool]]) -> None:
    async def run() -> tuple[list[int], int]:
        lanes, busy, order, peak = Lanes(), 0, list[int](), 0

        async def one(number: int, most: int, turns: int) -> None:
            nonlocal busy, peak
            async with lanes.lane(HOST, most, _never):
                order.append(number)
                busy += 1
                peak = max(peak, busy)
                try:
                    for _ in range(turns):
                        await asyncio.sleep(0)
                finally:
                    busy -= 1

        async with lanes.lane(HOST, min((most for most, _, _ in requests), default=1), _never):
            tasks = [asyncio.create_task(one(number, most, turns)) for number, (most, turns, _) in enumerate(requests)]
            for _ in range(3):
                await asyncio.sleep(0)
            for task, (_, _, is_cut) in zip(tasks, requests, strict=True):
                if is_cut:
                    task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        async with lanes.lane(HOST, 64, _never):  # none is lost
            pass
        return order, peak

    order, peak = asyncio.run(run())
    assert peak <= min((most for most, _, _ in requests), default=1)
    assert {number for number, (_, _, is_cut) in enumerate(requests) if not is_cut} <= set(order)
    assert order == sorted(order)


def test_who_waits_leaves_when_the_run_is_to_end() -> None:
    async def run() -> None:
        lanes = Lanes()
        async with lanes.lane(HOST, 1, _never):
            with pytest.raises(Stopped):
                async with lanes.lane(HOST, 1, lambda: True):
                    raise AssertionError("nobody gets here")
            async with lanes.lane("http://y.example", 1, lambda: True):
                pass
        async with lanes.lane(HOST, 1, lambda: True):
            pass

    asyncio.run(run())


class _Memory:
    async def put_not_before(self, origin: str, not_before: str | None) -> None: ...

    async def put_failures(self, origin: str, failures: int) -> None: ...


def _turns(pace: Pace, patience: float, tell: Callable[[str], None] = lambda _words: None) -> Turns:
    return Turns(pace, _Memory(), SettableClock(START), machine=None, patience=patience, tell=tell)


def test_the_usual_delay_is_never_too_far_away() -> None:
    async def run() -> list[float]:
        waits: list[float] = []

        async def rest(seconds: float) -> None:
            waits.append(seconds)

        turns = _turns(Pace(400.0), 330.0)
        for _ in range(3):
            await turns.wait(HOST, rest, abreast=2)
        return waits

    assert [round(wait, -1) for wait in asyncio.run(run())] == [0, 400, 800]


def test_a_plea_may_be_and_takes_no_turn() -> None:
    async def run() -> float:
        pace = Pace(1.0)
        turns = _turns(pace, 330.0)
        await turns.answered(HOST, well=False, plea=timedelta(hours=1))
        for _ in range(50):
            with pytest.raises(NotNow):
                await turns.wait(HOST, asyncio.sleep)
        await _turns(pace, 4000.0).wait(HOST, lambda seconds: _keep(kept, seconds))
        return kept[0]

    kept: list[float] = []

    async def _keep(kept: list[float], seconds: float) -> None:
        kept.append(seconds)

    assert 3590 <= asyncio.run(run()) <= 3600
