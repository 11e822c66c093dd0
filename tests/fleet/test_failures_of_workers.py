"""The failure table, the rows of workers and machines: killed, stopped past the lease, without a disk, with a wrong clock.

Each row has real processes, Postgres, an S3 API, and a server that logs its requests. Of each it holds: at most one slice
of a site is fetched again, no server got two requests closer than its delay, no object was overwritten, and every
archive in object storage is whole and has all pages.
"""

import shutil
import signal

import pytest

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


@pytest.mark.parametrize("poison", [KILLER, HANGER], ids=["kills", "hangs"])
def test_page_that_takes_its_worker_along(make_fleet: MakeFleet, poison: str) -> None:
    """It costs one worker, which loses a slice of each of its sites. The next one reads that site's pages apart."""
    fleet = make_fleet(2)
    poisoned = fleet.portals.all[0]
    fleet.portals.set(poison={poisoned.name: [3, poison]})
    first = fleet.start("one", hooked=True)
    if poison == KILLER:
        wait_until(lambda: not first.is_running)
    else:
        fleet.wait_for_requests(4, poisoned.name)
    second = fleet.start("two", hooked=True)
    fleet.wait_for(all_crawled)
    assert second.is_running
    wait_until(lambda: {each["site"] for each in second.events("finished")} == {"p00", "p01"})
    wait_until(lambda: not first.is_running)  # one that hangs is ended by its watchdog
    assert first.process.returncode == -(signal.SIGKILL if poison == KILLER else signal.SIGPROF)
    assert ("watchdog" in first.errors()) == (poison == HANGER), "all threads are printed"
    url = f"{poisoned.home}page/3"
    assert fleet.check(unread={url}) <= 2 * one_slice(fleet)


def test_clocks_that_are_ten_minutes_wrong(make_fleet: MakeFleet) -> None:
    """Pages are due by the clock that found them: for a slower one they are due later, but never lost."""
    fleet = make_fleet(2, pages=15)
    slow = fleet.start("one", hooked=True, environment={"FLEET_SKEW": "-600"})
    wait_until(lambda: {each["site"] for each in slow.events("shipped")} == {"p00", "p01"})
    slow.kill()
    fast = fleet.start("two", hooked=True, environment={"FLEET_SKEW": "600"})
    wait_until(lambda: len(fast.events("shipped")) > 1)
    assert fast.drain() == 0
    fleet.start("three")
    fleet.wait_for(all_crawled)
    assert fleet.check() <= 2 * one_slice(fleet)
