"""The leases that a worker holds: renewed, ended in time, and over at their deadlines."""

from collections.abc import Mapping

import pytest

from archiver.app.fleet.held_leases import HeldLease, HeldLeases
from archiver.errors import FleetUnavailable
from archiver.model.deadline import Deadline
from archiver.model.lease import Lease, NewSite
from archiver.polite.stop import LeaseOver
from control_database import ControlDatabase
from postgres_server import wait_until


class Steady:
    """A clock that is set."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_crawl_ends_in_time_and_nothing_is_done_after_the_deadline() -> None:
    steady = Steady()
    held = HeldLease(Lease("a", "a", 1, 100.0, 1, ""), Deadline.granted(100.0, 0.0, steady))
    steady.now = 74.0
    held.check()
    assert not held.must_end()
    held.prolong(Deadline.granted(100.0, 74.0, steady))
    steady.now = 148.0
    held.check()
    assert not held.must_end()
    steady.now = 150.0
    held.check()  # what is under way can still be stored …
    assert held.must_end()  # … and no more begins
    steady.now = 174.0
    with pytest.raises(LeaseOver, match="a: the lease is over"):
        held.check()
    held.prolong(Deadline.granted(100.0, 170.0, steady))
    with pytest.raises(LeaseOver):
        held.check()


def test_leases_are_renewed_until_they_are_forgotten_or_lost(database: ControlDatabase) -> None:
    said: list[str] = []
    with database.open() as leases, database.open() as other:
        leases.add([NewSite(name, name, 0.0) for name in "abc"])
        with HeldLeases(leases, "w", 1.5, said.append) as held:
            claimed = {each.lease.site: each for each in held.claim(3)}
            assert set(held.held) == set("abc")
            first = held.renewed_at
            assert first is not None
            wait_until(lambda: (held.renewed_at or 0.0) > first)
            held.forget(claimed["c"])
            assert leases.finish("c", claimed["c"].lease.epoch, 60.0)
            wait_until(lambda: all(each.left > 1.0 for each in held.held.values()))
            assert not any(each.stop.wanted for each in claimed.values())
            database.pass_time(1000)  # as if it had been stopped
            assert {each.site for each in other.claim("other", 60.0, 3)} >= {"a", "b"}
            wait_until(lambda: all(held.held[name].stop.wanted for name in "ab"))
            for name in "ab":
                assert held.held[name].left == 0.0
                with pytest.raises(LeaseOver):
                    claimed[name].check()
            assert held.least_left == 0.0
    assert not said


def test_leases_are_renewed_though_nobody_can_be_told_of_trouble(
    database: ControlDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    def closed(_text: str) -> None:
        told.append(_text)
        raise BrokenPipeError

    told: list[str] = []
    with database.open() as leases, HeldLeases(leases, "w", 1.0, closed) as holding:
        leases.add([NewSite("a", "a", 0.0)])
        (held,) = holding.claim(1)
        renew, fails = leases.renew, [FleetUnavailable("away")]

        def away_once(worker: str, epochs: Mapping[str, int], seconds: float) -> dict[str, float]:
            if fails:
                raise fails.pop()
            return renew(worker, epochs, seconds)

        monkeypatch.setattr(leases, "renew", away_once)
        wait_until(lambda: len(told) == 2)
        assert held.left > 0
        assert told == ["leases cannot be renewed: away", "leases are renewed again"]


def test_all_crawls_are_ended(database: ControlDatabase) -> None:
    with database.open() as leases:
        leases.add([NewSite(name, name, 0.0) for name in "ab"])
        with HeldLeases(leases, "w", 60.0, lambda _text: None) as held:
            claimed = held.claim(1)
            held.stop_all()
            assert [each.stop.wanted for each in claimed] == [True]
            claimed[0].check()  # the lease is held
            assert held.claim(5)[0].lease.site == "b"
