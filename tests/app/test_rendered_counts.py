"""Pages in a browser count as one visit each; what it made and fetched is counted where it belongs, and nowhere twice."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from archiver.app.watching.health import health_of
from archiver.crawl.requisites import RequisiteCounts
from browsed import HOME, Browsed, Opened, dom_of, png_of


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Browsed]:
    site = Browsed(tmp_path)
    for number in (1, 2, 3):
        site.article(f"Bài số {number} nói về một việc của quận.", path=f"/a/{number}")
    yield site
    site.close()


def test_runs_pages_and_the_queue_know_pages_only(site: Browsed) -> None:
    assert site.rows("SELECT visits, new_pages, errors FROM runs") == [(1, 1, 0)] * 3
    assert site.rows("SELECT url FROM pages ORDER BY url") == [(f"{HOME}/a/{number}",) for number in (1, 2, 3)]
    assert (
        site.inside(
            "SELECT p.url FROM _frontier f JOIN _page p USING (page_id) WHERE p.kind IN ('requisite', 'rendition')"
        )
        == []
    )
    stats = site.archive.stats()
    assert stats["outcomes"] == {"ok": 6}
    assert stats["sites"][0]["pages"] == 3
    assert site.archive.store.browsing.coverage.visits("2022-01-01", "2023-01-01") == 6


def test_answers_that_a_browser_got_are_visits_of_requisites(site: Browsed) -> None:
    found = site.rows("SELECT url, state, last_visited, media_type FROM requisites ORDER BY url")
    at = site.value("SELECT visited_at FROM visits WHERE url LIKE '%/a/1' AND via IS NULL")
    assert found[0] == (f"{HOME}/api/a/1.json", "live", at, "application/json")
    late = site.visit(Opened(dom_of("Tin", "Bài."), png_of("x"), {"/api/a/1.json": b"[]"}), path="/a/9", back=40)
    assert late.outcome == "ok"
    assert site.rows("SELECT last_visited FROM requisites WHERE url LIKE '%/a/1.json'") == [(at,)]


def test_a_failed_rendering_is_one_failed_visit_with_its_reason(site: Browsed) -> None:
    site.failed()
    assert site.rows("SELECT url, note FROM blind") == [
        (f"{HOME}/a/1", "the browser did not show it: the page's scripts did not end within 30 s")
    ]
    assert site.value("SELECT errors FROM runs ORDER BY run_id DESC") == 1
    assert site.rows("SELECT outcome, note FROM renditions WHERE visit_id = (SELECT max(visit_id) FROM blind)") == [
        ("unreadable", "the page's scripts did not end within 30 s")
    ]
    assert site.archive.stats()["outcomes"] == {"ok": 6, "unreadable": 1}


def test_one_alarm_says_that_the_browser_shows_nothing(site: Browsed) -> None:
    site.fail_together([f"/a/{number}" for number in (1, 2, 3)])
    runs = site.archive.store.run_reports.runs("spa", limit=1)
    (alarm,) = health_of(site.archive.store, runs).alarms
    assert alarm.alarm == "not_rendered"
    assert "showed none of the 3 pages that it opened" in alarm.line
    assert "scripts did not end within 30 s" in alarm.line
    assert alarm.since == site.value("SELECT max(made_at) FROM renditions WHERE outcome = 'ok'")


def test_requests_of_a_browser_are_counted_as_those_for_requisites(site: Browsed) -> None:
    counts = site.last_requisites
    assert counts == RequisiteCounts(fetched=1, bytes=counts.bytes)
    assert counts.bytes > 0


def test_pages_that_are_read_well_are_pages_only(site: Browsed) -> None:
    found = site.archive.store.doubts.read_well(int(site.inside("SELECT site_id FROM _site")[0][0]), "")
    assert sorted(each.url for each in found) == [f"{HOME}/a/{number}" for number in (1, 2, 3)]
