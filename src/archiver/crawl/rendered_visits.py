"""The rows of what came of opening pages in a browser: the answers to its requests, and its renditions."""

from collections.abc import Iterator, Sequence

from archiver.crawl.fetched import Fetched
from archiver.crawl.site import WorkingSite
from archiver.model.capture import Capture
from archiver.model.clock import written
from archiver.model.reason import Reason, ReasonCode
from archiver.model.rendition import CONTENT_TYPES, SCREENSHOT, kind_and_page, parse_made_by, urn
from archiver.store.archive import Store
from archiver.store.new_visit import NewVisit
from archiver.store.pages import RENDITION, REQUISITE
from archiver.text.url import canonical

_REASON = Reason.of(ReasonCode.BROWSER)


def rendered_visits(store: Store, site: WorkingSite, fetched: Sequence[Fetched]) -> Iterator[NewVisit]:
    """Yield the visits that follow those of some pages, each with the place of its page's visit among them.

    Inserts the pages of these visits. They are evidence: nothing is read from them but the document of the browser,
    with the page that it is of. A screenshot that shows the same as the last one of its page is left out.
    """
    shown: dict[int, str] = {}
    for place, item in enumerate(fetched):
        for each in item.rendered:
            page_id = page_of_rendered(store, site, each)
            if each.media_type == CONTENT_TYPES[SCREENSHOT] and (shows := parse_made_by(each.made_by).shows):
                if (shown.get(page_id) or store.browsing.renditions.last_shown(page_id)) == shows:
                    continue
                shown[page_id] = shows
            yield NewVisit(page_id, each, is_page=False, reason=_REASON, origin=item.origin, of=place)


def page_of_rendered(store: Store, site: WorkingSite, capture: Capture) -> int:
    """Return the page of what a browser got or made; insert it if it is new."""
    at, key = written(capture.visited_at), rendered_key(site, capture)
    address, kind = (key, RENDITION) if capture.made_by else (canonical(capture.url), REQUISITE)
    return store.pages.put_page(site.site_id, key, address, at, kind)[0]


def rendered_key(site: WorkingSite, capture: Capture) -> str:
    """Return the identity of the page of what a browser got or made."""
    if not capture.made_by:
        return site.requisite_key(canonical(capture.url))
    named = kind_and_page(capture.url)
    return urn(*named) if named else capture.url
