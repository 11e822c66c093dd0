"""Runs all benchmarks and writes their figures to benchmarks/RESULTS.md. `make bench` calls it; it takes less than 15 minutes.

    python benchmarks/run_all.py [NAME…] [--out FILE]

A benchmark that fails, or that measured other work than its row says, stops the run. A missed goal is marked in the table, and the
exit code is 1.
"""

import argparse
import json
import os
import platform
import sqlite3
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path

from figures import Figure, table

HERE = Path(__file__).resolve().parent
BENCHMARKS: dict[str, list[str]] = {
    "extract": [],
    "archive_size": [],
    "store": [],
    "bench_site": [],
    "crawl": ["--rounds", "3"],
    "query": ["--visits", "12"],
    "web": ["--visits", "12"],
    "revisit": ["--world", "portal", "--policy", "archiver", "--policy", "archiver, honest sitemap", "--seeds", "1"],
}
_PACKAGES = ("httpx2", "selectolax", "trafilatura", "backports.zstd", "warcio")


def run(name: str) -> list[Figure]:
    """Run one benchmark and return its figures.

    Raises:
        SystemExit: it failed.
    """
    command = [sys.executable, str(HERE / f"{name}.py"), "--json", *BENCHMARKS[name]]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    try:
        figures = json.loads(done.stdout.splitlines()[-1])["figures"]
    except (IndexError, KeyError, ValueError):
        raise SystemExit(f"{name} failed with exit code {done.returncode}") from None
    return [Figure(**each | {"spread": each["spread"] and tuple(each["spread"])}) for each in figures]


def conditions() -> str:
    """Return the machine, the versions and the date, as text."""
    packages = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    return (
        f"{time.strftime('%Y-%m-%d', time.gmtime())}; {_processor()}, {os.cpu_count()} cores, {platform.system()} {platform.machine()}; "
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {packages}."
    )


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    return next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown processor"
    )


def main() -> int:
    """Run the benchmarks and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(BENCHMARKS)}; default: all")
    parser.add_argument("--out", type=Path, default=HERE / "RESULTS.md")
    given = parser.parse_args()
    figures: dict[str, list[Figure]] = {}
    for name in given.names or BENCHMARKS:
        begun = time.monotonic()
        figures[name] = run(name)
        print(f"\n{name}: {time.monotonic() - begun:.0f} s\n{table(figures[name])}", flush=True)
    parts = [f"## {name}.py\n\n{table(found)}\n" for name, found in figures.items()]
    head = "# Results of the benchmarks\n\nWritten by `make bench`. What each measures is in [README.md](README.md).\n"
    given.out.write_text(f"{head}\n{conditions()}\n\n" + "\n".join(parts), encoding="utf-8")
    return int(not all(figure.is_met for found in figures.values() for figure in found))


if __name__ == "__main__":
    sys.exit(main())
