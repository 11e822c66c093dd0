"""Measures queries on a large archive: the cookbook on 12 sites, 10,000 pages and 600,000 visits.

    python benchmarks/query.py [--pages 834] [--visits 60] [--words 1000000] [--keep FOLDER] [--json]

CPU ms of this process, median of five warm runs, by Python's sqlite3 on the views. Some queries use values that the
archive computes when it writes (absences, gains of counters, the full-text index). For these, `live` is the same result
computed from visits, readings and texts in one query, and `x` is its time divided by `ms`. `floor` is the time to read the
same rows from a table that holds only them, measured in turn with the query.

`visit`: CPU of a visit of a known page, from the capture to its commit, in an archive of 1,000 visits and in this one,
measured alternately. `extract`: captures that one core reads again per second, compared with only decoding and parsing
them. `wal`: three readers run the cookbook while a crawl writes. `--words N`: full text over N contents.

The benchmark fails when a goal is missed.
"""

import argparse
import sqlite3
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from figures import Figure, finish
from many import PHRASE, PROFILE, Portal, SimulatedCrawl, build
from million import ask_words
from selectolax.lexbor import LexborHTMLParser

from archiver.extract.profile import parse_profile
from archiver.extract.read import read
from archiver.model.capture import split_block
from archiver.store.archive import Store
from archiver.store.cookbook import COOKBOOK, Question

ROUNDS = 5
GOAL, GOAL_PAGE = 60.0, 1.0  # CPU ms: of any query, and of the history of a page
GOAL_GROWTH = 1.1
_READ = 2_000  # captures that are read again

_LIVE = {
    "vanished": "SELECT p.url FROM _page p WHERE (SELECT count(*) FROM _visit t WHERE t.page_id = p.page_id AND t.outcome = 'gone' "
    "AND t.visited_at > coalesce((SELECT max(o.visited_at) FROM _visit o WHERE o.page_id = p.page_id AND o.outcome = 'ok'), '')) > 1",
    "most-viewed": "SELECT page_id, sum(gained) AS g FROM (SELECT page_id, read_at, value - lag(value) OVER "
    "(PARTITION BY page_id ORDER BY read_at) AS gained FROM readings WHERE name = 'views') "
    "WHERE gained > 0 AND read_at >= :begin AND read_at < :end GROUP BY page_id ORDER BY g DESC LIMIT 10",
    "backwards": "SELECT * FROM (SELECT page_id, read_at, value - lag(value) OVER (PARTITION BY page_id ORDER BY read_at) AS gained "
    "FROM readings WHERE name = 'views') WHERE gained < 0",
    "phrase": f"SELECT url, min(seen_from), max(seen_last) FROM versions WHERE body LIKE '%{PHRASE}%' GROUP BY page_id",
}
_PARAMS: dict[str, Any] = {
    "day": "2023-02-01",
    "begin": "2023-02-01",
    "end": "2023-03-01",
    "site": "portal0",
    "listing": "http://portal0.example/",
}


def cpu_ms(work: Callable[[], object]) -> float:
    """Return the median of five rounds, after one round that is not counted."""
    taken = []
    for _ in range(ROUNDS + 1):
        begun = time.process_time()
        work()
        taken.append(1000 * (time.process_time() - begun))
    return statistics.median(taken[1:])


def params_of(question: Question, url: str) -> dict[str, Any]:
    """Return the parameters of a query."""
    words = '"dat dai"' if question.name == "plain" else f'"{PHRASE}"'
    end = "2023-02-08" if question.name in ("most-viewed", "on-top") else _PARAMS["end"]
    values = {**_PARAMS, "url": url, "words": words, "version_id": 1, "end": end}
    return {name: values[name] for name in question.params}


def ask(path: Path) -> dict[str, dict[str, float]]:
    """Return the cost and the number of rows of each query."""
    results = {}
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        (url,) = database.execute("SELECT url FROM changes GROUP BY page_id ORDER BY count(*) DESC LIMIT 1").fetchone()
        for question in COOKBOOK:
            results[question.name] = _result(database, question, params_of(question, url))
    return results


def _result(database: sqlite3.Connection, question: Question, values: dict[str, Any]) -> dict[str, float]:
    def rows(sql: str) -> list[object]:
        return database.execute(sql, values).fetchall()

    database.execute(f"CREATE TEMP TABLE result AS {question.sql}", values)
    floor = cpu_ms(lambda: rows("SELECT * FROM result"))
    database.execute("DROP TABLE result")
    result = {"rows": float(len(rows(question.sql))), "ms": cpu_ms(lambda: rows(question.sql)), "floor": floor}
    if question.name in _LIVE:
        live = cpu_ms(lambda: rows(_LIVE[question.name]))
        result |= {"live": live, "x": live / result["ms"]}
    return result


def visit_cost(path: Path, folder: Path) -> dict[str, float]:
    """Return the CPU ms of a visit in a small archive and in the large one, measured alternately, and the ratio of the medians."""
    small, large = Portal("portal0", BATCH_PAGES, 7), Portal("fresh", BATCH_PAGES, 7)
    spent: dict[str, list[float]] = {"small": [], "large": []}
    with Store.open(folder / "small.db") as small_store, Store.open(path) as large_store:
        crawls = {"small": SimulatedCrawl(small_store, small), "large": SimulatedCrawl(large_store, large)}
        for visit in range(100, 100 + 1000 // BATCH_PAGES + ROUNDS * 4):
            for name, crawl in crawls.items():
                crawl.portal.advance(visit)
                taken = crawl.crawl(visit)
                if visit >= 100 + 1000 // BATCH_PAGES:
                    spent[name].append(1000 * taken / BATCH_PAGES)
    medians = {name: statistics.median(taken) for name, taken in spent.items()}
    return {**medians, "x": medians["large"] / medians["small"]}


BATCH_PAGES = 50


def extract_cost(path: Path) -> dict[str, float]:
    """Return the captures per second on one core: read again, and only decoded and parsed."""
    profile = parse_profile(PROFILE.format(name="portal0"), "portal0")
    with Store.open(path, write=False) as store:
        numbers = [
            row["visit_id"] for row in store.sql(f"SELECT visit_id FROM visits WHERE outcome = 'ok' LIMIT {_READ}")
        ]
        begun = time.process_time()
        for number in numbers:
            _, body = split_block(store.evidence.block(number))
            LexborHTMLParser(body.decode())
        floor = time.process_time() - begun
        begun = time.process_time()
        for number in numbers:
            read(store.evidence.visit(number).capture, profile)
        spent = time.process_time() - begun
    return {"per_second": len(numbers) / spent, "floor": len(numbers) / floor, "x": spent / floor}


def concurrent_readers(path: Path, seconds: float = 20.0) -> dict[str, float]:
    """Run three readers and a crawl; return how many queries, visits and errors there were."""
    counted = {"questions": 0, "visits": 0, "errors": 0}
    over = threading.Event()

    def reader() -> None:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=5)) as database:
            while not over.is_set():
                for question in COOKBOOK:
                    try:
                        database.execute(
                            question.sql, params_of(question, "http://portal0.example/bai-viet/1")
                        ).fetchall()
                        counted["questions"] += 1
                    except sqlite3.Error:
                        counted["errors"] += 1

    threads = [threading.Thread(target=reader) for _ in range(3)]
    with Store.open(path) as store:
        crawl = SimulatedCrawl(store, Portal("concurrent", BATCH_PAGES, 9))
        for thread in threads:
            thread.start()
        ends, visit = time.monotonic() + seconds, 200
        while time.monotonic() < ends:
            crawl.portal.advance(visit)
            crawl.crawl(visit)
            counted["visits"] += BATCH_PAGES
            visit += 1
        over.set()
        for thread in threads:
            thread.join()
    return dict(counted)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the benchmark."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--pages", type=int, default=834, help="pages of each site")
    options.add_argument("--visits", type=int, default=60, help="visits of each page")
    options.add_argument("--words", type=int, default=0, help="contents of a separate archive for full-text search")
    options.add_argument("--keep", type=Path, help="folder for the archive; an existing archive is used again")
    options.add_argument("--json", action="store_true")
    chosen = options.parse_args(argv)
    with tempfile.TemporaryDirectory() as made:
        folder = chosen.keep or Path(made)
        folder.mkdir(parents=True, exist_ok=True)
        report = measure(folder / "archive.db", chosen, Path(made))
    if not chosen.json:
        show(report)
    return finish(figures(report), as_json=chosen.json)


def measure(path: Path, chosen: argparse.Namespace, scratch: Path) -> dict[str, Any]:
    """Return all results."""
    report: dict[str, Any] = {}
    if not path.exists():
        spent, made = build(path, chosen.pages, chosen.visits)
        report["written"] = {"visits": made, "ms": 1000 * spent / made, "per_second": made / spent}
    with closing(sqlite3.connect(path)) as database:
        counts = {
            name: database.execute(f"SELECT count(*) FROM {name}").fetchone()[0]
            for name in ("_page", "_visit", "_version", "_reading")
        }
    report["archive"] = {**counts, "MB": path.stat().st_size / 1e6}
    report["questions"] = ask(path)
    report["extract"] = extract_cost(path)
    report["visit"] = visit_cost(path, scratch)
    report["wal"] = concurrent_readers(path)
    if chosen.words:
        report["words"] = ask_words(scratch / "words.db", chosen.words, cpu_ms)
    return report


def goal_of(question: str) -> float:
    """Return the goal of a query in CPU ms."""
    return GOAL_PAGE if question in ("on-a-day", "edits", "source") else GOAL


def figures(report: dict[str, Any]) -> list[Figure]:
    """Return the figures that have goals."""
    questions = report["questions"]
    slowest = max(questions, key=lambda name: questions[name]["ms"] / goal_of(name))
    visits = report["archive"]["_visit"]
    return [
        Figure(
            f"slowest query, as a share of its goal, at {visits:,} visits: {slowest}",
            questions[slowest]["ms"] / goal_of(slowest),
            "x",
            1.0,
        ),
        Figure(f"cost of a visit, 1,000 -> {visits:,} visits", report["visit"]["x"], "x", GOAL_GROWTH),
        Figure("captures read again in a second, one core", report["extract"]["per_second"], "/s"),
        Figure("errors of three readers beside a crawl", report["wal"]["errors"], "", 0.0),
    ]


def show(report: dict[str, Any]) -> None:
    """Print the results, one per line."""
    for name, figures in report.items():
        if name != "questions":
            print(
                f"{name:<10}" + "  ".join(f"{key} {value:,.2f}".removesuffix(".00") for key, value in figures.items())
            )
    print(f"\n{'question':<16}{'rows':>7}{'ms':>9}{'floor':>9}{'live ms':>10}{'x':>8}")
    for name, row in report["questions"].items():
        goal = goal_of(name)
        live = f"{row['live']:>10.1f}{row['x']:>8.0f}" if "live" in row else ""
        print(
            f"{name:<16}{row['rows']:>7.0f}{row['ms']:>9.2f}{row['floor']:>9.2f}{live:<18}"
            + ("" if row["ms"] <= goal else f"  over {goal:g}")
        )


if __name__ == "__main__":
    sys.exit(main())
