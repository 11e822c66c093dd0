"""One visit: what was sent and received, and what proves it."""

from archiver.app.browsing.capture_proof import capture
from archiver.web.answer import Answer, PageAnswer, PageRequest
from archiver.web.pages.shown_page import shown_page


def visit(request: PageRequest) -> Answer:
    """Answer one visit of a page."""
    page, number = shown_page(request), request.number("visit_id")
    data = capture(request.archive, page, number)
    return PageAnswer(
        "visit.html",
        f"Visit {number}",
        data,
        rows=[{"header": name, "value": value} for name, value in data["answer"].get("headers", ())],
        sql=f"SELECT * FROM visits WHERE visit_id = {number}",
    )
