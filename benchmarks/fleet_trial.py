"""Kills and stops the workers of archiver and of scrapy-redis every few seconds, and counts the pages that each lost.

    python benchmarks/fleet_trial.py [--workers 4] [--sites 40] [--pages 25] [--seconds 120] [--json]

Each tool crawls the same portals with the same delay. Every three seconds one worker is killed and started anew, or
stopped for one to eight seconds, in the same order for both. After the last one each tool ends what it knows to be left.
Needs Postgres and `redis-server` from the system's packages; scrapy-redis is installed in an environment of its own.
It stops when a tool did not request the home page of every portal, and ends with exit code 1 when archiver lost a page.
"""

import argparse
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from sqlite3 import connect

from figures import Figure, finish

from fleet import postgres

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from archiver.app.fleet.open_leases import open_leases
from archiver.model.clock import system_clock
from disturbed import Disturber
from fleet_pages import PageText
from fleet_portals import Portals, versions_in
from fleet_processes import Fleet, all_crawled

HERE = Path(__file__).resolve().parent
PEER = ("scrapy==2.13.4", "scrapy-redis==0.9.1")
CACHE = (
    Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "archiver-benchmarks" / PEER[1].replace("==", "-")
)
DELAY, EVERY, STOPPED = 0.5, 3.0, (1.0, 8.0)
QUIET = 20.0
"""Seconds without a request after which scrapy-redis, which never ends by itself, has nothing left."""
OPTIONS = ("--sites", "3", "--slice", "2s", "--lease", "3s")


@dataclass(frozen=True)
class Sizes:
    """How large the trial is. `seconds`: for how long workers are disturbed."""

    workers: int
    sites: int
    pages: int
    seconds: float


@dataclass(frozen=True)
class Result:
    """What a tool did: disturbances, pages that it lost, requests that it made twice, least seconds between two."""

    disturbances: int
    lost: int
    twice: int
    least_gap: float


def disturb(start: Callable[[str], object], sizes: Sizes) -> Disturber:
    """Start the workers and disturb them."""
    workers = {name: start(name) for name in (f"m{number}" for number in range(sizes.workers))}
    disturber = Disturber(start, workers, STOPPED, seed=21)  # type: ignore[arg-type]
    disturber.disturb(sizes.seconds, EVERY)
    return disturber


def result(portals: Portals, disturber: Disturber, found: dict[str, list[PageText]]) -> Result:
    """Compare what a tool has with the truth.

    Raises:
        SystemExit: it did not request the home page of every portal.
    """
    asked = portals.asked()
    if len({each.portal for each in asked if each.path == "/"}) != len(portals.all):
        raise SystemExit("a portal was not requested")
    true = {url: texts for each in portals.all for url, texts in portals.truth(each).items()}
    lost = sum(found.get(url) != texts for url, texts in true.items())
    pages = [each[1:] for each in asked if each.path.startswith("/page/")]
    return Result(disturber.kills + disturber.stops, lost, len(pages) - len(set(pages)), portals.least_gap)


def archiver(folder: Path, sizes: Sizes, address: str) -> Result:
    """Let workers of archiver crawl, disturb them, and wait until all sites are crawled."""
    with (
        Portals(folder, sizes.sites, sizes.pages, DELAY) as portals,
        Fleet(folder, portals, address, str(folder / "storage"), {}) as fleet,
    ):
        disturber = disturb(lambda name: fleet.start(name, *OPTIONS), sizes)
        with open_leases(address, system_clock) as leases:
            for each in portals.all:  # those that were abandoned often are left alone for minutes
                leases.resume(each.name)
        fleet.wait_for(all_crawled)
        found = {url: texts for each in portals.all for url, texts in versions_in(fleet.fetch(each)).items()}
        return result(portals, disturber, found)


class SpiderProcess(subprocess.Popen[bytes]):
    """A process of scrapy-redis."""

    def kill(self) -> None:
        """End it at once."""
        super().kill()
        self.wait()

    send = subprocess.Popen.send_signal


def scrapy_redis(folder: Path, sizes: Sizes, redis: str) -> Result:
    """Let processes of scrapy-redis crawl, disturb them, and wait until none sends a request any longer."""
    with Portals(folder, sizes.sites, sizes.pages, DELAY) as portals:
        push = ["redis-cli", "-u", redis, "rpush", "portals:start", *(each.home for each in portals.all)]
        subprocess.run(push, check=True, stdout=subprocess.DEVNULL)
        program = [str(CACHE / "bin" / "python"), str(HERE / "peers" / "redis_spider.py"), redis]
        disturber = disturb(lambda name: SpiderProcess([*program, str(folder / f"{name}.db"), str(DELAY)]), sizes)
        try:
            known, since = -1, time.monotonic()
            while time.monotonic() < since + QUIET:
                if known != (known := len(portals.asked())):
                    since = time.monotonic()
                time.sleep(0.5)
        finally:
            for each in disturber.workers.values():
                each.kill()
        found = {}
        for path in folder.glob("m*.db"):
            with closing(connect(path)) as database:
                found.update({url: [PageText(*texts)] for url, *texts in database.execute("SELECT * FROM page")})
        return result(portals, disturber, found)


@contextmanager
def redis_server(folder: Path) -> Iterator[str]:
    """Run a Redis server; yield its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = ["redis-server", "--bind", "127.0.0.1", "--port", str(port), "--save", "", "--dir", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        try:
            time.sleep(1)
            yield f"redis://127.0.0.1:{port}"
        finally:
            process.terminate()


def install_peer() -> bool:
    """Install scrapy-redis in a separate environment, once; return False when that fails, or there is no Redis."""
    if not shutil.which("redis-server"):
        return False
    if not (CACHE / "bin" / "scrapy").exists():
        print(f"installing {', '.join(PEER)} in {CACHE}", file=sys.stderr)
        venv.create(CACHE, with_pip=True)
        return subprocess.run([CACHE / "bin" / "pip", "install", "-q", *PEER], check=False).returncode == 0
    return True


def main() -> int:
    """Run the trial with both tools; return 1 when archiver lost a page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--sites", type=int, default=40)
    parser.add_argument("--pages", type=int, default=25)
    parser.add_argument("--seconds", type=float, default=120.0)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    if not install_peer():
        sys.exit(f"{', '.join(PEER)} cannot be installed, or there is no redis-server: apt-get install redis-server")
    sizes = Sizes(given.workers, given.sites, given.pages, given.seconds)
    with tempfile.TemporaryDirectory() as made, postgres() as server:
        if server is None:
            sys.exit("there is no Postgres: apt-get install postgresql")
        folders = [Path(made, name) for name in ("archiver", "peer")]
        for each in folders:
            each.mkdir()
        results = {"archiver": archiver(folders[0], sizes, server.database())}
        with redis_server(folders[1]) as redis:
            results["scrapy-redis"] = scrapy_redis(folders[1], sizes, redis)
    if len({each.disturbances for each in results.values()}) > 1:
        sys.exit("the two were not disturbed equally")
    figures = []
    for name, each in results.items():
        goal = 0.0 if name == "archiver" else None
        figures.append(
            Figure(f"{name}, pages lost after {each.disturbances} kills and stops", each.lost, "pages", goal)
        )
        figures.append(Figure(f"{name}, pages requested again", each.twice, "requests"))
        figures.append(Figure(f"{name}, least seconds between two requests", each.least_gap, "s"))
    return finish(figures, as_json=given.json)


if __name__ == "__main__":
    sys.exit(main())
