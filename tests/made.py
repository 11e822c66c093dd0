"""Captures made by hand, and a bench on which a visit takes one line."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from archiver.app.archive import Archive
from archiver.app.reading.state import CrawlSummary
from archiver.change.decide import decide
from archiver.demo.portal import Portal
from archiver.model.capture import Capture, Outcome, Request, parse_head
from archiver.model.clock import SettableClock
from archiver.model.profile import Profile
from archiver.model.record import Content, Record
from archiver.model.version import Decision
from archiver.store.archive import Store
from archiver.store.evidence import Seen
from archiver.store.versions import Applied, Observation

START = datetime(2022, 10, 21, 9, 0, tzinfo=UTC)


def capture(url: str, body: bytes = b"<p>x</p>", status: int = 200, at: datetime = START) -> Capture:
    outcome = {200: Outcome.OK, 404: Outcome.GONE, 410: Outcome.GONE, 503: Outcome.SERVER_ERROR, 301: Outcome.MOVED}[
        status
    ]
    head = b"HTTP/1.1 %d X\r\nContent-Type: text/html\r\nX-Raw: \xe9\r\n\r\n" % status
    return Capture(Request(url), at, outcome, status, head, parse_head(head), body, milliseconds=12)


@dataclass
class Bench:
    """A store with one site, and a visit in a line."""

    store: Store
    site_id: int
    extractor_id: int
    now: datetime = START
    hours: float = 1
    runs: list[int] = field(default_factory=list)

    def page(self, url: str = "http://portal.example/1") -> int:
        return self.store.pages.put_page(self.site_id, url, url, "2022-10-21 09:00:00")[0]

    def visit(
        self,
        content: Content | None = None,
        status: int = 200,
        readings: tuple[tuple[str, int], ...] = (),
        url: str = "http://portal.example/1",
        run: int | None = None,
    ) -> tuple[Decision | None, Applied]:
        page_id, store = self.page(url), self.store
        taken = capture(url, b"%d" % len(self.runs), status, self.now)
        number = store.evidence.keep([Seen(page_id, taken)], run)[0]
        self.runs.append(number)
        self.now += timedelta(hours=self.hours)
        last = store.versions.latest(page_id, self.extractor_id)
        decision = None
        record = None
        if content is not None:
            record = Record(content=content, readings=readings)
            decision = decide(last.content if last else None, content, absent=bool(last and last.ended))
        with store.transaction():
            seen = Observation(
                store.evidence.visit(number), taken.outcome, record, decision, self.extractor_id, "2022-10-21 09:00:00"
            )
            applied = store.versions.apply(seen, last)
            store.evidence.done(number)
        return decision, applied


@dataclass
class Works:
    """A portal, an archive that watches it, and the clock between them."""

    portal: Portal
    archive: Archive
    profile: Profile
    clock: SettableClock

    def crawl(self, **options: object) -> CrawlSummary:
        """Visit everything now."""
        return self.archive.crawl(self.profile, **{"everything": True, **options})  # type: ignore[arg-type]

    def next_day(self) -> None:
        self.clock.advance(days=1)
        self.portal.age(days=1)

    def rows(self, query: str) -> list[tuple[object, ...]]:
        return [tuple(row.values()) for row in self.archive.sql(query)]
