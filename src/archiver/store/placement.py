"""The order of the items of a listing from one edition to the next, as few changed rows. Pure.

Each item has a place, an integer that only says its order. An item that comes gets a place between its neighbours, so
the others keep theirs: three new items on top of thirty are three new rows.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

from archiver.model.record import ListedItem
from archiver.text.volatile import stable_address

STEP = 64
"""The distance between the places of neighbours."""

Item = tuple[str, str]
"""An address and the headline shown with it."""


def respelled(
    items: Sequence[ListedItem], before: Iterable[str], key_of: Callable[[str], str]
) -> tuple[ListedItem, ...]:
    """Return items with the addresses that the edition before had for the same pages: signatures and tokens change.

    Args:
        items: what a visit showed.
        before: the addresses of the edition before.
        key_of: returns the identity of the page with an address.
    """
    known = set(before)
    gone = known - {each.url for each in items}
    if not gone or all(each.url in known for each in items):
        return tuple(items)
    spelled = {stable_address(key_of(url)): url for url in gone}
    return tuple(
        each if each.url in known else replace(each, url=spelled.get(stable_address(key_of(each.url)), each.url))
        for each in items
    )


class Move(NamedTuple):
    """What leads from one edition to the next: the places of the items that end, and the items that begin, with theirs."""

    ended: list[int]
    begun: list[tuple[int, Item]]


def places_of(items: Sequence[Item]) -> list[tuple[int, Item]]:
    """Return the places of the items of a first edition."""
    return [(number * STEP, item) for number, item in enumerate(items)]


def moved(before: Sequence[tuple[int, Item]], items: Sequence[Item]) -> Move | None:
    """Return the change from an edition to the items of the next one; None when there is no room between two places.

    Args:
        before: the places and items of the edition, in order.
        items: the items of the next one, each once, in order.
    """
    old = {item: place for place, item in before}
    kept = _longest_rising([old.get(item) for item in items])
    begun: list[tuple[int, Item]] = []
    waiting: list[Item] = []
    last: int | None = None
    for number, item in enumerate(items):
        if number not in kept:
            waiting.append(item)
            continue
        places = _between(last, old[item], len(waiting))
        if places is None:
            return None
        begun += zip(places, waiting, strict=True)
        waiting, last = [], old[item]
    begun += zip(_after(last, len(waiting)), waiting, strict=True)
    stays = {items[number] for number in kept}
    return Move([place for place, item in before if item not in stays], begun)


def _between(left: int | None, right: int, count: int) -> list[int] | None:
    """Return places between two others, or before the first one; None when there is no room."""
    if left is None:
        return [right - STEP * (count - number) for number in range(count)]
    if right - left <= count:
        return None
    return [left + (right - left) * (number + 1) // (count + 1) for number in range(count)]


def _after(left: int | None, count: int) -> list[int]:
    start = 0 if left is None else left + STEP
    return [start + STEP * number for number in range(count)]


def _longest_rising(places: Sequence[int | None]) -> set[int]:
    """Return the indices of a longest strictly rising series; None is never part of it."""
    ends: list[int] = []  # of series of each length, the least last place
    at: list[int] = []
    before: dict[int, int | None] = {}
    for number, place in enumerate(places):
        if place is None:
            continue
        length = bisect_left(ends, place)
        before[number] = at[length - 1] if length else None
        ends[length:] = [place] if length == len(ends) else [place, *ends[length + 1 :]]
        at[length:] = [number] if length == len(at) else [number, *at[length + 1 :]]
    found: set[int] = set()
    step = at[-1] if at else None
    while step is not None:
        found.add(step)
        step = before[step]
    return found
