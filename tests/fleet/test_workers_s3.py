"""Workers whose archives are in S3, with replies that are lost and requests that are refused."""

import signal
from pathlib import Path

from control_database import ControlDatabase
from fleet_workers import Fleet
from postgres_server import wait_until
from s3_server import SECRET, FaultyProxy, Request, S3Server


def test_two_workers_share_sites_over_a_storage_with_faults(
    database: ControlDatabase, tmp_path: Path, s3_server: S3Server, proxy: FaultyProxy
) -> None:
    """Every seventh request is refused, every fifth reply is lost: all is stored once, and the next worker continues."""

    def plan(request: Request) -> str:
        return "refuse" if request.number % 7 == 0 else "lose" if request.number % 5 == 0 else "pass"

    proxy.plan = plan
    with Fleet(database, tmp_path, s3_server.bucket()) as fleet:
        for name in ("one", "two", "three"):
            fleet.add(name)
        workers = [fleet.worker("--once", "--sites", "2", shards=f"shards{number}") for number in (1, 2)]
        assert [each.end() for each in workers] == [0, 0], [each.errors for each in workers]
        assert sorted(event["site"] for each in workers for event in each.of("finished")) == ["one", "three", "two"]
        assert not any(each.of("failed") or each.of("lost") for each in workers)
        assert len(proxy.requests) > 14
        requests = {name: len(portal.requests) for name, portal in fleet.portals.items()}
        database.pass_time(90_000)
        after = fleet.worker("--once", shards="after")
        assert after.end() == 0, after.errors
        assert len(after.of("shipped")) == 3
        assert {name: len(portal.requests) for name, portal in fleet.portals.items()} == requests
        assert all(fleet.is_whole(name, "after") for name in requests)
        assert all(set(fleet.asked(name).values()) == {1} for name in requests)


def test_a_storage_that_is_away_for_a_while_loses_nothing(
    database: ControlDatabase, tmp_path: Path, s3_server: S3Server, proxy: FaultyProxy
) -> None:
    with Fleet(database, tmp_path, s3_server.bucket()) as fleet:
        portal = fleet.add("one", articles=20, delay=0.05)
        worker = fleet.worker("--slice", "1s")
        wait_until(lambda: len(portal.requests) > 3)
        proxy.plan = lambda _request: 503
        wait_until(lambda: "it is tried again while the lease is held" in worker.errors)
        proxy.plan = lambda _request: "pass"
        worker.wait_for("finished")
        assert worker.end(signal.SIGTERM) == 0, worker.errors
        assert not worker.of("failed")
        assert not worker.of("lost")
        assert set(fleet.asked("one").values()) == {1}
        assert len(fleet.asked("one")) == 20
        assert fleet.is_whole("one")
        assert fleet.is_polite("one", 0.05)
        assert SECRET not in worker.errors
