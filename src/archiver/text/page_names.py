"""Addresses that name the same place: a folder and its index page, and the pages of one list."""

import re
from collections import Counter
from collections.abc import Callable, Hashable, Iterable
from typing import TypeVar

_Row = TypeVar("_Row")

_INDEX = re.compile(r"(?<=/)(?:index|default)\.(?:html?|xhtml|shtml|php|aspx?|jsp|cfm)\Z", re.IGNORECASE)
_PAGING = re.compile(
    r"(?<=[?&])(?:page|paged|p|pg|pn|start|offset|trang|seite|pagina)=\d+&?|/(?:page|trang|seite|pagina)/\d+/?\Z",
    re.IGNORECASE,
)


def folder_of(url: str) -> str:
    """Return the address without the name of an index page: `/a/` of `/a/index.html`; others unchanged."""
    return _INDEX.sub("", url)


def by_place(
    rows: Iterable[_Row], url_of: Callable[[_Row], str], content_of: Callable[[_Row], Hashable]
) -> list[list[_Row]]:
    """Group rows about pages: those of a folder and its index page with equal content are together, the folder's first.

    Args:
        rows: what happened to pages, in any order, which is kept.
        url_of: returns the address of a row's page.
        content_of: returns what two rows must have in common to be about one page; None: it is alone.
    """
    groups: dict[Hashable, list[_Row]] = {}
    seen: Counter[Hashable] = Counter()
    for number, row in enumerate(rows):
        url, content = url_of(row), content_of(row)
        seen[url, content] += 1  # the same edit of one address once more is another edit
        place = number if content is None else (folder_of(url), content, seen[url, content])
        groups.setdefault(place, []).append(row)
    return [sorted(group, key=lambda row: (len(url_of(row)), url_of(row))) for group in groups.values()]


def is_same_place(one: str, other: str) -> bool:
    """Return whether two addresses are a folder and its index page, or pages of one list."""
    return _place(one) == _place(other)


def _place(url: str) -> str:
    return _PAGING.sub("", folder_of(url)).rstrip("?&/")
