"""Reading all shards of a fleet again: what changes, what is skipped, and what one bad shard costs."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import process_tasks
from archiver.app.fleet.manage import sites_of_fleet
from archiver.app.fleet.rereading.process_executor import ProcessExecutor
from archiver.app.fleet.rereading.read_shard import ShardReading, ShardTask, read_shard
from archiver.app.fleet.rereading.read_shards import ReadOptions, read_shards
from archiver.errors import ArchiveFull
from archiver.maintain.generations.shard_copy import ShardCopy
from archiver.maintain.verify.verify import verify
from archiver.polite.stop import StopFlag
from fleets import Fleet, rows
from postgres_server import wait_until

TITLES = "SELECT url, title FROM versions ORDER BY version_id"


@pytest.fixture
def fleet(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Fleet:
    """Two sites with archives of a month, and profiles that read other titles than before."""
    made = Fleet(tmp_path, capsys, monkeypatch)
    for site in ("east", "west"):
        made.begin(site)
    return made


def test_every_shard_is_read_with_the_newest_profile(fleet: Fleet) -> None:
    before = {site: rows(fleet.fetched(site), TITLES) for site in ("east", "west")}
    fleet("fleet", "pause", "west")
    fleet.change_profile("east")
    fleet.change_profile("west")
    due = {site: fleet.site(site).due_at for site in ("east", "west")}
    out = fleet("fleet", "extract", "--workers", "2")
    assert "east: 4" in out or "captures read again" in out
    assert "2 shards: 2 read again, 0 read already, 0 busy, 0 failed, 0 not read" in out
    for site in ("east", "west"):
        path = fleet.fetched(site)
        after = rows(path, TITLES)
        assert {url for url, _ in after} == {url for url, _ in before[site]}
        assert after != before[site]
        assert verify(path, deep=True).whole
        known = fleet.site(site)
        assert known.holder is None
        assert abs((known.due_at - due[site]).total_seconds()) < 2
        assert known.shard is not None
        assert known.shard.generation == fleet.newest(site).number
        assert fleet.newest(site).read_whole
        assert known.shard.visits == rows(path, "SELECT count(*) FROM visits")[0][0]
    assert fleet.site("west").is_paused
    assert list((fleet.folder / "state").rglob("archive.db")) == [], "working copies are deleted"


def test_what_was_read_is_not_fetched_again(fleet: Fleet) -> None:
    fleet.change_profile("east")
    first = {each["site"]: each["ended"] for each in fleet.json("fleet", "extract")}
    assert first["east"] == "done"
    shutil.rmtree(fleet.place / "shards" / "east" / "packs")
    again = {each["site"]: each["ended"] for each in fleet.json("fleet", "extract", "east")}
    assert again == {"east": "nothing to do"}


def test_a_damaged_shard_costs_only_itself(fleet: Fleet) -> None:
    fleet.change_profile("east")
    fleet.change_profile("west")
    for pack in (fleet.place / "shards" / "east" / "packs").iterdir():
        data = bytearray(pack.read_bytes())
        data[len(data) // 2] ^= 0xFF
        pack.chmod(0o600)
        pack.write_bytes(data)
    found = {each["site"]: each for each in fleet.json("fleet", "extract", code=1)}
    assert found["west"]["ended"] == "done"
    assert found["east"]["ended"] == "failed"
    assert "damaged" in found["east"]["why"]
    assert "\n" not in found["east"]["why"]
    assert fleet.site("east").holder is None


def test_a_bad_profile_costs_only_its_site(fleet: Fleet) -> None:
    fleet.change_profile("west")
    with fleet.leases() as leases:
        leases.put_profile("east", "[site]\nname = 'east'\nhome = 3\n")
    found = {each["site"]: each for each in fleet.json("fleet", "extract", code=1)}
    assert found["west"]["ended"] == "done"
    assert found["east"]["ended"] == "failed"
    assert "profile east, version 2" in found["east"]["why"]


def test_a_site_without_captures_has_nothing_to_read(fleet: Fleet) -> None:
    (fleet.selectors / "south.toml").write_text(
        (fleet.selectors / "east.toml").read_text().replace('name = "east"', 'name = "south"')
    )
    fleet("fleet", "add", "south")
    (found,) = fleet.json("fleet", "extract", "south")
    assert (found["ended"], found["why"]) == ("nothing to do", "its archive has no captures yet")


def test_a_site_that_is_not_in_the_fleet_is_refused(fleet: Fleet) -> None:
    fleet("fleet", "extract", "eats", code=2)
    assert "eats: not in the fleet; did you mean" in fleet.err


# the executors


def read(fleet: Fleet, executor: ProcessExecutor | ThreadPoolExecutor, **options: float) -> dict[str, ShardReading]:
    with fleet.leases() as leases:
        storage, sites = sites_of_fleet(leases, ())
        wanted = ReadOptions(fleet.address, fleet.folder / "copies", 1, StopFlag(), **options)
        return {each.site: each for each in read_shards(leases, sites, storage, executor, wanted)}


def test_a_shard_that_kills_its_process_costs_only_itself(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    fleet.change_profile("east")
    fleet.change_profile("west")
    due = fleet.site("east").due_at
    monkeypatch.setenv("ARCHIVER_TEST_POISON", "east")
    monkeypatch.setattr("archiver.app.fleet.rereading.read_shards.read_shard", process_tasks.read_or_die)
    with ProcessExecutor(2) as executor:
        found = read(fleet, executor)
    assert found["west"].ended == "done"
    assert found["east"].ended == "failed"
    assert "ended by SIGKILL" in found["east"].why
    known = fleet.site("east")
    assert known.holder is None, "its lease was ended for it"
    assert abs((known.due_at - due).total_seconds()) < 2
    monkeypatch.delenv("ARCHIVER_TEST_POISON")
    with ProcessExecutor(2) as executor:
        again = read(fleet, executor)
    assert {site: each.ended for site, each in again.items()} == {"east": "done", "west": "nothing to do"}


def test_any_executor_runs_the_tasks_in_processes_of_their_own(fleet: Fleet) -> None:
    fleet.change_profile("east")
    with ThreadPoolExecutor(2) as threads:
        found = read(fleet, threads)
    assert found["east"].ended == "done"


def test_dask_reads_shards(fleet: Fleet) -> None:
    distributed = pytest.importorskip("distributed")
    fleet.change_profile("east")
    fleet.change_profile("west")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address="127.0.0.1:0"
    ) as cluster:
        place = cluster.scheduler_address.removeprefix("tcp://")
        found = fleet.json("fleet", "extract", "--executor", f"dask://{place}")
    assert {each["site"]: each["ended"] for each in found} == {"east": "done", "west": "done"}


def test_a_site_that_a_worker_holds_is_busy_and_read_later(fleet: Fleet) -> None:
    fleet.change_profile("east")
    with fleet.leases() as leases:
        held = leases.claim_site("east", "worker", 600)
        with ProcessExecutor(1) as executor:
            found = read(fleet, executor, patience=0.0)
        assert found["east"].ended == "busy"
        assert "worker holds it until" in found["east"].why
        leases.finish("east", held.epoch, 60, wait=0.0)
    with ProcessExecutor(1) as executor:
        assert read(fleet, executor)["east"].ended == "done"


def test_a_reading_that_fails_leaves_no_copy(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise ArchiveFull("the disk is full")

    fleet.change_profile("east")
    monkeypatch.setattr(ShardCopy, "ship", full)
    done = read_shard(ShardTask(fleet.address, "east", "extract@here", fleet.folder / "copies"))
    assert (done.ended, done.why) == ("failed", "the disk is full")
    assert not list((fleet.folder / "copies").rglob("archive*"))


def test_an_interruption_leaves_the_old_reading_and_the_next_command_goes_on(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = rows(fleet.fetched("east"), TITLES)
    fleet.change_profile("east")
    started = fleet.folder / "started"
    monkeypatch.setenv("ARCHIVER_TEST_STARTED", str(started))
    monkeypatch.setattr("archiver.app.fleet.rereading.read_shards.read_shard", process_tasks.read_when_stopped)
    stop = StopFlag()
    with fleet.leases() as leases, ProcessExecutor(1) as executor:
        storage, sites = sites_of_fleet(leases, ())
        readings = read_shards(
            leases, sites, storage, executor, ReadOptions(fleet.address, fleet.folder / "copies", 1, stop)
        )
        with ThreadPoolExecutor(1) as threads:
            ended = threads.submit(lambda: {each.site: each.ended for each in readings})
            wait_until(lambda: started.exists() or ended.done())
            stop.wanted = True
            assert ended.result()["east"] == "interrupted"
    assert rows(fleet.fetched("east"), TITLES) == before
    assert fleet.site("east").holder is None
    monkeypatch.undo()
    with ProcessExecutor(1) as executor:
        assert read(fleet, executor)["east"].ended == "done"
