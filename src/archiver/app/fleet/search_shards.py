"""Full-text search over all shards: each is asked in parallel with the search of one archive, and the best hits remain.

Copies of the shards on this machine are brought up to date first. The number of hits is bounded, also while shards
answer. A shard that fails costs only its own hits.
"""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from archiver.app.fleet.shard_places import ShardPlace, current_copy, former_copy
from archiver.app.reading.search_words import search_for
from archiver.errors import ArchiverError, ObjectMissing, UsageError
from archiver.model.moments import Moment
from archiver.store.archive import Store
from archiver.store.search import ORDERS, Hit, Order

_AT_ONCE = 8
MOST_HITS = 1000
"""The largest number of hits that can be asked for."""

Show = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class FleetSearch:
    """What to search for, as for one archive: see `app.reading.search_words.search_for`.

    Attributes:
        by: the order: newest first, or best first. Scores of shards are compared as they are.
        limit: the most hits, of all shards together.
    """

    words: str
    plain: bool = False
    since: Moment | None = None
    until: Moment | None = None
    by: Order = "newest"
    limit: int = 20


@dataclass(frozen=True, slots=True)
class FoundInShards:
    """The hits in order, as `archiver search --json` prints them, and the shards that failed, each with the reason."""

    hits: list[dict[str, Any]]
    failed: dict[str, str]


@dataclass(eq=False, slots=True)
class _Candidate:
    """A hit that may be shown, and its texts when they were read."""

    site: str
    hit: Hit
    row: dict[str, Any] = field(default_factory=dict)


def search_shards(
    places: Sequence[ShardPlace], wanted: FleetSearch, copies: Path, now: datetime, show: Show, *, update: bool = True
) -> FoundInShards:
    """Search all versions of all pages of some shards.

    Args:
        places: the shards.
        wanted: the search.
        copies: the folder of copies of shards; it need not exist.
        now: the present moment, for `since` and `until`.
        show: called with the number of shards that have answered, and of all.
        update: fetch what is new first; otherwise search the copies that are there.

    Raises:
        UsageError: no words, a text that is no moment, an unknown order or a limit that is too large.
    """
    if wanted.by not in ORDERS or not 1 <= wanted.limit <= MOST_HITS:
        raise UsageError(f"--limit {wanted.limit}: at most {MOST_HITS} hits of all shards together; ask for less")
    best = _Best(wanted)
    failed: dict[str, str] = {}
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        asked = {threads.submit(_ask, each, best, copies, now, update=update): each for each in places}
        try:
            for done, future in enumerate(as_completed(asked), 1):
                try:
                    future.result()
                except UsageError:
                    raise
                except ObjectMissing:
                    if error := asked[future].missing():
                        failed[asked[future].site] = str(error)
                except ArchiverError as error:
                    failed[asked[future].site] = str(error)
                show(done, len(asked))
        finally:
            threads.shutdown(wait=False, cancel_futures=True)
    return FoundInShards([each.row for each in best.found if each.row], dict(sorted(failed.items())))


class _Best:
    """The best hits so far. Threads share it."""

    def __init__(self, wanted: FleetSearch) -> None:
        self.wanted = wanted
        self.found: list[_Candidate] = []
        self._lock = threading.Lock()

    def add(self, site: str, hits: Sequence[Hit]) -> list[_Candidate]:
        """Add the hits of a shard, and return those that belong to the best."""
        new = [_Candidate(site, each) for each in hits]
        with self._lock:
            found = sorted(self.found + new, key=lambda each: each.site)
            if self.wanted.by == "newest":
                found.sort(key=lambda each: (each.hit.seen_from, each.hit.version_id), reverse=True)
            else:
                found.sort(key=lambda each: each.hit.seen_from, reverse=True)
                found.sort(key=lambda each: each.hit.score)
            self.found = found[: self.wanted.limit]
            return [each for each in new if each in self.found]


def _ask(place: ShardPlace, best: _Best, copies: Path, now: datetime, *, update: bool) -> None:
    """Search one shard; read the texts of its hits that are among the best."""
    wanted = best.wanted
    with ExitStack() as stack:
        if update:
            path, _ = stack.enter_context(current_copy(place, copies))
        else:
            path = stack.enter_context(former_copy(place, copies))
        store = stack.enter_context(closing(Store.open(path, write=False)))
        search = search_for(store, wanted.words, now, plain=wanted.plain, since=wanted.since, until=wanted.until)
        for each in best.add(place.site, store.search.ranked(search, wanted.by, wanted.limit)):
            each.row = store.search.with_context(search, each.hit)
