"""Captures made by tests, and a store in which a test adds a visit in one line."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from archiver.app.archive import Archive
from archiver.app.reading.state import CrawlSummary
from archiver.crawl.judge import Visit, judge_history
from archiver.crawl.prior import states_before
from archiver.crawl.read_capture import ReadResult
from archiver.crawl.site import WorkingSite
from archiver.demo.portal import Portal
from archiver.model.capture import Capture, Outcome, Request, parse_head
from archiver.model.clock import SettableClock
from archiver.model.profile import Profile, SiteInfo
from archiver.model.record import Content, Record
from archiver.model.version import Decision
from archiver.store.archive import Store
from archiver.store.new_visit import NewVisit
from archiver.store.pages import Extractor
from archiver.store.visit_result import HistoryUpdate, VisitResult

START = datetime(2022, 10, 21, 9, 0, tzinfo=UTC)


def capture(url: str, body: bytes = b"<p>x</p>", status: int = 200, at: datetime = START) -> Capture:
    outcome = {200: Outcome.OK, 404: Outcome.GONE, 410: Outcome.GONE, 503: Outcome.SERVER_ERROR, 301: Outcome.MOVED}[
        status
    ]
    location = "http://portal.example/elsewhere" if status == 301 else None
    head = b"HTTP/1.1 %d X\r\nContent-Type: text/html\r\nX-Raw: \xe9\r\n\r\n" % status
    return Capture(Request(url), at, outcome, status, head, parse_head(head), body, location, milliseconds=12)


def settle(
    store: Store, site_id: int, extractor_id: int, number: int, record: Record | None, now: str = "2022-10-21 09:00:00"
) -> HistoryUpdate:
    """Judge a stored visit by its record, and apply the result, as the pipeline does."""
    profile = Profile(SiteInfo("portal", "Portal", "http://portal.example/", "vi", "Asia/Ho_Chi_Minh"))
    site = WorkingSite(site_id, profile, Extractor(extractor_id, "a" * 64, "", "test"))
    kept = store.evidence.visit(number)
    with store.transaction():
        visit = Visit(kept, ReadResult(kept.capture.outcome, record))
        history = judge_history(visit, states_before(store, [visit])[number], site, now)
        store.apply([VisitResult(kept.capture, history)], reader="test")
    return history


@dataclass
class Bench:
    """A store with one site, to which a test adds visits in one line each."""

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
    ) -> tuple[Decision | None, HistoryUpdate]:
        page_id, store = self.page(url), self.store
        taken = capture(url, b"%d" % len(self.runs), status, self.now)
        number = store.evidence.keep([NewVisit(page_id, taken)], run)[0]
        self.runs.append(number)
        self.now += timedelta(hours=self.hours)
        record = Record(content=content, readings=readings) if content is not None else None
        history = settle(store, self.site_id, self.extractor_id, number, record)
        return history.decision, history


@dataclass
class Works:
    """A portal, an archive that crawls it, and their clock."""

    portal: Portal
    archive: Archive
    profile: Profile
    clock: SettableClock

    def crawl(self, **options: object) -> CrawlSummary:
        """Crawl, and visit every known page."""
        return self.archive.crawl(self.profile, **{"everything": True, **options})  # type: ignore[arg-type]

    def next_day(self) -> None:
        self.clock.advance(days=1)
        self.portal.age(days=1)

    def rows(self, query: str) -> list[tuple[object, ...]]:
        return [tuple(row.values()) for row in self.archive.sql(query)]
