"""The rows of what came of opening pages in a browser: the answers to its requests, and its renditions."""

from collections.abc import Iterator, Sequence

from archiver.crawl.fetched import Fetched
from archiver.crawl.site import WorkingSite
from archiver.model.capture import Capture
from archiver.model.clock import written
from archiver.model.reason import Reason, ReasonCode
from archiver.store.archive import Store
from archiver.store.new_visit import NewVisit
from archiver.store.pages import RENDITION, REQUISITE
from archiver.text.url import canonical

_REASON = Reason.of(ReasonCode.BROWSER)


def rendered_visits(store: Store, site: WorkingSite, fetched: Sequence[Fetched]) -> Iterator[NewVisit]:
    """Yield the visits that follow those of some pages, each with the place of its page's visit among them.

    Inserts the pages of these visits. They are evidence: nothing is read from them but the document of the browser,
    with the page that it is of.
    """
    for place, item in enumerate(fetched):
        for each in item.rendered:
            yield NewVisit(_page(store, site, each), each, is_page=False, reason=_REASON, origin=item.origin, of=place)


def _page(store: Store, site: WorkingSite, capture: Capture) -> int:
    at = written(capture.visited_at)
    if capture.made_by:
        return store.pages.put_page(site.site_id, capture.url, capture.url, at, RENDITION)[0]
    address = canonical(capture.url)
    return store.pages.put_page(site.site_id, site.requisite_key(address), address, at, REQUISITE)[0]
