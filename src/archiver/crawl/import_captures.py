"""Imports captures of one site from files: finds their pages, keeps each capture once, and reads them.

Captures are kept in the order of the file. They are read page by page in the order of time, so that a capture that is
older than the archive's takes its place in the history.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import parse_qsl

from archiver.crawl.fetched import Fetched, NonPageCapture
from archiver.crawl.pipeline import Pipeline
from archiver.crawl.rebuild import rebuild_history
from archiver.crawl.rendered_visits import page_of_rendered, rendered_key
from archiver.crawl.site import WorkingSite
from archiver.extract.reader_version import reader_version
from archiver.extract.slow_steps import IN_PROCESS
from archiver.model.capture import Capture
from archiver.model.clock import written
from archiver.model.reason import Reason, ReasonCode
from archiver.model.rendition import DOM, kind_and_page
from archiver.model.warc import Origin
from archiver.store.archive import Store
from archiver.store.import_origins import PageVisit
from archiver.store.new_visit import NewVisit
from archiver.store.pages import FORM, REQUISITE, KnownPage
from archiver.store.runs import Tally
from archiver.text.digest import fingerprint
from archiver.text.url import canonical, origin_of

_MAX_CAPTURES = 200  # per commit
_MAX_BYTES = 8 * 1024 * 1024
_NEAR = timedelta(hours=1)
"""How far the visit of a page may be from what a browser made of it, in files that do not name the visit."""
_PAGING = ("__EVENTTARGET", "__EVENTARGUMENT")


@dataclass(frozen=True, slots=True)
class ImportedCapture:
    """A capture from a file.

    Attributes:
        of: of what a browser got or made, the visit of the page that it opened; None for others, and when the archive
            has no such visit.
    """

    capture: Capture
    origin: Origin
    reason: Reason
    of: PageVisit | None = None

    @property
    def is_rendered(self) -> bool:
        """Whether a browser got or made it."""
        return bool(self.capture.via)

    @property
    def is_requisite(self) -> bool:
        """Whether it is a requisite that the archiver asked for by itself."""
        return self.reason.code is ReasonCode.REQUISITE


class SiteImport:
    """The import of one site's captures.

    Attributes:
        imported: how many captures were new; `known`: how many the archive already had.
        redacted: how many were left out because they were redacted here.
        of_ours: how many renditions were left out because they are of visits that this archive made itself.
    """

    def __init__(self, store: Store, site: WorkingSite, pipeline: Pipeline) -> None:
        self._store = store
        self._site = site
        self._pipeline = pipeline
        self._waiting: list[tuple[str, ImportedCapture]] = []
        self._names: set[tuple[object, ...]] = set()
        self._opened: dict[int, list[int]] = {}  # read visits to which a document came, by page
        self._bytes = 0
        self.imported = 0
        self.known = 0
        self.redacted = 0
        self.of_ours = 0

    @property
    def tally(self) -> Tally:
        """The counts of the run."""
        return self._pipeline.tally

    def holds(self, url: str) -> bool:
        """Whether an address is within the site's scope, or is its robots.txt."""
        home = self._site.profile.site.home
        return self._site.holds(url) or bool(home and is_robots(url) and origin_of(home) == origin_of(url))

    def visit_of_page(
        self, records: tuple[str, ...], url: str, moment: datetime, *, is_exact: bool
    ) -> PageVisit | None:
        """Return the visit of a page that a browser opened; None when the archive does not have it.

        Args:
            records: ids of records from which it may have been imported.
            url: the page's address.
            moment: the time of the visit, UTC, or one near to it.
            is_exact: the time is that of the visit.

        Raises:
            UsageError: the address is not a valid address.
        """
        if any(each.capture.url == url or each.origin.record_id in records for _, each in self._waiting):
            self.keep()
        origins, site_id = self._store.import_origins, self._site.site_id
        named = (origins.page_visit(site_id, record) for record in records)
        if found := next(filter(None, named), None):
            return found
        address, most = canonical(url), timedelta(0) if is_exact else _NEAR
        own = self._store.pages.by_key(site_id, self._site.key(address))
        pages = [*([own] if own else []), *self._store.pages.by_address(address)]
        near = (origins.page_visit_near(site_id, page.page_id, url, moment, most) for page in pages)
        return next(filter(None, near), None)

    def add(self, given: ImportedCapture) -> bool:
        """Add a capture; return False when the archive has it, or redacted it. It is durable after the next `keep`.

        Raises:
            UsageError: its address is not a valid address.
        """
        capture, key, of = given.capture, self._key(given), given.of.visit_id if given.of else None
        at = written(capture.visited_at)
        name = (key, at, capture.url, capture.sha256, capture.status, capture.via, of)
        page = self._store.pages.by_key(self._site.site_id, key)
        if self._is_redacted(page, at, capture, of):
            self.redacted += 1
            return False
        if name in self._names or (page is not None and self._store.import_origins.has(page.page_id, capture, of)):
            self.known += 1
            return False
        if given.capture.made_by and given.of is not None and not given.of.is_imported:
            self.of_ours += 1
            return False
        self._names.add(name)
        self._waiting.append((key, given))
        if given.of is not None and given.of.is_read and (kind_and_page(capture.url) or "")[:1] == (DOM,):
            self._opened.setdefault(given.of.page_id, []).append(given.of.visit_id)
        self.imported += 1
        self._bytes += len(capture.body)
        if len(self._waiting) >= _MAX_CAPTURES or self._bytes >= _MAX_BYTES:
            self.keep()
        return True

    def keep(self) -> None:
        """Make all captures durable that were added."""
        fetched: list[Fetched] = []
        non_pages: list[NonPageCapture] = []
        rendered: list[NewVisit] = []
        with self._store.transaction():
            pages = [self._page(key, each) for key, each in self._waiting]
        for page_id, (_, each) in zip(pages, self._waiting, strict=True):
            capture, origin, reason = each.capture, each.origin, each.reason
            if each.is_rendered:
                of = each.of.visit_id if each.of else None
                rendered.append(NewVisit(page_id, capture, is_page=False, reason=reason, origin=origin, of_visit=of))
            elif is_robots(capture.url):
                non_pages.append(NonPageCapture(capture, "robots", origin, reason))
            elif reason.code is ReasonCode.PROBE:
                non_pages.append(NonPageCapture(capture, "probe", origin, reason))
            else:
                fetched.append(Fetched(page_id, capture, reason=reason, origin=origin))
        self._pipeline.keep(fetched, non_pages, rendered)
        self._waiting, self._bytes = [], 0
        self._names.clear()

    def read_again(self, run_id: int, now: datetime) -> None:
        """Read pages again that the archive had read, when a run imported what belongs to them.

        These are articles of which it imported captures of later parts, and pages of which it imported the document
        that a browser made.
        """
        parts = self._store.parts.firsts_of_run(run_id) if self._site.has_parts else ()
        for page_id in sorted({*parts, *self._opened}):
            with self._store.transaction():
                self._store.evidence.reset_readings(self._opened.get(page_id, ()))
                rebuild_history(
                    self._store,
                    self._site,
                    (),
                    now,
                    steps=IN_PROCESS,
                    reader=reader_version(),
                    lacking_since="",
                    page_id=page_id,
                )

    def _key(self, given: ImportedCapture) -> str:
        """Return the identity of a capture's page."""
        if given.is_rendered:
            return rendered_key(self._site, given.capture)
        address = canonical(given.capture.url)
        return (
            self._site.requisite_key(address)
            if given.is_requisite
            else self._site.key(address) + _form_key(given.capture)
        )

    def _is_redacted(self, page: KnownPage | None, at: str, capture: Capture, of_visit: int | None) -> bool:
        """Whether this archive redacted a capture, or that of the page of which a browser got or made it."""
        redactions = self._store.redactions
        if of_visit is not None and redactions.of_visit(of_visit) is not None:
            return True
        return page is not None and redactions.forbids(page.page_id, at, capture.sha256)

    def _page(self, key: str, given: ImportedCapture) -> int:
        capture, at = given.capture, written(given.capture.visited_at)
        if given.is_rendered:
            return page_of_rendered(self._store, self._site, capture)
        address = canonical(capture.url)
        kind = REQUISITE if given.is_requisite else "robots" if is_robots(address) else self._site.kind_of(address)
        page_id, _ = self._store.pages.put_page(self._site.site_id, key, address, at, kind)
        self._store.pages.seen_by(page_id, at)
        return page_id


def _form_key(capture: Capture) -> str:
    """Return the part of a page's key that identifies a target of a form, as discovery builds it; "" for a GET."""
    request = capture.request
    if request.method != "POST":
        return ""
    fields = dict(parse_qsl(request.content.decode("latin-1"), keep_blank_values=True, max_num_fields=None))
    paging = {name: fields[name] for name in _PAGING if name in fields}
    identity = paging or {"content": request.content.decode("latin-1")}
    return f"{FORM}{fingerprint(identity)[:18]}"


def is_robots(url: str) -> bool:
    """Whether an address is that of a server's robots.txt."""
    return url == f"{origin_of(url)}/robots.txt"
