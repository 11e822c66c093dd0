"""Simulated sites whose every change is known, for the revisit benchmark.

The mix of pages is an assumption. `portal`: 2 % listings that change 3 times a day (median), 25 % nearly static pages,
and 73 % articles that are published during the 120 days and edited at a rate that decays with (1 + age)^-1.5. `slow`:
the same, but articles decay with (1 + age)^-1.0 and have a lower rate on the first day, so they differ from the default
of archiver. `stationary`: no page decays.

`with_sitemap` adds a sitemap. `honest`: it dates a page by four of five changes of its content, and by false changes of 1 %
of the pages each day, as a nightly export or a new template makes them. `wrong`: it dates all pages at the time of the request.
"""

import math
import random
from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field


@dataclass(slots=True)
class Page:
    """A simulated page: when it is published, its true rate on the first day, and when it changes (in days)."""

    kind: str
    born: float
    rate: float
    power: float
    changes: list[float] = field(default_factory=list)

    def now(self, day: float) -> float:
        """Return its true rate on a day."""
        return self.rate * (1 + day - self.born) ** -self.power


@dataclass(slots=True)
class World:
    """All pages of a simulation, its days, and how many of them do not count.

    Attributes:
        moves: when the sitemap dates a page as changed, and which page; in the order of time.
        is_wrong: the sitemap dates all pages at the time of the request.
    """

    pages: list[Page]
    days: int
    unscored: int
    moves: list[tuple[float, int]] = field(default_factory=list)
    is_wrong: bool = False

    def dated(self, since: float, until: float) -> Iterable[int]:
        """Return the pages that the sitemap dates as changed between two visits of it."""
        if self.is_wrong:
            return [number for number, page in enumerate(self.pages) if number and page.born <= until]
        first, last = (bisect_right(self.moves, (day, math.inf)) for day in (since, until))
        return [number for _, number in self.moves[first:last]]


SITEMAP = 0
"""The number of the sitemap among the pages of a world that has one."""

_TRUE_SHARE, _FALSE_RATE = 0.8, 0.01


def with_sitemap(world: World, chance: random.Random, *, is_wrong: bool = False) -> World:
    """Return the same pages and changes with a sitemap, which is the first page. It lists no listings."""
    sitemap = Page("sitemap", 0.0, 0.0, 0.0)
    found = World([sitemap, *world.pages], world.days, world.unscored, is_wrong=is_wrong)
    for number, page in enumerate(world.pages, start=1):
        if page.kind == "listing":
            continue
        found.moves += [(change, number) for change in page.changes if chance.random() < _TRUE_SHARE]
        day = page.born
        while (day := day + chance.expovariate(_FALSE_RATE)) < world.days:
            found.moves.append((day, number))
    found.moves.sort()
    sitemap.changes = [hour / 24 for hour in range(world.days * 24)] if is_wrong else [day for day, _ in found.moves]
    return found


def make(name: str, count: int, days: int, chance: random.Random) -> World:
    """Return a world by its name."""
    maker, power = WORLDS[name]
    pages = [maker(chance, days, power) for _ in range(count)]
    for page in pages:
        page.changes = changes_of(page, days, chance)
    pages.sort(key=lambda page: page.born)
    return World(pages, days, days // 4)


def portal_page(chance: random.Random, days: int, power: float) -> Page:
    """Return a listing, a nearly static page or an article."""
    draw = chance.random()
    if draw < 0.02:
        return Page("listing", 0.0, chance.lognormvariate(math.log(3), 0.7), 0.0)
    if draw < 0.27:
        return Page("other", 0.0, chance.lognormvariate(math.log(1 / 200), 1.0), 0.0)
    rate = chance.lognormvariate(math.log(0.4), 1.2)
    return Page("article", chance.uniform(0, days), rate * (0.7 if power < 1.5 else 1), power)


def stationary_page(chance: random.Random, days: int, power: float) -> Page:
    """Return a page that changes at a constant rate. Its address says little about its rate."""
    draw = chance.random()
    if draw < 0.02:
        return Page("listing", 0.0, chance.lognormvariate(math.log(3), 0.7), 0.0)
    if draw < 0.20:
        return Page("other", 0.0, chance.lognormvariate(math.log(1 / 7), 1.0), 0.0)
    if draw < 0.55:
        return Page("other", 0.0, chance.lognormvariate(math.log(1 / 60), 1.0), 0.0)
    return Page("other", 0.0, 1e-9, 0.0)


def changes_of(page: Page, days: int, chance: random.Random) -> list[float]:
    """Return the times at which a page changes: a Poisson process whose rate decays with age."""
    found, clock = [], 0.0
    while True:
        clock += chance.expovariate(page.rate)
        if page.power == 1:
            age = math.expm1(min(clock, 50))
        elif page.power:
            left = 1 - clock * (page.power - 1)
            age = left ** (1 / (1 - page.power)) - 1 if left > 0 else math.inf
        else:
            age = clock
        if page.born + age >= days:
            return found
        found.append(page.born + age)


WORLDS: dict[str, tuple[Callable[[random.Random, int, float], Page], float]] = {
    "portal": (portal_page, 1.5),
    "slow": (portal_page, 1.0),
    "stationary": (stationary_page, 0.0),
}
