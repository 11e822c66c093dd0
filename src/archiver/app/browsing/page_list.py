"""The list of known pages: filtered, sorted, in parts."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from archiver.app.browsing.site_names import demand_site
from archiver.app.reading.questions import ArchiveReader
from archiver.errors import UsageError
from archiver.store.page_list_queries import PAGE_ORDERS, PageChoice
from archiver.text.near import did_you_mean

__all__ = ["A_PART", "MOST_ROWS", "PageChoice", "PageList", "page_list"]

A_PART = 40
"""The number of pages in one part of the list."""
MOST_ROWS = 1_000
"""The number of pages in one part of the list for other programs."""
_STATES = ("live", "missing", "gone", "moved", "blocked", "unknown")


@dataclass(frozen=True, slots=True)
class PageList:
    """A part of the list.

    Attributes:
        pages: rows of the view `pages`, without bodies.
        total: the number of pages that the filters let through.
        part, parts: which part this is, from 1, and how many there are.
        states, kinds: the number of pages of each, by the other filters.
    """

    pages: tuple[dict[str, Any], ...]
    total: int
    part: int
    parts: int
    order: str
    turned: bool
    states: Mapping[str, int]
    kinds: Mapping[str, int]


def page_list(
    archive: ArchiveReader,
    chosen: PageChoice,
    *,
    order: str = "changed",
    turned: bool = False,
    part: int = 1,
    size: int = A_PART,
) -> PageList:
    """Return a part of the list of pages. Pages under an embargo are left out.

    Args:
        archive: the archive.
        chosen: which pages.
        order: changed, visited, found, title, address, edits or views.
        turned: in the opposite order.
        part: which part, from 1; a higher one than there is gives the last.
        size: the number of pages in a part.

    Raises:
        UsageError: an unknown order or state.
        NotInArchive: there is no such site.
    """
    _demand("order", order, PAGE_ORDERS)
    if chosen.state is not None:
        _demand("state", chosen.state, _STATES)
    demand_site(archive, chosen.site)
    chosen = replace(chosen, without=archive.embargoed_pages(), text=" ".join(chosen.text.split()))
    queries = archive.store.browsing.page_list
    states, kinds = _shares(queries.counts(replace(chosen, state=None, kind=None)), chosen)
    total = states.get(chosen.state, 0) if chosen.state is not None else sum(states.values())
    parts = max(1, -(-total // size))
    part = min(max(1, part), parts)
    pages = queries.pages(chosen, order, turned=turned, limit=size, offset=(part - 1) * size)
    return PageList(tuple(pages), total, part, parts, order, turned, states, kinds)


def _shares(counts: list[tuple[str, str, int]], chosen: PageChoice) -> tuple[dict[str, int], dict[str, int]]:
    """Return the pages of each state, of the chosen kind; and those of each kind, of the chosen state."""
    states: dict[str, int] = {}
    kinds: dict[str, int] = {}
    for state, kind, pages in counts:
        if chosen.kind in (None, kind):
            states[state] = states.get(state, 0) + pages
        if chosen.state in (None, state):
            kinds[kind] = kinds.get(kind, 0) + pages
    return states, kinds


def _demand(what: str, given: str, known: tuple[str, ...]) -> None:
    if given not in known:
        raise UsageError(f"{given}: no such {what}; {did_you_mean(given, list(known))}known: {', '.join(known)}")
