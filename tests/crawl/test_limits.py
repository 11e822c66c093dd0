"""The limits of a run also end its waits: a server that is down does not hold a run longer than its time."""

import dataclasses
import time

import pytest

from archiver.app.archive import Archive
from archiver.app.reading.state import CrawlSummary
from archiver.model.event import Visited
from archiver.model.policy import Retries
from archiver.polite.stop import StopFlag
from made import Works

_PATIENT = Retries(attempts=5, first_wait=120.0, longest_wait=120.0)


def _crawl(works: Works, seconds: float) -> tuple[CrawlSummary, float]:
    """Crawl with long waits before retries; return the summary and the seconds."""
    settings = dataclasses.replace(works.archive.settings, retries=_PATIENT)
    began = time.monotonic()
    with Archive(settings) as archive:
        summary = archive.crawl(works.profile, seconds=seconds, everything=True)
    return summary, time.monotonic() - began


@pytest.mark.parametrize("down", ["/robots.txt", "/tintuc/default.aspx"])
def test_the_time_limit_ends_the_wait_for_a_retry(works: Works, down: str) -> None:
    works.portal.drop(down)
    summary, took = _crawl(works, seconds=2)
    assert took < 60
    assert summary.ended == "limit"
    assert summary.tally.errors >= 1


def test_the_answer_of_the_last_try_is_kept(works: Works) -> None:
    works.portal.fail("/tintuc/default.aspx")
    works.portal.fail("/thongbao/default.aspx")
    summary, _ = _crawl(works, seconds=2)
    assert summary.causes == {"server error 503": summary.tally.errors}
    notes = [str(row[0]) for row in works.rows("SELECT note FROM visits WHERE status = 503")]
    assert notes
    assert any("the run ended" in note for note in notes)


def test_an_interrupt_ends_the_wait(works: Works) -> None:
    works.portal.fail("/tintuc/default.aspx")
    stop = StopFlag()

    def on_event(event: object) -> None:
        if isinstance(event, Visited):
            stop.wanted = True

    settings = dataclasses.replace(works.archive.settings, retries=_PATIENT)
    began = time.monotonic()
    with Archive(settings) as archive:
        assert archive.crawl(works.profile, everything=True, stop=stop, listen=on_event).ended == "interrupted"
    assert time.monotonic() - began < 60


def test_causes_of_failures_are_counted(works: Works) -> None:
    works.portal.fail(r"ItemID=5600", status=403)
    summary = works.crawl()
    assert summary.causes == {"blocked 403": 1}
    assert summary.tally.errors == 1
