"""Two versions of a page: what differs, in seven views."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from archiver.app.browsing.comparing import VersionPair, compare_links, compare_sources, patch, version_pair
from archiver.app.browsing.paragraphs import Paragraph, folded, parts
from archiver.app.browsing.strip import Strip, strip_of
from archiver.app.reading.page import Page
from archiver.errors import UsageError
from archiver.text.clean import counted
from archiver.text.word_diff import Span
from archiver.web.answer import Answer, PageAnswer, PageRequest, Redirect, TextFile
from archiver.web.diff_markup import spans_markup
from archiver.web.moments import duration, parsed
from archiver.web.pages.shown_page import shown_page
from archiver.web.parameters import number_of
from archiver.web.svg.strip import mini_strip

VIEWS = {
    "words": "Words",
    "side": "Side by side",
    "only": "Changes only",
    "rendered": "Rendered",
    "picture": "Screenshots",
    "source": "Source",
    "links": "Links",
}

_BUDGET = {"words": 40_000, "side": 20_000, "only": 40_000, "source": 40_000}
"""The characters of a part of each view, markup counted roughly."""
_LONG = 60_000  # characters: unchanged paragraphs of a longer difference are folded
_AROUND = {"words": 2, "side": 2, "only": 1, "source": 3}
_WITHOUT_WORDS = ("source", "links", "rendered", "picture")
_MOST_LINKS = 200
_LARGEST = 2**31
_HEAD, _TAIL = 240, 80  # characters of a long span of source
_FEW_SECONDS = 120


def compare(request: PageRequest) -> Answer:
    """Answer the comparison of two versions."""
    page = shown_page(request)
    old, new = min(request.number("old"), _LARGEST), min(request.number("new"), _LARGEST)
    view = request.query.get("view", "words")
    if view not in (*VIEWS, "patch"):
        raise UsageError(f"{view}: no such view; known: {', '.join(VIEWS)}, patch")
    if old > new:
        return Redirect(_place(request, page.page_id, new, old, view))
    strip = strip_of(request.archive.store, page.page_id, counters=False)
    pair = version_pair(request.archive, page, old, new, words=view not in _WITHOUT_WORDS)
    if view == "patch":
        return TextFile(patch(pair), "text/x-diff; charset=utf-8", f"page-{page.page_id}-{old}-{new}.patch")
    return _answer(request, page, pair, (view, strip))


def _answer(request: PageRequest, page: Page, pair: VersionPair, chosen: tuple[str, Strip | None]) -> Answer:
    told, (view, strip) = pair.told, chosen
    old, new = told["old"]["version"], told["new"]["version"]
    shown = _rendered(request, page, old, new) if view == "rendered" else _shown(request, pair, view)
    data = {**told, "view": view, **shown.pop("data", {})}
    return PageAnswer(
        "compare.html",
        f"Version {old} to {new}",
        data,
        rows=data["picture"]["regions"] if view == "picture" else told["fields"],
        context={**frame(request, page, told, view, strip), **shown},
        sql=f"SELECT * FROM changes WHERE version_id = {told['new']['version_id']}",
    )  # fmt: skip


def frame(request: PageRequest, page: Page, told: Mapping[str, Any], view: str, strip: Strip | None) -> dict[str, Any]:
    """Return what stands around every view: tabs, the pairs before and after, the small strip.

    Args:
        request: the request.
        page: the page.
        told: `VersionPair.told`.
        view: the present view.
        strip: the page's strip without counters (`strip_of`).
    """
    old, new = told["old"]["version"], told["new"]["version"]
    kept = "" if view == "words" else view
    name = f"Versions {old} and {new} of {told['versions']}"
    return {
        "tabs": [(name, label, _place(request, page.page_id, old, new, name)) for name, label in VIEWS.items()],
        "before": _place(request, page.page_id, old - 1, old, kept) if old > 1 else "",
        "after": _place(request, page.page_id, new, new + 1, kept) if new < told["versions"] else "",
        "patch": _place(request, page.page_id, old, new, "patch"),
        "mini": "" if strip is None else mini_strip(strip, frozenset((old, new)), name),
        "markup": spans_markup,
        "bracket_words": _bracket_words,
    }  # fmt: skip


def _bracket_words(not_before: str, not_after: str) -> str:
    """Return how long nobody looked between two visits."""
    seconds = (parsed(not_after) - parsed(not_before)).total_seconds()
    if seconds < _FEW_SECONDS:
        return f"within {counted(int(seconds), 'second')}."
    return f"{duration(not_before, not_after)} in which we did not look."


def _place(request: PageRequest, page_id: int, old: int, new: int, view: str) -> str:
    return request.links.to("compare", page_id=page_id, old=old, new=new, view="" if view == "words" else view)


def _rendered(request: PageRequest, page: Page, old: int, new: int) -> dict[str, Any]:
    """Return both captures as pages."""
    from archiver.web.pages.compare_rendered import rendered_view  # noqa: PLC0415  (only this view reads HTML)

    found = rendered_view(request, page, old, new)
    return {"data": {"rendered": found}, "rendered": found, "part": None}


def _shown(request: PageRequest, pair: VersionPair, view: str) -> dict[str, Any]:
    """Return what a view shows: values for the template, and `data` for JSON."""
    if view == "links":
        found = compare_links(request.archive, pair)
        cut = {name: getattr(found, name)[:_MOST_LINKS] for name in ("came", "went", "renamed")}
        return {"data": {"links": {**asdict(found), **cut}}, "part": None}
    if view == "picture":
        from archiver.web.pages.compare_pictures import pictures_view  # noqa: PLC0415  (start-up)

        return {"data": {"picture": pictures_view(request, pair)}, "part": None}
    if view == "source":
        return _source(request, pair)
    sections = [(each.field, each.paragraphs()) for each in pair.fields]
    counts = {name: (sum(item.is_changed for item in items), len(items)) for name, items in sections}
    size = sum(item.cost for _, items in sections for item in items)
    is_folded = view == "only" or (size > _LONG and "all" not in request.query)
    if is_folded:
        sections = [(name, folded(items, _AROUND.get(view, 1))) for name, items in sections]
    part = _part(request, parts(sections, _BUDGET.get(view, 40_000)))
    words = {name: [[span.op, span.text] for item in items for span in item.spans] for name, items in part["sections"]}
    return {"data": {"words": words}, "part": part, "counts": counts, "is_folded": is_folded and view != "only"}


def _source(request: PageRequest, pair: VersionPair) -> dict[str, Any]:
    found = compare_sources(request.archive, pair)
    shown = [replace(line, spans=tuple(map(_short, line.spans))) for line in folded(found.lines, _AROUND["source"])]
    sections: Sequence[tuple[str, Sequence[Paragraph]]] = [("source", shown)]
    changed = sum(line.is_changed for line in found.lines)
    part = _part(request, parts(sections, _BUDGET["source"]))
    told = {
        "problem": found.problem,
        "same_bytes": found.same_bytes,
        "lines": len(found.lines),
        "changed": changed,
        "is_cut": found.is_cut,
        "browser": found.browser,
    }
    lines = [asdict(line) for _, items in part["sections"] for line in items]
    return {"data": {"source": {**told, "shown": lines}}, "part": part, "counts": {}}  # fmt: skip


def _short(span: Span) -> Span:
    """Return a span of source without the middle of what is very long, such as an embedded image or a form's state."""
    left_out = len(span.text) - _HEAD - _TAIL
    if left_out < _HEAD:
        return span
    return Span(span.op, f"{span.text[:_HEAD]} … {left_out:,} characters … {span.text[-_TAIL:]}")


def _part(request: PageRequest, found: list[list[tuple[str, list[Paragraph]]]]) -> dict[str, Any]:
    """Return the part of a long view that the address asks for, and the address of the next."""
    number = min(max(number_of(request, "part"), 1), len(found))
    kept: dict[str, Any] = {name: request.query[name] for name in ("view", "all") if name in request.query}
    ids: dict[str, Any] = {name: request.number(name) for name in ("page_id", "old", "new")}

    def place(part: int) -> str:
        return request.links.to("compare", **ids, **kept, part=part if part > 1 else None)

    return {
        "sections": [(name, items) for name, items in found[number - 1] if items],
        "number": number,
        "of": len(found),
        "next": place(number + 1) if number < len(found) else "",
        "previous": place(number - 1) if number > 1 else "",
        "all": request.links.to("compare", **ids, **{**kept, "all": 1}),
    }
