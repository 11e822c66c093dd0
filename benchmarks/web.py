"""Measures the web interface on a large archive: 12 sites, 10,000 pages and 600,000 visits (`many.py`).

    python benchmarks/web.py [--pages 834] [--visits 60] [--keep FOLDER] [--json]

`page`: CPU ms of the server process for one request of each page, mean of twelve after one that is not counted, and the size of
its HTML. Whatever a browser would load to show a page is counted when it is on another host.

`readers`: fifty readers, each of whom opens a page about every two seconds, beside a crawl that writes fifty visits every second.
The crawl is measured in turn without and with them. Errors are answers of 500 and more, and exceptions of the crawl.

`datasette`: the same lists in Datasette, started by `archiver datasette` on the same archive. The rows must be the same.

`pywb` (with `--pywb VENV`, an environment that has pywb): the TimeMap of a page and the exact bytes of its captures, out of a smaller
archive and of a WARC export of it. Mementos and bytes must be the same.
"""

import argparse
import json
import os
import random
import re
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import httpx2
from figures import Figure, finish
from many import Portal, SimulatedCrawl, build

from archiver.store.archive import Store

ROUNDS = 12
GOAL_TODAY, GOAL_PAGE, GOAL_KB, GOAL_SLOWER = 60.0, 100.0, 60.0, 1.1
READERS, PAUSE = 50, 2.0
_TURNS, _BATCHES, _BATCH_PAGES = 3, 6, 50
_TICK = os.sysconf("SC_CLK_TCK")
_PARTS = re.compile(
    r"<(?:script|img|iframe|source|embed)[^>]* src=\"([^\"]+)\"|<link rel=\"(?:stylesheet|icon)\" href=\"([^\"]+)\""
)
_TALKED = re.compile(r"http://\S+?:(\d+)")


def complete(path: Path) -> None:
    """Add what a real archive of this size has, too: a frontier, and pages that claim when they were changed."""
    with closing(sqlite3.connect(path)) as database:
        database.execute(
            "INSERT OR IGNORE INTO _frontier(page_id, site_id, due_at, interval, reason, reason_code) SELECT page_id, site_id, "
            "datetime('2023-02-28', (page_id % 4000) || ' minutes'), 3600 * (1 + page_id % 200), '', 'rate' FROM _page"
        )
        database.execute(
            "INSERT OR IGNORE INTO _modified(page_id, seen_from, visit_id, extractor_id, value, raw) SELECT page_id, seen_from, "
            "first_visit, extractor_id, substr(seen_from, 1, 10), 'x' FROM _version WHERE version = 1 AND page_id % 2 = 0"
        )
        database.commit()


def places(path: Path) -> dict[str, str]:
    """Return the pages that are measured, by name: on the page with most versions, and on the newest day with changes."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        page, versions, url, seen = database.execute(
            "SELECT page_id, max(version), url, max(seen_from) FROM versions GROUP BY page_id ORDER BY 2 DESC, 1 LIMIT 1"
        ).fetchone()
        (day,) = database.execute("SELECT substr(max(not_after), 1, 10) FROM changes WHERE site = 'portal0'").fetchone()
        site, visit = database.execute("SELECT site, max(visit_id) FROM visits WHERE page_id = ?", (page,)).fetchone()
    stamp = re.sub(r"\D", "", seen)
    return {
        "Today": f"/?since={day}",
        "Pages": "/pages",
        "Pages, by words": f"/pages?text={quote('hoi nghi')}",
        "Pages, by edits": "/pages?sort=edits",
        "Page": f"/page/{page}",
        "Compare": f"/page/{page}/compare/{versions - 1}..{versions}",
        "Read": f"/page/{page}/at/{stamp}",
        "Visit": f"/page/{page}/visit/{visit}",
        "Search": f"/search?q={quote('đất đai')}",
        "Front pages": "/front",
        "Gone and moved": "/gone",
        "Silent edits": "/silent",
        "Counters": "/counters",
        "Counters, a year": "/counters?since=2022-03-01",
        "Health": "/health",
        "Sites": "/sites",
        "Site": f"/site/{site}",
        "About": "/about",
        "TimeMap": f"/web/timemap/link/{url}",
        "Copy": f"/web/{stamp}/{url}",
    }


class Started:
    """A server in a process of its own: its address, and the CPU time that it has used."""

    def __init__(self, path: Path, *command: str, ready: str) -> None:
        words = [sys.executable, "-m", "archiver", "--archive", str(path), *command]
        self._process = subprocess.Popen(
            words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
        )
        self.url = ""
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if found := _TALKED.search(line):
                self.url = f"http://127.0.0.1:{found[1]}"
            if self.url and ready in line:
                break
        threading.Thread(target=self._process.stdout.read, daemon=True).start()
        assert self.url, f"{command} did not start"

    def cpu(self) -> float:
        """Return the CPU seconds of the process and of those that it started, so far."""
        return sum(map(_ticks, _with_children(self._process.pid))) / _TICK

    def end(self) -> None:
        os.killpg(self._process.pid, signal.SIGTERM)
        self._process.wait(20)


def _with_children(pid: int) -> Iterator[int]:
    yield pid
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        yield from _with_children(int(child))


def _ticks(pid: int) -> int:
    parts = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(parts[11]) + int(parts[12])


@contextmanager
def started(path: Path, *command: str, ready: str = "http") -> Iterator[Started]:
    server = Started(path, *command, ready=ready)
    try:
        yield server
    finally:
        server.end()


def cost(server: Started, client: httpx2.Client, place: str) -> dict[str, Any]:
    """Return the CPU ms of a request, the size of the answer, and the hosts that a browser would ask besides the server's."""
    answer = client.get(server.url + place)
    assert answer.status_code == 200, f"{place}: {answer.status_code} {answer.text[-300:]}"
    begun = server.cpu()
    for _ in range(ROUNDS):
        client.get(server.url + place)
    spent = 1000 * (server.cpu() - begun) / ROUNDS
    parts = [one or other for one, other in _PARTS.findall(answer.text)]
    hosts = {urlsplit(part).hostname for part in parts if "://" in part} - {"127.0.0.1", "replay.localhost"}
    return {"ms": spent, "kB": len(answer.content) / 1000, "hosts": sorted(map(str, hosts))}


def measured(path: Path) -> dict[str, dict[str, Any]]:
    """Return the cost of each page."""
    with started(path, "serve", "--port", "0") as server, httpx2.Client(timeout=30, trust_env=False) as client:
        return {name: cost(server, client, place) for name, place in places(path).items()}


def reading(url: str, names: Sequence[str], seconds: float) -> int:
    """Open pages as fifty readers do; print how many, and how many failed. Run in a process of its own."""
    counted = {"pages": 0, "errors": 0}
    ends = time.monotonic() + seconds

    def reader(number: int) -> None:
        chance = random.Random(number)
        with httpx2.Client(timeout=30, trust_env=False) as client:
            time.sleep(chance.uniform(0, PAUSE))
            while time.monotonic() < ends:
                try:
                    answer = client.get(url + chance.choice(names))
                    counted["errors"] += answer.status_code >= 500
                    counted["pages"] += 1
                except httpx2.HTTPError:
                    counted["errors"] += 1
                time.sleep(chance.uniform(PAUSE / 2, 3 * PAUSE / 2))

    threads = [threading.Thread(target=reader, args=(number,)) for number in range(READERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(json.dumps(counted))
    return 0


def beside_a_crawl(path: Path) -> dict[str, Any]:
    """Measure a crawl without and with fifty readers; return both, and what the readers got."""
    names = list(places(path).values())
    with started(path, "serve", "--port", "0") as server, Store.open(path) as store:
        crawl = SimulatedCrawl(store, Portal("busy", _BATCH_PAGES, 9))
        _crawled(crawl, 200, 2)  # not counted
        found: dict[str, Any] = {"pages": 0, "errors": 0, "alone": [], "watched": []}
        for turn in range(_TURNS):
            found["alone"] += _crawled(crawl, 210 + 40 * turn, _BATCHES)
            with subprocess.Popen(_readers(server.url, names), stdout=subprocess.PIPE, text=True) as readers:
                time.sleep(3)
                found["watched"] += _crawled(crawl, 230 + 40 * turn, _BATCHES)
                printed, _ = readers.communicate(timeout=120)
            for name, count in json.loads(printed).items():
                found[name] += count
    return found


def _readers(url: str, names: Sequence[str]) -> list[str]:
    seconds = str(_BATCHES + 5)
    return [sys.executable, __file__, "--read", url, "--seconds", seconds, "--places", json.dumps(names)]


def _crawled(crawl: SimulatedCrawl, first: int, batches: int) -> list[float]:
    """Crawl a batch every second, as a crawl with a rate limit does; return the CPU ms of a visit of each batch."""
    taken = []
    for visit in range(first, first + batches):
        crawl.portal.advance(visit)
        began = time.monotonic()
        taken.append(1000 * crawl.crawl(visit) / _BATCH_PAGES)
        time.sleep(max(0.0, 1 - (time.monotonic() - began)))
    return taken


def beside_datasette(path: Path) -> dict[str, dict[str, float]]:
    """Return what the same lists cost here and in Datasette. The rows are compared first."""
    asked = {
        "pages": ("/pages.json?sort=address", "/{0}/pages.json?_sort=url&_size=40&_shape=array"),
        "sites": ("/sites.json", "/{0}/sites.json?_shape=array&_size=40"),
    }
    shown = {
        "pages": ("/pages?sort=address", "/{0}/pages?_sort=url&_size=40"),
        "sites": ("/sites", "/{0}/sites?_size=40"),
    }
    found = {}
    with (
        started(path, "serve", "--port", "0") as ours,
        started(path, "datasette", "--port", "8471", ready="Uvicorn running") as theirs,
        httpx2.Client(timeout=120, trust_env=False) as client,
    ):
        name = path.stem
        for what, (here, there) in asked.items():
            rows = client.get(ours.url + here).json()[what]
            others = client.get(theirs.url + there.format(name)).json()
            key = "url" if what == "pages" else "site"
            assert sorted(row[key] for row in rows) == sorted(row[key] for row in others), f"{what} are not the same"
            one, other = (
                cost(server, client, place.format(name))
                for server, place in zip((ours, theirs), shown[what], strict=True)
            )
            found[what] = {"ours": one["ms"], "theirs": other["ms"], "kB": one["kB"], "their kB": other["kB"]}
    return found


def beside_pywb(tools: Path, scratch: Path) -> dict[str, dict[str, float]]:
    """Return what the TimeMap of a page and the exact bytes of its captures cost here and in pywb; they are compared first."""
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "real"))
    from machine import Machine, run

    path = scratch / "small.db"
    build(path, 20, 60)
    command = (sys.executable, "-m", "archiver", "--archive", path)
    run(*command, "export", "warc", scratch / "warcs", "--site", "portal0")
    url = "http://portal0.example/bai-viet/1"
    machine = Machine(tools / "bin", scratch, sorted((scratch / "warcs").glob("*.warc.gz")))
    found = {}
    try:
        theirs = Peer(f"http://127.0.0.1:{machine.port}", machine.process.pid)
        with started(path, "serve", "--port", "0") as ours, httpx2.Client(timeout=60, trust_env=False) as client:
            maps = [
                client.get(f"{one.url}{place}/timemap/link/{url}").text
                for one, place in ((ours, "/web"), (theirs, "/all"))
            ]
            moments = [sorted(re.findall(r'rel="[^"]*memento"; datetime="([^"]+)"', text)) for text in maps]
            assert moments[0] == moments[1], "the TimeMaps differ"
            stamps = [
                time.strftime("%Y%m%d%H%M%S", time.strptime(each, "%a, %d %b %Y %H:%M:%S GMT"))
                for each in moments[0][:12]
            ]
            places = [f"{stamp}id_/{url}" for stamp in stamps]
            for place in places:
                bodies = [
                    client.get(f"{ours.url}/web/{place}").content,
                    client.get(f"{theirs.url}/all/{place}").content,
                ]
                assert bodies[0] == bodies[1] != b"", f"{place} differs"
            for what, asked in (("TimeMap", [f"timemap/link/{url}"]), ("exact bytes", places)):
                one, other = (
                    mean(peer, client, [f"{root}/{place}" for place in asked])
                    for peer, root in ((ours, "/web"), (theirs, "/all"))
                )
                found[what] = {"ours": one, "theirs": other, "mementos": float(len(moments[0]))}
    finally:
        machine.close()
    return found


def mean(server: "Peer | Started", client: httpx2.Client, places: Sequence[str]) -> float:
    """Return the CPU ms of a request, mean of all places in turn."""
    begun = server.cpu()
    for _ in range(5 * ROUNDS // len(places)):
        for place in places:
            client.get(server.url + place)
    return 1000 * (server.cpu() - begun) / (5 * ROUNDS // len(places) * len(places))


class Peer:
    """A server that another script started."""

    def __init__(self, url: str, pid: int) -> None:
        self.url, self._pid = url, pid

    def cpu(self) -> float:
        return sum(map(_ticks, _with_children(self._pid))) / _TICK


def figures(report: dict[str, Any]) -> list[Figure]:
    """Return the figures."""
    pages = report["pages"]
    others = {name: each for name, each in pages.items() if name != "Today"}
    slowest = max(others, key=lambda name: others[name]["ms"])
    largest = max(pages, key=lambda name: pages[name]["kB"])
    crawl = report["crawl"]
    slower = statistics.median(crawl["watched"]) / statistics.median(crawl["alone"])
    shown = [
        Figure("Today", pages["Today"]["ms"], "CPU ms", GOAL_TODAY),
        Figure(f"slowest other page: {slowest}", others[slowest]["ms"], "CPU ms", GOAL_PAGE),
        Figure(f"largest page: {largest}", pages[largest]["kB"], "kB", GOAL_KB),
        Figure("requests to other hosts", float(sum(len(each["hosts"]) for each in pages.values())), "", 0.0),
        Figure(
            f"errors of {READERS} readers of {crawl['pages']} pages beside a crawl", float(crawl["errors"]), "", 0.0
        ),
        Figure("a visit of a crawl with these readers / without", slower, "x", GOAL_SLOWER),
    ]
    for what, each in report.get("datasette", {}).items():
        shown.append(Figure(f"Datasette / archiver, the list of {what}", each["theirs"] / each["ours"], "x"))
    for what, each in report.get("pywb", {}).items():
        shown.append(Figure(f"pywb / archiver, {what}", each["theirs"] / each["ours"], "x"))
    return shown


def show(report: dict[str, Any]) -> None:
    """Print the results, one per line."""
    for name, each in report["pages"].items():
        print(f"{name:<20}{each['ms']:>9.1f} CPU ms{each['kB']:>9.1f} kB")
    for name, each in report.get("datasette", {}).items():
        print(f"datasette: {name:<10}" + "  ".join(f"{key} {value:,.1f}" for key, value in each.items()))
    for name, each in report.get("pywb", {}).items():
        print(f"pywb: {name:<12}" + "  ".join(f"{key} {value:,.2f}" for key, value in each.items()))
    crawl = report["crawl"]
    print(
        f"crawl: {statistics.median(crawl['alone']):.2f} ms a visit alone, {statistics.median(crawl['watched']):.2f} with readers"
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Run the benchmark."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--pages", type=int, default=834, help="pages of each site")
    options.add_argument("--visits", type=int, default=60, help="visits of each page")
    options.add_argument("--keep", type=Path, help="folder for the archive; an existing archive is used again")
    options.add_argument("--pywb", type=Path, help="an environment that has pywb, such as that of `make replay`")
    options.add_argument("--json", action="store_true")
    options.add_argument("--read", default="", help=argparse.SUPPRESS)
    options.add_argument("--seconds", type=float, default=0, help=argparse.SUPPRESS)
    options.add_argument("--places", default="[]", help=argparse.SUPPRESS)
    chosen = options.parse_args(argv)
    if chosen.read:
        return reading(chosen.read, json.loads(chosen.places), chosen.seconds)
    with tempfile.TemporaryDirectory() as made:
        folder = chosen.keep or Path(made)
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / "archive.db"
        if not path.exists():
            build(path, chosen.pages, chosen.visits)
        complete(path)
        report: dict[str, Any] = {"pages": measured(path), "datasette": beside_datasette(path)}
        if chosen.pywb:
            report["pywb"] = beside_pywb(chosen.pywb.absolute(), Path(made))
        report["crawl"] = beside_a_crawl(path)
    if not chosen.json:
        show(report)
    return finish(figures(report), as_json=chosen.json)


if __name__ == "__main__":
    sys.exit(main())
