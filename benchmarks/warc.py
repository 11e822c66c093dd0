"""Compares the export, check and import of WARC files with warcio and fastwarc.

    python benchmarks/warc.py [--pages 60] [--visits 20] [--rounds 3] [--json]

The captures are those of `visits.py` (variant `small`, pages of about 110 kB). Each round measures in turn:

- `export`: `archiver export warc`. It decodes each body, verifies its digest, and writes response, request and metadata.
  `warcio writes`: warcio writes the same responses and requests, from memory.
- `check`: `archiver check-warc` on that file. `warcio check` and `fastwarc check` (fastwarc is C++) verify the digests
  of the same records.
- `import`: `archiver import warc` into an empty archive: verify, store as deltas, read, judge and write. There is no
  other tool that does this.

CPU seconds of whole commands; pages are captures, MB are uncompressed blocks.
"""

import argparse
import io
import json
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from visits import Portal, Visit
from warcio.statusandheaders import StatusAndHeaders, StatusAndHeadersParser
from warcio.warcwriter import WARCWriter

from archiver.store.archive import Store
from store import START, EvidenceOnly, new_visit

PROFILE = """
[site]
name = "portal"
home = "http://portal.example/"
language = "vi"
timezone = "Asia/Ho_Chi_Minh"
[[page]]
kind = "article"
[page.fields]
title = "h3"
body = "div.noidung"
"""


def build(folder: Path, pages: int, visits: int) -> tuple[list[Visit], int]:
    """Create an archive of visits; return the visits, and the bytes of their blocks."""
    crawls = list(Portal("small", pages).crawls(visits, 1))
    archive = EvidenceOnly(folder, pages)
    with Store.open(archive.path) as store:
        for crawl in crawls:
            store.evidence.keep([new_visit(visit, archive.pages[visit.page]) for visit in crawl], None)
    made = [visit for crawl in crawls for visit in crawl]
    return made, sum(len(visit.block) for visit in made)


def command(*words: object) -> float:
    """Return the CPU seconds of a whole command."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([str(word) for word in words], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def warcio_writes(visits: list[Visit], path: Path) -> float:
    """Return the CPU seconds in which warcio writes the same responses and requests."""
    began = time.process_time()
    with path.open("wb") as file:
        writer = WARCWriter(file, gzip=True)
        for visit in visits:
            stream = io.BytesIO(visit.block)
            headers = StatusAndHeadersParser(["HTTP/1.1"]).parse(stream)
            url = f"http://portal.example/tintuc/lists/posts/post.aspx?ItemID={visit.page}"
            answer = writer.create_warc_record(url, "response", payload=stream, http_headers=headers)
            request = StatusAndHeaders("GET / HTTP/1.1", [("Host", "portal.example")], is_http_request=True)
            writer.write_request_response_pair(writer.create_warc_record(url, "request", http_headers=request), answer)
    return time.process_time() - began


def measure(folder: Path, visits: list[Visit], rounds: int) -> dict[str, float]:
    """Return the medians of the rounds, in CPU seconds."""
    program = [sys.executable, "-m", "archiver", "--selectors", folder]
    (folder / "portal.toml").write_text(PROFILE, encoding="utf-8")
    tools = Path(sys.executable).parent
    out, file = folder / "out", folder / "out.warc.gz"
    taken: dict[str, list[float]] = {}

    def export() -> float:
        shutil.rmtree(out, ignore_errors=True)
        spent = command(*program, "--archive", folder / "archive.db", "export", "warc", out)
        (written,) = out.glob("*.warc.gz")
        written.replace(file)
        return spent

    def imported() -> float:
        for each in folder.glob("new*"):
            each.unlink()
        return command(*program, "--archive", folder / "new.db", "import", "warc", file)

    work: dict[str, Callable[[], float]] = {
        "start": lambda: command(*program, "--version"),
        "export": export,
        "warcio writes": lambda: warcio_writes(visits, folder / "peer.warc.gz"),
        "check": lambda: command(*program, "check-warc", file),
        "warcio check": lambda: command(tools / "warcio", "check", file),
        "import": imported,
    }
    if (tools / "fastwarc").exists():
        work["fastwarc check"] = lambda: command(tools / "fastwarc", "check", file)
    for _ in range(rounds):
        for name, each in work.items():
            taken.setdefault(name, []).append(each())
    return {name: statistics.median(spent) for name, spent in taken.items()}


def main() -> None:
    """Build, measure, print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--pages", type=int, default=60)
    parser.add_argument("--visits", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        visits, size = build(Path(name), args.pages, args.visits)
        found = measure(Path(name), visits, args.rounds)
    if args.json:
        print(json.dumps({"captures": len(visits), "bytes": size, "cpu_seconds": found}))
        return
    print(f"{len(visits)} captures, {size / 1e6:.0f} MB, from {START:%Y-%m-%d}; CPU, median of {args.rounds}\n")
    print("| | ms a page | pages/s | MB/s | x |\n|---|---|---|---|---|")
    base = {"export": "warcio writes", "check": "warcio check", "fastwarc check": "warcio check"}
    for label, spent in found.items():
        ratio = f"{spent / found[base[label]]:.2f} of {base[label]}" if label in base else ""
        rate = f"{1000 * spent / len(visits):.2f} | {len(visits) / spent:.0f} | {size / spent / 1e6:.0f}"
        print(f"| {label} | {rate} | {ratio} |" if label != "start" else f"| {label} | {spent:.2f} s in all | | | |")


if __name__ == "__main__":
    main()
