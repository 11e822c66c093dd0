"""The page `Pages`: every known page, filtered and sorted."""

from dataclasses import asdict
from typing import Any

from archiver.app.browsing.page_list import A_PART, MOST_ROWS, PageChoice, page_list
from archiver.web.answer import Answer, PageAnswer, PageRequest
from archiver.web.parameters import number_of, text_of
from archiver.web.shown_sql import sql_equal

_ORDERS = {
    "changed": "last changed",
    "visited": "last visited",
    "found": "found first",
    "title": "title",
    "address": "address",
    "edits": "edits",
    "views": "views",
}
_SQL = "SELECT site, url, title, section, state, kind, edits, seen_from, last_visited, views FROM pages"


def pages(request: PageRequest) -> Answer:
    """Answer the page."""
    chosen = PageChoice(
        text_of(request, "site"),
        text_of(request, "state"),
        request.query.get("kind") or None,
        request.query.get("section") or None,
        request.query.get("text", ""),
    )
    order, turned = text_of(request, "sort") or "changed", request.query.get("turned") == "1"
    size = MOST_ROWS if request.ext == "csv" else A_PART
    found = page_list(request.archive, chosen, order=order, turned=turned, part=number_of(request, "part"), size=size)
    asked = {name: getattr(chosen, name) for name in ("site", "state", "kind", "section", "text")}
    data: dict[str, Any] = {**asked, **asdict(found)}
    return PageAnswer(
        "pages.html",
        "Pages",
        data,
        rows=found.pages,
        context={"orders": _ORDERS, "asked": asked | {"sort": order, "turned": "1" if turned else None}},
        sql=_sql(chosen),
    )


def _sql(chosen: PageChoice) -> str:
    wanted = [("site", chosen.site), ("state", chosen.state), ("kind", chosen.kind), ("section", chosen.section)]
    where = " AND ".join(sql_equal(wanted))
    return f"{_SQL}{f' WHERE {where}' if where else ''} ORDER BY seen_from DESC LIMIT {A_PART}"
