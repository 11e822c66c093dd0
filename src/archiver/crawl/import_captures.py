"""Captures of one site out of files: put to their pages, each kept once, then read as if they had been fetched.

They are kept in the order of the file, and read page by page in the order of time, so that one that is older than what
the archive holds lands in its place.
"""

from urllib.parse import parse_qsl

from archiver.crawl.fetched import Aside, Fetched
from archiver.crawl.pipeline import Pipeline
from archiver.crawl.site import WorkingSite
from archiver.model.capture import Capture
from archiver.model.clock import written
from archiver.model.reason import Reason, ReasonCode
from archiver.model.warc import Origin
from archiver.store.archive import Store
from archiver.store.pages import FORM
from archiver.store.runs import Tally
from archiver.text.digest import fingerprint
from archiver.text.url import canonical, origin_of

_MOST = 200  # captures kept in one commit
_MOST_BYTES = 8 * 1024 * 1024
_PAGING = ("__EVENTTARGET", "__EVENTARGUMENT")


class SiteImport:
    """One site's captures under way from files into the archive.

    Attributes:
        taken, known: captures that were kept, and that were here before.
    """

    def __init__(self, store: Store, site: WorkingSite, pipeline: Pipeline) -> None:
        self._store = store
        self._site = site
        self._pipeline = pipeline
        self._waiting: list[tuple[str, Capture, Origin, Reason]] = []
        self._names: set[tuple[str, str, str, str, int | None]] = set()
        self._bytes = 0
        self.taken = 0
        self.known = 0

    @property
    def tally(self) -> Tally:
        """What came of them."""
        return self._pipeline.tally

    def holds(self, url: str) -> bool:
        """Whether an address is within the site's scope, or is that of its robots.txt."""
        home = self._site.profile.site.home
        return self._site.holds(url) or bool(home and is_robots(url) and origin_of(home) == origin_of(url))

    def put(self, capture: Capture, origin: Origin, reason: Reason) -> bool:
        """Take a capture; False when it is here already. It is durable after the next `keep`.

        Raises:
            UsageError: its address is none.
        """
        key = self._site.key(canonical(capture.url)) + _asked(capture)
        name = (key, written(capture.visited_at), capture.url, capture.sha256, capture.status)
        if name in self._names or self._is_here(key, capture):
            self.known += 1
            return False
        self._names.add(name)
        self._waiting.append((key, capture, origin, reason))
        self.taken += 1
        self._bytes += len(capture.body)
        if len(self._waiting) >= _MOST or self._bytes >= _MOST_BYTES:
            self.keep()
        return True

    def _is_here(self, key: str, capture: Capture) -> bool:
        page = self._store.pages.by_key(self._site.site_id, key)
        return page is not None and self._store.import_origins.has(page.page_id, capture)

    def keep(self) -> None:
        """Make all that was taken durable."""
        fetched: list[Fetched] = []
        aside: list[Aside] = []
        with self._store.transaction():
            pages = [self._page(key, capture) for key, capture, _, _ in self._waiting]
        for page_id, (_, capture, origin, reason) in zip(pages, self._waiting, strict=True):
            if is_robots(capture.url):
                aside.append(Aside(capture, "robots", origin, reason))
            elif reason.code is ReasonCode.PROBE:
                aside.append(Aside(capture, "probe", origin, reason))
            else:
                fetched.append(Fetched(page_id, capture, reason=reason, origin=origin))
        self._pipeline.keep(fetched, aside)
        self._waiting, self._bytes = [], 0
        self._names.clear()

    def _page(self, key: str, capture: Capture) -> int:
        address, at = canonical(capture.url), written(capture.visited_at)
        kind = "robots" if is_robots(address) else self._site.kind_of(address)
        page_id, _ = self._store.pages.put_page(self._site.site_id, key, address, at, kind)
        self._store.pages.seen_by(page_id, at)
        return page_id


def _asked(capture: Capture) -> str:
    """What tells the answer to a form from the page it is on, as discovery tells them apart."""
    request = capture.request
    if request.method != "POST":
        return ""
    fields = dict(parse_qsl(request.content.decode("latin-1"), keep_blank_values=True, max_num_fields=None))
    paging = {name: fields[name] for name in _PAGING if name in fields}
    told = paging or {"content": request.content.decode("latin-1")}
    return f"{FORM}{fingerprint(told)[:18]}"


def is_robots(url: str) -> bool:
    """Whether an address is that of a server's robots.txt."""
    return url == f"{origin_of(url)}/robots.txt"
