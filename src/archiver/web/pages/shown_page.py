"""The page of a request, unless it is under an embargo."""

from archiver.app.browsing.page_facts import page_by_id
from archiver.app.reading.page import Page
from archiver.web.answer import PageRequest
from archiver.web.problems import demand_open


def shown_page(request: PageRequest, page_id: int | None = None) -> Page:
    """Return the page with the number in the path, or another one.

    Raises:
        NotInArchive: there is no such page.
        Embargoed: it is held back.
    """
    page = page_by_id(request.archive, request.number("page_id") if page_id is None else page_id)
    demand_open(request.archive, page.url)
    return page
