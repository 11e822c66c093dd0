"""Addresses that name the same place: a folder and its index page, and the pages of one list."""

import re

_INDEX = re.compile(r"(?<=/)(?:index|default)\.(?:html?|xhtml|shtml|php|aspx?|jsp|cfm)\Z", re.IGNORECASE)
_PAGING = re.compile(
    r"(?<=[?&])(?:page|paged|p|pg|pn|start|offset|trang|seite|pagina)=\d+&?|/(?:page|trang|seite|pagina)/\d+/?\Z",
    re.IGNORECASE,
)


def folder_of(url: str) -> str:
    """Return the address without the name of an index page: `/a/` of `/a/index.html`; others unchanged."""
    return _INDEX.sub("", url)


def is_same_place(one: str, other: str) -> bool:
    """Return whether two addresses are a folder and its index page, or pages of one list."""
    return _place(one) == _place(other)


def _place(url: str) -> str:
    return _PAGING.sub("", folder_of(url)).rstrip("?&/")
