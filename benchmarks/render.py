"""Compares pages in a browser: archiver with Playwright, which opens each page in a browser of its own.

Both open the same articles of the single-page demo portal on loopback with the same Chromium, and keep for each page the
document, a screenshot of the whole page, and every answer. They run in turn, each round with empty folders. CPU is that of
the tool, of the browser and of all their children; memory is the most that all of them hold at one time (proportional set
size). The benchmark fails when a page lacks its title, a screenshot or the answer with its data, or when a goal is missed.

    python benchmarks/render.py [--pages N] [--rounds N] [--json]
"""

import argparse
import ctypes
import os
import re
import resource
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import venv
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from figures import Figure, finish, ratio

from archiver.demo.spa import SinglePagePortal

HERE = Path(__file__).resolve().parent
PROFILE = HERE.parent / "selectors" / "demo-spa.toml"
PLAYWRIGHT = "playwright==1.65.2"
CACHE = (
    Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
    / "archiver-benchmarks"
    / PLAYWRIGHT.replace("==", "-")
)
GOAL = 0.6
OURS, EACH, ONE = "archiver", "Playwright, a browser a page", "Playwright, one browser"
_SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER of Linux: children of a tool that has ended are ours, and their CPU is counted
_EVERY = 0.1  # seconds between two looks at the memory


@dataclass(frozen=True)
class Run:
    """One tool's run: its pages, CPU seconds, wall seconds, the most memory (MB), and bytes on disk."""

    pages: int
    cpu: float
    seconds: float
    memory: float
    bytes: int


def main() -> int:
    """Run the benchmark; return 1 when a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    wanted = parser.parse_args()
    python = peer()
    ctypes.CDLL(None).prctl(_SUBREAPER, 1)
    runs: dict[str, list[Run]] = {OURS: [], EACH: [], ONE: []}
    with SinglePagePortal(articles=wanted.pages, start=datetime(2026, 1, 1, tzinfo=UTC)) as portal:
        urls = addresses(portal)
        for _ in range(wanted.rounds):
            with tempfile.TemporaryDirectory() as folder:
                runs[OURS].append(measured(Path(folder), ours(Path(folder), portal.url, urls), kept_by_us))
            for name, manner in ((EACH, "each"), (ONE, "one")):
                with tempfile.TemporaryDirectory() as folder:
                    command = [str(python), str(HERE / "peers" / "playwright_pages.py"), folder, manner, *urls]
                    runs[name].append(measured(Path(folder), command, kept_by_playwright))
    for name, done in runs.items():
        if any(each.pages != len(urls) for each in done):
            sys.exit(f"{name} kept {[each.pages for each in done]} pages of {len(urls)}; all must be the same")
    return finish(figures(runs), as_json=wanted.json)


def figures(runs: dict[str, list[Run]]) -> Iterator[Figure]:
    """Yield the figures."""
    for name, done in runs.items():
        pages = done[0].pages
        yield spread(f"{name}: CPU a page", [each.cpu / pages for each in done], "s")
        yield spread(f"{name}: most memory", [each.memory for each in done], "MB")
        yield spread(f"{name}: on disk a page", [each.bytes / pages / 1000 for each in done], "kB")
        yield spread(f"{name}: wall time a page", [each.seconds / pages for each in done], "s")
    cpu = {name: [each.cpu for each in done] for name, done in runs.items()}
    memory = {name: [each.memory for each in done] for name, done in runs.items()}
    yield ratio(f"CPU: {OURS} / {EACH}", cpu[OURS], cpu[EACH], GOAL)
    yield ratio(f"CPU: {OURS} / {ONE}", cpu[OURS], cpu[ONE])
    yield ratio(f"memory: {OURS} / {EACH}", memory[OURS], memory[EACH])


def spread(what: str, values: list[float], unit: str) -> Figure:
    """Return the median of some values, with the lowest and the highest."""
    return Figure(what, statistics.median(values), unit, spread=(min(values), max(values)))


def peer() -> Path:
    """Return the Python of a venv with Playwright; make it if it is missing."""
    python = CACHE / "bin" / "python"
    if not python.exists():
        venv.create(CACHE, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", PLAYWRIGHT], check=True)
    return python


def addresses(portal: SinglePagePortal) -> list[str]:
    """Return the addresses of the articles that a reader can open."""
    return [portal.address(each) for each in portal.items]


def ours(work: Path, home: str, urls: list[str]) -> list[str]:
    """Return the command that crawls exactly these pages with the profile of the demo."""
    text = PROFILE.read_text("utf-8").replace("http://127.0.0.1:8912/", f"{home}/")
    paths = ", ".join(f'"{url}"' for url in urls)
    text = re.sub(r"(?m)^start = .*$", f"start = [{paths}]\ndepth = 0", text).replace(
        "connections = 4", "connections = 1"
    )
    (work / "selectors").mkdir()
    (work / "selectors" / "demo-spa.toml").write_text(text, "utf-8")
    kept = ["--archive", str(work / "archive.db"), "--selectors", str(work / "selectors")]
    return [sys.executable, "-m", "archiver", *kept, "crawl", "demo-spa"]


def kept_by_us(work: Path) -> int:
    """Return how many pages are whole in the archive."""
    with closing(sqlite3.connect(f"file:{work / 'archive.db'}?mode=ro", uri=True)) as archive:
        return int(
            archive.execute(
                "SELECT count(*) FROM versions v JOIN visits t ON t.page_id = v.page_id AND t.visited_at = v.seen_from WHERE v.title <> '' "
                "AND (SELECT count(*) FROM renditions r WHERE r.visit_id = t.visit_id AND r.outcome = 'ok') = 3 "
                "AND EXISTS (SELECT 1 FROM visits a WHERE a.of_visit = t.visit_id AND a.url LIKE '%/api/articles/%' AND a.status = 200)"
            ).fetchone()[0]
        )


def kept_by_playwright(work: Path) -> int:
    """Return how many pages are whole in a folder."""
    whole = 0
    for page in work.glob("*.html"):
        has_data = any(
            b'"noidung"' in each.read_bytes() or b'"body"' in each.read_bytes() for each in work.glob(f"{page.stem}-*")
        )
        whole += 'class="tieude"' in page.read_text("utf-8") and page.with_suffix(".png").exists() and has_data
    return whole


def measured(work: Path, command: list[str], kept: Callable[[Path], int]) -> Run:
    """Run a tool and measure it with all its children.

    Raises:
        SystemExit: it failed.
    """
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    environment = os.environ | {"ARCHIVER_STATE": str(work / "state")}
    with (work / "err").open("w") as err:
        process = subprocess.Popen(command, stdout=err, stderr=err, env=environment)
        watch = Memory(process.pid)
        code = process.wait()
    memory, seconds = watch.stop(), time.monotonic() - begun
    reap()
    if code:
        sys.exit(f"{command[:4]} ended with {code}: {(work / 'err').read_text()[-2000:]}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    size = sum(each.stat().st_size for each in work.rglob("*") if each.is_file() and each.name != "err")
    return Run(kept(work), cpu, seconds, memory, size)


def reap() -> None:
    """Wait for what is left of a tool: children that outlived their parents."""
    while True:
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return


class Memory:
    """Looks at the memory of a process and its descendants until it is stopped."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._most = 0.0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while not self._ended.wait(_EVERY):
            self._most = max(self._most, sum(map(proportional_size, family(self._pid))) / 1000)

    def stop(self) -> float:
        """Stop; return the most megabytes at one time."""
        self._ended.set()
        self._thread.join()
        return self._most


def family(pid: int) -> list[int]:
    """Return a process and its descendants."""
    children: dict[int, list[int]] = {}
    for each in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(each.read_text().rpartition(")")[2].split()[1])
        except (OSError, IndexError, ValueError):
            continue
        children.setdefault(parent, []).append(int(each.parent.name))
    found = [pid]
    for each in found:
        found += children.get(each, [])
    return found


def proportional_size(pid: int) -> int:
    """Return the kilobytes of a process: its own, and its share of what it shares."""
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    found = re.search(r"^Pss:\s+(\d+)", rollup, re.MULTILINE)
    return int(found[1]) if found else 0


if __name__ == "__main__":
    sys.exit(main())
