"""When a crawl writes the pages that it has fetched: many in one commit, and none waits for long."""

import asyncio
import math
from collections.abc import Iterator
from pathlib import Path

import pytest

from archiver.crawl import crawl_work
from archiver.crawl.crawl_work import CrawlWork
from archiver.crawl.fetched import Fetched
from archiver.crawl.pipeline import Pipeline
from archiver.model.reason import Reason, ReasonCode
from archiver.store.frontier import Due
from made import capture
from scripted import Scripted

LINK = Reason.of(ReasonCode.LINK)
PAGE = Due(1, "http://x.example/", None, 1, 0.0, "GET", b"", LINK)


def _fetched(count: int) -> list[Fetched]:
    return [Fetched(number, capture("http://x.example/"), 1, LINK) for number in range(count)]


def _working(*, queue: int = 1, exhausted: bool = False) -> CrawlWork:
    """Work with one request in progress."""
    request: asyncio.Task[None] = object()  # type: ignore[assignment]
    return CrawlWork(queue=[PAGE] * queue, fetching={request}, is_exhausted=exhausted)


def test_without_captures_nothing_is_written() -> None:
    assert _working().seconds_to_write(100.0, 100.0) == math.inf


@pytest.mark.parametrize(("age", "hold"), [(0.0, 0.0), (1.0, 0.05), (20.0, 1.0), (40.0, 2.0), (9999.0, 2.0)])
def test_a_capture_waits_for_others_two_seconds_at_most(age: float, hold: float) -> None:
    work = _working()
    work.add(_fetched(1), (), 100.0)
    work.add(_fetched(1), (), 100.0 + hold / 2)
    assert work.seconds_to_write(100.0, age) == pytest.approx(hold)
    assert work.seconds_to_write(100.0 + hold, age) == pytest.approx(0.0)


@pytest.mark.parametrize(
    ("count", "work"),
    [(50, _working()), (1, _working(queue=0, exhausted=True)), (1, CrawlWork(queue=[PAGE]))],
    ids=["fifty captures", "no other page to fetch", "nothing is being fetched"],
)
def test_captures_are_written_at_once(count: int, work: CrawlWork) -> None:
    work.add(_fetched(count), (), 100.0)
    assert work.seconds_to_write(100.0, 1000.0) <= 0


def test_a_batch_takes_fifty_and_the_others_wait_from_then_on() -> None:
    work = _working()
    work.add(_fetched(60), (), 100.0)
    batch, _ = work.take_batch(101.0)
    assert (len(batch), len(work.fetched), work.waiting_since) == (50, 10, 101.0)
    work.take_batch(102.0)
    assert work.seconds_to_write(102.0, 1000.0) == math.inf


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Scripted]:
    scripted = Scripted(tmp_path / "archive.db")
    yield scripted
    scripted.close()


@pytest.fixture
def batches(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return the sizes of the batches of a crawl whose captures wait for as long as there are others to fetch."""
    found: list[int] = []
    keep = Pipeline.keep

    def kept(pipeline: Pipeline, fetched: list[Fetched], non_pages: list[object] = []) -> object:  # noqa: B006
        found.append(len(fetched))
        return keep(pipeline, fetched, non_pages)  # type: ignore[arg-type]

    monkeypatch.setattr(Pipeline, "keep", kept)
    monkeypatch.setattr(crawl_work, "MAX_HOLD", 1000.0)
    monkeypatch.setattr(crawl_work, "_HOLD_SHARE", 1e9)
    return found


def test_a_slow_crawl_commits_many_pages_together(site: Scripted, batches: list[int]) -> None:
    site.page("/", "Home", extra=" ".join(f"<a href=/{number}>x</a>" for number in range(60)))
    for number in range(60):
        site.page(f"/{number}", f"P{number}")
    summary = site.archive.crawl(site.profile())
    assert summary.tally.visits == 61
    assert 50 in batches
    assert len(batches) <= 10
    assert site.rows("SELECT count(*) FROM visits WHERE outcome = 'ok'")[0][0] >= 61


def test_a_page_that_only_another_page_leads_to_is_not_delayed(site: Scripted, batches: list[int]) -> None:
    """Each page waits 1,000 seconds for others here, so this ends only if none waits while a connection is free."""
    for number in range(12):
        site.page(f"/{number}" if number else "/", f"P{number}", extra=f"<a href=/{number + 1}>next</a>")
    assert site.archive.crawl(site.profile()).tally.visits == 13
    assert sum(batches) == 13


def test_a_stopped_crawl_writes_what_it_has_fetched(site: Scripted, batches: list[int]) -> None:
    site.page("/", "Home", extra=" ".join(f"<a href=/{number}>x</a>" for number in range(60)))
    for number in range(60):
        site.page(f"/{number}", f"P{number}")
    summary = site.archive.crawl(site.profile(), limit=30)
    assert (summary.tally.visits, summary.ended) == (30, "limit")
    assert sum(batches) == 30
