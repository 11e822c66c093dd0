"""When to come back: the learned revisits beside what others do, on a made-up portal whose every change is known.

    python benchmarks/revisit.py [--world portal|slow|stationary] [--policy NAME] [--budget 1000] [--seeds 3] [--quick]

10,000 pages, 120 days of which the first 30 do not count, a choice every hour. A visit tells whether the content is
another than at the last visit, nothing more. A policy knows of a page its kind (by its address), when it was first
seen, and its own visits; the oracles know each page's true rate besides. Our policy is the code of archiver.crawl.

The worlds are made by worlds.py.

`caught`: distinct versions seen by changes made; `content`: the same of all pages but listings; `stale`: how old
the oldest change not yet seen is, in days, mean over pages and time (0 when all is seen).
"""

import argparse
import heapq
import math
import random
import statistics
import time
from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

from worlds import WORLDS, World, make

from archiver.revisit.change_rate import Evidence
from archiver.revisit.learner import Learner, Watched
from archiver.revisit.ranking import Bounds, Waiting, choose, wait

HOUR = 1 / 24
BOUNDS = Bounds(HOUR, 60.0)


class Policy(Protocol):
    """Who chooses. Pages are numbers."""

    def born(self, page: int, day: float) -> None:
        """A page came to be known, and was captured."""

    def choose(self, day: float, count: int) -> Iterable[int]:
        """The pages to visit in this hour."""

    def seen(self, page: int, day: float, *, changed: bool) -> None:
        """What a visit found."""


class Uniform:
    """All in turn."""

    def __init__(self, world: World, budget: int) -> None:
        self.queue: list[tuple[float, int]] = []

    def born(self, page: int, day: float) -> None:
        heapq.heappush(self.queue, (day, page))

    def choose(self, day: float, count: int) -> list[int]:
        return [heapq.heappop(self.queue)[1] for _ in range(min(count, len(self.queue)))]

    def seen(self, page: int, day: float, *, changed: bool) -> None:
        heapq.heappush(self.queue, (day, page))


class Nutch:
    """AdaptiveFetchSchedule of Apache Nutch: shorter by a fifth when changed, longer by a fifth when not, sync_delta."""

    FIRST, LEAST, MOST, RATE, SYNC = 7.0, HOUR, 365.0, 0.2, 0.2

    def __init__(self, world: World, budget: int) -> None:
        self.queue: list[tuple[float, int]] = []
        self.interval: dict[int, float] = {}
        self.modified: dict[int, float] = {}

    def born(self, page: int, day: float) -> None:
        self.interval[page], self.modified[page] = self.FIRST, day
        heapq.heappush(self.queue, (day + self.FIRST, page))

    def choose(self, day: float, count: int) -> list[int]:
        found = []
        while self.queue and len(found) < count and self.queue[0][0] <= day:
            found.append(heapq.heappop(self.queue)[1])
        return found

    def seen(self, page: int, day: float, *, changed: bool) -> None:
        interval = self.interval[page] * (1 - self.RATE if changed else 1 + self.RATE)
        if changed:
            self.modified[page] = day
        delta = day - self.modified[page]
        interval = max(interval, delta)
        self.interval[page] = interval = min(max(interval, self.LEAST), self.MOST)
        heapq.heappush(self.queue, (max(day - delta * self.SYNC, 0) + interval, page))


class EagerNutch(Nutch):
    """The same, but every page is visited six hours after it was first seen: best for content."""

    FIRST = 0.25


class Oracle:
    """Knows all true rates; the K greatest of rate x elapsed^power."""

    power = 1.0

    def __init__(self, world: World, budget: int) -> None:
        self.pages, self.last = world.pages, {}

    def born(self, page: int, day: float) -> None:
        self.last[page] = day

    def choose(self, day: float, count: int) -> list[int]:
        power = self.power
        found = []
        for page, last in self.last.items():
            one = self.pages[page]
            rate = one.rate * (1 + day - one.born) ** -one.power if one.power else one.rate
            found.append((rate * (day - last) ** power, page))
        return [page for _, page in heapq.nlargest(count, found)]

    def seen(self, page: int, day: float, *, changed: bool) -> None:
        self.last[page] = day


class OracleDelay(Oracle):
    """The same by the square of the time."""

    power = 2.0


class Ours:
    """The crawler's own learner, kept in memory: one time a page, a threshold a day."""

    def __init__(self, world: World, budget: int) -> None:
        self.kinds = [page.kind for page in world.pages]
        self.born_at: dict[int, float] = {}
        self.last: dict[int, float] = {}
        self.evidence: dict[int, Evidence] = {}
        self.waiting: dict[int, Waiting] = {}
        self.due: dict[int, float] = {}
        self.learner = Learner(threshold=math.inf)
        self.budget, self.made, self.refitted = budget, 0, -1.0
        self.queue: list[tuple[float, int]] = []

    def _watched(self, page: int, day: float) -> Watched:
        return Watched(self.kinds[page], self.evidence[page], day - self.born_at[page])

    def born(self, page: int, day: float) -> None:
        self.born_at[page], self.evidence[page], self.last[page] = day, Evidence(), day
        self._wait(page)

    def _wait(self, page: int) -> None:
        one = self.waiting[page] = self.learner.waiting(self._watched(page, self.last[page]))
        self.due[page] = self.last[page] + wait(one, self.learner.threshold, BOUNDS)
        heapq.heappush(self.queue, (self.due[page], page))

    def daily(self, day: float) -> None:
        pages = [self._watched(page, day) for page in self.evidence]
        self.learner.refit(pages)
        self.learner.spend(pages, self.budget, self.made, BOUNDS)
        self.made, self.queue = 0, []
        for page in self.evidence:
            self._wait(page)

    def choose(self, day: float, count: int) -> list[int]:
        if day >= self.refitted + 1:
            self.daily(day)
            self.refitted = day
        due = []
        while self.queue and self.queue[0][0] <= day + HOUR / 2:  # this hour is the nearest
            at, page = heapq.heappop(self.queue)
            if self.due[page] == at:
                due.append(page)
        best = choose(((self.waiting[page], day - self.last[page]) for page in due), count, BOUNDS)
        taken = {due[choice.place] for choice in best}
        for page in due:
            if page not in taken:
                heapq.heappush(self.queue, (self.due[page], page))
        return list(taken)

    def seen(self, page: int, day: float, *, changed: bool) -> None:
        self.made += 1
        before, self.last[page] = self._watched(page, self.last[page]), day
        self.evidence[page] = self.learner.seen(before, day - (before.age + self.born_at[page]), changed=changed)
        self._wait(page)


@dataclass(slots=True)
class Score:
    """What a policy found in the days that count."""

    caught: float
    content: float
    stale: float
    visits: float
    seconds: float


class Ledger:
    """What has been seen of each page, and what of it counts. Pairs are (all but listings, listings)."""

    def __init__(self, world: World) -> None:
        self.world, self.upto = world, [0] * len(world.pages)
        self.caught, self.stale, self.visits = [0, 0], 0.0, 0

    def visit(self, number: int, day: float) -> bool:
        """Visit a page; True when it is another than at the last visit."""
        page, first = self.world.pages[number], self.upto[number]
        self.upto[number] = bisect_right(page.changes, day, lo=first)
        changed, counts = self.upto[number] > first, day >= self.world.unscored
        self.visits += counts
        if changed and counts:
            self.caught[page.kind == "listing"] += 1
            self.stale += unseen(page.changes[first], day, self.world.unscored)
        return changed

    def score(self, seconds: float) -> Score:
        """The sums by what could have been seen."""
        made, lived, start = [0, 0], 0.0, self.world.unscored
        for page, upto in zip(self.world.pages, self.upto, strict=True):
            made[page.kind == "listing"] += sum(change >= start for change in page.changes)
            lived += self.world.days - max(page.born, start)
            if upto < len(page.changes):
                self.stale += unseen(page.changes[upto], self.world.days, start)
        visits = self.visits / (self.world.days - start)
        return Score(sum(self.caught) / sum(made), self.caught[0] / made[0], self.stale / lived, visits, seconds)


def run(world: World, policy: Policy, budget: int) -> Score:
    """Let a policy watch a world. What an hour leaves of the budget, the next six hours may use."""
    started, ledger = time.process_time(), Ledger(world)
    position, owed = 0, 0.0
    for slot in range(world.days * 24):
        day = slot / 24
        while position < len(world.pages) and world.pages[position].born <= day:
            policy.born(position, world.pages[position].born)
            position += 1
        owed = min(owed + budget / 24, budget / 4)
        for number in policy.choose(day, int(owed)):
            owed -= 1
            policy.seen(number, day, changed=ledger.visit(number, day))
    return ledger.score(time.process_time() - started)


def unseen(since: float, until: float, start: float) -> float:
    """The integral, from `start` on, of how old an unseen change is."""
    return ((until - since) ** 2 - max(start - since, 0) ** 2) / 2


POLICIES: dict[str, Callable[[World, int], Policy]] = {
    "uniform": Uniform,
    "Nutch adaptive": Nutch,
    "Nutch, first after 6 h": EagerNutch,
    "oracle versions": Oracle,
    "oracle delay": OracleDelay,
    "archiver": Ours,
}


def figures(name: str, policy: str, shape: tuple[int, int], budget: int, seeds: int) -> Score:
    """A policy's mean over worlds of (pages, days)."""
    scores = []
    for seed in range(seeds):
        world = make(name, *shape, random.Random(1 + seed))  # what was tuned was tuned on seed 0
        scores.append(run(world, POLICIES[policy](world, budget), budget))
    return Score(*(statistics.mean(getattr(score, key) for score in scores) for key in Score.__slots__))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--world", choices=WORLDS, action="append", help="default: all")
    parser.add_argument("--policy", choices=POLICIES, action="append", help="default: all")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--budget", type=int, default=1000, help="visits a day")
    parser.add_argument("--quick", action="store_true", help="1,500 pages, 40 days, 150 visits a day, one seed")
    asked = parser.parse_args()
    shape, budget, seeds = (10_000, 120), asked.budget, asked.seeds
    if asked.quick:
        shape, budget, seeds = (1500, 40), 150, 1
    for name in asked.world or WORLDS:
        print(f"\n| {name}, {budget:,} a day | caught | content | stale, days | visits a day | CPU s |")
        print("|---|---|---|---|---|---|")
        for policy in asked.policy or POLICIES:
            found = figures(name, policy, shape, budget, seeds)
            figure = f"{found.caught:.3f} | {found.content:.3f} | {found.stale:.2f} | {found.visits:.0f}"
            print(f"| {policy} | {figure} | {found.seconds:.0f} |", flush=True)


if __name__ == "__main__":
    main()
