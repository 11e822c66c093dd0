"""Compares the learned revisit policy with other policies, on simulated sites whose every change is known.

    python benchmarks/revisit.py [--world portal|slow|stationary] [--policy NAME] [--budget 1000] [--seeds 3] [--quick]

A simulation has 10,000 pages and 120 days, of which the first 30 do not count. A policy chooses pages every hour. A
visit only tells whether the content changed since the last visit. A policy knows the kind of a page (by its address),
when it was first seen, and its visits. The oracles also know its true change rate. The policy of archiver is the code
of `archiver.revisit`. The module `worlds` generates the sites.

`caught`: the versions that were seen, divided by the changes made; `content`: the same without listings; `stale`: the
age in days of the oldest unseen change, as the mean over pages and time (0 when all changes are seen).
"""

import argparse
import heapq
import math
import random
import statistics
import sys
import time
from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

from figures import Figure, finish
from worlds import SITEMAP, WORLDS, World, make, with_sitemap

from archiver.revisit.change_rate import RateLikelihood
from archiver.revisit.learner import Learner, PageStats
from archiver.revisit.ranking import Bounds, HintAccuracy, RevisitCandidate, choose, wait

HOUR = 1 / 24
BOUNDS = Bounds(HOUR, 60.0)


class Policy(Protocol):
    """Chooses the pages to visit. Pages are numbers."""

    def born(self, page: int, day: float) -> None:
        """Add a page that was found and captured."""

    def choose(self, day: float, count: int) -> Iterable[int]:
        """Return the pages to visit in this hour."""

    def seen(self, page: int, day: float, *, changed: bool) -> None:
        """Learn the result of a visit."""


class Uniform:
    """Visits all pages in turn."""

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
    """The same, but the first visit is six hours after a page was found, which is best for `content`."""

    FIRST = 0.25


class Oracle:
    """Knows all true rates, and chooses the pages with the greatest rate x elapsed^power."""

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
    """The same with the square of the time."""

    power = 2.0


class Archiver:
    """The learner of the crawler, kept in memory: one due time for each page, a new threshold each day."""

    def __init__(self, world: World, budget: int) -> None:
        self.kinds = [page.kind for page in world.pages]
        self.born_at: dict[int, float] = {}
        self.last: dict[int, float] = {}
        self.likelihoods: dict[int, RateLikelihood] = {}
        self.candidates: dict[int, RevisitCandidate] = {}
        self.due: dict[int, float] = {}
        self.learner = Learner(threshold=math.inf)
        self.budget, self.made, self.refitted = budget, 0, -1.0
        self.queue: list[tuple[float, int]] = []

    def _stats(self, page: int, day: float) -> PageStats:
        return PageStats(self.kinds[page], self.likelihoods[page], day - self.born_at[page])

    def born(self, page: int, day: float) -> None:
        self.born_at[page], self.likelihoods[page], self.last[page] = day, RateLikelihood(), day
        self._wait(page)

    def _wait(self, page: int) -> None:
        one = self.candidates[page] = self.learner.candidate(self._stats(page, self.last[page]))
        self.due[page] = self.last[page] + wait(one, self.learner.threshold, BOUNDS)
        heapq.heappush(self.queue, (self.due[page], page))

    def daily(self, day: float) -> None:
        pages = [self._stats(page, day) for page in self.likelihoods]
        self.learner.refit(pages)
        self.learner.fit_threshold(pages, self.budget, self.made, BOUNDS)
        self.made, self.queue = 0, []
        for page in self.likelihoods:
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
        best = choose(((self.candidates[page], day - self.last[page]) for page in due), count, BOUNDS)
        taken = {due[choice.number] for choice in best}
        for page in due:
            if page not in taken:
                heapq.heappush(self.queue, (self.due[page], page))
        return list(taken)

    def seen(self, page: int, day: float, *, changed: bool) -> None:
        self.made += 1
        before, self.last[page] = self._stats(page, self.last[page]), day
        self.likelihoods[page] = self.learner.learn(before, day - (before.age + self.born_at[page]), changed=changed)
        self._wait(page)


class Hinted(Archiver):
    """The same with a sitemap: it is visited once a day at least, and its hints make pages due sooner.

    As in the crawler, the accuracy of hints is learned for each kind of page from all visits.
    """

    def __init__(self, world: World, budget: int) -> None:
        super().__init__(world, budget)
        self.world = world
        self.kinds[SITEMAP] = "list"
        self.accuracy: dict[str, HintAccuracy] = {}
        self.hints: set[int] = set()

    def _stats(self, page: int, day: float) -> PageStats:
        stats = super()._stats(page, day)
        if stats.kind in ("list", "listing"):
            return stats
        return stats._replace(silence=self.accuracy.get(stats.kind, HintAccuracy()).silence)

    def _wait(self, page: int) -> None:
        super()._wait(page)
        if page == SITEMAP:
            self.due[page] = min(self.due[page], self.last[page] + 1)
            heapq.heappush(self.queue, (self.due[page], page))

    def seen(self, page: int, day: float, *, changed: bool) -> None:
        kind, last = self.kinds[page], self.last[page]
        if kind not in ("list", "listing"):
            before = self.accuracy.get(kind, HintAccuracy())
            self.accuracy[kind] = before.with_visit(hinted=page in self.hints, changed=changed)
            self.hints.discard(page)
        super().seen(page, day, changed=changed)
        if page == SITEMAP:
            for number in self.world.dated(last, day):
                self._hint(number, day)

    def daily(self, day: float) -> None:
        super().daily(day)
        for page in self.hints:
            self._hint(page, day)

    def _hint(self, page: int, day: float) -> None:
        self.hints.add(page)
        stats = self._stats(page, self.last[page])
        prior = self.learner.change_probability(stats, day - self.last[page])
        hint = self.accuracy.get(self.kinds[page], HintAccuracy()).probability(prior)
        one = self.candidates[page] = self.learner.candidate(stats, hint, "sitemap")
        due = self.last[page] + wait(one, self.learner.threshold, BOUNDS)
        if due < self.due[page]:
            self.due[page] = due
            heapq.heappush(self.queue, (due, page))


@dataclass(slots=True)
class Score:
    """The result of a policy in the days that count."""

    caught: float
    content: float
    stale: float
    visits: float
    seconds: float


class Observations:
    """Records which changes of each page were seen. Pairs are (other pages, listings)."""

    def __init__(self, world: World) -> None:
        self.world, self.upto = world, [0] * len(world.pages)
        self.caught, self.stale, self.visits = [0, 0], 0.0, 0

    def visit(self, number: int, day: float) -> bool:
        """Visit a page; return whether it changed since the last visit."""
        page, first = self.world.pages[number], self.upto[number]
        self.upto[number] = bisect_right(page.changes, day, lo=first)
        changed, counts = self.upto[number] > first, day >= self.world.unscored
        self.visits += counts
        if page.kind == "sitemap":
            return changed
        if changed and counts:
            self.caught[page.kind == "listing"] += 1
            self.stale += unseen(page.changes[first], day, self.world.unscored)
        return changed

    def score(self, seconds: float) -> Score:
        """Return the sums, divided by what could have been seen."""
        made, lived, start = [0, 0], 0.0, self.world.unscored
        for page, upto in zip(self.world.pages, self.upto, strict=True):
            if page.kind == "sitemap":
                continue
            made[page.kind == "listing"] += sum(change >= start for change in page.changes)
            lived += self.world.days - max(page.born, start)
            if upto < len(page.changes):
                self.stale += unseen(page.changes[upto], self.world.days, start)
        visits = self.visits / (self.world.days - start)
        return Score(sum(self.caught) / sum(made), self.caught[0] / made[0], self.stale / lived, visits, seconds)


def run(world: World, policy: Policy, budget: int) -> Score:
    """Simulate a policy on a world. The next six hours can use what an hour leaves of the budget."""
    started, observations = time.process_time(), Observations(world)
    position, owed = 0, 0.0
    for slot in range(world.days * 24):
        day = slot / 24
        while position < len(world.pages) and world.pages[position].born <= day:
            policy.born(position, world.pages[position].born)
            position += 1
        owed = min(owed + budget / 24, budget / 4)
        for number in policy.choose(day, int(owed)):
            owed -= 1
            policy.seen(number, day, changed=observations.visit(number, day))
    return observations.score(time.process_time() - started)


def unseen(since: float, until: float, start: float) -> float:
    """Return the integral of the age of an unseen change, from `start` on."""
    return ((until - since) ** 2 - max(start - since, 0) ** 2) / 2


POLICIES: dict[str, Callable[[World, int], Policy]] = {
    "uniform": Uniform,
    "Nutch adaptive": Nutch,
    "Nutch, first after 6 h": EagerNutch,
    "oracle versions": Oracle,
    "oracle delay": OracleDelay,
    "archiver": Archiver,
    "archiver, honest sitemap": Hinted,
    "archiver, wrong sitemap": Hinted,
}


def figures(name: str, policy: str, shape: tuple[int, int], budget: int, seeds: int) -> Score:
    """Return the mean results of a policy over worlds of (pages, days)."""
    scores = []
    for seed in range(seeds):
        world = make(name, *shape, random.Random(1 + seed))  # seed 0 was used for tuning
        if "sitemap" in policy:
            world = with_sitemap(world, random.Random(1001 + seed), is_wrong="wrong" in policy)
        scores.append(run(world, POLICIES[policy](world, budget), budget))
    return Score(*(statistics.mean(getattr(score, key) for score in scores) for key in Score.__slots__))


def goals(world: str, policy: str, score: Score) -> list[Figure]:
    """Return the figures of a policy; archiver's with an honest sitemap has goals."""
    has_goal = (world, policy) == ("portal", "archiver, honest sitemap")
    return [
        Figure(f"{world}, {policy}: changes caught", score.caught, "", 0.54 if has_goal else None, is_most=False),
        Figure(
            f"{world}, {policy}: content changes caught", score.content, "", 0.80 if has_goal else None, is_most=False
        ),
    ]


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--world", choices=WORLDS, action="append", help="default: all")
    parser.add_argument("--policy", choices=POLICIES, action="append", help="default: all")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--budget", type=int, default=1000, help="visits a day")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--quick", action="store_true", help="1,500 pages, 40 days, 150 visits a day, one seed")
    chosen = parser.parse_args()
    shape, budget, seeds = (10_000, 120), chosen.budget, chosen.seeds
    if chosen.quick:
        shape, budget, seeds = (1500, 40), 150, 1
    shown: list[Figure] = []
    for name in chosen.world or WORLDS:
        print(f"\n| {name}, {budget:,} a day | caught | content | stale, days | visits a day | CPU s |")
        print("|---|---|---|---|---|---|")
        for policy in chosen.policy or POLICIES:
            found = figures(name, policy, shape, budget, seeds)
            figure = f"{found.caught:.3f} | {found.content:.3f} | {found.stale:.2f} | {found.visits:.0f}"
            print(f"| {policy} | {figure} | {found.seconds:.0f} |", flush=True)
            shown += goals(name, policy, found)
    return finish(shown, as_json=chosen.json)


if __name__ == "__main__":
    sys.exit(main())
