"""Pick an element of a capture: see the rule that finds it, its values on other pages, and the profile's difference."""

from archiver.app.browsing.rules import Pick, rules_of
from archiver.web.answer import Answer, PageAnswer, PageRequest
from archiver.web.pages.shown_page import shown_page
from archiver.web.parameters import number_of, text_of


def rules(request: PageRequest) -> Answer:
    """Answer the elements of a capture, or the rules for one of them."""
    page, visit = shown_page(request), request.number("visit_id")
    pick = None
    if text_of(request, "element"):
        up, choice = number_of(request, "up", 0), number_of(request, "rule", 0)
        pick = Pick(number_of(request, "element"), up, text_of(request, "field") or "", choice)
    data = rules_of(request.archive, page, visit, pick)
    picked = data["picked"]
    return PageAnswer(
        "rules.html",
        f"A rule for {picked['field']}" if picked else f"Pick an element of visit {visit}",
        data,
        rows=picked["values"] if picked else data["elements"],
        sql=f"SELECT * FROM sources WHERE page_id = {page.page_id}",
    )
