"""What judging a visit comes to, as values. `apply` writes them down and decides nothing."""

from dataclasses import dataclass, field

from archiver.model.capture import Capture
from archiver.model.outcome import Cause, Outcome
from archiver.model.reason import Reason
from archiver.model.record import Content, Link, Source
from archiver.model.version import Decision
from archiver.store.frontier import NextVisit
from archiver.store.page_state import AbsenceSpan, LatestVersion

Sources = tuple[tuple[str, Source], ...]


@dataclass(frozen=True, slots=True)
class Reinterpreted:
    """Today's reading of the capture that the newest version rests on. `content` None: it reads as no content now."""

    content: Content | None
    sources: Sources = ()


@dataclass(frozen=True, slots=True)
class History:
    """What a visit does to the history of its page. Times are UTC text.

    Attributes:
        visit_id, page_id, run_id, at: the visit.
        extractor_id: what it was read with; `recorded_at`: when.
        outcome: as read; `cause` and `note`: why, as a code and in words.
        content: what it showed; None when it showed none. `sources`: where each value came from.
        decision: what the content is beside the version before; None: it makes no version and confirms none.
        before: the version that stood before.
        reinterpreted: what replaces that version's content, when today's extractor reads it differently.
        closes_at: from when on the page's newest version is over, without a new one.
        absence: the span of misses to write; `drop_absence`: the one to delete, which proved nothing.
        state: the page's new state; None leaves it.
        went, returned, lost: the page is proven gone; it is there again; it is proven gone and had been there.
        is_first_visit: the page was never visited before.
        readings: counters: name, value, and the difference to the value before.
    """

    visit_id: int
    page_id: int
    run_id: int | None
    at: str
    extractor_id: int
    recorded_at: str
    outcome: Outcome
    cause: Cause | None = None
    note: str | None = None
    content: Content | None = None
    sources: Sources = ()
    decision: Decision | None = None
    before: LatestVersion | None = None
    reinterpreted: Reinterpreted | None = None
    closes_at: str | None = None
    absence: AbsenceSpan | None = None
    drop_absence: int | None = None
    state: str | None = None
    went: bool = False
    returned: bool = False
    lost: bool = False
    is_first_visit: bool = False
    readings: tuple[tuple[str, int, int | None], ...] = ()

    @property
    def read_later(self) -> Cause | None:
        """Why the capture stays on the list of those to be read; None when it was read."""
        return self.cause if self.cause is not None and self.cause.is_ours else None


@dataclass(frozen=True, slots=True)
class FoundPage:
    """An address to put on the frontier.

    Attributes:
        key: the page's identity; `page_id`: its number, when the archive has the page.
        is_listed: it is on the frontier already (of a paging form, whose hidden fields are replaced).
        content: what is sent with POST; None for a GET.
    """

    key: str
    url: str
    kind: str | None
    depth: int
    via: int | None
    reason: Reason
    priority: float
    page_id: int | None = None
    is_listed: bool = False
    content: bytes | None = None


@dataclass(frozen=True, slots=True)
class Hint:
    """A known page of which a list says when it changed. `next_visit` None: it does not fall due sooner for it."""

    page_id: int
    moment: str
    next_visit: NextVisit | None


@dataclass(frozen=True, slots=True)
class Discovery:
    """What a visit leads to."""

    found: tuple[FoundPage, ...] = ()
    hints: tuple[Hint, ...] = ()

    @property
    def count(self) -> int:
        """How many pages are new to the frontier."""
        return sum(not each.is_listed and each.content is None for each in self.found)


@dataclass(frozen=True, slots=True)
class CrawlRun:
    """The crawl that visits pages.

    Attributes:
        run_id: its run, which takes each page once.
        site_id: the site whose frontier it works on.
        since_run: the first of the runs that it continues. A paging form falls due with the page it was seen on, unless
            it was visited since that run began.
        now: UTC text; new pages are due from then on.
    """

    run_id: int
    site_id: int
    since_run: int
    now: str


@dataclass(frozen=True, slots=True)
class VisitResult:
    """Everything a visit comes to.

    Attributes:
        links: all links of the page; None: nothing was seen of them. `links_stand`: they are those of the last visit.
        links_before, links_seen: the digest of the links it showed last, and when (UTC text).
        addresses: other addresses of pages: (page, address, how, when).
        redirected_to: the identity of the page that it was redirected to, which has the address asked for from now on.
        next_visit: when the page is due next; None leaves it. `drop`: it is taken off the frontier.
        validator: the answer whose validators replace those kept; `unchanged`: the server said 304.
        kept_promise: whether the page's bytes were the same under the same validator; None: not comparable.
        is_written: the history is written; what is left is what the visit leads to.
    """

    capture: Capture
    history: History
    links: tuple[Link, ...] | None = None
    links_stand: bool = False
    links_before: str | None = None
    links_seen: str | None = None
    addresses: tuple[tuple[int, str, str, str], ...] = ()
    redirected_to: str | None = None
    discovery: Discovery = field(default_factory=Discovery)
    next_visit: NextVisit | None = None
    drop: bool = False
    validator: Capture | None = None
    unchanged: bool = False
    kept_promise: bool | None = None
    is_written: bool = False
