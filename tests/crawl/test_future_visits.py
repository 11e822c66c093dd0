"""Visits that a wrong clock dated in the future do not hide later visits."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from archiver.maintain.verify.verify import verify
from archiver.model.event import Event, Noticed
from scripted import Scripted


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Scripted]:
    scripted = Scripted(tmp_path / "archive.db")
    scripted.page("/", "Home")
    yield scripted
    scripted.close()


def test_visits_after_the_clock_was_corrected_are_current(site: Scripted) -> None:
    site.crawl()
    site.clock.advance(days=400)
    site.page("/", "Seen by a wrong clock")
    site.crawl()
    site.clock.advance(days=-398)
    notices: list[Event] = []
    for title in ("Right", "Right", "Edited"):
        site.page("/", title)
        site.archive.crawl(site.profile(), everything=True, listen=notices.append)
        site.clock.advance(days=1)
    assert site.rows("SELECT title FROM pages") == [("Edited",)]
    titles = "SELECT title FROM versions ORDER BY version"
    assert site.rows(titles) == [("Home",), ("Right",), ("Edited",)]
    assert site.rows("SELECT old, new FROM changes ORDER BY not_after") == [("Home", "Right"), ("Right", "Edited")]
    assert any("dated later than now" in each.text for each in notices if isinstance(each, Noticed))
    assert site.rows("SELECT count(*) FROM visits WHERE url NOT LIKE '%robots%'") == [(5,)], "all are kept"
    site.clock.advance(days=500)
    assert verify(site.archive.settings.archive, deep=True).whole


def test_a_clock_that_is_an_hour_ahead_excludes_no_visit(site: Scripted) -> None:
    for title, hours in (("A", 0), ("B", 2), ("C", -25), ("D", 3)):
        site.clock.advance(hours=hours)
        site.page("/", title)
        site.crawl()
    assert site.rows("SELECT title FROM versions ORDER BY version") == [("A",), ("C",), ("B",), ("D",)]


def test_reading_again_also_excludes_future_visits(site: Scripted) -> None:
    site.crawl()
    site.clock.advance(days=400)
    site.page("/", "Seen by a wrong clock")
    site.crawl()
    site.clock.advance(days=-398)
    site.page("/", "Right", extra="<p id=s>Tóm tắt</p>")
    site.crawl()
    (site.selectors / "t.toml").write_text(site.profile(fields='summary = "#s"').text, encoding="utf-8")
    assert site.archive.extract("t", workers=1).ended == "done"
    assert site.rows("SELECT title, summary FROM versions ORDER BY version") == [("Home", None), ("Right", "Tóm tắt")]
    assert site.rows("SELECT title, last_visited < '2022-12' FROM pages") == [("Right", 1)]


def test_a_clock_that_was_set_back_for_a_while_loses_nothing(site: Scripted) -> None:
    """While it is wrong, later visits are left out; the first visit after it was put right takes them in again."""
    for title in ("A", "B"):
        site.page("/", title)
        site.crawl()
    site.clock.advance(days=-30)
    site.page("/", "C")
    site.crawl()
    assert site.rows("SELECT title FROM versions ORDER BY version") == [("C",)]
    site.clock.advance(days=30)
    site.page("/", "D")
    site.crawl()
    assert site.rows("SELECT title FROM versions ORDER BY version") == [("C",), ("A",), ("B",), ("D",)]
    assert verify(site.archive.settings.archive, deep=True).whole
