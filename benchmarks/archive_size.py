"""Measures the whole archive, table by table: captures read through the pipeline with readings, reasons, links and frontier.

    python benchmarks/archive_size.py [--pages 60] [--visits 64] [--redesigns 1] [--keep FOLDER] [--json]

The pages of `visits.py` (variant `small`) are visited without a network: kept, read by a profile with an article rule
(title, date, body and two counters), judged and written, in batches of 50 as a crawl does. The tables are in bytes a
visit, with their indices and the unused space of their database pages. The benchmark fails when a goal is missed.
"""

import argparse
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from figures import Figure, finish
from visits import Portal, Visit

from archiver.crawl.fetched import Fetched
from archiver.crawl.pipeline import Pipeline
from archiver.crawl.reread import open_site
from archiver.extract.profile import parse_profile
from archiver.model.capture import Capture, Outcome, Request, parse_head, split_block
from archiver.model.clock import SettableClock, written
from archiver.model.event import ignore
from archiver.model.reason import Reason
from archiver.store.archive import Store, vault_path

START = datetime(2022, 10, 21, tzinfo=UTC)
BATCH = 50
REQUEST = b"Host: portal.example\r\nUser-Agent: archiver\r\nAccept-Encoding: identity\r\n"
PROFILE = """
[site]
name = "portal"
title = "Portal"
home = "http://portal.example/"
language = "vi"
timezone = "Asia/Ho_Chi_Minh"
[url]
keep = ["ItemID"]
[crawl]
sitemaps = []
feeds = []
[[page]]
kind = "article"
[page.fields]
title = "form > div > h3"
published = { css = "span.date", type = "datetime" }
body = { css = "form > div > p", take = "all", join = "\\n\\n" }
[page.readings]
views = { css = "span.views", pattern = '([\\d.,]+)' }
site_visits = { css = "form > div > ul + span, form > div > span:not([class])", join = "" }
"""


@dataclass(frozen=True)
class Size:
    """The size of an archive. `tables`: bytes of each table and index a visit, by file; `cpu_ms`: of a visit in the pipeline."""

    visits: int
    versions: int
    bytes: float
    main: float
    vault: float
    frames: float
    mirror: float
    cpu_ms: float
    tables: dict[str, float]


def address(page: int) -> str:
    """Return the address of a page."""
    return f"http://portal.example/tintuc/lists/posts/post.aspx?ItemID={page}"


def dated(visit: Visit) -> tuple[bytes, bytes]:
    """Return the head and the body of a visit, with a date of publication in the body."""
    head, body = split_block(visit.block)
    at = START - timedelta(hours=7 * visit.page)
    date = f'<span class="date">{at:%d/%m/%Y %H:%M}</span>'.encode()
    length = b"Content-Length: %d"
    head = head.replace(length % len(body), length % (len(body) + len(date)))
    return head, body.replace(b'<span class="views">', date + b'<span class="views">', 1)


class SimulatedSite:
    """Crawls the pages of a portal into one archive, without a network."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.clock = SettableClock(START)
        self.site = open_site(store, parse_profile(PROFILE, "portal"), self.clock, ignore, has_profile=True)
        self.seconds = 0.0

    def crawl(self, visits: Sequence[Visit], *, is_first: bool) -> None:
        """Visit every page once, in one run."""
        run = self.store.runs.begin(
            "crawl", self.site.site_id, written(self.clock()), code_version="b", command="crawl portal"
        )
        pipeline = Pipeline(self.store, self.site, self.clock, run_id=run, steps=None, follow=True)
        if is_first:
            pipeline.start("", [address(visit.page) for visit in visits])
        for batch in self._batches(visits):
            begun = time.process_time()
            pipeline.process(batch)
            self.seconds += time.process_time() - begun
        pipeline.save()
        self.store.runs.end(run, written(self.clock()), "done")

    def _batches(self, visits: Sequence[Visit]) -> Iterator[list[Fetched]]:
        for place in range(0, len(visits), BATCH):
            yield [self._fetched(visit) for visit in visits[place : place + BATCH]]

    def _fetched(self, visit: Visit) -> Fetched:
        at, url = START + timedelta(seconds=visit.seconds), address(visit.page)
        self.clock.advance(seconds=max(0.0, (at - self.clock()).total_seconds()))
        page_id, _ = self.store.pages.put_page(self.site.site_id, self.site.key(url), url, written(at))
        head, body = dated(visit)
        capture = Capture(
            Request(url), at, Outcome.OK, 200, head, parse_head(head), body, None, 120, REQUEST, "10.0.0.1:80"
        )
        return Fetched(page_id, capture, reason=self._reason(page_id))

    def _reason(self, page_id: int) -> Reason:
        """Return the reason on the frontier, as a crawl stores it with the visit."""
        (row,) = self.store.sql("SELECT reason_code, reason FROM _frontier WHERE page_id = ?", (page_id,))
        return Reason.stored(row["reason_code"], row["reason"])


def measure(folder: Path, pages: int, visits: int, redesigns: int = 1) -> Size:
    """Crawl a portal into a new archive in the folder; return its size."""
    path = folder / "archive.db"
    with Store.open(path) as store:
        empty = _sizes(path)
        site = SimulatedSite(store)
        for number, crawl in enumerate(Portal("small", pages).crawls(visits, redesigns)):
            site.crawl(crawl, is_first=number == 0)
    return _size(path, empty, site.seconds)


def _sizes(path: Path) -> tuple[int, int]:
    return path.stat().st_size, vault_path(path).stat().st_size


def _size(path: Path, empty: tuple[int, int], seconds: float) -> Size:
    main, vault = (size - before for size, before in zip(_sizes(path), empty, strict=True))
    with closing(sqlite3.connect(path)) as database, closing(sqlite3.connect(vault_path(path))) as other:
        count, versions = (
            int(database.execute(f"SELECT count(*) FROM {name}").fetchone()[0]) for name in ("_visit", "_version")
        )
        frames, mirror = (
            float(other.execute(f"SELECT coalesce(sum(length(data)), 0) FROM {name}").fetchone()[0]) / count
            for name in ("_frame", "_mirror")
        )
        tables = {
            f"{prefix}{name}": pages / count
            for prefix, each in (("", database), ("vault:", other))
            for name, pages in each.execute("SELECT name, sum(pgsize) FROM dbstat GROUP BY 1 ORDER BY 2 DESC")
        }
    each = [size / count for size in (main + vault, main, vault)]
    return Size(count, versions, each[0], each[1], each[2], frames, mirror, 1000 * seconds / count, tables)


def show(size: Size) -> None:
    """Print a size."""
    print(f"{size.visits} visits, {size.versions} versions; bytes a visit; {size.cpu_ms:.2f} CPU ms a visit")
    for name in ("bytes", "main", "vault", "frames", "mirror"):
        print(f"  {name:<36}{getattr(size, name):10.1f}")
    print()
    for name, each in size.tables.items():
        if each >= 0.5:
            print(f"  {name:<36}{each:10.1f}")


def figures(size: Size) -> list[Figure]:
    """Return the figures that have goals."""
    return [
        Figure(f"all of the archive, {size.visits:,} visits", size.bytes, "B a visit", 900),
        Figure("of it the frames and their second copies", size.frames + size.mirror, "B a visit", 450),
    ]


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=60)
    parser.add_argument("--visits", type=int, default=64)
    parser.add_argument("--redesigns", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="folder for the archive")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        folder = options.keep or Path(made)
        folder.mkdir(parents=True, exist_ok=True)
        size = measure(folder, options.pages, options.visits, options.redesigns)
    if not options.json:
        show(size)
    return finish(figures(size), as_json=options.json)


if __name__ == "__main__":
    sys.exit(main())
