"""Parses the value of a refresh, in a `Refresh` header or a `<meta http-equiv=refresh>`."""

import re
from typing import NamedTuple

_REFRESH = re.compile(r"\s*+([0-9.]*+)\s*+[;,]?\s*+(?:url\s*+=\s*+)?(.*)", re.IGNORECASE | re.DOTALL)
_MOST_DIGITS = 9


class Refresh(NamedTuple):
    """The seconds until a page is left, if the value says so, and the address, as written; "" is the page itself."""

    seconds: int | None
    address: str


def refresh_of(value: str) -> Refresh:
    """Return what the value of a refresh says (HTML Standard, "shared declarative refresh steps")."""
    match = _REFRESH.match(value)
    assert match is not None  # noqa: S101  (every part of the pattern may be empty)
    seconds = match[1].partition(".")[0][:_MOST_DIGITS] or "0" if match[1] else None
    address = match[2].strip()
    quote = address[:1]
    if quote in ("'", '"'):
        address = address[1:].partition(quote)[0]
    return Refresh(None if seconds is None else int(seconds), address)
