"""Compares a crawl with Scrapy and `wget -r --warc-file`, on a real site served by nginx on loopback.

The tools run in turn, each round with empty folders, so that other load on the machine affects all of them. Ratios are
computed within a round. CPU is that of the whole process and its children, with its start. See benchmarks/README.md.

All tools must fetch the same pages, and each visit of archiver must have the outcome that its row measures; otherwise the
benchmark fails. It also fails when a goal is missed.

    python benchmarks/crawl.py [--languages N] [--rounds N] [--json]
    python benchmarks/crawl.py --hosts [--rounds N]          # 1, 100 and 400 servers in one process
    python benchmarks/crawl.py --cores [--rounds N]          # 40 servers, on one core and on all
"""

import argparse
import gzip
import json
import os
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from figures import Figure, finish, ratio
from served import address, languages, served

HERE = Path(__file__).resolve().parent
PROFILE = HERE.parent / "tests" / "real" / "handbook.toml"
SCRAPY = "scrapy==2.13.4"
CACHE = (
    Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "archiver-benchmarks" / SCRAPY.replace("==", "-")
)
FIRST, NOT_MODIFIED = "archiver, first crawl", "archiver, again, 304"
CHANGING, WHOLE = "archiver, first crawl of changing pages", "archiver, again, whole answers"
SCRAPY_ROW, FLOOR = "Scrapy, fields to SQLite", "floor: httpx2, selectolax, SQLite"
HOSTS = (1, 100, 400)
PAGES_A_HOST = 10
CORES_HOSTS, CORES_PAGES = 40, 60


@dataclass(frozen=True)
class Run:
    """One tool's crawl.

    Attributes:
        fetched: the paths of the pages that it fetched.
        cpu, seconds: of the whole process.
        rss: peak memory in MB.
        bytes: size on disk.
    """

    tool: str
    fetched: frozenset[str]
    cpu: float
    seconds: float
    rss: float
    bytes: int

    @property
    def pages(self) -> int:
        """The number of pages."""
        return len(self.fetched)

    @property
    def cost(self) -> float:
        """CPU milliseconds a page."""
        return 1000 * self.cpu / self.pages


def measured(tool: str, command: list[str], work: Path, fetched: Callable[[], frozenset[str]]) -> Run:
    """Run a tool and measure it.

    Raises:
        SystemExit: it failed, or fetched nothing.
    """
    before, begun = size(work), time.monotonic()
    with (work / "out").open("w") as out, (work / "err").open("w") as err:
        environment = os.environ | {"ARCHIVER_STATE": str(work / "state")}
        process = subprocess.Popen(command, stdout=out, stderr=err, cwd=work, env=environment)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.monotonic() - begun
    pages = fetched() if process.returncode == 0 else frozenset()
    if not pages:
        sys.exit(f"{tool} ended with {process.returncode}: {(work / 'err').read_text()[-2000:]}")
    cpu, rss = usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024
    return Run(tool, pages, cpu, seconds, rss, size(work) - before)


def size(work: Path) -> int:
    return sum(file.stat().st_size for file in work.rglob("*") if file.is_file() and file.name not in ("out", "err"))


# archiver


def profiles(folder: Path, name: str, base: str, chosen: list[str], connections: int = 4) -> None:
    """Write the profile of `make real` for other languages and another address."""
    text = PROFILE.read_text("utf-8").replace('name = "handbook"', f'name = "{name}"')
    starts, scopes = [f"/{each}/index.html" for each in chosen], [f"{base}{each}/" for each in chosen]
    lines = []
    for line in text.splitlines():
        if line.startswith(("start = ", "scope = ")):
            lines.append(f"{line[:5]} = {json.dumps(starts if line.startswith('start') else scopes)}")
        else:
            lines.append(f"connections = {connections}" if line.startswith("connections") else line)
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.toml").write_text("\n".join(lines).replace("http://127.0.0.1:8912/", base), "utf-8")


def archiver(work: Path, *options: str) -> list[str]:
    kept = ["--archive", str(work / "archive.db"), "--selectors", str(work / "selectors")]
    return [sys.executable, "-m", "archiver", *kept, "crawl", "--json", *options]


def visited(work: Path, outcome: str, least: float = 1.0) -> frozenset[str]:
    """Return the pages of the last run of each site, as paths; at least this share must have the outcome.

    With several sites, a path begins with the name of its site.
    """
    with closing(sqlite3.connect(f"file:{work / 'archive.db'}?mode=ro", uri=True)) as archive:
        rows = archive.execute(
            "SELECT site, url, outcome FROM visits WHERE run_id IN (SELECT max(run_id) FROM runs GROUP BY site) "
            "AND url LIKE '%.html'"
        ).fetchall()
    share = sum(found == outcome for *_, found in rows) / max(1, len(rows))
    if share < least:
        sys.exit(f"{share:.1%} of the visits are `{outcome}`; the benchmark measures such visits only")
    is_one = len({site for site, *_ in rows}) == 1
    return frozenset(_path(url) if is_one else f"{site}/{_path(url)}" for site, url, _ in rows)


def _path(url: str) -> str:
    return url.partition("://")[2].partition("/")[2]


def archiver_crawls(work: Path, base: str, chosen: list[str]) -> list[Run]:
    profiles(work / "selectors", "handbook", base, chosen)
    command, again = archiver(work, "handbook"), archiver(work, "handbook", "--all")
    first = measured(FIRST, command, work, lambda: visited(work, "ok"))
    measured("", again, work, lambda: visited(work, "ok", 0.0))  # the validators are verified by this visit
    return [first, measured(NOT_MODIFIED, again, work, lambda: visited(work, "not_modified", 0.9))]


def archiver_again(work: Path, chosen: list[str]) -> list[Run]:
    """Crawl twice a server whose pages differ at each visit and have no validators."""
    with served(changing=True) as port:
        profiles(work / "selectors", "handbook", f"http://{address(0)}:{port}/", chosen)
        command, again = archiver(work, "handbook"), archiver(work, "handbook", "--all")
        first = measured(CHANGING, command, work, lambda: visited(work, "ok"))
        return [first, measured(WHOLE, again, work, lambda: visited(work, "ok"))]


# other tools


def wget(work: Path, base: str, chosen: list[str]) -> list[Run]:
    starts = [f"{base}{each}/index.html" for each in chosen]
    only = ["--accept", "html", "--exclude-directories", "Common_Content", "--no-parent", "--level", "inf"]
    command = ["wget", "-q", "-r", *only, f"--warc-file={work}/wget", *starts]

    def fetched() -> frozenset[str]:
        with gzip.open(work / "wget.warc.gz") as warc:
            lines = (
                line.split(b" ", 1)[1].strip(b" <>\r\n").decode()
                for line in warc
                if line.startswith(b"WARC-Target-URI:")
            )
            return frozenset(_path(url) for url in lines if url.endswith(".html"))

    return [measured("wget -r --warc-file", command, work, fetched)]


def scrapy(work: Path, base: str, chosen: list[str]) -> list[Run]:
    database = work / "pages.db"
    command = [str(CACHE / "bin" / "python"), str(HERE / "peers" / "handbook_spider.py"), base, str(database), *chosen]
    return [measured(SCRAPY_ROW, command, work, lambda: stored_pages(database))]


def floor(work: Path, base: str, chosen: list[str]) -> list[Run]:
    database = work / "pages.db"
    command = [sys.executable, str(HERE / "peers" / "floor.py"), base, str(database), *chosen]
    return [measured(FLOOR, command, work, lambda: stored_pages(database))]


def stored_pages(database: Path) -> frozenset[str]:
    with closing(sqlite3.connect(database)) as found:
        return frozenset(_path(url) for (url,) in found.execute("SELECT url FROM page WHERE status = 200"))


def install_scrapy() -> bool:
    """Install Scrapy in a separate environment, once; return False when that fails."""
    if not (CACHE / "bin" / "scrapy").exists():
        print(f"installing {SCRAPY} in {CACHE}", file=sys.stderr)
        venv.create(CACHE, with_pip=True)
        done = subprocess.run([CACHE / "bin" / "pip", "install", "-q", SCRAPY], check=False)
        return done.returncode == 0
    return True


# rounds


def compare(rounds: int, chosen: list[str]) -> list[list[Run]]:
    if not install_scrapy():
        sys.exit(f"{SCRAPY} cannot be installed")
    tools: list[Callable[[Path, str, list[str]], list[Run]]] = [archiver_crawls, floor, scrapy]
    tools += [wget] if shutil.which("wget") else []
    tools.append(lambda work, _base, chosen: archiver_again(work, chosen))
    found = []
    for number in range(rounds):
        runs: list[Run] = []
        with served() as port:
            for tool in tools if number % 2 else reversed(tools):
                with tempfile.TemporaryDirectory(prefix="archiver-crawl.") as work:
                    runs += tool(Path(work), f"http://{address(0)}:{port}/", chosen)
        _demand_same_pages(runs)
        found.append(sorted(runs, key=lambda run: run.tool))
    return found


def _demand_same_pages(runs: list[Run]) -> None:
    for run in runs:
        if other := run.fetched ^ runs[0].fetched:
            sys.exit(f"{run.tool} and {runs[0].tool} fetched different pages: {sorted(other)[:5]}")


def figures(found: list[list[Run]]) -> list[Figure]:
    """Return the ratios that have goals."""
    cost = {run.tool: [each[number].cost for each in found] for number, run in enumerate(found[0])}
    first = next(run for run in found[0] if run.tool == FIRST)
    return [
        ratio("first crawl / Scrapy", cost[FIRST], cost[SCRAPY_ROW], 0.65),
        ratio("whole answers again / first crawl of the same pages", cost[WHOLE], cost[CHANGING], 0.5),
        ratio("304 again / Scrapy", cost[NOT_MODIFIED], cost[SCRAPY_ROW], 0.22),
        ratio("floor / first crawl", cost[FLOOR], cost[FIRST], 0.5, is_most=False),
        Figure("first crawl, both files on disk", first.bytes / first.pages / 1000, "kB a page", 24),
    ]


def many_hosts(rounds: int, chosen: list[str]) -> list[list[Run]]:
    """Crawl the same pages from 1, 100 and 400 servers; 1 server and 100 servers have the same number of pages."""
    return [[_from_hosts(hosts, chosen) for hosts in HOSTS] for _ in range(rounds)]


def one_core_and_all(rounds: int, chosen: list[str]) -> list[list[Run]]:
    """Crawl 40 servers on one core and on all cores. nginx always uses all; it takes a tenth of archiver's CPU."""

    cores = os.sched_getaffinity(0)
    on_one = ("taskset", "--cpu-list", str(min(cores)))

    def runs() -> list[Run]:
        one = _from_hosts(CORES_HOSTS, chosen, CORES_PAGES, on_one)
        every = _from_hosts(CORES_HOSTS, chosen, CORES_PAGES)
        return [replace(one, tool=f"{one.tool}, 1 core"), replace(every, tool=f"{every.tool}, {len(cores)} cores")]

    return [runs() for _ in range(rounds)]


def _from_hosts(hosts: int, chosen: list[str], pages: int = PAGES_A_HOST, by: tuple[str, ...] = ()) -> Run:
    limit = pages if hosts > 1 else pages * HOSTS[1]
    with served(hosts) as port, tempfile.TemporaryDirectory(prefix="archiver-crawl.") as folder:
        work = Path(folder)
        for host in range(hosts):
            taken = chosen if hosts == 1 else [chosen[host % len(chosen)]]
            profiles(work / "selectors", f"host-{host}", f"http://{address(host)}:{port}/", taken, 1)
        command = [*by, *archiver(work, "--all-sites", "--limit", str(limit))]
        return measured(f"{hosts} hosts", command, work, lambda: visited(work, "ok"))


def table(found: list[list[Run]], base: str) -> str:
    lines = [
        "| crawl | pages | CPU ms a page | x (spread) | pages/s | peak MB | disk kB a page |",
        "|---|---|---|---|---|---|---|",
    ]
    for number, run in enumerate(found[0]):
        runs = [each[number] for each in found]
        against = [next(other.cost for other in each if other.tool == base) for each in found]
        times = sorted(each.cost / other for each, other in zip(runs, against, strict=True))
        middle = statistics.median
        lines.append(
            f"| {run.tool} | {run.pages} | {middle(each.cost for each in runs):.2f} "
            f"| {middle(times):.2f} ({times[0]:.2f}-{times[-1]:.2f}) "
            f"| {middle(each.pages / each.seconds for each in runs):.0f} | {max(each.rss for each in runs):.0f} "
            f"| {run.bytes / run.pages / 1000:.1f} |"
        )
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--hosts", action="store_true", help="1, 100 and 400 servers in one process")
    parser.add_argument("--cores", action="store_true", help="40 servers, on one core and on all")
    parser.add_argument("--languages", type=int, default=12, help="of the book, 127 pages each")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    chosen = languages()[: given.languages]
    compared = many_hosts if given.hosts else one_core_and_all if given.cores else compare
    found = compared(given.rounds, chosen)
    if not given.json:
        print(table(found, FIRST if compared is compare else found[0][0].tool), end="\n\n")
    return finish(figures(found) if compared is compare else (), as_json=given.json)


if __name__ == "__main__":
    sys.exit(main())
