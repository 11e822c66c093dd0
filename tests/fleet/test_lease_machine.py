"""Leases against a model, in random order: who holds what, which epoch, what is claimed next."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from archiver.model.lease import NewSite, abandoned_backoff, failure_backoff
from control_database import ControlDatabase, InFile, InPostgres
from postgres_server import PostgresServer
from trials import IS_FULL

TTL = 1000.0  # all spans differ by more than the seconds that a busy machine needs for a step
SPANS = st.sampled_from((130.0, 370.0, 1450.0, 5110.0))
GROUPS = {"a": "one", "b": "one", "c": "two", "d": "three", "e": "three"}
SITES, WORKERS = st.sampled_from(sorted(GROUPS)), st.sampled_from(("w1", "w2"))
DELAY = 40.0


@dataclass
class Known:
    """What the model knows of a site."""

    due_at: float
    epoch: int = 0
    is_paused: bool = False
    failures: int = 0
    abandoned: int = 0


@dataclass
class Held:
    worker: str
    site: str
    epoch: int
    until: float


@dataclass
class Model:
    now: float = 0.0
    sites: dict[str, Known] = field(default_factory=dict)
    held: dict[str, Held] = field(default_factory=dict)
    """The last lease of each group, perhaps over."""
    not_before: dict[str, float] = field(default_factory=dict)

    def holding(self, site: str, epoch: int) -> Held | None:
        lease = self.held.get(GROUPS[site])
        return lease if lease and (lease.site, lease.epoch) == (site, epoch) and lease.until > self.now else None

    def claimable(self) -> list[str]:
        """The sites that a claim of everything returns, in their order."""
        found = []
        for group in set(GROUPS.values()):
            sites = [(each.due_at, name) for name, each in self.sites.items() if GROUPS[name] == group]
            open_sites = sorted(pair for pair in sites if not self.sites[pair[1]].is_paused)
            if open_sites and (at := max(open_sites[0][0], self.not_before[group])) <= self.now:
                found.append((at, group, open_sites[0][1]))
        return [site for _, _, site in sorted(found)]


def machine(database: Callable[[], ControlDatabase]) -> type[RuleBasedStateMachine]:  # noqa: C901  (the rules of one machine)
    class LeaseMachine(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.database = database()
            self.database.empty()
            self.leases = self.database.open()
            self.model = Model()
            self.past: list[tuple[str, int]] = [("a", 1), ("e", 2)]

        def teardown(self) -> None:
            self.leases.close()

        def tick(self, seconds: float = 0.001) -> None:
            self.model.now += seconds
            self.database.pass_time(seconds)

        @rule(site=SITES)
        def add(self, site: str) -> None:
            self.tick()
            assert self.leases.add([NewSite(site, GROUPS[site], DELAY)]) == (site not in self.model.sites)
            self.model.sites.setdefault(site, Known(self.model.now))
            self.model.not_before.setdefault(GROUPS[site], self.model.now)

        @rule(worker=WORKERS, most=st.integers(1, 4))
        def claim(self, worker: str, most: int) -> None:
            self.tick()
            model, got = self.model, self.leases.claim(worker, TTL, most)
            assert [each.site for each in got] == model.claimable()[:most]
            for each in got:
                site = model.sites[each.site]
                site.epoch += 1
                assert (each.epoch, each.group) == (site.epoch, GROUPS[each.site])
                site.due_at = model.now + TTL + abandoned_backoff(site.abandoned)
                site.abandoned += 1
                model.held[each.group] = Held(worker, each.site, each.epoch, model.now + TTL)
                model.not_before[each.group] = model.now + TTL + DELAY
                self.past.append((each.site, each.epoch))

        @rule(worker=WORKERS, seconds=SPANS, data=st.data())
        def renew(self, worker: str, seconds: float, data: st.DataObject) -> None:
            self.tick()
            named = dict(data.draw(st.lists(st.sampled_from(self.past), max_size=4)))
            kept = {}
            for site, epoch in named.items():
                lease = self.model.holding(site, epoch)
                if lease is not None and lease.worker == worker:
                    lease.until = self.model.now + seconds
                    self.model.not_before[GROUPS[site]] = lease.until + DELAY
                    kept[site] = seconds
            assert self.leases.renew(worker, named, seconds) == kept

        @rule(seconds=SPANS, wait=st.sampled_from((None, 0.0, 600.0)), data=st.data())
        def finish(self, seconds: float, wait: float | None, data: st.DataObject) -> None:
            self.tick()
            site, epoch = data.draw(st.sampled_from(self.past))
            lease = self.model.holding(site, epoch)
            assert self.leases.finish(site, epoch, seconds, wait=wait) == (lease is not None)
            if lease is not None:
                self.end(site, wait)
                self.model.sites[site].failures = 0
                self.model.sites[site].due_at = self.model.now + seconds

        @rule(data=st.data())
        def fail(self, data: st.DataObject) -> None:
            self.tick()
            site, epoch = data.draw(st.sampled_from(self.past))
            lease = self.model.holding(site, epoch)
            assert self.leases.fail(site, epoch, "why", 300) == (lease is not None)
            if lease is not None:
                self.end(site, None)
                known = self.model.sites[site]
                known.failures += 1
                known.due_at = self.model.now + failure_backoff(300, known.failures)

        def end(self, site: str, wait: float | None) -> None:
            del self.model.held[GROUPS[site]]
            self.model.not_before[GROUPS[site]] = self.model.now + (DELAY if wait is None else wait)
            self.model.sites[site].abandoned = 0

        @rule(site=SITES)
        def pause(self, site: str) -> None:
            self.tick()
            assert self.leases.pause(site) == (site in self.model.sites)
            if site in self.model.sites:
                self.model.sites[site].is_paused = True

        @rule(site=SITES)
        def resume(self, site: str) -> None:
            self.tick()
            assert self.leases.resume(site) == (site in self.model.sites)
            if site in self.model.sites:
                known = self.model.sites[site]
                known.is_paused, known.failures, known.due_at = False, 0, min(known.due_at, self.model.now)

        @precondition(lambda self: self.model.sites)
        @rule(seconds=SPANS)
        def wait(self, seconds: float) -> None:
            self.tick(seconds)

        @invariant()
        def the_database_knows_the_same(self) -> None:
            self.tick()
            now, rows = self.leases.sites()
            assert [row.site for row in rows] == sorted(self.model.sites)
            for row in rows:
                known = self.model.sites[row.site]
                lease = self.model.holding(row.site, known.epoch)
                assert row.holder == (lease.worker if lease else None)
                assert (row.epoch, row.is_paused) == (known.epoch, known.is_paused)
                assert (row.failures, row.abandoned) == (known.failures, known.abandoned)
                assert abs((row.due_at - now).total_seconds() - (known.due_at - self.model.now)) < 20

    return LeaseMachine


EXAMPLES = settings(max_examples=200 if IS_FULL else 8, stateful_step_count=30, deadline=None)


def test_a_file_of_leases_does_what_the_model_does(tmp_path: Path) -> None:
    database = InFile(tmp_path / "fleet.db")
    run_state_machine_as_test(machine(lambda: database), settings=EXAMPLES)
    database.close()


@pytest.mark.soak
def test_leases_in_postgres_do_what_the_model_does(postgres: PostgresServer) -> None:
    database = InPostgres(postgres)
    run_state_machine_as_test(machine(lambda: database), settings=EXAMPLES)
    database.close()
