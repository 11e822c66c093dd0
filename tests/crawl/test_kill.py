"""`kill -9` at any moment, then the same command: nothing acknowledged is lost, next to nothing is fetched again."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from archiver.demo.portal import Portal
from archiver.settings import bundled_profiles

KILLS = 6
CONNECTIONS = 2


def _start(folder: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "archiver", "--archive", str(folder / "a.db"), "--selectors", str(folder), "-q"]
    return subprocess.Popen([*command, "crawl", "demo"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def test_killed_at_random_moments_it_goes_on_and_loses_nothing(tmp_path: Path) -> None:
    chance = random.Random(5)
    with Portal(articles=60) as portal:
        text = (
            (bundled_profiles() / "demo.toml").read_text(encoding="utf-8").replace("http://127.0.0.1:8911/", portal.url)
        )
        text = text.replace("delay = 0.0", "delay = 0.03").replace("connections = 4", f"connections = {CONNECTIONS}")
        (tmp_path / "demo.toml").write_text(text, encoding="utf-8")
        for _ in range(KILLS):
            process = _start(tmp_path)
            time.sleep(chance.uniform(0.6, 1.4))
            os.kill(process.pid, signal.SIGKILL)
            process.communicate()
        last = _start(tmp_path)
        _, told = last.communicate(timeout=60)
        assert last.returncode == 0, told.decode()
        asked = Counter(path for method, path, _ in portal.requests if "ItemID" in path)
    database = sqlite3.connect(tmp_path / "a.db")
    assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert database.execute("PRAGMA foreign_key_check").fetchall() == []
    read = database.execute("SELECT count(*) FROM pages WHERE kind = 'article' AND version = 1").fetchone()[0]
    kept = database.execute("SELECT count(*) FROM visits WHERE url LIKE '%ItemID%'").fetchone()[0]
    unread = database.execute("SELECT count(*) FROM _unread").fetchone()[0]
    ended = [row[0] for row in database.execute("SELECT ended FROM runs ORDER BY run_id")]
    database.close()
    assert (read, kept, unread) == (60, 60, 0)
    assert sum(asked.values()) - 60 <= KILLS * (CONNECTIONS + 1)
    assert ended[-1] == "done"
    assert set(ended[:-1]) <= {"interrupted", "done"}
    assert ended.count("interrupted") >= 2


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
