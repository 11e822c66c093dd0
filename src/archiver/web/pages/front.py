"""Front page on a day: what a listing showed, beside the day before."""

from collections.abc import Iterator, Mapping
from typing import Any

from markupsafe import Markup

from archiver.app.browsing.days import shifted
from archiver.app.browsing.front import FrontQuestion, front_page
from archiver.web.answer import Answer, PageAnswer, PageRequest
from archiver.web.parameters import row_number
from archiver.web.svg.slope import slope


def front(request: PageRequest) -> Answer:
    """Answer the page."""
    query = request.query
    site = query.get("site") or None
    page_id = row_number(request, "page") or None
    asked = FrontQuestion(site, page_id, query.get("day") or None, query.get("before") or None)
    found = front_page(request.archive, asked)
    if found is None:
        return PageAnswer("front.html", "Front pages", {"site": site, "listing": None})
    data = {"site": site, **found.as_json()}
    return PageAnswer(
        "front.html",
        f"Front page on {found.day}",
        data,
        rows=_cells(data),
        context={"slope": _slope(data), "lead": lead(data["counts"]), "days": _days(data)},
        sql=f"SELECT * FROM editions WHERE page_id = {found.listing['page_id']} "
        f"AND seen_from <= '{found.day} 23:59:59' AND coalesce(seen_until, '9999') > '{found.day} 23:59:59' "
        "ORDER BY position",
    )


def lead(counts: Mapping[str, int]) -> list[tuple[int, str, bool]]:
    """Return the counts of the sentence, each with its word and whether it is bold; zeros are left out."""
    words = (
        ("came", "came", True), ("left", "left", True), ("rose", "rose", False), ("fell", "sank", False),
        ("same", "stayed where it was" if counts["same"] == 1 else "stayed where they were", False),
    )  # fmt: skip
    return [(counts[name], word, is_bold) for name, word, is_bold in words if counts[name]]


def _days(data: Mapping[str, Any]) -> dict[str, str]:
    return {"before": shifted(data["day"], -1), "after": shifted(data["day"], 1)}


def _slope(data: Mapping[str, Any]) -> Markup:
    """Return the lines between the items that both days show."""
    old, new = data["old"], data["new"]
    if not old or not new:
        return Markup()
    shown = len(old["items"])
    pairs = [(each["other"], each["position"]) for each in new["items"] if each["other"] and each["other"] <= shown]
    return slope(pairs, max(shown, len(new["items"]), 1))


def _cells(data: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    names = ("position", "url", "title", "page_id", "move", "other", "was")
    for side, day in (("old", data["before"]), ("new", data["day"])):
        for item in data[side]["items"] if data[side] else ():
            yield {"day": day, **{name: item[name] for name in names}}
