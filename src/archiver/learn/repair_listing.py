"""Mend the links to follow of a listing: the addresses that it listed before are looked for in its new pages."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from archiver.extract.choose import choose
from archiver.extract.open_page import open_page
from archiver.extract.page import ParsedPage
from archiver.extract.read import read
from archiver.extract.tree import Node
from archiver.learn.doubtful_pages import DoubtfulPage
from archiver.learn.fit import mean
from archiver.learn.repaired import MendedField, MendedTable
from archiver.learn.selectors import Selector, selectors_of
from archiver.model.profile import NextRule, PageKind, Profile

_MOST_LINKS = 2_000
_MOST_PAGES = 20
_LEAST_KNOWN = 2
"""Links that a new page must have in common with the old one."""
_COST = 0.02
_LEAST_FIT = 0.8


class LostListing(NamedTuple):
    """A listing whose `follow` rules find nothing: its new page, and the addresses of its last good capture."""

    given: DoubtfulPage
    page: ParsedPage
    table: PageKind
    known: frozenset[str]
    following: frozenset[str]


def open_listings(profile: Profile, pages: Sequence[DoubtfulPage]) -> list[LostListing]:
    """Return the pages that were listings with items, and are read without any item now."""
    found: list[LostListing] = []
    for each in pages:
        if each.good is None or len(found) == _MOST_PAGES:
            continue
        before, after = read(each.good, profile), read(each.capture, profile)
        if before.kind == "listing" and before.items and after.items == ():
            page = open_page(each.capture, profile)[0]
            table = choose(profile, each.capture.url, each.capture.visited_at, page)[0]
            if table is not None and table.follow:
                known = frozenset(item.url for item in before.items)
                found.append(LostListing(each, page, table, known, frozenset(before.next)))
    return found


def mended_listings(profile: Profile, listings: Sequence[LostListing]) -> Iterator[MendedTable]:
    """Yield a table for each table of a profile whose links are not found."""
    for line in dict.fromkeys(each.table.line for each in listings):
        group = [each for each in listings if each.table.line == line]
        usable = [each for each in group if len(_links(each, each.known)) >= _LEAST_KNOWN]
        best = max(_candidates(usable), key=lambda way: (_fit(profile, usable, way), way.text), default=None)
        if best is None or _fit(profile, usable, best) < _LEAST_FIT:
            continue
        old = group[0].table
        following = _next_rule(usable, old.next)
        table = replace(old, follow=(best.text, *(old.follow or ())), next=following, until=None)
        yield MendedTable(
            table, old, tuple(each.given.capture.url for each in usable), 1.0, 1.0, (_field(best.text, old, usable),)
        )


def _field(selector: str, old: PageKind, listings: Sequence[LostListing]) -> MendedField:
    known = [set(_links(each, each.known)) for each in listings]
    found = [set(_found(each.page, selector)) for each in listings]
    right = sum(one <= two for one, two in zip(known, found, strict=True))
    return MendedField(
        "follow",
        tuple(f"css:{each}" for each in old.follow or ()),
        (f"css:{selector}",),
        len(listings),
        right,
        sum(map(bool, found)),
        len(listings),
        "finds the links that were listed before",
    )


def _nodes(page: ParsedPage) -> list[Node]:
    return page.document.css("a[href]")[:_MOST_LINKS]


def _links(listing: LostListing, wanted: frozenset[str]) -> dict[str, Node]:
    """Return the nodes with known addresses."""
    found = ((listing.page.address(node), node) for node in _nodes(listing.page))
    return {address: node for address, node in found if address in wanted}


def _found(page: ParsedPage, selector: str) -> list[str]:
    return [address for node in page.document.css(selector)[:_MOST_LINKS] if (address := page.address(node))]


def _candidates(listings: Sequence[LostListing]) -> set[Selector]:
    return {
        each
        for listing in listings
        for node in _links(listing, listing.known).values()
        for each in selectors_of(node)
        if " " in each.text or each.text.startswith("a.")
    }


def _fit(profile: Profile, listings: Sequence[LostListing], way: Selector) -> float:
    """Return the F1 of the known links that a selector finds, and of what it finds that is known or of articles."""
    articles = [kind.url for kind in profile.pages if kind.kind == "article" and kind.url is not None]
    fits = []
    for each in listings:
        known, found = _links(each, each.known).keys(), set(_found(each.page, way.text))
        good = {url for url in found if url in known or any(pattern.search(url) for pattern in articles)}
        recall, precision = len(found & known) / len(known), len(good) / max(1, len(found))
        fits.append(2 * recall * precision / (recall + precision) if recall and precision else 0.0)
    return mean(fits) - _COST * way.cost


def _next_rule(listings: Sequence[LostListing], old: NextRule | None) -> NextRule | None:
    """Return the rule of the next pages: the old one while it finds any, else one for the known addresses."""
    if old is None or old.postback or any(each.page.document.css(old.css) for each in listings):
        return old
    ways = {
        way
        for each in listings
        for node in _links(each, each.following).values()
        for way in selectors_of(node)
        if all(set(_found(one.page, way.text)) <= one.following for one in listings)
    }
    best = min(ways, key=lambda way: (way.cost, way.text), default=None)
    return old if best is None else NextRule(f"{best.text}, {old.css}")
