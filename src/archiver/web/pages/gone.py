"""Gone and moved: which pages are not where they were, with the proof and the last copy of each."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from markupsafe import Markup

from archiver.app.browsing.feeds import feed_of
from archiver.app.browsing.gone import gone_pages
from archiver.app.watching.page_events import EventFilter
from archiver.web.answer import Answer, PageAnswer, PageRequest
from archiver.web.parameters import row_number
from archiver.web.svg.gone_bar import gone_bar

_TABS = (
    ("still", "Still gone"),
    ("same", "Back, the same"),
    ("different", "Back, different"),
    ("back", "Back"),
    ("moved", "Moved"),
)
_CELLS = (
    "state", "site", "page_id", "url", "title", "last_seen", "gone_by", "last_miss", "back_by", "misses", "moved_to",
    "how", "found_at",
)  # fmt: skip


def gone(request: PageRequest) -> Answer:
    """Answer the page."""
    site, state = request.query.get("site") or None, request.query.get("state") or None
    found = gone_pages(request.archive, site, state, row_number(request))
    data = {"site": site, **found.as_json()}
    return PageAnswer(
        "gone.html",
        "Gone and moved",
        data,
        rows=_cells(data["rows"]),
        feed=_feed(request, site, state) if request.ext in ("html", "atom") else None,
        context={"tabs": _tabs(request, data), "lead": lead(data["counts"]), "bars": _bars(data)},
        sql="SELECT * FROM absences ORDER BY gone_by DESC",
    )


def lead(counts: Mapping[str, int]) -> list[tuple[str, bool]]:
    """Return the first sentence in parts, each with whether it is bold; zeros are left out."""
    parts: list[tuple[str, bool]] = []
    still, moved = counts.get("still", 0), counts.get("moved", 0)
    returned = sum(counts.get(name, 0) for name in ("same", "different", "back"))
    if still:
        parts += [(f"{still:,} page{' is' if still == 1 else 's are'} gone", True), (". ", False)]
    if returned:
        other = counts.get("different", 0)
        words = (
            f", {other:,} of them with other words" if other and returned > 1 else ", with other words" if other else ""
        )
        parts.append((f"{returned:,} came back{words}. ", False))
    if moved:
        parts.append((f"{moved:,} moved.", False))
    return parts or [("No page was ever proven gone.", False)]


def _tabs(request: PageRequest, data: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    counts = data["counts"]
    to, site = request.links.to, data["site"]
    shown = [(name, label) for name, label in _TABS if counts.get(name) or name == data["state"]]
    return [
        ("", f"All {sum(counts.values()):,}", to("gone", site=site)),
        *((name, f"{label} {counts.get(name, 0):,}", to("gone", site=site, state=name)) for name, label in shown),
    ]


def _bars(data: Mapping[str, Any]) -> dict[int, Markup]:
    """Return the drawing of each absence of the page, by its place in the list."""
    end = data["end"]
    found = {}
    for place, row in enumerate(data["rows"]):
        if row["state"] == "moved" or not end:
            continue
        begin = min(row["first_seen"], row["last_seen"])
        absence = (row["gone_by"], row["last_miss"])
        found[place] = gone_bar((begin, end), (begin, row["last_seen"]), absence, row["back_by"], f"gone{place}")
    return found


def _cells(rows: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    return ({name: row.get(name) for name in _CELLS} for row in rows)


def _feed(request: PageRequest, site: str | None, state: str | None) -> EventFilter:
    kinds = {"still": ("gone",), "moved": ("moved",), None: ("gone", "back", "moved")}.get(state, ("back",))
    return feed_of(request.archive, site=site, kinds=kinds)
