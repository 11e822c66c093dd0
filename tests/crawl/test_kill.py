"""`kill -9` at any moment, then the same command: nothing acknowledged is lost, next to nothing is fetched again."""

import itertools
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from archiver.demo.portal import Portal
from archiver.settings import bundled_profiles
from archiver.store.check.verify import verify

KILLS = int(os.environ.get("ARCHIVER_KILLS", "3"))  # a moment each; 50 for a thorough run, on a larger site
ARTICLES = 300 if KILLS > 10 else 60
DELAY = 0.03
CONNECTIONS = 2


def _start(folder: Path, *more: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "archiver", "--archive", str(folder / "a.db"), "--selectors", str(folder), "-q"]
    return subprocess.Popen([*command, "crawl", "demo", *more], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def _finish(folder: Path, *more: str) -> None:
    process = _start(folder, *more)
    _, told = process.communicate(timeout=120)
    assert process.returncode == 0, told.decode()


def _articles(portal: Portal) -> Counter[str]:
    return Counter(path for _, path, _ in portal.requests if "ItemID" in path)


def _facts(path: Path) -> tuple[int, int, int, int, list[str]]:
    """Articles read once, visits of articles, changes, captures unread, how the runs ended."""
    counts = (
        "SELECT count(*) FROM pages WHERE kind = 'article' AND version = 1",
        "SELECT count(*) FROM visits WHERE url LIKE '%ItemID%'",
        "SELECT count(*) FROM changes",
        "SELECT count(*) FROM _unread",
    )
    database = sqlite3.connect(path)
    read, kept, changes, unread = (database.execute(query).fetchone()[0] for query in counts)
    ended = [row[0] for row in database.execute("SELECT ended FROM runs ORDER BY run_id")]
    database.close()
    return read, kept, changes, unread, ended


@pytest.mark.parametrize("phase", ["first crawl", "visiting all again", "reading anew"])
def test_killed_at_random_moments_it_goes_on_and_loses_nothing(tmp_path: Path, phase: str) -> None:
    chance = random.Random(phase)
    with Portal(articles=ARTICLES) as portal:
        text = (
            (bundled_profiles() / "demo.toml").read_text(encoding="utf-8").replace("http://127.0.0.1:8911/", portal.url)
        )
        text = text.replace("delay = 0.0", f"delay = {DELAY}").replace(
            "connections = 4", f"connections = {CONNECTIONS}"
        )
        (tmp_path / "demo.toml").write_text(text, encoding="utf-8")
        more = () if phase == "first crawl" else ("--all",)
        rounds = 1
        if phase != "first crawl":
            _finish(tmp_path)
            rounds = 2
        if phase == "reading anew":
            (tmp_path / "demo.toml").write_text(text.replace('title = "', 'title = "h3, ', 1), encoding="utf-8")
        for _ in range(KILLS):
            process = _start(tmp_path, *more)
            time.sleep(chance.uniform(0.5, 1.4))
            os.kill(process.pid, signal.SIGKILL)
            process.communicate()
        _finish(tmp_path)
        asked, times = _articles(portal), sorted(at for _, _, at in portal.requests)
    read, kept, changes, unread, ended = _facts(tmp_path / "a.db")
    assert (read, changes, unread) == (ARTICLES, 0, 0)
    assert sum(asked.values()) - kept <= KILLS * (CONNECTIONS + 1), "only what was in flight is asked again"
    assert kept >= ARTICLES * rounds or phase != "first crawl"
    assert ended[-1] == "done"
    assert set(ended) <= {"interrupted", "done"}
    gaps = [after - before for before, after in itertools.pairwise(times)]
    assert min(gaps) > DELAY - 0.02, "the log is written a moment after the request came"
    assert verify(tmp_path / "a.db", deep=True).whole


def test_an_interrupt_finishes_the_page_and_exits_with_130(tmp_path: Path) -> None:
    with Portal(articles=60) as portal:
        text = (
            (bundled_profiles() / "demo.toml").read_text(encoding="utf-8").replace("http://127.0.0.1:8911/", portal.url)
        )
        (tmp_path / "demo.toml").write_text(text.replace("delay = 0.0", "delay = 0.2"), encoding="utf-8")
        process = _start(tmp_path)
        while len(portal.requests) < 3:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=20)
    assert process.returncode == 130
    assert b"Traceback" not in told
    database = sqlite3.connect(tmp_path / "a.db")
    assert database.execute("SELECT ended FROM runs").fetchall() == [("interrupted",)]
    assert database.execute("SELECT count(*) FROM visits").fetchone()[0] >= 1
    database.close()
