"""The failure table, the rows of workers and machines: killed, stopped past the lease, without a disk, with a wrong clock.

Each row has real processes, Postgres, an S3 API, and a server that logs its requests. Of each it holds: at most one slice
of a site is fetched again, no server got two requests closer than its delay, no object was overwritten, and every
archive in object storage is whole and has all pages.
"""

import shutil
import signal

from fleet_made import MakeFleet, one_slice
from fleet_pages import HANGER, KILLER
from fleet_processes import all_crawled
from postgres_server import wait_until


def test_worker_killed(make_fleet: MakeFleet) -> None:
    fleet = make_fleet(2)
    first = fleet.start("one")
    fleet.wait_for_requests(12)
    first.kill()
    second = fleet.start("two")
    fleet.wait_for(all_crawled)
    assert second.drain() == 0
    assert fleet.check() <= 2 * one_slice(fleet)


def test_machine_lost_with_its_disk(make_fleet: MakeFleet) -> None:
    fleet = make_fleet(2)
    first = fleet.start("one")
    fleet.wait_for_requests(16)
    first.kill()
    shutil.rmtree(first.folder)
    fleet.start("one")
    fleet.wait_for(all_crawled)
    assert fleet.check() <= 2 * one_slice(fleet)


def test_worker_stopped_past_its_lease_and_woken(make_fleet: MakeFleet) -> None:
    fleet = make_fleet(2)
    first = fleet.start("one")
    fleet.wait_for_requests(8)
    first.send(signal.SIGSTOP)
    begun = len(fleet.portals.asked())
    fleet.start("two")
    fleet.wait_for_requests(begun + 6)  # the new owner is in the middle of its first slice
    first.send(signal.SIGCONT)
    wait_until(lambda: len(first.events("lost")) == 2)
    fleet.wait_for(all_crawled)
    assert first.is_running, "it has only lost its sites"
    assert fleet.check() <= 2 * one_slice(fleet)


def test_page_that_kills_its_reader(make_fleet: MakeFleet) -> None:
    """The site costs its workers until it is left alone for longer and longer; the others are crawled."""
    fleet = make_fleet(3)
    poisoned, *others = fleet.portals.all
    fleet.portals.set(poison={poisoned.name: [3, KILLER]})
    starts = 0

    def others_are_crawled() -> bool:
        nonlocal starts
        if not (starts and worker.is_running):
            start()
        return all_crawled({name: each for name, each in fleet.sites().items() if name != poisoned.name})

    def start() -> None:
        nonlocal starts, worker
        worker = fleet.start("one", hooked=True)
        starts += 1

    worker = fleet.start("one", hooked=True)
    starts += 1
    wait_until(others_are_crawled)
    assert 1 < starts <= 4
    assert fleet.sites()[poisoned.name].abandoned
    fleet.portals.set(poison={})
    fleet.command("fleet", "resume", poisoned.name)
    fleet.wait_for(all_crawled)
    assert fleet.check() <= starts * 3 * one_slice(fleet)


def test_page_that_hangs_its_reader(make_fleet: MakeFleet) -> None:
    """The process can do nothing any longer. Its other sites go to the next worker, whose own end is soon noticed."""
    fleet = make_fleet(3)
    poisoned, *others = fleet.portals.all
    fleet.portals.set(poison={poisoned.name: [3, HANGER]})
    fleet.start("one", hooked=True)
    fleet.wait_for_requests(4, poisoned.name)
    fleet.start("two", hooked=True)
    fleet.start("three", hooked=True)
    fleet.wait_for(lambda sites: all_crawled({name: sites[name] for name in (each.name for each in others)}))
    fleet.portals.set(poison={})
    fleet.command("fleet", "resume", poisoned.name)
    fleet.wait_for(all_crawled)
    assert fleet.check() <= 9 * one_slice(fleet)


def test_clocks_that_are_ten_minutes_wrong(make_fleet: MakeFleet) -> None:
    fleet = make_fleet(2, pages=15)
    fast = fleet.start("one", hooked=True, environment={"FLEET_SKEW": "600"})
    fleet.wait_for_requests(12)
    fast.kill()
    slow = fleet.start("two", hooked=True, environment={"FLEET_SKEW": "-600"})
    wait_until(lambda: len(slow.events("shipped")) > 1)
    assert slow.drain() == 0
    fleet.start("three")
    fleet.wait_for(all_crawled)
    assert fleet.check() <= 2 * one_slice(fleet)
