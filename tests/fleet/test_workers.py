"""Workers as processes of their own: what they crawl, store, and give back."""

import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from archiver.model.lease import FleetSite
from archiver.store.archive import Store
from control_database import ControlDatabase, InPostgres
from fleet_workers import Fleet
from postgres_server import wait_until


@pytest.fixture
def fleet(database: ControlDatabase, tmp_path: Path) -> Iterator[Fleet]:
    with Fleet(database, tmp_path) as made:
        yield made


def sites(fleet: Fleet) -> dict[str, FleetSite]:
    with fleet.database.open() as leases:
        return {each.site: each for each in leases.sites()[1]}


def test_a_worker_crawls_from_nothing_and_the_next_one_continues_elsewhere(fleet: Fleet) -> None:
    one, two = fleet.add("one"), fleet.add("two")
    first = fleet.worker("--once", "--metrics", str(fleet.folder / "worker.prom"))
    assert first.end() == 0, first.errors
    assert [len(first.of(what)) for what in ("claimed", "slice", "shipped", "finished", "failed", "lost")] == [
        *(2, 2, 2, 2, 0, 0)
    ]
    assert all(each["visits"] > 12 and each["profile"] == 1 for each in first.of("slice"))
    assert all(3600 < each["due_in"] <= 86400 for each in first.of("finished"))
    for site in ("one", "two"):
        assert set(fleet.asked(site).values()) == {1}
        assert len(fleet.asked(site)) == 12
        assert fleet.is_whole(site)
    known = sites(fleet)
    assert all(each.holder is None and each.shard is not None and not each.failures for each in known.values())
    values = dict(line.rsplit(" ", 1) for line in (fleet.folder / "worker.prom").read_text().splitlines())
    assert values["archiver_worker_leases_held"] == "0"
    assert int(values["archiver_worker_visits_total"]) == sum(each["visits"] for each in first.of("slice"))
    assert int(values["archiver_worker_shipped_bytes_total"]) > 1000

    requests = len(one.requests), len(two.requests)
    fleet.database.pass_time(90_000)
    second = fleet.worker("--once", shards="other")
    assert second.end() == 0, second.errors
    assert (len(one.requests), len(two.requests)) == requests, "nothing is due by the archives"
    assert [len(second.of(what)) for what in ("claimed", "shipped", "finished", "failed")] == [2, 2, 2, 0]
    for site in ("one", "two"):
        before, after = known[site].shard, sites(fleet)[site].shard
        assert before is not None
        assert after is not None
        assert after.generation > before.generation
        assert fleet.is_whole(site, "other")
        with Store.open(fleet.copy(site, "other"), write=False) as store:
            (row,) = store.sql("SELECT count(*) AS pages FROM pages WHERE kind = 'article' AND version = 1")
            assert row["pages"] == 12


def test_a_worker_that_is_asked_to_end_stores_everything_and_gives_back(fleet: Fleet) -> None:
    portal = fleet.add("one", articles=20, delay=0.05)
    worker = fleet.worker()
    wait_until(lambda: len(portal.requests) > 8)
    assert worker.end(signal.SIGTERM) == 0, worker.errors
    assert "\nending: what was fetched is stored" in worker.errors
    assert len(portal.requests) < 20
    (slice_, shipped, finished) = (worker.of(what)[0] for what in ("slice", "shipped", "finished"))
    assert (slice_["ended"], finished["due_in"]) == ("interrupted", 0)
    assert shipped["generation"] >= 1
    assert sites(fleet)["one"].holder is None
    other = fleet.worker("--once", shards="other")
    assert other.end() == 0, other.errors
    assert set(fleet.asked("one").values()) == {1}, "no page is fetched twice"
    assert len(fleet.asked("one")) == 20
    assert fleet.is_whole("one", "other")


def test_a_second_signal_ends_a_worker_at_once(fleet: Fleet) -> None:
    portal = fleet.add("one")
    portal.slow("ItemID", 15.0)
    worker = fleet.worker("--lease", "2s")
    wait_until(lambda: len(fleet.asked("one")) > 0)
    worker.send(signal.SIGTERM)
    time.sleep(0.5)  # signals of one number are not counted by the system while one waits
    assert worker.end(signal.SIGINT) == 128 + signal.SIGINT
    assert not worker.of("shipped")
    wait_until(lambda: sites(fleet)["one"].holder is None)


def test_a_profile_that_is_pushed_meanwhile_is_used_by_the_next_slice(fleet: Fleet) -> None:
    portal = fleet.add("one", articles=25, delay=0.1)
    worker = fleet.worker("--once", "--slice", "1s")
    wait_until(lambda: len(portal.requests) > 4)
    assert fleet.push("one", 0.1, {'title = "h3.tieude"': 'title = "h3"'}) == 2
    assert worker.end() == 0, worker.errors
    versions = [each["profile"] for each in worker.of("slice")]
    assert (versions[0], versions[-1]) == (1, 2)
    assert versions == sorted(versions)
    assert len(worker.of("claimed")) == 1, "the site was kept"
    assert fleet.is_polite("one", 0.1), "also between two slices"
    assert set(fleet.asked("one").values()) == {1}
    with Store.open(fleet.copy("one"), write=False) as store:
        assert [row["n"] for row in store.sql("SELECT count(*) AS n FROM _extractor")] == [2]


def test_sites_take_turns_when_there_is_one_place_and_a_paused_one_ends_with_its_slice(fleet: Fleet) -> None:
    for name in ("one", "two"):
        fleet.add(name, articles=25, delay=0.1)
    worker = fleet.worker("--sites", "1", "--slice", "1s")
    worker.wait_for("claimed", 3)
    assert [each["site"] for each in worker.of("claimed")][:3] in (["one", "two", "one"], ["two", "one", "two"])
    assert [each["due_in"] for each in worker.of("finished")][:2] == [0, 0]
    with fleet.database.open() as leases:
        leases.pause("one")
        leases.pause("two")
    wait_until(lambda: all(each.holder is None for each in sites(fleet).values()))
    requests = [len(fleet.portals[name].requests) for name in ("one", "two")]
    assert max(requests) < 35, "neither is complete"
    with fleet.database.open() as leases:
        leases.resume("one")
    worker.wait_for("claimed", len(worker.of("claimed")) + 1)
    assert worker.end(signal.SIGTERM) == 0, worker.errors
    assert worker.of("claimed")[-1]["site"] == "one"
    assert len(fleet.portals["two"].requests) == requests[1]
    assert all(fleet.is_polite(name, 0.1) for name in ("one", "two"))


def test_a_bad_profile_fails_its_own_site_only(fleet: Fleet) -> None:
    fleet.add("good")
    fleet.add("bad")
    fleet.push("bad", replaced={"[crawl]": "[crawl]\nno_such_key = 1\nnor_this = 2"})
    worker = fleet.worker("--once")
    assert worker.end() == 0, worker.errors
    (failed,) = worker.of("failed")
    assert (failed["site"], failed["kind"]) == ("bad", "ProfileError")
    assert failed["why"].startswith("profile bad, version 2: line ")
    assert failed["why"].endswith("(and 1 more)")
    assert [each["site"] for each in worker.of("finished")] == ["good"]
    assert sites(fleet)["bad"].failures == 1
    assert sites(fleet)["bad"].why == failed["why"]
    assert not fleet.portals["bad"].requests
    assert not fleet.copy("bad").exists()


def test_no_more_is_requested_by_a_worker_that_was_stopped_past_its_lease(fleet: Fleet) -> None:
    portal = fleet.add("one", articles=20, delay=0.2)
    stopped = fleet.worker("--lease", "2s", "--slice", "1m")
    wait_until(lambda: len(portal.requests) > 6)
    stopped.send(signal.SIGSTOP)
    fetched = len(portal.requests)
    other = fleet.worker("--lease", "30s", shards="other")
    other.wait_for("finished")
    assert len(fleet.asked("one")) == 20
    requests = len(portal.requests)
    stopped.send(signal.SIGCONT)
    stopped.wait_for("lost")
    assert stopped.end(signal.SIGTERM) == 0
    assert len(portal.requests) == requests, "a request after waking"
    assert not stopped.of("shipped")
    assert not stopped.of("failed")
    assert sum(fleet.asked("one").values()) - 20 <= fetched, "at most its slice is fetched again"
    assert other.end(signal.SIGTERM) == 0
    assert fleet.is_whole("one", "other")
    assert fleet.is_polite("one", 0.2)
    with Store.open(fleet.copy("one", "other"), write=False) as store:
        assert not list(store.sql("SELECT url FROM visits WHERE outcome NOT IN ('ok', 'gone')"))


def test_a_killed_worker_costs_at_most_its_slice(fleet: Fleet) -> None:
    portal = fleet.add("one", articles=30, delay=0.1)
    killed = fleet.worker("--lease", "2s", "--slice", "1s")
    killed.wait_for("shipped", 2)
    before = len(portal.requests)
    wait_until(lambda: len(portal.requests) > before + 3)
    kept = killed.of("slice")
    killed.kill()
    at_kill = sum(fleet.asked("one").values())
    wait_until(lambda: sites(fleet)["one"].holder is None)
    other = fleet.worker("--once", "--lease", "30s")  # of the same folder: what was not shipped is not trusted
    assert other.end() == 0, other.errors
    asked = fleet.asked("one")
    assert len(asked) == 30
    assert asked.total() - 30 <= at_kill - sum(each["visits"] for each in kept) + 5
    assert sites(fleet)["one"].epoch == 2
    assert fleet.is_polite("one", 0.1)
    assert fleet.is_whole("one")


def test_pages_are_stored_when_object_storage_is_back(fleet: Fleet) -> None:
    """It refuses at the begin, and again when the slice ends; the lease is held, and nothing is fetched twice."""
    portal = fleet.add("one", delay=0.05)
    storage, aside = Path(fleet.storage), fleet.folder / "aside"
    storage.write_text("no folder")
    worker = fleet.worker("--once")
    wait_until(lambda: "it is tried again while the lease is held" in worker.errors)
    storage.unlink()
    wait_until(lambda: len(portal.requests) > 3)
    storage.rename(aside)
    storage.write_text("no folder")
    worker.wait_for("slice")
    time.sleep(1)
    assert not worker.of("shipped")
    storage.unlink()
    shutil.move(aside, storage)
    assert worker.end() == 0, worker.errors
    assert len(worker.of("shipped")) == len(worker.of("finished")) == 1
    assert not worker.of("failed")
    assert set(fleet.asked("one").values()) == {1}


def test_a_worker_without_its_control_database_stores_what_it_has_and_goes_on_later(fleet: Fleet) -> None:
    if not isinstance(fleet.database, InPostgres):
        pytest.skip("a file is there, or is not")
    portal = fleet.add("one", articles=20, delay=0.2)
    worker = fleet.worker("--lease", "6s")
    wait_until(lambda: len(portal.requests) > 4)
    fleet.database.server.stop(signal.SIGQUIT)
    worker.wait_for("shipped")
    requests = len(portal.requests)
    assert requests < 30, "the crawl ended before its lease"
    fleet.database.server.start()
    worker.wait_for("claimed", 2)
    wait_until(lambda: len(fleet.asked("one")) == 20)
    worker.wait_for("finished")
    assert worker.end(signal.SIGTERM) == 0, worker.errors
    assert set(fleet.asked("one").values()) == {1}, "nothing was lost"
    assert "leases cannot be renewed" in worker.errors
