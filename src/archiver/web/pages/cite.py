"""The page that cites a version: as a sentence, BibTeX, RIS and CSL-JSON, with an address that lasts."""

from archiver.app.browsing.citing import citation_data, citation_of
from archiver.web.answer import Answer, PageAnswer, PageRequest
from archiver.web.pages.shown_page import shown_page

_ROW = ("key", "title", "container", "published", "url", "permalink", "captured_at", "sha256")


def cite(request: PageRequest) -> Answer:
    """Answer the page."""
    page_id, number = shown_page(request).page_id, request.number("number")
    cited = citation_of(request.archive, page_id, number)
    permalink = request.links.absolute(request.links.memento(cited.captured_at, cited.url))
    data = {"page_id": page_id, "number": number, **citation_data(cited, permalink)}
    row = {name: data[name] for name in _ROW}
    return PageAnswer("cite.html", f"Cite: {cited.title}", data, rows=[row])
