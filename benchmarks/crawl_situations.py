"""Tries archiver and its peers on situations in which crawlers fail, and writes one table: benchmarks/SITUATIONS.md.

Each situation is a server on a loopback address of its own (situations/). The tools run with their own defaults.
Ends with exit code 1 when archiver is wrong in a situation. Needs curl and wget; Scrapy and ultimate-sitemap-parser are
installed in a separate environment at the first run.

    python benchmarks/crawl_situations.py [--only wire|lists|ways|rounds] [--no-peers]
"""

import argparse
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import venv
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from situations import lists, rounds, ways, wire
from situations.parts import TITLE, Situation
from situations.server import SituationServer

HERE = Path(__file__).resolve().parent
PORT = 8821
PEERS = ("scrapy==2.13.4", "ultimate-sitemap-parser==1.8.1", "trafilatura>=2.1")
CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "archiver-benchmarks" / "situations"
ARCHIVER = [sys.executable, "-m", "archiver"]
RIGHT = "right"


@dataclass
class Table:
    """What each tool made of each situation: `right`, or what was wrong."""

    title: str
    tools: tuple[str, ...]
    rows: dict[str, list[str]] = field(default_factory=dict)

    def score(self, column: int) -> str:
        """How many situations a tool has right."""
        return f"{sum(row[column] == RIGHT for row in self.rows.values())} of {len(self.rows)}"

    def markdown(self) -> str:
        """The table, with the number of right situations of each tool in its first row."""
        lines = [
            f"## {self.title}",
            "",
            "| situation | " + " | ".join(self.tools) + " |",
            "|---" * (len(self.tools) + 1) + "|",
        ]
        lines.append("| **right** | " + " | ".join(f"**{self.score(i)}**" for i in range(len(self.tools))) + " |")
        for name, row in self.rows.items():
            lines.append(
                "| " + " | ".join(cell.replace("|", "\\|").replace("<", "&lt;") for cell in (name, *row)) + " |"
            )
        return "\n".join(lines) + "\n"


def run(command: Sequence[str | Path], cwd: Path, limit: float = 900) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=limit,
        check=False,
        errors="replace",
    )


def profiles(server: SituationServer, work: Path) -> list[str]:
    """Write a profile for each situation; return their names."""
    folder = work / "selectors"
    folder.mkdir()
    names = []
    for number, (host, situation) in enumerate(server.hosts.items()):
        names.append(f"s{number:03d}")
        head = f'[site]\nname = "s{number:03d}"\ntitle = "t"\nhome = "{server.base(host)}/"\nlanguage = "en"\ntimezone = "UTC"\n'
        (folder / f"s{number:03d}.toml").write_text(
            f"{head}[crawl]\ndelay = 0.01\n{situation.profile}", encoding="utf-8"
        )
    return names


def missing(want: Sequence[str], asked: Sequence[str]) -> str:
    """Return `right` when every wanted path was asked for, as often as wanted; else which was not."""
    left = list(asked)
    lost = [path for path in want if path not in left or left.remove(path)]
    return f"not asked for: {' '.join(lost)}" if lost else RIGHT


# HTTP


def judge_wire(situation: Situation, *, is_read: bool, is_whole: bool, said: str) -> str:
    if "refused" in situation.flags:
        return f"read: {said}" if is_read and is_whole else RIGHT
    if "cut" in situation.flags:
        return RIGHT if not is_whole else f"not noticed: {said}"
    return RIGHT if is_read and is_whole else said


def archiver_wire(server: SituationServer, work: Path) -> list[str]:
    urls = [f"{server.base(host)}/a" for host in server.hosts]
    done = run([*ARCHIVER, "--archive", "a.db", "capture", "--json", *urls], work)
    found = {row["url"]: row for row in map(json.loads, done.stdout.splitlines())}
    cells = []
    for url, situation in zip(urls, server.hosts.values(), strict=True):
        row = found.get(url, {})
        is_read = (row.get("record") or {}).get("title") == TITLE and row.get("status") == 200
        said = f"{row.get('outcome', 'no answer')}: {row.get('note') or ''}"[:80]
        is_whole = is_read and row.get("outcome") == "ok" and not ("cut" in situation.flags and row.get("note"))
        cells.append(judge_wire(situation, is_read=is_read, is_whole=is_whole, said=said))
    return cells


def fetched_wire(server: SituationServer, work: Path, tool: str) -> list[str]:
    cells = []
    for host, situation in server.hosts.items():
        target, url = work / "out", f"{server.base(host)}/a"
        target.unlink(missing_ok=True)
        curl = ["curl", "-sS", "--compressed", "-m", "8", "-o", target, url]
        wget = ["wget", "-nv", "--compression=auto", "-T", "8", "-t", "1", "-O", target, url]
        done = run(curl if tool == "curl" else wget, work)
        body = target.read_bytes() if target.exists() else b""
        said = done.stderr.strip().splitlines()[-1][:60] if done.stderr.strip() else f"{len(body)} bytes"
        is_read = wire.A in body
        cells.append(judge_wire(situation, is_read=is_read, is_whole=done.returncode == 0 and is_read, said=said))
    return cells


def compare_wire(*, peers: bool) -> Table:
    columns = []
    tools = ("archiver", *(("curl", "wget") if peers else ()))
    for tool in tools:
        with SituationServer(wire.SITUATIONS, 1, PORT + 1) as server, tempfile.TemporaryDirectory() as folder:
            work = Path(folder)
            columns.append(archiver_wire(server, work) if tool == "archiver" else fetched_wire(server, work, tool))
    return table("HTTP: is the page read?", tools, wire.SITUATIONS, columns)


# lists


def crawled(situations: Sequence[Situation], net: int, port: int) -> list[str]:
    with SituationServer(situations, net, port) as server, tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        names = profiles(server, work)
        run([*ARCHIVER, "--archive", "a.db", "--selectors", "selectors", "crawl", *names], work)
        return [missing(situation.want, server.asked[host]) for host, situation in server.hosts.items()]


def list_peers(situations: Sequence[Situation], net: int, port: int) -> list[list[str]]:
    with SituationServer(situations, net, port) as server:
        bases = {server.base(host): situation for host, situation in server.hosts.items()}
        done = run([CACHE / "bin" / "python", HERE / "peers" / "list_readers.py", *bases], HERE)
        found = {row["base"]: row for row in map(json.loads, done.stdout.splitlines())}
        return [
            [missing(situation.want, found[base][tool]) for base, situation in bases.items()]
            for tool in ("scrapy", "usp")
        ]


def compare_lists(*, peers: bool) -> Table:
    situations = lists.situations(2, PORT + 2)
    columns = [crawled(situations, 2, PORT + 2)]
    if peers:
        columns += list_peers(situations, 2, PORT + 2)
    tools = ("archiver", *(("Scrapy's Sitemap", "ultimate-sitemap-parser") if peers else ()))
    return table("Sitemaps and feeds: are their pages asked for?", tools, situations, columns)


# ways to a page


def link_peers(situations: Sequence[Situation], net: int, port: int) -> list[list[str]]:
    columns = []
    with SituationServer(situations, net, port) as server, tempfile.TemporaryDirectory() as folder:
        bases = [server.base(host) for host in server.hosts]
        run([CACHE / "bin" / "python", HERE / "peers" / "link_spider.py", *bases], HERE)
        columns.append([missing(situation.want, server.asked[host]) for host, situation in server.hosts.items()])
        server.forget()
        for base in bases:
            run(["wget", "-q", "-r", "-l", "4", "-T", "5", "-t", "1", "--delete-after", base + "/"], Path(folder))
        columns.append([missing(situation.want, server.asked[host]) for host, situation in server.hosts.items()])
    return columns


def compare_ways(*, peers: bool) -> Table:
    columns = [crawled(ways.SITUATIONS, 3, PORT + 3)]
    if peers:
        columns += link_peers(ways.SITUATIONS, 3, PORT + 3)
    tools = ("archiver", *(("Scrapy", "wget -r") if peers else ()))
    return table("Redirects and links: is the page behind them asked for?", tools, ways.SITUATIONS, columns)


# three visits


def archiver_rounds(server: SituationServer, work: Path) -> list[str]:
    urls = [f"{server.base(host)}/a" for host in server.hosts]
    for _ in range(3):
        run([*ARCHIVER, "--archive", "a.db", "capture", *urls], work)
    with closing(sqlite3.connect(work / "a.db")) as archive:
        counted = dict(archive.execute("SELECT url, count(*) FROM versions GROUP BY url"))
    return [
        versions(counted.get(url, 0), situation) for url, situation in zip(urls, server.hosts.values(), strict=True)
    ]


def versions(found: int, situation: Situation) -> str:
    (wanted,) = (int(flag.removeprefix("versions=")) for flag in situation.flags)
    return RIGHT if found == wanted else f"{found} versions, not {wanted}"


def hash_peers(server: SituationServer) -> list[list[str]]:
    """What a tool does that compares hashes of each successful answer: of its bytes, and of trafilatura's text."""
    import httpx2
    import trafilatura  # a dependency of archiver

    columns: list[list[str]] = [[], []]
    for host, situation in server.hosts.items():
        seen: tuple[list[object], list[object]] = ([], [])
        for _ in range(3):
            try:
                got = httpx2.get(f"{server.base(host)}/a", timeout=8)
            except httpx2.HTTPError:
                continue
            if got.status_code != 200:
                continue
            for values, value in zip(seen, (got.content, trafilatura.extract(got.content)), strict=True):
                if not values or values[-1] != value:
                    values.append(value)
        for column, values in zip(columns, seen, strict=True):
            column.append(versions(len(values), situation))
    return columns


def compare_rounds(*, peers: bool) -> Table:
    with SituationServer(rounds.SITUATIONS, 4, PORT + 4) as server, tempfile.TemporaryDirectory() as folder:
        columns = [archiver_rounds(server, Path(folder))]
        server.forget()
        columns += hash_peers(server) if peers else []
    tools = ("archiver", *(("hash of the bytes", "hash of trafilatura's text") if peers else ()))
    return table(
        "Three visits of a page: does its history have the right number of versions?", tools, rounds.SITUATIONS, columns
    )


def table(title: str, tools: tuple[str, ...], situations: Sequence[Situation], columns: list[list[str]]) -> Table:
    found = Table(title, tools)
    for situation, row in zip(situations, zip(*columns, strict=True), strict=True):
        found.rows[situation.name] = list(row)
    return found


def install_peers() -> bool:
    """Install the Python peers in a separate environment, once; return whether all peers are there."""
    if not (CACHE / "bin" / "scrapy").exists():
        print(f"installing {', '.join(PEERS)} in {CACHE}", file=sys.stderr)
        venv.create(CACHE, with_pip=True)
        run([CACHE / "bin" / "pip", "install", "-q", *PEERS, "requests"], HERE)
    return (CACHE / "bin" / "scrapy").exists() and all(shutil.which(tool) for tool in ("curl", "wget"))


COMPARISONS = {"wire": compare_wire, "lists": compare_lists, "ways": compare_ways, "rounds": compare_rounds}
ABOUT = """# Situations in which crawlers and archives fail

Written by `crawl_situations.py`. Each row is a server on loopback (`situations/`); each tool runs with its own defaults.
`right`: for a tool that fetches, the page is read whole, and an answer that is cut is not taken for whole; for a crawler,
the pages behind the list or link are asked for; for a history, three visits make the right number of versions.

"""


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--only", choices=COMPARISONS)
    parser.add_argument("--no-peers", action="store_true")
    chosen = parser.parse_args()
    if not chosen.no_peers and not install_peers():
        sys.exit("the peers cannot be installed: pass --no-peers to try archiver alone")
    tables = [
        compare(peers=not chosen.no_peers) for name, compare in COMPARISONS.items() if chosen.only in (None, name)
    ]
    text = ABOUT + "\n".join(found.markdown() for found in tables)
    if chosen.only is None and not chosen.no_peers:
        (HERE / "SITUATIONS.md").write_text(text, encoding="utf-8")
    for found in tables:
        print(f"{found.title} " + ", ".join(f"{tool} {found.score(i)}" for i, tool in enumerate(found.tools)))
        for name, row in found.rows.items():
            if row[0] != RIGHT:
                print(f"  {name}: {row[0]}")
    return int(any(row[0] != RIGHT for found in tables for row in found.rows.values()))


if __name__ == "__main__":
    sys.exit(main())
