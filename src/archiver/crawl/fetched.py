"""What a fetch hands to the pipeline: captures of pages, and captures that are not pages of the site."""

from dataclasses import dataclass
from typing import Literal

from archiver.crawl.site import WorkingSite
from archiver.model.capture import Capture
from archiver.model.clock import written
from archiver.model.reason import Reason, ReasonCode
from archiver.model.warc import Origin
from archiver.store.archive import Store
from archiver.store.evidence import KeptVisit
from archiver.text.url import canonical

_LINK = Reason.of(ReasonCode.LINK)


@dataclass(frozen=True, slots=True)
class Fetched:
    """A capture of a page.

    Attributes:
        depth: how many links from a start address the page was found.
        reason: why it was visited.
        origin: the WARC file it was imported from; None when it was fetched.
        is_hop: the same fetch followed its redirect, and came back to the page.
        rendered: what a browser got and made when it opened the page; see `crawl.render_pages`.
        named: addresses of the site in the answers that the browser got.
    """

    page_id: int
    capture: Capture
    depth: int = 0
    reason: Reason = _LINK
    origin: Origin | None = None
    is_hop: bool = False
    rendered: tuple[Capture, ...] = ()
    named: tuple[str, ...] = ()

    @property
    def bytes(self) -> int:
        """Return the number of bytes of its bodies, which a crawl holds in memory until they are written."""
        return sum(len(each.body) for each in (self.capture, *self.rendered))


@dataclass(frozen=True, slots=True)
class KeptPage:
    """A capture of a page that is stored.

    Attributes:
        visit: its row.
        previous: the capture that the page's newest version was read from, when another extractor read it.
    """

    visit: KeptVisit
    fetched: Fetched
    previous: Capture | None = None


@dataclass(frozen=True, slots=True)
class NonPageCapture:
    """A capture that is not a page of the site: its robots.txt, or the probe for a missing page.

    Attributes:
        origin: the WARC file it was imported from; None when it was fetched.
        reason: why it was visited; None: because of its kind.
    """

    capture: Capture
    kind: Literal["robots", "probe"] = "robots"
    origin: Origin | None = None
    reason: Reason | None = None

    @property
    def visit_reason(self) -> Reason:
        """Why it was visited."""
        return self.reason or Reason.of(ReasonCode(self.kind))


def page_of(store: Store, site: WorkingSite, capture: Capture) -> int:
    """Return the page at the address of a capture; insert it if it is new."""
    address, at = canonical(capture.url), written(capture.visited_at)
    with store.transaction():
        return store.pages.put_page(site.site_id, site.key(address), address, at, site.kind_of(address))[0]
