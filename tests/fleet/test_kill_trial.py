"""Workers that are killed or stopped every few seconds archive what undisturbed ones do."""

import pytest

from archiver.app.fleet.open_leases import open_leases
from archiver.model.clock import system_clock
from disturbed import Disturber
from fleet_made import SITES_AT_ONCE, MakeFleet, one_slice
from fleet_pages import PageText
from fleet_portals import versions_in
from fleet_processes import Fleet, all_crawled
from trials import lasting

pytestmark = pytest.mark.soak

WORKERS = lasting(2, 4)
SITES = lasting(6, 40)
PAGES = lasting(10, 25)
SECONDS = lasting(10, 120)
EVERY = lasting(2, 3)  # seconds


def final_pages(fleet: Fleet) -> dict[str, list[PageText]]:
    """Return the versions of all pages in object storage, by the name of the site and the path."""
    return {
        f"{portal.name}{url.removeprefix(portal.home)}": versions
        for portal in fleet.portals.all
        for url, versions in versions_in(fleet.fetch(portal)).items()
    }


def test_final_pages_equal_those_of_an_undisturbed_run(make_fleet: MakeFleet) -> None:
    calm = make_fleet(SITES, pages=PAGES, delay=0.05)
    calm.wait_for_end(calm.start("calm", "--sites", "8", "--lease", "60s", "--slice", "5s", "--once"))
    assert calm.check() == 0
    fleet = make_fleet(SITES, pages=PAGES, delay=0.5, groups={"shared": 3})
    names = [f"m{number}" for number in range(WORKERS)]
    disturber = Disturber(fleet.start, {name: fleet.start(name) for name in names}, stopped=(1.0, 8.0), seed=7)
    disturber.disturb(SECONDS, EVERY)
    with open_leases(fleet.address, system_clock) as leases:
        for each in fleet.portals.all:
            leases.resume(each.name)  # those that were abandoned often are left alone for minutes
    fleet.wait_for(all_crawled)
    refetched, count = fleet.check(), disturber.kills + disturber.stops
    print(f"{disturber.kills} kills, {disturber.stops} stops")
    assert count >= SECONDS // EVERY - 1
    assert final_pages(fleet) == final_pages(calm)
    assert refetched <= count * SITES_AT_ONCE * one_slice(fleet), "at most one slice of each site that a worker held"
