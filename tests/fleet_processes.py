"""Workers of a fleet as processes, each with a folder and a state of its own, as if on machines of their own."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from archiver.app.fleet.manage import add_sites, set_storage
from archiver.app.fleet.open_leases import create_fleet, open_leases
from archiver.fleet.object_storage import open_storage
from archiver.maintain.generations.fetch_shard import fetch_shard
from archiver.model.clock import system_clock
from archiver.model.lease import FleetSite
from fleet_portals import Portal, Portals
from postgres_server import wait_until

HOOKS = Path(__file__).parent / "fleet_hooks"
PATIENCE = 120  # seconds for what takes a few


class WorkerProcess:
    """A worker that was started.

    Attributes:
        name: of the machine; a worker that is started anew after a kill has the same.
        folder: its working copies.
    """

    def __init__(self, name: str, folder: Path, process: subprocess.Popen[bytes], out: Path, errors: Path) -> None:
        self.name, self.folder = name, folder
        self.process = process
        self._out, self._errors = out, errors

    def send(self, what: signal.Signals) -> None:
        self.process.send_signal(what)

    def kill(self) -> None:
        """End it at once, also when it is stopped."""
        self.process.kill()
        self.process.wait(PATIENCE)

    def drain(self) -> int:
        """Ask it to end in order, and return its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)

    @property
    def is_running(self) -> bool:
        return self.process.poll() is None

    def events(self, what: str = "") -> list[dict[str, Any]]:
        """Return what it printed with --json; of one kind, or all. A line that is being written is left out."""
        lines = self._out.read_text(encoding="utf-8").splitlines(keepends=True)
        found = [json.loads(line) for line in lines if line.endswith("}\n")]
        return [each for each in found if not what or each["event"] == what]

    def errors(self) -> str:
        return self._errors.read_text(encoding="utf-8")


class Fleet:
    """A fleet on this machine: its control database, object storage, portals, and worker processes.

    Args:
        folder: for everything that is written.
        portals: the sites.
        address: of the control database, without tables.
        storage: of the object storage, as `fleet init` gets it.
        environment: for all processes, such as the credentials of the storage.
        options: for all workers; those of one worker come after them.

    Attributes:
        checks: what else `check` is to check.
    """

    def __init__(
        self,
        folder: Path,
        portals: Portals,
        address: str,
        storage: str,
        environment: Mapping[str, str],
        options: Sequence[str] = (),
    ) -> None:
        self.folder, self.portals, self.address, self.storage = folder, portals, address, storage
        self._environment = dict(environment)
        self._options = options
        self._started: list[WorkerProcess] = []
        self.checks: list[Callable[[], None]] = []
        create_fleet(address)
        with open_leases(address, system_clock) as leases:
            set_storage(leases, storage)
            add_sites(leases, [each.name for each in portals.all], [portals.selectors])

    def command(self, *words: str, code: int = 0) -> str:
        """Run a command with this control database; return what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "archiver", "--selectors", str(self.portals.selectors), *words],
            env=self._surroundings("commands"),
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert done.returncode == code, done.stderr
        return done.stdout + done.stderr

    def _surroundings(self, name: str) -> dict[str, str]:
        own: dict[str, str] = {"ARCHIVER_FLEET": self.address, "ARCHIVER_STATE": str(self.folder / name / "state")}
        return {**os.environ, **self._environment, **own}

    def start(
        self, name: str, *more: str, environment: Mapping[str, str] | None = None, hooked: bool = False
    ) -> WorkerProcess:
        """Start a worker on the machine of this name.

        Args:
            name: its machine: folder and state are kept from one start to the next.
            more: options.
            environment: variables for this worker.
            hooked: with `fleet_hooks`.
        """
        machine = self.folder / name
        machine.mkdir(exist_ok=True)
        variables = {**self._surroundings(name), **(environment or {})}
        if hooked:
            variables["PYTHONPATH"] = os.pathsep.join(filter(None, (str(HOOKS), variables.get("PYTHONPATH"))))
        command = [sys.executable, "-m", "archiver", "worker", "--shards", str(machine / "shards"), "--json"]
        out, errors = machine / "out", machine / "errors"
        with out.open("ab") as to, errors.open("ab") as err:
            process = subprocess.Popen(
                [*command, *self._options, *more],
                env=variables,
                stdout=to,
                stderr=err,
            )
        self._started.append(WorkerProcess(name, machine / "shards", process, out, errors))
        return self._started[-1]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for each in self._started:
            each.kill()

    @staticmethod
    def wait_for_end(worker: WorkerProcess) -> float:
        """Wait until a worker has ended by itself and well; return the CPU seconds of it and of its children."""
        _, status, used = os.wait4(worker.process.pid, 0)
        worker.process.returncode = os.waitstatus_to_exitcode(status)
        assert worker.process.returncode == 0, worker.errors()
        return used.ru_utime + used.ru_stime

    # what is known of the sites

    def sites(self) -> dict[str, FleetSite]:
        """Return what the control database knows of all sites, by name."""
        with open_leases(self.address, system_clock) as leases:
            return {each.site: each for each in leases.sites()[1]}

    def wait_for(self, condition: Callable[[dict[str, FleetSite]], bool]) -> None:
        """Wait until the control database fulfils a condition."""
        with open_leases(self.address, system_clock) as leases:
            wait_until(lambda: condition({each.site: each for each in leases.sites()[1]}), PATIENCE)

    def wait_for_requests(self, count: int, portal: str = "") -> None:
        """Wait until the portals, or one of them, got so many requests."""
        wait_until(lambda: sum(portal in ("", each.portal) for each in self.portals.asked()) >= count, PATIENCE)

    def fetch(self, portal: Portal) -> Path:
        """Fetch the newest generation of a site's archive from object storage, and return its path."""
        folder = self.folder / "fetched" / portal.name
        fetch_shard(open_storage(self.storage), portal.name, folder)
        return folder / "archive.db"

    def check(self, *, keeps_delay: bool = True, unread: Collection[str] = ()) -> int:
        """Check every archive in object storage, and the delay of each server; return how many requests were made twice.

        `unread`: addresses of pages that cannot be read, and so have no version.
        """
        refetched = 0
        for portal in self.portals.all:
            archive = self.fetch(portal)
            self.portals.check_archive(portal, archive, unread=unread)
            refetched += self.portals.refetched(portal, archive)
        if keeps_delay:
            self.portals.check_delay()
        for check in self.checks:
            check()
        print(
            f"{refetched} of {len(self.portals.asked())} requests were made again; least gap {self.portals.least_gap:.3f} s"
        )
        return refetched


def all_crawled(sites: Mapping[str, FleetSite]) -> bool:
    """Whether each site was crawled until nothing was due."""
    return all(map(_is_crawled, sites.values()))


def _is_crawled(site: FleetSite) -> bool:
    if site.holder is not None or site.finished_at is None or site.failures:
        return False
    return site.due_at > site.finished_at + timedelta(seconds=30)
