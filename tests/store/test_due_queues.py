"""The order in which a run takes pages from the frontier, and its cost, which does not grow with the frontier."""

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from archiver.crawl.revisit_schedule import RevisitSchedule
from archiver.model.clock import SettableClock
from archiver.model.profile import CrawlRules
from archiver.model.reason import Reason, ReasonCode
from archiver.store.archive import Store
from archiver.store.connection import Connection
from archiver.store.due_queues import DueQueues
from archiver.store.frontier import Due, NextVisit
from archiver.store.visit_result import CrawlRun, Discovery, FoundPage, Hint

NOW = "2023-03-01 00:00:00"
DAY = 86400.0
RUN = 9
SMALL, LARGE = 3000, 12_000

_PAGES = "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {count})"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "archive.db") as opened:
        yield opened


def fill(store: Store, count: int, site: int = 1, *, due_in: int = -1000, visited: bool = True) -> None:
    """Put pages on a site's frontier: due from `due_in` hours on, three a minute, with intervals of 1 to 9 days."""
    first, last = site * 1_000_000, "'2023-02-01 00:00:00'" if visited else "NULL"
    with closed_writer(store) as database:
        database.execute("INSERT INTO _site VALUES (?, ?, 't', 'http://s.example/', 'vi', 'UTC')", (site, f"s{site}"))
        numbers = _PAGES.format(count=count)
        database.execute(
            f"{numbers} INSERT INTO _page(page_id, site_id, key, url, kind, first_seen, last_visited, state) "
            f"SELECT i + {first}, {site}, i, 'http://s.example/' || i, 'article', '2023-01-01 00:00:00', {last}, 'live' FROM n"
        )
        database.execute(
            f"{numbers} INSERT INTO _frontier(page_id, site_id, due_at, interval, depth, reason, reason_code) "
            f"SELECT i + {first}, {site}, datetime('{NOW}', '{due_in} hours', (20 * i) || ' seconds'), "
            f"{int(visited)} * {DAY} * (1 + i % 9), 3, 'link', 'link' FROM n"
        )


@contextmanager
def closed_writer(store: Store) -> Iterator[sqlite3.Connection]:
    database = sqlite3.connect(store.path, isolation_level=None)
    try:
        database.execute("PRAGMA foreign_keys=OFF")
        database.execute("BEGIN")
        yield database
        database.execute("COMMIT")
    finally:
        database.close()


def put(store: Store, page: int, due_at: str, interval: float = DAY, priority: float = 0.0) -> None:
    visited = NOW if interval else None
    with closed_writer(store) as database:
        database.execute("INSERT OR IGNORE INTO _site VALUES (1, 's', 't', 'http://s.example/', 'vi', 'UTC')")
        database.execute(
            "INSERT INTO _page(page_id, site_id, key, url, first_seen, last_visited) VALUES (?1, 1, ?1, ?1, ?2, ?3)",
            (page, NOW, visited),
        )
        database.execute(
            "INSERT INTO _frontier(page_id, site_id, due_at, interval, priority, depth) VALUES (?, 1, ?, ?, ?, 1)",
            (page, due_at, interval, priority),
        )


def take(store: Store, queues: DueQueues, limit: int, now: str = NOW) -> list[int]:
    """Take pages as a run does: mark them, and set when they are due next."""
    found = queues.next_pages(now, limit)
    with store.transaction():
        for page in found:
            store.revisit_state.put_due([(later(now, page), max(page.interval, DAY), page.reason, page.page_id)])
        store.frontier.leave(RUN, [page.page_id for page in found])
    return [page.page_id for page in found]


def later(now: str, page: Due) -> str:
    days = 1 + page.page_id % 9
    return f"2023-03-{1 + days:02d}{now[10:]}"


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Counts the steps of SQLite's virtual machine, by statement."""
    found: Counter[str] = Counter()

    def counting(name: str) -> None:
        inner: Callable[..., object] = getattr(Connection, name)

        def run(connection: Connection, sql: str, *rest: object) -> object:
            def step() -> int:
                found[sql] += 1
                return 0

            connection.raw.set_progress_handler(step, 1)
            try:
                return inner(connection, sql, *rest)
            finally:
                connection.raw.set_progress_handler(None, 1)

        monkeypatch.setattr(Connection, name, run)

    for name in ("execute", "executemany", "row", "rows"):
        counting(name)
    return found


def test_pages_come_by_priority_and_then_by_overdue_time_divided_by_interval(store: Store) -> None:
    put(store, 1, "2023-02-28 00:00:00", 10 * DAY)
    put(store, 2, "2023-02-28 00:00:00", 2 * DAY)
    put(store, 3, "2023-02-28 12:00:00", 0.25 * DAY)
    put(store, 4, "2023-02-28 00:00:00", 0.0)
    put(store, 5, "2023-02-28 23:00:00", 2 * DAY, priority=2.0)
    put(store, 6, "2023-02-28 23:00:00", 2 * DAY, priority=2.5)
    put(store, 7, "2023-02-10 00:00:00", 2 * DAY, priority=-1.0)
    put(store, 8, "2023-03-01 00:00:01", 2 * DAY, priority=3.0)
    queues = store.due_queues(1, RUN, everything=False)
    assert [page.page_id for page in queues.next_pages(NOW, 10)] == [6, 5, 3, 4, 2, 1, 7]
    assert [page.page_id for page in queues.next_pages(NOW, 10, rush=True)] == [4, 6, 5, 3, 2, 1, 7]
    everything = store.due_queues(1, RUN, everything=True)
    assert [page.page_id for page in everything.next_pages(NOW, 10)] == [8, 6, 5, 3, 4, 2, 1, 7]


@pytest.mark.parametrize("everything", [False, True])
def test_a_run_takes_each_page_once(store: Store, everything: bool) -> None:
    fill(store, 500, due_in=-1)
    queues = store.due_queues(1, RUN, everything=everything)
    taken: list[int] = []
    while found := take(store, queues, 37):
        taken += found
    assert len(taken) == len(set(taken)) == (500 if everything else 181)


def test_new_pages_and_old_pages_are_both_taken(store: Store) -> None:
    fill(store, 500)
    for page in range(500):
        put(store, 10_000 + page, "2023-01-25 00:00:00", 0.0)
    taken = take(store, store.due_queues(1, RUN, everything=False), 100)
    new = sum(page < 1_000_000 for page in taken)
    assert 20 <= new <= 80


def test_a_page_that_a_hint_moves_forward_is_taken_before_the_run_ends(store: Store) -> None:
    fill(store, 300, due_in=1)
    queues = store.due_queues(1, RUN, everything=True)
    for _ in range(5):
        take(store, queues, 50)
    moved = 1_000_297  # the last of those with the shortest interval
    with closed_writer(store) as database:
        sql = "UPDATE _frontier SET due_at = '2023-03-01 00:30:00' WHERE page_id = ? AND run_id IS NULL"
        assert database.execute(sql, (moved,)).rowcount == 1
    taken = [page for _ in range(2) for page in take(store, queues, 50)]
    queues.restart()
    assert moved in {*taken, *take(store, queues, 50)}
    queues.restart()
    assert take(store, queues, 50) == []


FORM = FoundPage(
    "5", "http://s.example/5", None, 3, None, Reason.of(ReasonCode.PAGING_FORM), 0.0, 1_000_005, content=b"a=b"
)
NEW = FoundPage("new", "http://s.example/new", None, 3, None, Reason.of(ReasonCode.LINK), 0.0)


def hint(due_at: str) -> Hint:
    return Hint(1_000_005, "sitemap 2023-03-01", NextVisit(due_at, DAY, Reason.of(ReasonCode.HINT, "sitemap")))


@pytest.mark.parametrize(
    ("discovery", "everything"),
    [
        (Discovery(hints=(hint("2023-02-01 00:00:00"),)), False),
        (Discovery(hints=(hint("2023-03-01 00:00:00"),)), True),
        (Discovery(hints=(hint("2023-03-01 00:30:00"),)), True),
        (Discovery((NEW,), (hint("2023-03-01 00:30:00"),)), True),
        (Discovery((FORM,)), False),
        (Discovery((FORM,)), True),
        (Discovery((NEW,)), False),
    ],
)
def test_pages_that_fall_due_early_are_taken_without_a_restart(
    store: Store, discovery: Discovery, everything: bool
) -> None:
    """`now` of the batch is before the first pages that are left, as after a clock was set back."""
    fill(store, 300, due_in=1 if everything else -1)
    with closed_writer(store) as database:
        database.execute("UPDATE _frontier SET due_at = '2023-03-20 00:00:00' WHERE page_id = 1000005")
        if discovery == Discovery((NEW,)):  # a queue of pages never visited, whose first page is due later
            database.execute("UPDATE _frontier SET interval = 0 WHERE page_id % 2")
    queues = store.due_queues(1, RUN, everything=everything)
    for _ in range(2):
        take(store, queues, 50)
    with store.transaction():
        store.discover(discovery, CrawlRun(RUN, 1, RUN, "2023-02-28 22:00:00"))
    taken = take(store, queues, 200)
    assert max(taken) >= 1_000_300 if discovery == Discovery((NEW,)) else 1_000_005 in taken


@pytest.mark.parametrize(("everything", "due_in"), [(False, -1000), (True, -1000), (True, 1), (False, 1)])
def test_a_selection_costs_the_same_on_a_large_frontier(
    tmp_path: Path, steps: Counter[str], everything: bool, due_in: int
) -> None:
    found = []
    for count in (SMALL, LARGE):
        with Store.open(tmp_path / f"{count}.db") as store:
            fill(store, count, due_in=due_in)
            fill(store, count, site=2)
            steps.clear()
            for rush in (False, True):
                store.due_queues(1, RUN, everything=everything).next_pages(NOW, 50, rush=rush)
            store.frontier.next_due(1)
            store.frontier.lists(1)
            store.frontier.bound(1, NOW, "2030-01-01 00:00:00")
            found.append(steps.total())
    assert found[1] <= 1.1 * found[0]


@pytest.mark.parametrize("due_in", [-1000, 1])
def test_pages_that_a_run_has_taken_are_not_read_again(store: Store, steps: Counter[str], due_in: int) -> None:
    """With `everything`, the pages that the run has taken come before others by their new due time."""
    fill(store, LARGE, due_in=due_in)
    queues = store.due_queues(1, RUN, everything=True)
    costs = []
    for _ in range(LARGE // 50):
        steps.clear()
        queues.next_pages(NOW, 50)
        costs.append(steps.total())
        take(store, queues, 50)
    some = len(costs) // 4
    assert sum(costs[-2 * some : -some]) <= 1.5 * sum(costs[:some])


def test_pages_that_are_due_at_the_same_time_are_not_sorted(store: Store, steps: Counter[str]) -> None:
    """A sitemap puts many pages on the frontier at once."""
    for count, site in ((SMALL, 1), (LARGE, 2)):
        fill(store, count, site)
    with closed_writer(store) as database:
        database.execute("UPDATE _frontier SET due_at = '2023-02-01 00:00:00', interval = 0")
    costs = []
    for site in (1, 2):
        steps.clear()
        store.due_queues(site, RUN, everything=False).next_pages(NOW, 50)
        costs.append(steps.total())
    assert costs[1] <= 1.1 * costs[0]


def test_no_statement_of_a_selection_scans_or_sorts_the_frontier(store: Store, steps: Counter[str]) -> None:
    fill(store, 100)
    store.due_queues(1, RUN, everything=True).next_pages(NOW, 50)
    store.frontier.next_due(1)
    statements = [sql for sql in steps if "_frontier" in sql]
    assert len(statements) == 4
    for sql in statements:
        values = ["1"] * sum(f"?{number}" in sql for number in range(1, 9)) or ["[1]"]
        with closed_writer(store) as database:
            plan = [row[3] for row in database.execute(f"EXPLAIN QUERY PLAN {sql}", values)]
        assert not [line for line in plan if "TEMP B-TREE" in line or line.startswith(("SCAN f", "SCAN _", "SCAN p"))]


@pytest.mark.parametrize(("pages", "days"), [(950, 1), (650, 7), (950, 10), (1350, 14), (250, 30)])
def test_each_refit_of_a_large_site_reads_another_part_of_it(
    store: Store, monkeypatch: pytest.MonkeyPatch, pages: int, days: int
) -> None:
    """However many days are between two crawls."""
    monkeypatch.setattr("archiver.crawl.revisit_schedule._MAX_REFIT", 100)
    fill(store, pages)
    clock = SettableClock(datetime(2023, 3, 1, tzinfo=UTC))
    moved: set[int] = set()
    for refit in range(pages // 100 + 1):
        before = store.frontier.times(1)
        schedule = RevisitSchedule(store, 1, CrawlRules(), clock)
        schedule.planner.budget = 40.0
        with store.transaction():
            schedule.refit(clock())
        after = store.frontier.times(1)
        part = {page for page in after if after[page] != before[page]}
        assert 80 <= len(part) <= 100 or refit
        moved |= part
        clock.advance(days=days)
    assert len(moved) == pages
