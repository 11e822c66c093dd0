"""The name somebody probably meant."""

from collections.abc import Iterable
from difflib import SequenceMatcher, get_close_matches
from urllib.parse import urlsplit

_ALIKE = 0.9  # of an address, its host apart: a slip of the fingers, not another article


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """`did you mean 'x'? ` when one of the names is close, else ""; for a message that goes on with what is known."""
    near = get_close_matches(name, list(known), n=1)
    return f"did you mean {near[0]!r}? " if near else ""


def nearest_address(url: str, known: Iterable[str]) -> str | None:
    """The address most like this one, of the same host and so close that one was likely mistyped for the other."""
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
