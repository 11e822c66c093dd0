"""Workers of a fleet as processes of their own: on one control database, with portals that have their own logs."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from archiver.demo.portal import Portal
from archiver.maintain.verify.verify import verify
from archiver.model.lease import NewSite
from archiver.settings import bundled_profiles
from archiver.text.url import host_of
from control_database import ControlDatabase
from paced import too_close
from postgres_server import wait_until

PATIENCE = 90.0


class WorkerProcess:
    """A running worker, and the events that it printed."""

    def __init__(self, command: list[str], folder: Path, environment: dict[str, str]) -> None:
        self.events: list[dict[str, Any]] = []
        self.errors = ""
        self._process = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        self._threads = [threading.Thread(target=each) for each in (self._read_events, self._read_errors)]
        for each in self._threads:
            each.start()

    def _read_events(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout:
            for line in self._process.stdout:
                self.events.append(json.loads(line))

    def _read_errors(self) -> None:
        assert self._process.stderr is not None
        with self._process.stderr:
            for line in self._process.stderr:
                self.errors += line

    def of(self, what: str, site: str | None = None) -> list[dict[str, Any]]:
        """Return the events of one kind."""
        return [each for each in list(self.events) if each["event"] == what and site in (None, each["site"])]

    def wait_for(self, what: str, times: int = 1) -> None:
        wait_until(lambda: len(self.of(what)) >= times or self._process.poll() is not None, PATIENCE)
        assert len(self.of(what)) >= times, (self.events, self.errors)

    def send(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def end(self, number: signal.Signals | None = None) -> int:
        """Wait until it ends; return its exit code."""
        if number is not None:
            self.send(number)
        code = self._process.wait(PATIENCE)
        for each in self._threads:
            each.join()
        assert "Traceback" not in self.errors, self.errors
        return code

    def kill(self) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait(PATIENCE)
        for each in self._threads:
            each.join()


class Fleet:
    """A fleet on this machine. Use as a context manager.

    Attributes:
        portals: by the names of their sites.
    """

    def __init__(self, database: ControlDatabase, folder: Path, storage: str | None = None) -> None:
        self.database = database
        self.folder = folder
        self.storage = storage or str(folder / "storage")
        self.portals: dict[str, Portal] = {}
        self.environment = dict(os.environ)
        self._workers: list[WorkerProcess] = []
        with database.open() as leases:
            leases.set_storage(self.storage)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for worker in self._workers:
            worker.kill()
        for portal in self.portals.values():
            portal.__exit__(None, None, None)

    def add(self, name: str, *, articles: int = 12, delay: float = 0.0) -> Portal:
        """Start a portal, and add its site."""
        portal = Portal(seed=len(self.portals), articles=articles)
        portal.__enter__()
        self.portals[name] = portal
        self.push(name, delay)
        with self.database.open() as leases:
            leases.add([NewSite(name, host_of(portal.url), delay)])
        return portal

    def push(self, name: str, delay: float = 0.0, replaced: Mapping[str, str] | None = None) -> int:
        """Make a version of a site's profile the newest, and return it."""
        text = (bundled_profiles() / "demo.toml").read_text(encoding="utf-8")
        text = text.replace("http://127.0.0.1:8911/", self.portals[name].url).replace('"demo"', f'"{name}"')
        assert "delay = 0.0" in text
        text = text.replace("delay = 0.0", f"delay = {delay}")
        for old, new in (replaced or {}).items():
            assert old in text
            text = text.replace(old, new)
        with self.database.open() as leases:
            return leases.put_profile(name, text)

    def worker(self, *words: str, shards: str = "shards") -> WorkerProcess:
        """Start a worker. Those with other `shards` have nothing in common with it, as if on another machine."""
        command = [sys.executable, "-m", "archiver", "worker", "--fleet", self.database.address, "--json"]
        command += ["--shards", str(self.folder / shards), *words]
        environment = self.environment | {"ARCHIVER_STATE": str(self.folder / f"state-{shards}")}
        self._workers.append(WorkerProcess(command, self.folder, environment))
        return self._workers[-1]

    def copy(self, site: str, shards: str = "shards") -> Path:
        """Return the working copy of a site."""
        return self.folder / shards / "1" / site / "archive.db"

    def asked(self, site: str) -> Counter[str]:
        """Return how often each article of a portal was requested."""
        return Counter(path for _, path, _ in self.portals[site].requests if "ItemID" in path)

    def is_polite(self, site: str, delay: float) -> bool:
        """Whether the portal's own log has its delay between all requests, whoever sent them."""
        return not too_close([at for _, _, at in self.portals[site].requests], delay)

    def is_whole(self, site: str, shards: str = "shards") -> bool:
        return verify(self.copy(site, shards), deep=True).whole
