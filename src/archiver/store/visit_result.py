"""The result of judging a visit, as values. `apply` writes them and makes no decisions."""

from collections.abc import Callable
from dataclasses import dataclass, field

from archiver.model.capture import Capture
from archiver.model.outcome import Cause, Outcome
from archiver.model.reason import Reason
from archiver.model.record import Content, Link, ListedItem, Source
from archiver.model.version import Decision
from archiver.store.doubt_rows import Doubt
from archiver.store.frontier import NextVisit
from archiver.store.page_state import AbsenceSpan, Claim, LatestVersion
from archiver.store.pages import REQUISITE
from archiver.store.reading_sources import ReadingSource

Sources = tuple[tuple[str, Source], ...]


@dataclass(frozen=True, slots=True)
class Reinterpreted:
    """The current extractor's reading of the newest version's capture.

    `content` None: it finds no content. `is_rendered`: it was read from a browser's document.
    """

    content: Content | None
    sources: Sources = ()
    is_rendered: bool = False


@dataclass(frozen=True, slots=True)
class Moved:
    """The target of a permanent redirect: its address, and its identity by the rules of the site."""

    url: str
    key: str


@dataclass(frozen=True, slots=True)
class HistoryUpdate:
    """The update of a page's history by a visit. Times are UTC text.

    Attributes:
        visit_id, page_id, run_id, at: the visit.
        extractor_id: the extractor that read it; `recorded_at`: when.
        outcome: as the reader found it; `cause` and `note`: why, as a code and as text.
        content: the content it showed, or None. `sources`: where each value came from.
        decision: the result of the comparison with the previous version; None: no version is created or confirmed.
        is_rendered: it was read from the document that a browser made.
        before: the previous version.
        reinterpreted: the replacement of that version's content, when the current extractor reads it differently.
        closes_at: the end of the page's newest version, when no new version follows.
        absence: the span of misses to write; `drop_absence`: the unproved span to delete.
        state: the page's new state; None: unchanged.
        went, returned, lost: the page is proven gone; it is back; it is proven gone and was present before.
        is_first_visit: the page was never visited before.
        first_visit, first_at: the first visit that showed the content, when it was doubtful until this visit.
        doubt: what the page shows instead of its content; `drop_doubt`: it shows its content, or a proven one.
        claim: when the page claims to have been changed last, when it claims another time than before; an empty claim when
            it claims nothing any more. `claim_again`: the replacement of the claim before, read by the current extractor.
        claimed_since: the last visit that saw the claim before, when only the claim changed.
        moved: where the page redirects permanently, when the archive does not know it. `ends_move`: it is back.
        readings: counters: name, value, and the difference to the previous value.
        reading_sources: where those counters come from that came from elsewhere, or were printed otherwise, before.
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
    is_rendered: bool = False
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
    reading_sources: tuple[ReadingSource, ...] = ()
    first_visit: int | None = None
    first_at: str | None = None
    doubt: Doubt | None = None
    drop_doubt: bool = False
    claim: Claim | None = None
    claim_again: Claim | None = None
    claimed_since: str | None = None
    moved: Moved | None = None
    ends_move: bool = False

    @property
    def since(self) -> str:
        """Return the time of the first visit that showed what this one shows (UTC text)."""
        return self.first_at or self.at

    @property
    def is_doubtful(self) -> bool:
        """Return whether the visit shows something that may not be the page."""
        return self.doubt is not None

    @property
    def read_later(self) -> Cause | None:
        """Return why the capture stays unread; None when it was read."""
        return self.cause if self.cause is not None and self.cause.is_ours else None


@dataclass(frozen=True, slots=True)
class FoundPage:
    """A page to put on the frontier.

    Attributes:
        key: the page's key; `page_id`: its id, when the archive has the page.
        is_listed: it is already on the frontier (a paging form whose hidden fields are updated).
        content: the content of a POST; None for a GET.
        due_at: when it is due (UTC text); None: at once.
        label: what tells it from other pages of its address; None for a page of a GET.
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
    due_at: str | None = None
    label: str | None = None


@dataclass(frozen=True, slots=True)
class Hint:
    """A known page for which a sitemap or feed gives a modification time. `next_visit` None: its due time stays."""

    page_id: int
    moment: str
    next_visit: NextVisit | None


@dataclass(frozen=True, slots=True)
class Discovery:
    """The pages and hints that a visit discovers."""

    found: tuple[FoundPage, ...] = ()
    hints: tuple[Hint, ...] = ()

    @property
    def count(self) -> int:
        """Return the number of pages that are new to the frontier."""
        return sum(not each.is_listed and each.content is None and each.kind != REQUISITE for each in self.found)


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
class SeenListing:
    """What a visit of a listing showed. Each item is an address and a headline, each once, in order.

    Attributes:
        page_id, site_id, visit_id: the visit; at: when it was (UTC text).
        extractor_id: the extractor that read it.
        items: what it showed.
        before: what the same extractor reads in the capture of the newest edition, when another one read that; else None.
        shown_last: the last visit before this one that showed the listing.
        out_of_order: the archive has a later visit of the page.
        key_of: returns the identity of the page with an address.
    """

    page_id: int
    site_id: int
    visit_id: int
    at: str
    extractor_id: int
    items: tuple[ListedItem, ...]
    key_of: Callable[[str], str]
    before: tuple[ListedItem, ...] | None = None
    shown_last: int | None = None
    out_of_order: bool = False


@dataclass(frozen=True, slots=True)
class VisitResult:
    """The complete result of a visit.

    Attributes:
        links: the links of the content or of the listing; None: not seen. `links_unchanged`: they are those of the last visit.
        links_before, links_visit: the digest of its previous links, and the last visit that showed them.
        listing: what it listed, when that may differ from the last visit. `name`: the title of a listing.
        addresses: other addresses of pages: (page, address, how, when).
        redirected_to: the identity of the page that it redirects to.
        next_visit: when the page is due next; None: unchanged. `drop`: remove it from the frontier.
        validator: the answer with the new validators; `unchanged`: the server answered 304.
        is_body_unchanged: whether the bytes were the same under the same validator; None: not comparable.
        is_written: the history is already written; only the discovery and the schedule are left.
    """

    capture: Capture
    history: HistoryUpdate
    links: tuple[Link, ...] | None = None
    links_unchanged: bool = False
    links_before: str | None = None
    links_visit: int | None = None
    listing: SeenListing | None = None
    name: str | None = None
    addresses: tuple[tuple[int, str, str, str], ...] = ()
    redirected_to: str | None = None
    discovery: Discovery = field(default_factory=Discovery)
    next_visit: NextVisit | None = None
    drop: bool = False
    validator: Capture | None = None
    unchanged: bool = False
    is_body_unchanged: bool | None = None
    is_written: bool = False
