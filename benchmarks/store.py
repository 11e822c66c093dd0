"""Compares the size of stored captures with WARC.gz, git and zstd, for pages whose bytes differ at each visit.

    python benchmarks/store.py [--pages 12] [--visits 64] [--redesigns 1] [--year] [--growth] [--json]

`--year`: 365 visits of 6 pages with 7 redesigns. `--growth`: the cost of a write at 1,000, 10,000 and 100,000 visits.
`bytes` is the size of the files minus that of an empty archive: rows, indices, digests, frames, second copies of
keyframes, and unused space in database pages. `frames`
are the frames alone, `mirror` the second copies. Every block is read again and compared with the original. The variant
`handbook` uses real pages, if Debian's package `debian-handbook` is installed (or with --handbook FOLDER).
"""

import argparse
import hashlib
import io
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from figures import Figure, finish
from handbook import FOLDER, Handbook
from visits import VARIANTS, Portal, Visit
from warcio.statusandheaders import StatusAndHeadersParser
from warcio.warcwriter import WARCWriter

from archiver.model.capture import Capture, Outcome, Request, parse_head, split_block
from archiver.model.profile import SiteInfo
from archiver.store.archive import Store, vault_path
from archiver.store.new_visit import NewVisit

START = datetime(2022, 10, 21, tzinfo=UTC)
REQUEST = b"Host: portal.example\r\nUser-Agent: archiver\r\nAccept-Encoding: identity\r\n"
SITE = SiteInfo("portal", "Portal", "http://portal.example/", "vi", "Asia/Ho_Chi_Minh")
READS = 300
_SHARE = 4  # of a format that stores visits independently, every fourth visit is measured
_GROWTH = (1000, 10_000, 100_000)


def new_visit(visit: Visit, page_id: int) -> NewVisit:
    """Return a visit as a crawl stores it."""
    head, body = split_block(visit.block)
    url = f"http://portal.example/tintuc/lists/posts/post.aspx?ItemID={visit.page}"
    at = START + timedelta(seconds=visit.seconds)
    capture = Capture(
        Request(url), at, Outcome.OK, 200, head, parse_head(head), body, None, 120, REQUEST, "10.0.0.1:80"
    )
    return NewVisit(page_id, capture, is_page=False)


class EvidenceOnly:
    """An archive that stores captures and does not read them."""

    def __init__(self, folder: Path, pages: int) -> None:
        self.path = folder / "archive.db"
        with Store.open(self.path) as store:
            site = store.pages.put_site(SITE)
            urls = [f"http://portal.example/tintuc/lists/posts/post.aspx?ItemID={page}" for page in range(pages)]
            self.pages = [store.pages.put_page(site, url, url, "2022-10-21 00:00:00")[0] for url in urls]
        self.empty = self.sizes()
        self.store = Store.open(self.path)
        self.seconds = 0.0
        self.kept: dict[int, bytes] = {}

    def sizes(self) -> tuple[int, int]:
        """Return the bytes of both files."""
        return self.path.stat().st_size, vault_path(self.path).stat().st_size

    def keep(self, crawl: Sequence[Visit]) -> None:
        """Store the visits of a crawl, as one batch."""
        seen = [new_visit(visit, self.pages[visit.page]) for visit in crawl]
        started = time.process_time()
        numbers = self.store.evidence.keep(seen, None)
        self.seconds += time.process_time() - started
        self.kept |= {n: hashlib.sha256(visit.block).digest() for n, visit in zip(numbers, crawl, strict=True)}

    def report(self) -> dict[str, float]:
        """Return the bytes per visit, and the CPU ms of a write and of a read."""
        connection = self.store._vault._connection
        frames, mirror = (connection.value(f"SELECT sum(length(data)) FROM {table}") for table in ("_frame", "_mirror"))
        self.store.close()
        count = len(self.kept)
        main, vault = (size - empty for size, empty in zip(self.sizes(), self.empty, strict=True))
        visits = list(self.kept)
        sample = random.Random(1).choices(visits, k=READS)
        return {
            "bytes": (main + vault) / count,
            "rows": main / count,
            "vault": vault / count,
            "frames": frames / count,
            "mirror": mirror / count,
            "write_ms": self.seconds / count * 1e3,
            "random_ms": statistics.median(self._read([visit]) for visit in sample),
            "newest_ms": statistics.median(self._read([visit]) for visit in visits[-50:]),
            "history_ms": self._read(visits),
        }

    def _read(self, visits: list[int]) -> float:
        """Return the CPU ms to read a visit, in an archive that was just opened and has run one query."""
        with Store.open(self.path, write=False) as store:
            store.evidence.unread(1, "")
            started = time.process_time()
            blocks = [hashlib.sha256(store.evidence.block(visit)).digest() for visit in visits]
            spent = time.process_time() - started
        assert blocks == [self.kept[visit] for visit in visits]
        return spent / len(visits) * 1e3


def warc(crawls: list[list[Visit]]) -> float:
    """Return the bytes per visit as WARC.gz response records by warcio, each compressed alone."""
    buffer = io.BytesIO()
    writer = WARCWriter(buffer, gzip=True)
    visits = [visit for crawl in crawls for visit in crawl][::_SHARE]
    for visit in visits:
        stream = io.BytesIO(visit.block)
        headers = StatusAndHeadersParser(["HTTP/1.1"]).parse(stream)
        url = f"http://portal.example/post.aspx?ItemID={visit.page}"
        writer.write_record(writer.create_warc_record(url, "response", payload=stream, http_headers=headers))
    return buffer.tell() / len(visits)


def zstd19(crawls: list[list[Visit]]) -> float:
    """Return the bytes per visit with zstd -19, each compressed alone, for a sample."""
    from archiver.store.frame_codec import pack

    blocks = [visit.block for crawl in crawls for visit in crawl][:: 4 * _SHARE]
    return sum(len(pack(block, b"", 19)) for block in blocks) / len(blocks)


def git(crawls: list[list[Visit]]) -> float:
    """Return the bytes per visit after `git gc --aggressive`, with a commit per crawl and a file per page."""
    with tempfile.TemporaryDirectory() as folder:
        run = ["git", "-C", folder]
        subprocess.run([*run, "init", "--quiet"], check=True)
        stream = io.BytesIO()
        for number, crawl in enumerate(crawls):
            stream.write(b"commit refs/heads/main\ncommitter a <a@b> %d +0000\ndata 1\nx\n" % (1_600_000_000 + number))
            for visit in crawl:
                stream.write(b"M 100644 inline %d.html\ndata %d\n%s\n" % (visit.page, len(visit.block), visit.block))
        subprocess.run([*run, "fast-import", "--quiet"], input=stream.getvalue(), check=True)
        subprocess.run([*run, "gc", "--aggressive", "--quiet"], check=True)
        packs = (Path(folder) / ".git" / "objects" / "pack").iterdir()
        return sum(file.stat().st_size for file in packs) / sum(map(len, crawls))


def compare(portal: Portal | Handbook, pages: int, visits: int, redesigns: int) -> dict[str, float]:
    """Return the sizes of all stores for the same visits."""
    crawls = list(portal.crawls(visits, redesigns))
    with tempfile.TemporaryDirectory() as folder:
        archive = EvidenceOnly(Path(folder), pages)
        for crawl in crawls:
            archive.keep(crawl)
        found = dict(archive.report())
    peers: dict[str, Callable[[list[list[Visit]]], float]] = {"warc.gz": warc, "zstd -19": zstd19}
    if visits * pages <= 1000:
        peers["git gc --aggressive"] = git
    return (
        found
        | {name: peer(crawls) for name, peer in peers.items()}
        | {"floor": portal.chance.bits / 8 / (pages * (visits - 1))}
    )


def growth() -> list[tuple[int, float]]:
    """Return the CPU microseconds to write a small page at several numbers of stored visits.

    Each value is the lower quartile of twenty batches.
    """
    chance, found, spent = random.Random(3), [], []
    template = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + chance.randbytes(1500).hex().encode()
    with tempfile.TemporaryDirectory() as folder:
        archive = EvidenceOnly(Path(folder), 300)
        for number in range(0, 101_000, 50):
            pages = chance.sample(range(300), 50)  # in random order, so that pages do not start epochs at the same time
            crawl = [
                Visit(page, number * 60 + n, template + b"%d" % chance.randrange(10**9)) for n, page in enumerate(pages)
            ]
            before = archive.seconds
            archive.keep(crawl)
            spent.append((archive.seconds - before) / 50 * 1e6)
            if number + 50 in _GROWTH:
                found.append((number + 50, statistics.quantiles(spent[-20:], n=4)[0]))
        archive.store.close()
    return found


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=12)
    parser.add_argument("--visits", type=int, default=64)
    parser.add_argument("--redesigns", type=int, default=1)
    parser.add_argument("--year", action="store_true")
    parser.add_argument("--growth", action="store_true")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--handbook", type=Path, default=FOLDER, metavar="FOLDER")
    options = parser.parse_args()
    if options.growth:
        first = None
        for visits, micros in growth():
            first = first or micros
            print(f"{visits:>7} visits: {micros:6.0f} µs CPU a write, x {micros / first:.2f}")
        return 0
    shape = (6, 365, 7) if options.year else (options.pages, options.visits, options.redesigns)
    shown: list[Figure] = []
    if not options.json:
        print(
            f"{shape[0]} pages x {shape[1]} visits, {shape[2]} redesigns; bytes a visit, CPU ms; x = times archiver's"
        )
    for variant in (*VARIANTS, *(("handbook",) if options.handbook.is_dir() else ())):
        portal = Handbook(shape[0], options.handbook) if variant == "handbook" else Portal(variant, shape[0])
        found = compare(portal, *shape)
        shown += [
            Figure(f"{variant}: evidence, all in", found["bytes"], "B a visit"),
            Figure(f"{variant}: WARC.gz / archiver", found["warc.gz"] / found["bytes"], "x"),
            Figure(f"{variant}: a write", found["write_ms"], "CPU ms"),
        ]
        if options.json:
            continue
        print(f"\n{variant}")
        for name, value in found.items():
            ratio = "" if name.endswith("_ms") else f"x {value / found['bytes']:.1f}"
            print(f"  {name:<20} {value:10.2f}  {ratio}")
    return finish(shown, as_json=True) if options.json else 0


if __name__ == "__main__":
    sys.exit(main())
