"""Addresses of a site's pages in the JSON that a page fetched; a list may show only those that fit the screen."""

import json
from collections.abc import Iterable, Iterator

from archiver.crawl.site import WorkingSite, first_kind
from archiver.model.capture import Capture
from archiver.text.url import absolute, canonical_or_none

_MOST_BYTES = 5_000_000  # of one answer
_MOST_VALUES = 200_000  # of one answer
_MOST_ADDRESSES = 5_000  # of one page
_LONGEST = 2_000  # characters
_FOLLOWED = ("listing", "article", "api")


def addresses_in(answers: Iterable[Capture], page: str, site: WorkingSite) -> tuple[str, ...]:
    """Return the addresses in JSON answers that the site wants, and that a `[[page]]` table with `url` matches.

    Without such a table any text that begins with `/` might be taken for an address.

    Args:
        answers: what a browser got for a page.
        page: the address of the page, against which relative addresses are resolved.
        site: the site's rules.
    """
    found: dict[str, None] = {}
    for answer in answers:
        for text in _texts(answer):
            address = canonical_or_none(absolute(page, text) or "")
            if address is not None and _is_wanted(address, site):
                found[address] = None
            if len(found) >= _MOST_ADDRESSES:
                return tuple(found)
    return tuple(found)


def _is_wanted(address: str, site: WorkingSite) -> bool:
    kind = first_kind(site.profile.pages, address)
    return kind is not None and kind.url is not None and kind.kind in _FOLLOWED and site.wants(address)


def _texts(answer: Capture) -> Iterator[str]:
    """Yield the texts of a JSON answer that may be addresses."""
    if "json" not in (answer.media_type or "") or len(answer.body) > _MOST_BYTES:
        return
    try:
        waiting = [json.loads(answer.body)]
    except (ValueError, RecursionError):
        return
    for _ in range(_MOST_VALUES):
        if not waiting:
            return
        value = waiting.pop()
        if isinstance(value, dict):
            waiting.extend(reversed(value.values()))
        elif isinstance(value, list):
            waiting.extend(reversed(value))
        elif isinstance(value, str) and len(value) <= _LONGEST and value.startswith(("/", "http://", "https://")):
            yield value
