"""The failure table, the rows of Postgres, object storage and profiles; see `test_failures_of_workers`."""

import signal

import pytest
from fleet_made import MakeFleet, one_slice

from fleet_processes import all_crawled
from postgres_server import PostgresServer, programs, wait_until
from tcp_proxy import TcpProxy


def test_partition_from_postgres(make_fleet: MakeFleet, postgres: PostgresServer) -> None:
    """A worker that cannot renew ends by itself, before another one may claim its sites; later it works again."""
    fleet = make_fleet(2)
    with TcpProxy(postgres.port) as network:
        cut_off = {"ARCHIVER_FLEET": fleet.address.replace(f":{postgres.port}/", f":{network.port}/")}
        first = fleet.start("one", environment=cut_off)
        fleet.wait_for_requests(8)
        network.cut()
        second = fleet.start("two")
        fleet.wait_for(all_crawled)
        assert {each["site"] for each in first.events("claimed")} == {"p00", "p01"}
        assert second.events("claimed")
        assert fleet.check() <= 2 * one_slice(fleet)
        network.heal()
        second.kill()
        make_due(fleet.address)
        wait_until(lambda: len(first.events("finished")) == 2)
    fleet.check()


def make_due(address: str) -> None:
    """Let all sites be claimed now."""
    PostgresServer.execute(address, "UPDATE archiver_fleet.site SET due_at = now()")
    PostgresServer.execute(address, "UPDATE archiver_fleet.server_group SET next_due = now(), not_before = now()")


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
        assert worker.is_running
        assert fleet.check() <= 2 * one_slice(fleet)
        assert worker.drain() == 0
    finally:
        server.remove()
