"""Suggest the name that a person probably meant."""

from collections.abc import Iterable
from difflib import SequenceMatcher, get_close_matches
from urllib.parse import urlsplit

_ALIKE = 0.9  # of an address without its host: a typing error, not another article


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return `did you mean 'x'? ` when one of the names is close, else ""; the message goes on with the known names."""
    near = get_close_matches(name, list(known), n=1)
    return f"did you mean {near[0]!r}? " if near else ""


def nearest_address(url: str, known: Iterable[str]) -> str | None:
    """The most similar address of the same host, if it is so close that one was probably mistyped for the other."""
    host, rest = _parts(url)
    best, alike = None, _ALIKE
    for address in known:
        other_host, other = _parts(address)
        ratio = SequenceMatcher(None, rest, other).ratio()
        if other_host == host and ratio >= alike:
            best, alike = address, ratio
    return best


def _parts(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.netloc, parts._replace(scheme="", netloc="").geturl()
