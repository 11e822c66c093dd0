"""Where a value came from: the rule, the place in the page, the reader, and how others read it."""

from archiver.app.browsing.reading import why as source_of
from archiver.web.answer import Answer, PageAnswer, PageRequest
from archiver.web.pages.shown_page import shown_page
from archiver.web.shown_sql import sql_text


def why(request: PageRequest) -> Answer:
    """Answer why a field of a version has its value."""
    data = source_of(request.archive, request.number("version_id"), request.path["field"])
    shown_page(request, data["page_id"])  # it may be under an embargo
    return PageAnswer(
        "why.html",
        f"Why {'these' if data['is_list'] else 'this'} {data['field'].removeprefix('extra.')}?",
        data,
        context={"value_text": _text},
        rows=data["items"] or ([data["source"]] if data["source"] else []),
        sql=f"SELECT * FROM sources WHERE version_id = {data['version_id']} AND field = {sql_text(data['field'])}",
    )


def _text(value: str | list[str] | None) -> str:
    return ", ".join(value) if isinstance(value, list) else value or ""
