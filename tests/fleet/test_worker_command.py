"""`archiver worker` in this process: its lines, its unit, its errors."""

import shutil
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from archiver.app.fleet.open_leases import open_leases
from archiver.app.fleet.worker.worker import Worker
from archiver.demo.portal import Portal
from archiver.errors import ArchiveFull, UsageError
from archiver.fleet.folder_storage import FolderStorage
from archiver.maintain.generations import shard_copy
from archiver.maintain.generations.shard_copy import ShardCopy
from archiver.model.clock import system_clock
from archiver.model.lease import Lease
from archiver.model.stored_object import LARGEST_OBJECT
from archiver.settings import bundled_profiles
from archiver.store.lease_file import LeaseFile
from shell import Commands


@pytest.fixture
def portal() -> Iterator[Portal]:
    with Portal(articles=6) as made:
        yield made


@pytest.fixture
def archiver(
    portal: Portal, tmp_path: Path, capsys: pytest.CaptureFixture[Any], monkeypatch: pytest.MonkeyPatch
) -> Commands:
    """The commands, on a fleet with the demo portal."""
    monkeypatch.setenv("ARCHIVER_FLEET", str(tmp_path / "fleet.db"))
    monkeypatch.setenv("ARCHIVER_STATE", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "profiles"
    folder.mkdir()
    text = (bundled_profiles() / "demo.toml").read_text(encoding="utf-8")
    (folder / "demo.toml").write_text(text.replace("http://127.0.0.1:8911/", portal.url), encoding="utf-8")
    commands = Commands(tmp_path / "archive.db", folder, capsys)
    commands("fleet", "init", "--storage", "storage")
    commands("fleet", "add", "demo")
    return commands


def test_each_step_is_a_line_that_can_be_searched(archiver: Commands) -> None:
    (archiver.selectors / "demo.toml").write_text("not even TOML")  # the profile comes from the control database
    lines = archiver("worker", "--once").splitlines()
    assert [line.split()[:3] for line in lines] == [
        ["claimed", "demo", "epoch=1"],
        ["slice", "demo", "epoch=1"],
        ["shipped", "demo", "epoch=1"],
        ["finished", "demo", "epoch=1"],
    ]
    assert " profile=1 visits=" in lines[1]
    assert " ended=done" in lines[1]
    assert archiver.err.startswith("worker ")
    assert not archiver.archive.exists()
    assert (archiver.archive.parent / "state" / "shards" / "1" / "demo" / "archive.db").exists()
    assert archiver("worker", "--once") == "", "nothing is due"


def test_a_fleet_without_a_place_for_archives_says_so(archiver: Commands, tmp_path: Path) -> None:
    other = str(tmp_path / "other.db")
    archiver("fleet", "init", "--fleet", other)
    archiver("fleet", "add", "demo", "--fleet", other)
    (_, failed) = archiver.json("worker", "--once", "--fleet", other)
    assert (failed["event"], failed["kind"]) == ("failed", "UsageError")
    assert "`archiver fleet init --storage PLACE` sets it" in failed["why"]
    (site,) = archiver.json("fleet", "status", "--fleet", other)[0]["failing_sites"]
    assert site["why"] == failed["why"]


def test_a_server_that_asks_for_a_pause_gets_it_from_the_whole_fleet(archiver: Commands, portal: Portal) -> None:
    portal.fail("ItemID", status=503, headers={"Retry-After": "900"})
    (finished,) = [each for each in archiver.json("worker", "--once") if each["event"] == "finished"]
    assert 800 < finished["wait"] <= 900
    assert finished["due_in"] >= finished["wait"]
    (site,) = archiver.json("fleet", "list")
    assert (site["state"], site["failures"]) == ("waiting", 0)
    assert site["not_before"] > site["finished_at"]


def test_a_browser_that_is_missing_is_no_fault_of_a_page(
    archiver: Commands, portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARCHIVER_CHROMIUM", "no-such-program")
    path = archiver.selectors / "demo.toml"
    path.write_text(path.read_text().replace("[[page]]", '[[page]]\nrender = "always"', 1))
    archiver("fleet", "add", "demo")
    failed = archiver.json("worker", "--once")[-1]
    assert (failed["event"], failed["kind"]) == ("failed", "RenderUnavailable")
    assert not portal.requests


def test_a_bug_goes_to_the_log_and_fails_its_site(
    archiver: Commands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr("archiver.app.fleet.worker.site_work.after_slice", broken)
    failed = archiver.json("worker", "--once", "--log-file", "log")[-1]
    assert (failed["event"], failed["kind"]) == ("failed", "bug")
    assert failed["why"].startswith("ZeroDivisionError: a bug (test_worker_command.py:")
    assert "Traceback" in (tmp_path / "log").read_text()
    assert "Traceback" not in archiver.err
    assert not (tmp_path / "state" / "shards" / "1" / "demo" / "archive.db").exists(), "nothing of it is trusted"


def test_a_storage_that_this_machine_cannot_use_ends_it_before_a_claim(
    archiver: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_leases("fleet.db", system_clock) as leases:
        leases.set_storage("s3://bucket/archives")
    monkeypatch.setitem(sys.modules, "obstore", None)
    archiver("worker", code=2)
    assert "obstore" in archiver.err
    assert archiver.json("fleet", "list")[0]["epoch"] == 0


def test_an_archive_is_not_begun_anew_in_another_storage(archiver: Commands) -> None:
    archiver("worker", "--once")
    (before,) = archiver.json("fleet", "list")
    archiver("fleet", "init", "--storage", "other")
    archiver("fleet", "resume", "demo")
    events = archiver.json("worker", "--once")
    assert [each["event"] for each in events] == ["claimed", "failed"]
    assert f"a worker published generation {before['shard']['generation']}; see whether" in events[1]["why"]
    archiver("fleet", "init", "--storage", "storage")
    archiver("fleet", "resume", "demo")
    assert [each["event"] for each in archiver.json("worker", "--once")][-1] == "finished"
    (after,) = archiver.json("fleet", "list")
    assert after["shard"]["visits"] >= before["shard"]["visits"]


def test_an_address_without_a_database_ends_in_one_line(archiver: Commands) -> None:
    archiver("worker", "--once", "--fleet", "postgresql://fleet@127.0.0.1:1/x", code=1)
    assert "error: Postgres at 127.0.0.1:1, database x: " in archiver.err
    archiver("worker", "--fleet", "missing.db", code=2)
    assert "`archiver fleet init`" in archiver.err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--slice", "soon"), "not a span of time: 'soon'"),
        (("--lease", "0s"), "--lease 0s: at least a second"),
        (("--cache", "much"), "much: not a size"),
        (("--sites", "0"), "--sites"),
        (("--metrics", "missing/worker.prom"), "--metrics missing/worker.prom: its folder is missing"),
        (("--shards", "profiles/demo.toml/x"), "cannot be written"),
    ],
)
def test_options_are_checked_before_anything_is_claimed(
    archiver: Commands, words: tuple[str, ...], message: str
) -> None:
    archiver("worker", "--once", *words, code=2)
    assert message in archiver.err
    assert archiver.json("fleet", "list")[0]["epoch"] == 0


def test_a_unit_of_systemd_runs_several_workers(archiver: Commands, tmp_path: Path) -> None:
    unit = archiver("worker", "--systemd", "--metrics", "a b.prom", "--shards", "copies", "--sites", "3")
    assert f"--shards {tmp_path}/copies --sites 3 --slice 600s --lease 120s --cache 20000000000" in unit
    assert f'--metrics "{tmp_path}/a b-%i.prom"' in unit
    assert f"ReadWritePaths={tmp_path}/copies {tmp_path}/state {tmp_path}\n" in unit
    assert "KillMode=mixed" in unit
    assert "--fleet" not in unit
    assert "--fleet postgresql://db/x" in archiver("worker", "--systemd", "--fleet", "postgresql://db/x")


def test_a_lease_is_ended_also_when_the_copy_cannot_be_deleted(
    archiver: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise ArchiveFull("the disk is full; make room")

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(ShardCopy, "ship", full)
    monkeypatch.setattr(shard_copy, "delete_files", refuse)
    events = archiver.json("worker", "--once")
    assert [each["event"] for each in events] == ["claimed", "slice", "failed"]
    assert events[-1]["why"] == "the disk is full; make room"
    (site,) = archiver.json("fleet", "list")
    assert (site["failures"], site["holder"], site["why"]) == (1, None, "the disk is full; make room")


def test_what_was_crawled_is_stored_when_the_control_database_was_upgraded(
    archiver: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim, claims = LeaseFile.claim, Counter[str]()

    def claim_once(self: LeaseFile, worker: str, seconds: float, most: int = 1) -> list[Lease]:
        claims[worker] += 1
        if claims[worker] > 1:
            raise UsageError("the fleet has version 99; upgrade archiver")
        return claim(self, worker, seconds, most)

    monkeypatch.setattr(LeaseFile, "claim", claim_once)
    events = archiver.json("worker", code=2)
    assert [each["event"] for each in events] == ["claimed", "slice", "shipped", "finished"]
    assert archiver.err.endswith("error: the fleet has version 99; upgrade archiver\n")


def test_a_worker_that_is_to_end_does_not_bring_the_whole_archive_here(
    archiver: Commands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(2):
        archiver("worker", "--once")
        archiver("fleet", "resume", "demo")
    shutil.rmtree(tmp_path / "state" / "shards")
    workers: list[Worker] = []
    read, run, packs = FolderStorage.read, Worker.run, Counter[str]()

    def run_and_tell(self: Worker) -> None:
        workers.append(self)
        run(self)

    def read_and_end(self: FolderStorage, key: str, most: int = LARGEST_OBJECT) -> bytes:
        if key.endswith(".pack"):
            packs[key] += 1
            workers[-1].end()
        return read(self, key, most)

    monkeypatch.setattr(Worker, "run", run_and_tell)
    monkeypatch.setattr(FolderStorage, "read", read_and_end)
    claimed, finished = archiver.json("worker")
    assert (claimed["event"], finished["event"], finished["due_in"]) == ("claimed", "finished", 0)
    assert packs.total() == 1
    monkeypatch.undo()
    assert "generation" in archiver.json("fleet", "list", "--fleet", str(tmp_path / "fleet.db"))[0]["shard"]
