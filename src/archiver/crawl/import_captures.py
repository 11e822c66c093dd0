"""Imports captures of one site from files: finds their pages, keeps each capture once, and reads them.

Captures are kept in the order of the file. They are read page by page in the order of time, so that a capture that is
older than the archive's takes its place in the history.
"""

from datetime import datetime
from urllib.parse import parse_qsl

from archiver.crawl.fetched import Fetched, NonPageCapture
from archiver.crawl.pipeline import Pipeline
from archiver.crawl.rebuild import rebuild_history
from archiver.crawl.site import WorkingSite
from archiver.extract.reader_version import reader_version
from archiver.extract.slow_steps import IN_PROCESS
from archiver.model.capture import Capture
from archiver.model.clock import written
from archiver.model.reason import Reason, ReasonCode
from archiver.model.warc import Origin
from archiver.store.archive import Store
from archiver.store.pages import FORM, REQUISITE
from archiver.store.runs import Tally
from archiver.text.digest import fingerprint
from archiver.text.url import canonical, origin_of

_MAX_CAPTURES = 200  # per commit
_MAX_BYTES = 8 * 1024 * 1024
_PAGING = ("__EVENTTARGET", "__EVENTARGUMENT")


class SiteImport:
    """The import of one site's captures.

    Attributes:
        imported: how many captures were new; `known`: how many the archive already had.
        redacted: how many were left out because they were redacted here.
    """

    def __init__(self, store: Store, site: WorkingSite, pipeline: Pipeline) -> None:
        self._store = store
        self._site = site
        self._pipeline = pipeline
        self._waiting: list[tuple[str, Capture, Origin, Reason]] = []
        self._names: set[tuple[str, str, str, str, int | None]] = set()
        self._bytes = 0
        self.imported = 0
        self.known = 0
        self.redacted = 0

    @property
    def tally(self) -> Tally:
        """The counts of the run."""
        return self._pipeline.tally

    def holds(self, url: str) -> bool:
        """Whether an address is within the site's scope, or is its robots.txt."""
        home = self._site.profile.site.home
        return self._site.holds(url) or bool(home and is_robots(url) and origin_of(home) == origin_of(url))

    def add(self, capture: Capture, origin: Origin, reason: Reason) -> bool:
        """Add a capture; return False when the archive has it, or redacted it. It is durable after the next `keep`.

        Raises:
            UsageError: its address is not a valid address.
        """
        address, is_requisite = canonical(capture.url), reason.code is ReasonCode.REQUISITE
        key = self._site.requisite_key(address) if is_requisite else self._site.key(address) + _form_key(capture)
        name = (key, written(capture.visited_at), capture.url, capture.sha256, capture.status)
        page = self._store.pages.by_key(self._site.site_id, key)
        if page is not None and self._store.redactions.forbids(page.page_id, name[1], capture.sha256):
            self.redacted += 1
            return False
        if name in self._names or (page is not None and self._store.import_origins.has(page.page_id, capture)):
            self.known += 1
            return False
        self._names.add(name)
        self._waiting.append((key, capture, origin, reason))
        self.imported += 1
        self._bytes += len(capture.body)
        if len(self._waiting) >= _MAX_CAPTURES or self._bytes >= _MAX_BYTES:
            self.keep()
        return True

    def keep(self) -> None:
        """Make all captures durable that were added."""
        fetched: list[Fetched] = []
        non_pages: list[NonPageCapture] = []
        with self._store.transaction():
            pages = [self._page(key, capture, reason) for key, capture, _, reason in self._waiting]
        for page_id, (_, capture, origin, reason) in zip(pages, self._waiting, strict=True):
            if is_robots(capture.url):
                non_pages.append(NonPageCapture(capture, "robots", origin, reason))
            elif reason.code is ReasonCode.PROBE:
                non_pages.append(NonPageCapture(capture, "probe", origin, reason))
            else:
                fetched.append(Fetched(page_id, capture, reason=reason, origin=origin))
        self._pipeline.keep(fetched, non_pages)
        self._waiting, self._bytes = [], 0
        self._names.clear()

    def join_later_parts(self, run_id: int, now: datetime) -> None:
        """Read articles again whose first parts the archive had, when a run imported captures of their later parts."""
        for page_id in self._store.parts.firsts_of_run(run_id) if self._site.has_parts else ():
            with self._store.transaction():
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

    def _page(self, key: str, capture: Capture, reason: Reason) -> int:
        address, at = canonical(capture.url), written(capture.visited_at)
        is_requisite = reason.code is ReasonCode.REQUISITE
        kind = REQUISITE if is_requisite else "robots" if is_robots(address) else self._site.kind_of(address)
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
