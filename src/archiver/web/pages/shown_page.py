"""The page of a request, unless it is under an embargo."""

from archiver.app.browsing.page_facts import page_by_id
from archiver.app.reading.page import Page
from archiver.web.answer import PageRequest
from archiver.web.problems import Embargoed


def shown_page(request: PageRequest, page_id: int | None = None) -> Page:
    """Return the page with the number in the path, or another one.

    Raises:
        NotInArchive: there is no such page.
        Embargoed: it is held back.
    """
    page = page_by_id(request.archive, request.number("page_id") if page_id is None else page_id)
    demand_free(request, page.url)
    return page


def demand_free(request: PageRequest, url: str) -> None:
    """Raise Embargoed if an address is held back from others now."""
    if request.archive.is_embargoed(url):
        raise Embargoed(f"{url}: held back from others for now; `archiver embargo` lists until when, and why")
