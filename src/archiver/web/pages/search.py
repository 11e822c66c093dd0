"""Search: who said it, from when to when, and who dropped it."""

from collections.abc import Iterator, Mapping
from typing import Any

from archiver.app.browsing.feeds import feed_of
from archiver.app.browsing.search import SearchAnswer, SearchQuestion, search_versions
from archiver.app.watching.page_events import EventFilter
from archiver.web.answer import Answer, PageAnswer, PageRequest
from archiver.web.parameters import row_number
from archiver.web.shown_sql import sql_text
from archiver.web.svg.phrase_bars import label, phrase_bars

_KEPT = ("q", "plain", "site", "field", "since", "until", "at", "by")
_CELLS = (
    "state", "site", "page_id", "url", "seen_from", "seen_last", "went_by", "came", "came_after", "first_version",
    "last_version", "version_id",
)  # fmt: skip


def search(request: PageRequest) -> Answer:
    """Answer the page. Without words it tells how to search."""
    query = request.query
    given: dict[str, Any] = {name: query.get(name) or None for name in _KEPT}
    words = (query.get("q") or "").strip()
    if not words:
        return PageAnswer("search.html", "Search", {**given, "results": []}, context={"life": "", "next": ""})
    asked = SearchQuestion(
        words,
        bool(given["plain"]),
        given["site"],
        given["field"],
        given["since"],
        given["until"],
        given["at"],
        given["by"] or "dropped",
        row_number(request),
    )
    found = search_versions(request.archive, asked)
    data = {**given, "by": asked.by, "start": asked.start, **found.as_json()}
    return PageAnswer(
        "search.html",
        f"Search: {words}",
        data,
        rows=_cells(found),
        feed=_feed(request, asked) if request.ext in ("html", "atom") else None,
        context=_context(request, found, given) if request.ext == "html" else {},
        sql=_sql(asked),
    )


def _context(request: PageRequest, found: SearchAnswer, given: Mapping[str, Any]) -> dict[str, Any]:
    life = found.life
    to = request.links.to
    return {
        "life": phrase_bars(life.bins, life.unit) if life else "",
        "label": label,
        "next": to("search", **{**given, "cursor": found.next}) if found.next else "",
        "place": lambda **values: to("search", **{**given, **values}),
    }


def _cells(found: SearchAnswer) -> Iterator[dict[str, Any]]:
    for result in found.results:
        yield {
            **{name: result[name] for name in _CELLS},
            "title": "".join(text for _, text in result["title"]),
            "context": "".join(f"[{text}]" if is_hit else text for is_hit, text in result["context"]),
        }


def _feed(request: PageRequest, asked: SearchQuestion) -> EventFilter:
    return feed_of(request.archive, site=asked.site, words=asked.words, plain=asked.plain)


def _sql(asked: SearchQuestion) -> str:
    words = asked.words
    view = "found_plain" if asked.plain else "found"
    quoted = words if '"' in words else f'"{words}"'
    return f"SELECT * FROM {view} WHERE words MATCH {sql_text(quoted)} ORDER BY seen_from DESC"
