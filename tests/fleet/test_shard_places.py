"""Where the archives of a fleet's sites are, leases of one named site, and sites that leave: both control databases."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from archiver.app.fleet.open_leases import create_fleet, open_leases
from archiver.errors import SiteBusy, UsageError
from archiver.model.clock import system_clock
from archiver.model.lease import FleetSite, Leases, NewSite, ShardState
from archiver.store.lease_schema import _FIRST
from control_database import ControlDatabase

TTL, DELAY, HOUR = 1000.0, 20.0, 3600.0


def site(name: str, group: str = "") -> NewSite:
    return NewSite(name, group or f"{name}.example", DELAY)


@pytest.fixture
def leases(database: ControlDatabase) -> Leases:
    return database.open()


def the_site(leases: Leases, name: str) -> FleetSite:
    (found,) = leases.sites(name)[1]
    assert found in leases.sites()[1]
    return found


def test_a_lease_says_where_the_archive_is(leases: Leases) -> None:
    leases.add([site("a"), site("b")])
    assert leases.storage() == ""
    assert [each.storage for each in leases.claim("w", TTL)] == [""]
    leases.set_storage("s3://one/x")
    leases.set_storage("s3://two/x")
    assert leases.storage() == "s3://two/x"
    assert [each.storage for each in leases.claim("w", TTL)] == ["s3://two/x"]
    assert not leases.move("a", 2, "/elsewhere"), "an epoch that does not hold"
    assert leases.move("a", 1, "/elsewhere")
    assert leases.finish("a", 1, 0, wait=0)
    assert [each.storage for each in leases.claim("w", TTL)] == ["/elsewhere"]
    assert leases.move("a", 2, "")
    assert the_site(leases, "a").storage == ""


def test_a_new_site_may_have_a_place_of_its_own(leases: Leases) -> None:
    leases.set_storage("s3://one/x")
    leases.add([NewSite("a", "a.example", DELAY, 7, "/elsewhere"), site("b")])
    assert {each.site: (each.epoch, each.storage) for each in leases.claim("w", TTL, 2)} == {
        "a": (8, "/elsewhere"),
        "b": (1, "s3://one/x"),
    }
    leases.add([site("a"), NewSite("b", "b.example", DELAY, 0, "/other")])
    assert (the_site(leases, "a").storage, the_site(leases, "b").storage) == ("/elsewhere", ""), "known sites keep it"


def test_a_finished_lease_says_what_the_archive_is_now(leases: Leases) -> None:
    leases.add([site("a")])
    assert (the_site(leases, "a").shard, the_site(leases, "a").finished_at) == (None, None)
    leases.claim("w", TTL)
    assert leases.finish("a", 1, 0, wait=0, shard=ShardState(3, 120, 2**40))
    assert the_site(leases, "a").shard == ShardState(3, 120, 2**40)
    assert the_site(leases, "a").finished_at is not None
    leases.claim("w", TTL)
    assert leases.finish("a", 2, 0, wait=0)
    assert the_site(leases, "a").shard == ShardState(3, 120, 2**40), "nothing new was said"


def test_a_lease_without_requests_leaves_the_site_as_it_was(database: ControlDatabase, leases: Leases) -> None:
    leases.add([site("a"), site("b", "a.example")])
    leases.claim("w", TTL)
    leases.fail("a", 1, "no room", HOUR)
    database.pass_time(DELAY + 1)
    before = the_site(leases, "a")
    lease = leases.claim_site("a", "extract", TTL)
    assert not leases.release("a", lease.epoch + 1, before.due_at)
    assert leases.release("a", lease.epoch, before.due_at, shard=ShardState(2, 3, 4))
    assert not leases.release("a", lease.epoch, before.due_at), "once"
    after = the_site(leases, "a")
    assert (after.due_at, after.failures, after.abandoned, after.why) == (before.due_at, 1, 0, "no room")
    assert (after.finished_at, after.shard) == (None, ShardState(2, 3, 4))
    assert [each.site for each in leases.claim("w", TTL)] == ["b"], "its server was not requested"
    leases.finish("b", 1, HOUR, wait=0)
    database.pass_time(HOUR + TTL)
    overdue = the_site(leases, "a")
    lease = leases.claim_site("a", "extract", TTL)
    assert leases.release("a", lease.epoch, overdue.due_at)
    assert the_site(leases, "a").due_at == overdue.due_at, "also in the past"
    assert leases.due() == 0


def test_one_site_can_be_claimed_by_its_name(database: ControlDatabase, leases: Leases) -> None:
    leases.add([site("a", "one"), site("b", "one"), site("c")])
    leases.pause("a")
    lease = leases.claim_site("a", "w1", TTL)
    assert (lease.site, lease.group, lease.epoch, lease.seconds) == ("a", "one", 1, TTL)
    with pytest.raises(SiteBusy, match=r"^a: w1 holds it until .* UTC; try again then$"):
        leases.claim_site("a", "w2", TTL)
    with pytest.raises(SiteBusy, match=r"^b: w1 holds a, which has the same server, until"):
        leases.claim_site("b", "w2", TTL)
    with pytest.raises(UsageError, match=r"^d: not in the fleet"):
        leases.claim_site("d", "w2", TTL)
    assert leases.finish("a", 1, HOUR, wait=HOUR)
    with pytest.raises(SiteBusy, match=r"^b: its server may not be requested before"):
        leases.claim_site("b", "w2", TTL)
    database.pass_time(HOUR + 1)
    assert leases.claim_site("b", "w2", TTL).epoch == 1
    database.pass_time(TTL + DELAY + 1)
    assert leases.claim_site("b", "w3", TTL).epoch == 2, "after the death of w2"
    assert not leases.finish("b", 1, 0)


def test_a_site_that_is_held_is_not_removed(database: ControlDatabase, leases: Leases) -> None:
    leases.add([site("a", "one"), site("b", "one")])
    leases.put_profile("a", "text")
    assert not leases.remove("x")
    leases.claim("w1", TTL)
    with pytest.raises(SiteBusy, match=r"^a: w1 holds it until .*; pause it, and remove it when its lease is over$"):
        leases.remove("a")
    database.pass_time(TTL + DELAY + 1)
    assert leases.remove("a")
    assert [each.site for each in leases.sites()[1]] == ["b"]
    assert not leases.finish("a", 1, 0)
    assert [each.site for each in leases.claim("w2", TTL, 9)] == ["b"]
    leases.add([site("a")])
    assert leases.put_profile("a", "text") == 1, "its profiles are kept"


def test_a_file_of_the_first_version_is_upgraded(tmp_path: Path) -> None:
    path = tmp_path / "fleet.db"
    with closing(sqlite3.connect(path)) as old:
        old.executescript(
            _FIRST + "PRAGMA user_version = 1; INSERT INTO server_group (server_group, not_before) "
            "VALUES ('g', 0); INSERT INTO site (site, server_group, delay, due_at) VALUES ('a', 'g', 1, 0)"
        )
    with pytest.raises(UsageError, match=r"version 1, this archiver knows 2; run `archiver fleet init` to upgrade it"):
        open_leases(str(path), system_clock)
    assert not create_fleet(str(path)), "it existed"
    with open_leases(str(path), system_clock) as leases:
        assert the_site(leases, "a").shard is None


def test_a_site_that_is_not_known_is_no_site(leases: Leases) -> None:
    leases.add([site("a")])
    assert leases.sites("b")[1] == []


def test_a_new_site_with_an_archive_goes_on_with_higher_epochs(leases: Leases) -> None:
    leases.add([NewSite("a", "a.example", DELAY, epoch=57)])
    assert [each.epoch for each in leases.claim("w", TTL)] == [58]
    leases.add([NewSite("a", "a.example", DELAY, epoch=7)])
    assert the_site(leases, "a").epoch == 58
