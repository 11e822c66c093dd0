"""How often a batch goes from thread to thread: each hand-over costs as much as a tenth of a request."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest

from archiver.crawl.batch_writer import BatchWriter
from archiver.crawl.fetched import Fetched, KeptPage
from archiver.model.capture import Capture, Outcome, Request
from archiver.model.clock import system_clock
from archiver.polite.stop import StopFlag
from archiver.store.evidence import KeptVisit


class Counting(ThreadPoolExecutor):
    """One thread that counts what it is given."""

    def __init__(self) -> None:
        super().__init__(1)
        self.given = 0

    def submit(self, work: Callable[..., Any], /, *arguments: Any, **named: Any) -> Future[Any]:
        self.given += 1
        return super().submit(work, *arguments, **named)


class Steps:
    """A pipeline that does nothing."""

    def keep(self, batch: list[Fetched], _non_pages: object) -> list[KeptPage]:
        return [
            KeptPage(KeptVisit(number, each.page_id, 1, each.capture.visited_at, each.capture), each)
            for number, each in enumerate(batch)
        ]

    def read(self, _kept: list[KeptPage], *_: object) -> list[object]:
        return []

    def settle(self, _items: list[object]) -> list[object]:
        return []


@pytest.mark.parametrize(
    ("outcome", "status", "reads"),
    [(Outcome.OK, 200, 1), (Outcome.NOT_MODIFIED, 304, 0), (Outcome.GONE, 404, 0), (Outcome.NETWORK_ERROR, None, 0)],
)
def test_a_batch_is_handed_over_twice_and_once_more_to_be_read(
    outcome: Outcome, status: int | None, reads: int
) -> None:
    page = Fetched(1, Capture(Request("http://a.example/"), system_clock(), outcome, status, body=b"x"))
    with Counting() as writer, Counting() as readers:
        batches = BatchWriter(Steps(), writer, readers, lambda: (1, 0), StopFlag())  # type: ignore[arg-type]
        asyncio.run(batches.write([page] * 50, []))
    assert (writer.given, readers.given) == (2, reads)
