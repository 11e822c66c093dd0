"""Builds a large archive: twelve sites, about 10,000 pages with 60 visits each.

The pages of two sites are visited through the pipeline of a crawl, without a network: generated, kept, read, judged and
written. The other ten sites are copies of their rows, with other addresses and with the words of each text shuffled.
"""

import random
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from visits import WORDS

from archiver.app.watching.health_history import keep_health
from archiver.crawl.fetched import Fetched
from archiver.crawl.pipeline import Pipeline
from archiver.crawl.reread import open_site
from archiver.crawl.site import WorkingSite
from archiver.extract.profile import parse_profile
from archiver.model.capture import Capture, Outcome, Request, parse_head
from archiver.model.clock import SettableClock, written
from archiver.model.event import ignore
from archiver.store.archive import Store
from archiver.store.word_index import WORD_INDEXES

SITES, VISITED = 12, 2  # all sites, and those that are visited through the pipeline
START = datetime(2023, 1, 1, tzinfo=UTC)
PHRASE = "đất đai"
BATCH = 50
FAILING = 0.005  # share of visits with status 503
_REQUEST = b"User-Agent: archiver\r\nAccept-Encoding: identity\r\n"
_EDITS = ("title", "body", "body", "body", "bylines", "captions")

PROFILE = """
[site]
name = "{name}"
title = "Cổng thông tin {name}"
home = "http://{name}.example/"
language = "vi"
timezone = "Asia/Ho_Chi_Minh"
[[page]]
kind = "article"
[page.fields]
title = "h3.tieude"
published = {{ css = "span.ngay", type = "datetime" }}
section = ".chuyenmuc"
body = "div.noidung"
captions = {{ css = "div.noidung p", pattern = '^Ảnh:\\s*-?\\s*(.+)$', take = "all", cut = true }}
bylines = {{ css = "div.noidung p", pattern = '^([A-ZĐ]{{2,6}})$', take = "last", cut = true }}
[page.readings]
views = {{ css = ".luotxem", pattern = '([\\d.,]+)' }}
site_visits = {{ css = ".visitors span", join = "" }}
"""


@dataclass
class Article:
    """The content of a page, and the numbers of the visits at which it is missing."""

    title: str
    paragraphs: list[str]
    byline: str
    caption: str
    published: datetime
    views: int
    missing: range = field(default_factory=lambda: range(0))


class Portal:
    """A simulated site whose articles are edited, removed and restored."""

    def __init__(self, name: str, pages: int, seed: int) -> None:
        self.name = name
        self.chance = random.Random(seed)
        self.counter = 3_000_000
        self.articles = [self._article(number) for number in range(pages)]

    def _words(self, count: int) -> str:
        return " ".join(self.chance.choices(WORDS, k=count)).capitalize()

    def _article(self, number: int) -> Article:
        chance = self.chance
        missing = range(0)
        if chance.random() < 0.03:
            gone = chance.randrange(20, 55)
            missing = range(gone, gone + chance.choice((4, 8, 99)))
        paragraphs = [self._words(45) + "." for _ in range(4)]
        if chance.random() < 0.07:
            paragraphs[1] += f" Công tác quản lý {PHRASE} trên địa bàn."
        published = datetime(2022, 1, 1, tzinfo=UTC) + timedelta(hours=chance.randrange(9000))
        byline = chance.choice(("BTQ", "NTH", "LQH", "TVĐ", "PTM"))
        return Article(
            f"{self._words(10)} {number}",
            paragraphs,
            byline,
            self._words(8),
            published,
            chance.randrange(9000),
            missing,
        )

    def advance(self, visit: int) -> None:
        """Make the changes of the time between two crawls."""
        self.counter += self.chance.randrange(900)
        for article in self.articles:
            article.views += self.chance.randrange(40)
            if self.chance.random() < 0.0005:
                article.views = 1
            if self.chance.random() < 0.0125:
                self._edit(article, visit)

    def _edit(self, article: Article, visit: int) -> None:
        what = self.chance.choice(_EDITS)
        if what == "title":
            article.title += f" (cập nhật {visit})"
        elif what == "bylines":
            article.byline = self.chance.choice(("BTQ", "NTH", "LQH", "TVĐ", "PTM"))
        elif what == "captions":
            article.caption = self._words(8)
        else:
            article.paragraphs[self.chance.randrange(4)] = self._words(45) + "."

    def page(self, article: Article) -> bytes:
        """Return the page as the server sends it now."""
        digits = "".join(f"<span>{digit}</span>" for digit in str(self.counter))
        body = "".join(f"<p>{text}</p>" for text in article.paragraphs)
        token = self.chance.randbytes(24).hex()
        return (
            f"<!doctype html><html><head><title>{self.name}</title></head><body><input name=token value={token}>"
            f"<div class=visitors>{digits}</div><h3 class=tieude>{article.title}</h3><span class=chuyenmuc>Tin tức</span>"
            f"<span class=ngay>{article.published:%d/%m/%Y %H:%M}</span><div class=noidung>{body}<p>Ảnh: - {article.caption}</p>"
            f"<p>{article.byline}</p></div><span class=luotxem>Số lượt người xem: {article.views}</span></body></html>"
        ).encode()

    def address(self, number: int) -> str:
        return f"http://{self.name}.example/bai-viet/{number}"


class SimulatedCrawl:
    """Visits the pages of one site without a network."""

    def __init__(self, store: Store, portal: Portal) -> None:
        self.store, self.portal = store, portal
        self.clock = SettableClock(START)
        self.site: WorkingSite = open_site(
            store,
            parse_profile(PROFILE.format(name=portal.name), portal.name),
            self.clock,
            ignore,
            has_profile=True,
        )
        with store.transaction():
            self.pages = [
                store.pages.put_page(self.site.site_id, address, address, written(START), "article")[0]
                for address in map(portal.address, range(len(portal.articles)))
            ]

    def crawl(self, visit: int) -> float:
        """Visit every page once; return the CPU seconds, without those that generate the pages."""
        run = self.store.runs.begin("crawl", self.site.site_id, written(self.clock()), code_version="bench", command="")
        pipeline = Pipeline(self.store, self.site, self.clock, run_id=run, steps=None, follow=False)
        spent = 0.0
        for batch in self._batches(visit):
            begun = time.process_time()
            pipeline.process(batch)
            spent += time.process_time() - begun
        self.store.runs.end(run, written(self.clock()), "done")
        keep_health(self.store, run)
        return spent

    def _batches(self, visit: int) -> Iterator[list[Fetched]]:
        at = START + timedelta(days=visit)
        batch = []
        for number, (page_id, article) in enumerate(zip(self.pages, self.portal.articles, strict=True)):
            moment = at + timedelta(seconds=number)
            self.clock.advance(seconds=(moment - self.clock()).total_seconds())
            batch.append(Fetched(page_id, self._capture(number, article, moment, is_missing=visit in article.missing)))
            if len(batch) == BATCH or number == len(self.pages) - 1:
                yield batch
                batch = []

    def _capture(self, number: int, article: Article, at: datetime, *, is_missing: bool) -> Capture:
        status = 404 if is_missing else 200
        head = b"HTTP/1.1 %d X\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" % status
        body = b"<p>Not here</p>" if is_missing else self.portal.page(article)
        outcome = Outcome.GONE if is_missing else Outcome.OK
        request = Request(self.portal.address(number))
        if self.portal.chance.random() < FAILING:
            failed = b"HTTP/1.1 503 X\r\n\r\n"
            return Capture(request, at, Outcome.SERVER_ERROR, 503, failed, parse_head(failed), b"", None, 9, _REQUEST)
        return Capture(request, at, outcome, status, head, parse_head(head), body, None, 80, _REQUEST, "10.0.0.1:80")


_OFFSET = {
    name: name
    for name in (
        "site_id",
        "page_id",
        "visit_id",
        "version_id",
        "content_id",
        "change_id",
        "absence_id",
        "extractor_id",
        "run_id",
    )
} | {
    "first_visit": "visit_id",
    "last_visit": "visit_id",
    "before_visit": "visit_id",
    "base": "content_id",
    "old_content": "content_id",
    "new_content": "content_id",
}
_COPIED = {
    "_site": "site_id", "_run": "run_id", "_health": "run_id", "_extractor": "extractor_id", "_page": "page_id", "_visit": "visit_id", "_stored_content": "content_id",
    "_content_words": "content_id",
    "_version": "version_id", "_change": "change_id", "_reading": "visit_id", "_absence": "page_id", "_source": "version_id",
    "_item": "content_id", "_frontier": "page_id",
}  # fmt: skip
_SHUFFLED = ("title", "body", "old", "new")


def multiply(path: Path, copies: int) -> None:
    """Copy the rows of the visited sites, with other names."""
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.create_function("shuffled", 2, _shuffled, deterministic=True)
        most = {
            name: int(database.execute(f"SELECT max({name}) FROM _{name.removesuffix('_id')}").fetchone()[0] or 0)
            for name in dict.fromkeys(_OFFSET.values())
        }
        database.execute("PRAGMA synchronous=OFF")
        for copy in range(1, copies + 1):
            database.execute("BEGIN")
            for table, key in _COPIED.items():
                _copy(database, table, key, copy, most)
            database.execute("COMMIT")
        for index in WORD_INDEXES:
            database.execute(f"INSERT INTO {index}({index}) VALUES ('rebuild')")
        database.execute(
            "INSERT INTO _reinterpretation SELECT page_id, seen_from, 'bylines', '[]', '[\"BTQ\"]', extractor_id, extractor_id "
            "FROM _version WHERE version_id % 10 = 0"
        )
        database.execute("PRAGMA optimize")


def _copy(database: sqlite3.Connection, table: str, key: str, copy: int, most: dict[str, int]) -> None:
    columns = [row[1] for row in database.execute(f"PRAGMA table_info({table})")]
    chosen = ", ".join(_copied(name, table, copy, most) for name in columns)
    database.execute(
        f"INSERT INTO {table}({', '.join(columns)}) SELECT {chosen} FROM {table} WHERE {key} <= ?", (most[key],)
    )


def _copied(name: str, table: str, copy: int, most: dict[str, int]) -> str:
    if name in _OFFSET:
        return f"{name} + {copy * most[_OFFSET[name]]}"
    if name in ("url", "key", "home", "name"):
        return f"replace({name}, 'portal', 'copy{copy}portal')"
    if name in ("fingerprint", "profile_sha256"):
        return f"{name} || '-{copy}'"
    if name in _SHUFFLED and table in ("_stored_content", "_change"):
        return f"shuffled({name}, {copy})"
    return name


def _shuffled(text: str | None, copy: int) -> str | None:
    """Return the text with its words in another order. The phrase that the benchmark searches for stays."""
    if text is None or text.startswith("["):
        return text
    chance = random.Random(copy)
    lines = []
    for line in text.split("\n\n"):
        words = line.replace(PHRASE, PHRASE.replace(" ", "_")).split(" ")
        chance.shuffle(words)
        lines.append(" ".join(words).replace("_", " "))
    return "\n\n".join(lines)


def build(path: Path, pages: int, visits: int) -> tuple[float, int]:
    """Build the archive; return the CPU seconds and the number of the visits that went through the pipeline."""
    portals = [Portal(f"portal{number}", pages, number) for number in range(VISITED)]
    spent, made = 0.0, 0
    with Store.open(path) as store:
        for portal in portals:
            crawl = SimulatedCrawl(store, portal)
            for visit in range(visits):
                portal.advance(visit)
                spent += crawl.crawl(visit)
                made += pages
    multiply(path, SITES // VISITED - 1)
    return spent, made
