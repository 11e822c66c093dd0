"""Leases: one worker for a server group at a time, fenced by epochs. Both control databases behave the same."""

import threading
from collections import Counter

import pytest

from archiver.errors import SiteBusy
from archiver.model.lease import Lease, Leases, NewSite, count_sites
from control_database import ControlDatabase

TTL, DELAY = 1000.0, 20.0
HOUR = 3600.0


def site(name: str, group: str = "") -> NewSite:
    return NewSite(name, group or f"{name}.example", DELAY)


@pytest.fixture
def leases(database: ControlDatabase) -> Leases:
    return database.open()


def names(claimed: list[Lease]) -> list[str]:
    return [each.site for each in claimed]


def test_a_claim_gives_each_group_to_one_worker(leases: Leases) -> None:
    assert leases.add([site("a", "one"), site("b", "one"), site("c")]) == 3
    first = leases.claim("w1", TTL, 9)
    assert sorted((each.site, each.group, each.epoch, each.seconds) for each in first) == [
        ("a", "one", 1, TTL),
        ("c", "c.example", 1, TTL),
    ]
    assert leases.claim("w2", TTL, 9) == []
    assert leases.claim("w1", TTL, 9) == [], "not even for its holder: one lease a group"
    assert leases.finish("a", 1, HOUR, wait=0)
    assert names(leases.claim("w2", TTL, 9)) == ["b"]


def test_only_the_epoch_that_holds_may_end_or_renew(database: ControlDatabase, leases: Leases) -> None:
    leases.add([site("a")])
    leases.claim("old", TTL)
    assert not leases.finish("a", 2, HOUR)
    database.pass_time(TTL + DELAY + 1)
    assert leases.renew("old", {"a": 1}, TTL) == {}, "a lease that is over cannot be renewed"
    assert not leases.finish("a", 1, HOUR)
    assert names(leases.claim("new", TTL)) == ["a"]
    assert leases.renew("old", {"a": 1}, TTL) == {}
    assert not leases.finish("a", 1, HOUR)
    assert not leases.fail("a", 1, "late", HOUR)
    assert leases.renew("old", {"a": 2}, TTL) == {}, "an epoch of somebody else"
    assert leases.renew("new", {"a": 2, "unknown": 1}, TTL) == {"a": TTL}
    assert leases.finish("a", 2, HOUR)
    assert not leases.finish("a", 2, HOUR), "once"


def test_a_renewed_lease_lasts(database: ControlDatabase, leases: Leases) -> None:
    leases.add([site("a"), site("b")])
    leases.claim("w1", TTL, 2)
    database.pass_time(TTL - 100)
    assert leases.renew("w1", {"a": 1}, TTL) == {"a": TTL}
    database.pass_time(200)
    assert names(leases.claim("w2", TTL, 2)) == ["b"]
    assert leases.finish("a", 1, HOUR)


def test_a_new_owner_keeps_the_delay_of_the_group(database: ControlDatabase, leases: Leases) -> None:
    leases.add([site("a"), site("b", "a.example")])
    leases.claim("dies", TTL)
    database.pass_time(TTL + DELAY / 2)
    assert leases.claim("w2", TTL) == [], "the dead one may have sent a request at the very end"
    database.pass_time(DELAY)
    assert names(leases.claim("w2", TTL)) == ["b"], "that is due longer than what was just given up"
    assert leases.finish("b", 1, 0)
    assert leases.claim("w3", TTL) == []
    assert 0 < (leases.due() or 0) <= DELAY
    database.pass_time(DELAY + 1)
    assert leases.due() == 0
    (again,) = leases.claim("w3", TTL)
    assert leases.finish(again.site, again.epoch, 0, wait=500)
    database.pass_time(DELAY + 1)
    assert leases.claim("w4", TTL) == [], "the server asked for more"
    database.pass_time(500)
    assert len(leases.claim("w4", TTL)) == 1


def test_a_group_has_the_longest_delay_of_its_sites(database: ControlDatabase, leases: Leases) -> None:
    leases.add([NewSite("a", "one", 10), NewSite("b", "one", 100)])
    leases.claim("w1", TTL)
    assert leases.finish("a", 1, HOUR)
    database.pass_time(50)
    assert leases.claim("w1", TTL) == []
    leases.add([NewSite("b", "one", 10)])
    database.pass_time(51)
    assert names(leases.claim("w1", TTL)) == ["b"]


def test_groups_take_turns(database: ControlDatabase, leases: Leases) -> None:
    leases.add([site(f"many{number}", "many") for number in range(5)])
    database.pass_time(1)
    leases.add([site("single")])
    order = []
    for _ in range(4):
        database.pass_time(DELAY + 1)
        (lease,) = leases.claim("w", TTL)
        order.append(lease.site)
        leases.finish(lease.site, lease.epoch, HOUR * 10)
    assert order == ["many0", "single", "many1", "many2"], "the older sites of one server do not keep others waiting"


def test_paused_sites_are_not_claimed(database: ControlDatabase, leases: Leases) -> None:
    leases.add([site("a"), site("b")])
    assert leases.pause("a")
    assert not leases.pause("unknown")
    assert names(leases.claim("w", TTL, 9)) == ["b"]
    assert leases.pause("b"), "a running lease goes on"
    assert leases.renew("w", {"b": 1}, TTL) == {"b": TTL}
    assert leases.finish("b", 1, 0, wait=0)
    assert leases.claim("w", TTL, 9) == []
    assert leases.due() is None
    assert leases.resume("a")
    assert not leases.resume("unknown")
    assert names(leases.claim("w", TTL, 9)) == ["a"]


def test_failures_back_off_and_are_forgotten(database: ControlDatabase, leases: Leases) -> None:
    leases.add([site("a")])
    for failures in (1, 2, 3):
        (lease,) = leases.claim("w", TTL)
        assert leases.fail("a", lease.epoch, "disk\nfull \x00", 100)
        now, (row,) = leases.sites()
        assert (row.failures, row.why.startswith("disk"), "\n" in row.why) == (failures, True, False)
        assert 100 * 2 ** (failures - 1) - 5 < (row.due_at - now).total_seconds() <= 100 * 2 ** (failures - 1)
        assert leases.claim("w", TTL) == []
        database.pass_time(100 * 2 ** (failures - 1) + 1)
    (lease,) = leases.claim("w", TTL)
    assert leases.finish("a", lease.epoch, HOUR)
    assert [(row.failures, row.why) for row in leases.sites()[1]] == [(0, "")]


def test_a_repaired_site_is_tried_at_once(database: ControlDatabase, leases: Leases) -> None:
    leases.add([site("a")])
    leases.claim("w", TTL)
    assert leases.fail("a", 1, "no profile", HOUR)
    database.pass_time(DELAY + 1)
    assert leases.claim("w", TTL) == []
    assert leases.resume("a")
    assert names(leases.claim("w", TTL)) == ["a"]


def test_a_site_that_kills_its_workers_is_left_alone_for_longer(database: ControlDatabase, leases: Leases) -> None:
    leases.add([site("poison")])
    waits = []
    for _ in range(4):
        (lease,) = leases.claim("dies", TTL)
        now, (row,) = leases.sites()
        waits.append(round((row.due_at - now).total_seconds() - TTL, -1))
        database.pass_time(TTL + max(waits[-1], DELAY) + 5)
    assert waits == [0, 60, 120, 240]
    assert leases.sites()[1][0].abandoned == 4
    (lease,) = leases.claim("survives", TTL)
    assert lease.abandoned == 4
    assert leases.finish("poison", lease.epoch, HOUR)
    assert leases.sites()[1][0].abandoned == 0
    database.pass_time(HOUR + DELAY + 5)
    assert [each.abandoned for each in leases.claim("survives", TTL)] == [0]


def test_adding_again_changes_group_and_delay_only(database: ControlDatabase, leases: Leases) -> None:
    leases.add([site("a"), site("b")])
    (lease,) = leases.claim("w", TTL)
    with pytest.raises(SiteBusy, match=f"{lease.site}: w holds it until "):
        leases.add([site("new"), site(lease.site, "other")])
    assert [row.site for row in leases.sites()[1]] == ["a", "b"], "nothing was added"
    assert leases.add([site("a"), site("b")]) == 0
    assert leases.renew("w", {lease.site: 1}, TTL) == {lease.site: TTL}
    database.pass_time(TTL + DELAY + 1)
    assert leases.add([site(lease.site, "other")]) == 0, "that lease is over"
    assert not leases.finish(lease.site, 1, HOUR)
    claimed = {each.site: (each.group, each.epoch) for each in leases.claim("w2", TTL, 9)}
    assert claimed[lease.site] == ("other", 2)


def test_profiles_have_versions(leases: Leases) -> None:
    assert leases.profile("a") is None
    leases.add([site("a")])
    assert leases.put_profile("a", "text one") == 1
    assert leases.put_profile("a", "text one") == 1
    assert leases.put_profile("a", "text hai ✓") == 2
    assert leases.put_profile("b", "of b") == 1
    newest, first = leases.profile("a"), leases.profile("a", 1)
    assert newest is not None
    assert first is not None
    assert (newest.version, newest.text, first.text) == (2, "text hai ✓", "text one")
    assert leases.profile("a", 3) is None
    assert leases.claim("w", TTL)[0].profile_version == 2
    assert leases.sites()[1][0].profile_version == 2


def test_what_sites_do_is_counted(database: ControlDatabase, leases: Leases) -> None:
    leases.add([site("held"), site("paused"), site("failed"), site("waits", "held.example")])
    for name in ("paused", "failed", "waits"):
        leases.pause(name)
    leases.claim("w", TTL)
    leases.resume("failed")
    (lease,) = leases.claim("w", TTL)
    leases.fail("failed", lease.epoch, "why", HOUR)
    leases.resume("waits")
    leases.add([site("due")])
    now, rows = leases.sites()
    states = {row.site: row.state(now) for row in rows}
    assert states == {"held": "held", "paused": "paused", "failed": "waiting", "waits": "waiting", "due": "due"}
    counts = count_sites(now, rows)
    assert (counts.sites, counts.groups, counts.due, counts.waiting) == (5, 4, 1, 2)
    assert (counts.held, counts.paused, counts.failing, counts.workers) == (1, 1, 1, 1)
    held = next(row for row in rows if row.site == "held")
    assert held.holder == "w"
    assert held.held_until is not None
    assert TTL - 5 < (held.held_until - now).total_seconds() <= TTL


def test_many_workers_at_once_get_disjoint_sites(database: ControlDatabase, leases: Leases) -> None:
    leases.add([site(f"s{number}", f"g{number // 2}") for number in range(60)])
    got: list[tuple[str, str]] = []
    start = threading.Barrier(8)

    def claim(worker: str) -> None:
        with database.open() as own:
            start.wait()
            for _ in range(10):
                got.extend((each.group, each.site) for each in own.claim(worker, TTL, 3))

    threads = [threading.Thread(target=claim, args=(f"w{number}",)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(group for group, _ in got) == {f"g{number}": 1 for number in range(30)}
    assert Counter(row.epoch for row in leases.sites()[1]) == {0: 30, 1: 30}


def test_spans_that_no_calendar_has_are_bounded(leases: Leases) -> None:
    leases.add([site("a")])
    leases.claim("w", TTL)
    assert leases.finish("a", 1, 1e300, wait=-5)
    now, (row,) = leases.sites()
    assert (row.due_at - now).days == 3649 or (row.due_at - now).days == 3650
