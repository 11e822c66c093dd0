"""`kill -9` while a crawl reads captures that were left unread: each is read once, and in order."""

import random
import shutil
import sqlite3
import time
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from archiver.app.archive import Archive
from archiver.crawl.pipeline import Pipeline
from archiver.crawl.unread import UnreadCaptures
from archiver.demo.portal import Portal
from archiver.model.clock import SettableClock, system_clock
from archiver.settings import Settings
from crawled import KILLS, Crawls
from trials import IS_FULL

ARTICLES = 150 if IS_FULL else 40
UNREAD = 20 if IS_FULL else 5  # visits of each page that are kept and not read
CHANGES = {'files = ["pdf", "docx", "png"]': "files = []"}
HISTORY = {
    "versions": "p.url, v.version, v.verdict, v.first_visit, v.last_visit, v.seen_from, v.seen_last, v.seen_until, "
    "c.fingerprint FROM _version v JOIN _page p USING (page_id) JOIN _content c USING (content_id)",
    "changes": "url, field, old, new, not_before, not_after FROM changes",
    "readings": "page_id, name, visit_id, read_at, value, gained FROM readings",
    "absences": "page_id, last_seen, first_miss, last_miss, gone_by, back_by, misses, evidence FROM _absence",
    "links": "from_url, to_url, text, seen_from, seen_last FROM links",
    "visits": "visit_id, url, visited_at, outcome, note FROM visits",
    "pages": "url, state, version, last_visited FROM pages",
    "what is due": "page_id, due_at, depth, method, content, reason FROM _frontier",
}

pytestmark = pytest.mark.soak


def keep_unread(crawls: Crawls, patched: pytest.MonkeyPatch) -> None:
    """Crawl the site repeatedly while it changes. The visits are kept and not read."""
    clock = SettableClock(system_clock() - timedelta(minutes=50))  # so that nothing is due when they are read
    portal, items = crawls.portal, crawls.portal.items
    with Archive(Settings(crawls.path, (crawls.folder,), clock)) as archive:
        archive.crawl("demo")
        patched.setattr(UnreadCaptures, "read", lambda _unread: 0)
        patched.setattr(Pipeline, "settle", lambda _pipeline, _items: [])
        for turn in range(UNREAD):
            clock.advance(minutes=8)
            portal.edit_sentence(items[turn])
            portal.retitle(items[-1], f"Tiêu đề {turn % 3}")  # the title of every third turn is the same
            (portal.withdraw if turn % 3 < 2 else portal.restore)(items[5])  # two misses: gone; then it returns
            archive.crawl("demo", everything=True)


def kill_while_it_reads(crawls: Crawls, chance: random.Random) -> int:
    """Start crawls and kill them at random times, or when some visits are read; return how often some were."""
    hit = 0
    with closing(sqlite3.connect(f"file:{crawls.path}?mode=ro", uri=True)) as database:

        def unread() -> int:
            return int(database.execute("SELECT count(*) FROM _unread").fetchone()[0])

        for number in range(KILLS):
            before, process = unread(), crawls.start()
            while number % 5 != 1 and unread() == before and process.poll() is None:
                time.sleep(0.002)
            time.sleep(chance.uniform(0.0, 1.2 if number % 5 == 1 else 0.05))
            crawls.kill(process)
            hit += 0 < unread() < before
    return hit


def test_a_crawl_killed_while_it_reads_gives_the_same_history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The history is the same as without a kill: no visit occurs twice or is missing, and no change is added."""
    with Portal(articles=ARTICLES) as portal:
        for name in ("killed", "spared"):
            (tmp_path / name).mkdir()
        killed, spared = (Crawls(tmp_path / name, portal, CHANGES) for name in ("killed", "spared"))
        with monkeypatch.context() as patched:
            keep_unread(killed, patched)
        for file in killed.folder.glob("a*.db"):
            shutil.copy(file, spared.folder)
        left = killed.value("SELECT count(*) FROM _unread")
        asked = len(portal.requests)
        hit = kill_while_it_reads(killed, random.Random(left))
        killed.finish()
        with Archive(Settings(spared.path, (spared.folder,))) as archive:
            archive.crawl("demo")
        assert portal.requests[asked:] == [], "what is kept is not asked for again"
    assert left > UNREAD * ARTICLES
    assert hit > KILLS // 3, (hit, left)
    for what, query in HISTORY.items():
        assert sorted(killed.rows(f"SELECT {query}"), key=repr) == sorted(spared.rows(f"SELECT {query}"), key=repr), (
            what
        )
    assert killed.value("SELECT count(*) FROM changes") > UNREAD
    assert killed.value("SELECT count(*) FROM visits WHERE outcome = 'unreadable'") == 0
    killed.check_all_is_kept()
