"""Choose pages to learn from: the articles that a listing links to, and captures of a site. Pure."""

from collections.abc import Sequence
from itertools import zip_longest
from typing import TypeVar

from archiver.extract.around import opened, read_feed, read_sitemap
from archiver.extract.links import declared, every_link, links_outside_frame
from archiver.extract.page import ParsedPage
from archiver.learn.likely_addresses import AddressShape, articles, is_home, shape, twins
from archiver.model.capture import Capture
from archiver.store.sample_captures import SampleCapture
from archiver.text.url import origin_of

_LEAST_LISTED = 2
_LEAST_TEXT = 500
"""Characters from which the text of a page may be that of an article."""
_MOSTLY = 0.7
"""Share of the places for shapes of addresses whose pages have a text."""

Item = TypeVar("Item")


def listed_articles(capture: Capture) -> list[str]:
    """Return the likely articles that a listing, a feed or a sitemap names, in its order."""
    listed = read_feed(capture) or read_sitemap(capture)
    if listed is not None:
        here = origin_of(capture.url)
        return [each for each in listed.addresses if shape(each) and origin_of(each) == here and not is_home(each)]
    page = opened(capture)
    if page is None:
        return []
    inner = _likely(page, outside_frame=True)
    return inner if len(inner) >= _LEAST_LISTED else _likely(page, outside_frame=False)


def _likely(page: ParsedPage, *, outside_frame: bool) -> list[str]:
    """Return the links of the commonest shape, and those of other sections that look like them, in document order."""
    links = links_outside_frame(page, ()) if outside_frame else every_link(page)
    alike = articles(page.url, links)
    found = {*alike, *(twins(alike[0], links) if alike else ())}
    return [url for url in dict.fromkeys(link.url for link in links) if url in found and url != page.url]


def declared_feeds(capture: Capture) -> tuple[str, ...]:
    """Return the feeds that a page declares."""
    page = opened(capture)
    return declared(page).feeds if page is not None else ()


def spread(items: Sequence[Item], most: int) -> list[Item]:
    """Return at most so many items, at equal distances, the first one included."""
    count = min(most, len(items))
    return [items[place * len(items) // count] for place in range(count)]


def chosen_captures(found: Sequence[SampleCapture], most: int) -> list[SampleCapture]:
    """Return captures spread over the shapes of addresses and over time, those with a text first."""
    groups: dict[AddressShape | None, list[SampleCapture]] = {}
    for each in sorted(found, key=lambda each: (each.visited_at, each.visit_id), reverse=True):
        groups.setdefault(shape(each.url), []).append(each)
    texts = [group for group in groups.values() if _has_text(group)]
    others = [group for group in groups.values() if not _has_text(group)]
    places = most if not others else max(1, round(_MOSTLY * most))
    chosen = _in_turn(texts, places)
    chosen += _in_turn(others, most - len(chosen))
    known = {each.visit_id for each in chosen}
    rest = [[each for each in group if each.visit_id not in known] for group in texts]
    return chosen + _in_turn(rest, most - len(chosen))


def _has_text(group: Sequence[SampleCapture]) -> bool:
    return 2 * sum(each.characters >= _LEAST_TEXT for each in group) >= len(group)


def _in_turn(groups: Sequence[Sequence[SampleCapture]], most: int) -> list[SampleCapture]:
    """Return captures of each group in turn, the largest group first; within a group spread over time."""
    ordered = sorted(groups, key=lambda each: -len(each))
    rounds = zip_longest(*(spread(group, most) for group in ordered)) if most > 0 else ()
    return [each for row in rounds for each in row if each is not None][:most]
