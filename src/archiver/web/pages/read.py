"""A page as it was at a moment: its record, with the source of each value and the proof."""

from collections.abc import Iterator, Mapping
from typing import Any

from archiver.app.browsing.reading import first_seen, nothing_at, reading_at
from archiver.errors import NoSuchVersion, UsageError
from archiver.model.clock import written
from archiver.model.moments import parse_when
from archiver.model.record import CONTENT_FIELDS
from archiver.web.answer import Answer, PageAnswer, PageRequest, Redirect
from archiver.web.pages.shown_page import shown_page
from archiver.web.parameters import row_number

_MOST_TEXT = 60_000  # characters of a text that are shown at once
_MOST_ITEMS = 100  # of a list


def read(request: PageRequest) -> Answer:
    """Answer a page as it was at a moment."""
    page = shown_page(request)
    try:
        data = reading_at(request.archive, page, request.path["moment"])
    except NoSuchVersion:
        data = nothing_at(request.archive, page, request.path["moment"])
        return PageAnswer("read_none.html", data["page"]["title"] or page.url, data, status=404)
    record = data["record"] or {}
    title = data["page"]["title"] if data["listing"] else record.get("title")
    return PageAnswer(
        "read.html",
        title or page.url,
        data,
        rows=_cells(data),
        context={
            "heading": title or page.url,
            "fields": list(_fields(record)),
            "text": lambda field, value: _text(request, field, value),
            "most_items": _MOST_ITEMS,
        },
        sql=_sql(data),
    )


def _sql(data: Mapping[str, Any]) -> str:
    if data["version"]:
        return f"SELECT * FROM versions WHERE version_id = {data['version']['version_id']}"
    listing = data["listing"]
    chosen = f"page_id = {data['page']['page_id']} AND edition = {listing['edition']}"
    return f"SELECT * FROM editions WHERE {chosen} ORDER BY position"


def read_on(request: PageRequest) -> Answer:
    """Redirect to the page as it was on a day, or at another moment that a form gives."""
    asked = request.query.get("at", "").strip()
    if not asked:
        raise UsageError("no day is given; write /page/29/at?at=2022-11-01")
    page = shown_page(request)
    return Redirect(request.links.read(page.page_id, written(parse_when(asked, request.now, whole_day=True))))


def version(request: PageRequest) -> Answer:
    """Redirect from the number of a version to the page as it was then."""
    page, number = shown_page(request), request.number("number")
    return Redirect(request.links.read(page.page_id, first_seen(request.archive, page, number)))


def _fields(record: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the fields that have a value, in reading order, the profile's own last. Files have a list of their own."""
    names = [each.name for each in CONTENT_FIELDS if each.name != "files"]
    names.insert(names.index("published") + 1, "modified")
    for name in names:
        value = record.get(name) or record.get(f"{name}_raw")
        if value:
            yield name, value
    for name, value in (record.get("extra") or {}).items():
        yield f"extra.{name}", value


def _text(request: PageRequest, field: str, value: str) -> dict[str, Any]:
    """Return the paragraphs of a part of a long text, and where the next part begins."""
    start = min(row_number(request, field), len(value))
    part = value[start : start + _MOST_TEXT]
    rest = len(value) - start - len(part)
    here = request.links.to("read", page_id=request.number("page_id"), moment=request.path["moment"])
    return {
        "paragraphs": part.split("\n\n"),
        "rest": rest,
        "next": f"{here}?{field}={start + len(part)}#{field}" if rest else "",
        "whole": here if start else "",
    }


def _cells(data: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield a row for each value, with its source; of a listing a row for each item."""
    if data["listing"]:
        yield from data["listing"]["items"]
        return
    for name, value in _fields(data["record"] or {}):
        source = data["sources"].get(name, {})
        yield {
            "field": name,
            "value": value,
            **{key: source.get(key) for key in ("rule", "rank", "raw", "node_path", "profile_sha256", "code_version")},
        }
