"""`kill -9` at any time, then the same command: no acknowledged page is lost, and few are fetched again."""

import random
import signal
import threading
import time
from pathlib import Path

import pytest

from archiver.demo.portal import Portal
from crawled import CONNECTIONS, KILLS, PATIENCE, Crawls
from paced import too_close
from trials import IS_FULL

ARTICLES = 300 if IS_FULL else 40
DELAY = 0.03

pytestmark = pytest.mark.soak


@pytest.mark.parametrize("phase", ["first crawl", "visiting all again", "reading again"])
def test_a_crawl_killed_at_random_times_loses_nothing(tmp_path: Path, phase: str) -> None:
    with Portal(articles=ARTICLES) as portal:
        crawls = Crawls(tmp_path, portal, {"delay = 0.0": f"delay = {DELAY}"})
        more = () if phase == "first crawl" else ("--all",)
        if phase != "first crawl":
            crawls.finish()
        if phase == "reading again":
            crawls.profile({"delay = 0.0": f"delay = {DELAY}", 'title = "h3.tieude"': 'title = "h3"'})
        crawls.kill_many(random.Random(phase), *more)
        crawls.finish(*more)
        asked, times = crawls.asked("ItemID").total(), sorted(at for _, _, at in portal.requests)
    kept = crawls.value("SELECT count(*) FROM visits WHERE url LIKE '%ItemID%'")
    ended = [row[0] for row in crawls.rows("SELECT ended FROM runs ORDER BY run_id")]
    assert crawls.value("SELECT count(*) FROM pages WHERE kind = 'article' AND version = 1") == ARTICLES
    assert crawls.value("SELECT count(*) FROM changes") == 0
    assert asked - kept <= KILLS * (CONNECTIONS + 1), "only what was in flight is asked again"
    assert kept >= ARTICLES * (1 if phase == "first crawl" else 2)
    assert crawls.value("SELECT count(*) FROM _extractor") == 1 + (phase == "reading again")
    assert ended[-1] == "done"
    assert set(ended) <= {"interrupted", "done"}
    assert too_close(times, DELAY) == []
    crawls.check_all_is_kept()


def test_a_crawl_killed_after_robots_txt_has_kept_it(tmp_path: Path) -> None:
    """A robots.txt is fetched once a day. If its text is stored and its capture is lost, there is no evidence of the rules."""
    with Portal(articles=3) as portal:
        crawls = Crawls(tmp_path, portal)
        portal.slow("default", 1.0, times=2)
        process = crawls.start()
        while len(portal.requests) < 2:
            time.sleep(0.005)
        crawls.kill(process)
        crawls.finish()
        assert crawls.asked("robots.txt").total() == 1
    assert crawls.value("SELECT count(*) FROM _visit JOIN _page USING (page_id) WHERE kind = 'robots'") == 1
    crawls.check_all_is_kept()


def test_an_interrupt_finishes_the_page_and_exits_with_130(tmp_path: Path) -> None:
    with Portal(articles=60) as portal:
        crawls = Crawls(tmp_path, portal, {"delay = 0.0": "delay = 0.2"})
        process = crawls.start()
        while len(portal.requests) < 3:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        output = crawls.end(process)
    assert process.returncode == 130
    assert "Traceback" not in output
    assert crawls.rows("SELECT ended FROM runs") == [("interrupted",)]
    assert crawls.value("SELECT count(*) FROM visits") >= 1


def test_a_second_crawl_of_a_site_ends_and_does_not_affect_the_first(tmp_path: Path) -> None:
    with Portal(articles=10) as portal:
        crawls = Crawls(tmp_path, portal)
        answer, answers = portal.answer, threading.Event()
        held = lambda target, form: (answers.wait(PATIENCE), answer(target, form))[1]  # noqa: E731
        portal.answer = held  # type: ignore[method-assign]
        first = crawls.start()
        while not portal.requests:
            time.sleep(0.005)
        second = crawls.start("--all")
        output = crawls.end(second)
        assert first.poll() is None, "the first is still at it"
        answers.set()
        assert crawls.end(first) == ""
        assert set(crawls.asked("ItemID").values()) == {1}
    assert second.returncode == 1
    assert (
        output
        == f"error: demo: another crawl of this site is running on {crawls.path}; nothing was done, try again later\n"
    )
    assert first.returncode == 0
    assert crawls.rows("SELECT ended FROM runs") == [("done",)], "the second has left no trace"
    assert crawls.value("SELECT count(*) FROM pages WHERE kind = 'article' AND version = 1") == 10
    crawls.check_all_is_kept()
