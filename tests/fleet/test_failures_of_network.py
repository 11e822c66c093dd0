"""The failure table, the rows of Postgres, object storage and profiles; see `test_failures_of_workers`."""

import signal
from collections.abc import Callable
from itertools import count

import pytest

from archiver.app.fleet.open_leases import open_leases
from archiver.errors import ProfileError
from archiver.model.clock import system_clock
from fleet_made import DELAY, LEASE, MakeFleet, one_slice
from fleet_processes import Fleet, all_crawled
from postgres_server import PostgresServer, programs, wait_until
from s3_server import FaultyProxy, Request
from tcp_proxy import TcpProxy


def test_partition_from_postgres(make_fleet: MakeFleet, postgres: PostgresServer) -> None:
    """A worker that cannot renew ends by itself, before another one may claim its sites; later it works again."""
    fleet = make_fleet(2)
    with TcpProxy(postgres.port) as network:
        there = fleet.address.replace(f":{postgres.port}/", f":{network.port}/")
        first = fleet.start("one", environment={"ARCHIVER_FLEET": there})
        fleet.wait_for_requests(8)
        network.cut()
        second = fleet.start("two")
        fleet.wait_for(all_crawled)
        assert fleet.check() <= 2 * one_slice(fleet)
        assert len(first.events("claimed")) == len(second.events("claimed")) == 2
        second.kill()
        network.heal()
        make_due(fleet)
        wait_until(lambda: len(first.events("finished")) == 2)
    fleet.check()


def make_due(fleet: Fleet) -> None:
    """Let all sites be claimed now."""
    PostgresServer.execute(
        fleet.address,
        "UPDATE archiver_fleet.site SET due_at = now(); "
        "UPDATE archiver_fleet.server_group SET next_due = now(), not_before = now()",
    )


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT], ids=["restarted", "crashed"])
def test_postgres_restarted(make_fleet: MakeFleet, how: signal.Signals) -> None:
    found = programs()
    if found is None:
        pytest.skip("needs Postgres: apt-get install postgresql")
    server = PostgresServer(found)
    try:
        server.start(is_durable=True)
        fleet = make_fleet(2, address=server.database())
        worker = fleet.start("one")
        fleet.wait_for_requests(8)
        server.restart(how)
        fleet.wait_for(all_crawled)
        assert fleet.check() <= 2 * one_slice(fleet)
        assert worker.drain() == 0
        assert "psycopg" not in worker.errors()
    finally:
        server.remove()


def refusing(request: Request) -> str | int:
    return 503 if 12 <= request.number < 24 else "pass"


def forbidding(request: Request) -> str | int:
    return 403 if 12 <= request.number < 16 else "pass"


def closing(request: Request) -> str | int:
    return "refuse" if 12 <= request.number < 24 else "pass"


def losing(request: Request) -> str | int:
    return "lose" if request.method == "PUT" and request.number % 3 == 0 else "pass"


def cutting(request: Request) -> str | int:
    return "cut" if request.method == "PUT" and request.number % 3 == 0 else "pass"


@pytest.mark.parametrize("plan", [refusing, forbidding, closing, losing, cutting])
def test_storage_that_fails_for_a_while(
    make_fleet: MakeFleet, proxy: FaultyProxy, plan: Callable[[Request], str | int]
) -> None:
    """A slice is shipped when the storage works again: nothing is fetched twice."""
    fleet = make_fleet(2, s3=proxy.address)
    proxy.plan = plan
    worker = fleet.start("one")
    fleet.wait_for(all_crawled)
    assert fleet.check() == 0
    assert worker.drain() == 0
    assert any(plan(each) != "pass" for each in proxy.requests), "it has failed"


def test_storage_that_is_slow(make_fleet: MakeFleet, proxy: FaultyProxy) -> None:
    """Uploads of a slice may take longer than a lease, which is renewed meanwhile."""
    fleet = make_fleet(2, s3=proxy.address)
    proxy.plan, proxy.seconds = lambda _request: "slow", 0.7
    fleet.start("one")
    fleet.wait_for(all_crawled)
    assert fleet.check() == 0


@pytest.mark.parametrize("what", ["/packs/", "/generations/"])
def test_upload_cut_in_the_middle_and_its_worker_killed(make_fleet: MakeFleet, proxy: FaultyProxy, what: str) -> None:
    """What is half uploaded is no generation. What arrives after the next owner began is refused."""
    fleet = make_fleet(1, s3=proxy.address)
    numbers = count(1)

    def plan(request: Request) -> str | int:
        if request.method == "PUT" and what in request.path and next(numbers) == 3:
            first.kill()
            return "cut" if what == "/packs/" else "late"
        return "pass"

    proxy.plan, proxy.seconds = plan, 2.0 * LEASE
    first = fleet.start("one")
    wait_until(lambda: not first.is_running)
    fleet.start("two")
    fleet.wait_for(all_crawled)
    assert fleet.check() <= one_slice(fleet)


def test_two_workers_believe_that_they_own_a_site(make_fleet: MakeFleet) -> None:
    """The control database forgets a lease, as after a restore from a backup: only the newest owner can publish.

    The old owner learns that when its slice is shipped, or when it renews. Until then its server has two crawlers, which
    is the one case in which the delay is not kept.
    """
    fleet = make_fleet(1, pages=30)
    first = fleet.start("one", "--lease", "60s", "--slice", "3s")
    wait_until(lambda: len(first.events("shipped")) == 1)
    second = fleet.start("two")
    fleet.wait_for_requests(len(fleet.portals.asked()) + 2)
    PostgresServer.execute(
        fleet.address,
        "UPDATE archiver_fleet.server_group SET site = NULL, epoch = NULL, holder = NULL, held_until = NULL, "
        "not_before = now(), next_due = now(); UPDATE archiver_fleet.site SET due_at = now()",
    )
    wait_until(lambda: second.events("claimed") != [])
    assert not first.events("lost"), "both believe it"
    fleet.wait_for(all_crawled)
    (lost,) = first.events("lost")
    assert "epoch" in str(lost["why"])
    assert fleet.check(keeps_delay=False) <= 3 / DELAY + one_slice(fleet)


def test_bad_profile_pushed(make_fleet: MakeFleet) -> None:
    """A faulty profile is refused. One that gets in all the same stops its own site, which goes on with the next one."""
    fleet = make_fleet(2)
    portal = fleet.portals.all[0]
    path = fleet.portals.write_profile(portal, more='delai = "1s"')
    assert "unknown key" in fleet.command("fleet", "add", portal.name, code=ProfileError.exit_code)
    worker = fleet.start("one")
    fleet.wait_for_requests(8)
    with open_leases(fleet.address, system_clock) as leases:
        assert leases.put_profile(portal.name, path.read_text(encoding="utf-8")) == 2
    wait_until(lambda: worker.events("failed") != [])
    (failed,) = worker.events("failed")
    assert (failed["site"], failed["kind"]) == (portal.name, "ProfileError")
    assert "unknown key" in fleet.sites()[portal.name].why
    fleet.wait_for(lambda sites: all_crawled({"p01": sites["p01"]}))
    fleet.portals.write_profile(portal)
    fleet.command("fleet", "add", portal.name)
    fleet.command("fleet", "resume", portal.name)
    fleet.wait_for(all_crawled)
    assert fleet.check() == 0
    assert {each["profile"] for each in worker.events("slice") if each["site"] == portal.name} == {1, 3}
