"""Crawls of the demo portal in subprocesses: start, kill and finish them, and check the archive."""

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from archiver.demo.portal import Portal
from archiver.maintain.verify.verify import verify
from archiver.settings import bundled_profiles
from trials import lasting

KILLS = lasting(2, 50)  # a moment each; the full trial has a larger site
CONNECTIONS = 2
_EARLY = 0.2  # of the kills: while it starts
_LONGEST = 0.6  # seconds from its first request to its end
HOMES = {"demo": "http://127.0.0.1:8911/", "demo-spa": "http://127.0.0.1:8912/"}
PATIENCE = 120  # seconds for a crawl; one that takes longer hangs


class Crawls:
    """Crawls of one portal into one archive. Every visit printed on stdout is acknowledged and must stay in the archive."""

    def __init__(
        self, folder: Path, portal: Portal, changes: Mapping[str, str] | None = None, site: str = "demo"
    ) -> None:
        """`changes`: replacements in the demo's profile; `site`: the name of that."""
        self.site = site
        self.folder = folder
        self.path = folder / "a.db"
        self.portal = portal
        self.command = [sys.executable, "-m", "archiver", "--archive", str(self.path), "--selectors", str(folder), "-q"]
        self.acknowledged: dict[int, str] = {}
        self.profile(changes or {})

    def profile(self, changes: Mapping[str, str]) -> None:
        """Write the demo's profile, with these changes."""
        text = (bundled_profiles() / f"{self.site}.toml").read_text(encoding="utf-8")
        for old, new in {
            HOMES[self.site]: self.portal.url,
            "connections = 4": f"connections = {CONNECTIONS}",
            **changes,
        }.items():
            assert old in text
            text = text.replace(old, new, 1)
        (self.folder / f"{self.site}.toml").write_text(text, encoding="utf-8")

    def start(self, *more: str, environment: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
        """Start a crawl."""
        return subprocess.Popen(
            [*self.command, "crawl", self.site, "--json", *more],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | (environment or {}),
        )

    def end(self, process: subprocess.Popen[str]) -> str:
        """Wait until it has ended; return its stderr."""
        printed, errors = process.communicate(timeout=PATIENCE)
        for line in printed.splitlines():
            if line.startswith('{"event": "visit"') and line.endswith("}"):
                visit = json.loads(line)
                self.acknowledged[visit["visit_id"]] = visit["url"]
        return errors

    def kill(self, process: subprocess.Popen[str]) -> None:
        """Send SIGKILL. A crawl that has already ended must have succeeded."""
        process.kill()
        errors = self.end(process)
        assert process.returncode in (-signal.SIGKILL, 0), errors

    def kill_many(self, chance: random.Random, *more: str) -> None:
        """Start a crawl and kill it at random moments: one in five before its first request, the others after it."""
        for _ in range(KILLS):
            before = len(self.portal.requests)
            process = self.start(*more)
            early = chance.random() < _EARLY
            while not early and len(self.portal.requests) == before and process.poll() is None:
                time.sleep(0.005)
            time.sleep(chance.uniform(0.0, _LONGEST))
            self.kill(process)

    def finish(self, *more: str) -> None:
        """Run a crawl to its end."""
        process = self.start(*more)
        errors = self.end(process)
        assert process.returncode == 0, errors

    # check the archive

    def is_made(self) -> bool:
        """Return whether there is an archive with its tables."""
        return self.path.exists() and bool(self.value("SELECT count(*) FROM sqlite_schema"))

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        database = sqlite3.connect(self.path)
        try:
            return database.execute(query).fetchall()
        finally:
            database.close()

    def value(self, query: str) -> Any:
        """Return the first column of the first row."""
        return self.rows(query)[0][0]

    def asked(self, what: str, method: str = "GET") -> Counter[str]:
        """Return how often the portal was requested for each address that contains this text."""
        return Counter(path for how, path, _ in self.portal.requests if how == method and what in path)

    def check_all_is_kept(self) -> None:
        """Check that everything acknowledged is there, nothing is unread, and the archive is undamaged."""
        kept = dict(self.rows("SELECT visit_id, url FROM visits"))
        assert {number: kept.get(number) for number in self.acknowledged} == self.acknowledged
        assert self.value("SELECT count(*) FROM _unread") == 0
        found = verify(self.path, deep=True)
        assert found.whole, found.findings
