"""`archiver fleet run`: a command on the archive of a site, under its lease; and what a redaction leaves in the storage."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from archiver.app.fleet.shards.run_command import run_command
from archiver.errors import SiteBusy, StorageUnavailable
from archiver.fleet.folder_storage import FolderStorage
from archiver.maintain.generations.page_packs import MAGIC, _groups
from archiver.maintain.generations.shard_copy import ShardCopy, fetch_shard
from archiver.maintain.verify.verify import verify
from archiver.model.clock import system_clock
from archiver.store.frame_codec import unpack
from archiver.store.lease_file import LeaseFile
from fleets import Fleet, rows
from postgres_server import wait_until

FOR_EVER = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT count(*) FROM c"
TITLES = "SELECT url, title FROM versions"
REDACT = ("--reason", "court order 12/2022", "--yes")


@pytest.fixture
def fleet(tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Fleet:
    made = Fleet(tmp_path, capfd, monkeypatch)
    made.begin("east")
    return made


def secret(fleet: Fleet) -> tuple[str, tuple[bytes, ...]]:
    """Return a page of one version, and what must vanish with it: words of its text, and bytes of its stored body."""
    path = fleet.fetched("east")
    url, body = rows(
        path,
        "SELECT url, body FROM versions GROUP BY url HAVING count(*) = 1 AND length(body) > 200 ORDER BY url LIMIT 1",
    )[0]
    (visit,) = rows(path, f"SELECT max(frame_id) FROM _visit v JOIN visits USING (visit_id) WHERE url = '{url}'")
    (frame,) = rows(path.with_name("archive.vault.db"), f"SELECT data FROM _frame WHERE frame_id = {visit[0]}")
    block = bytes(frame[0])  # type: ignore[call-overload]
    assert len(block) > 100
    return str(url), (str(body)[30:90].encode(), block[40:80])


def stored(fleet: Fleet) -> Iterator[bytes]:
    """All that can be had from the storage: its objects, the pages in its packs, the files of each generation."""
    storage, newest = fleet.storage, fleet.newest("east")
    keys = [each.key for each in storage.objects("")]
    for key in keys:
        body = storage.read(key)
        yield body
        if body.startswith(MAGIC):
            for file, kind, numbers, data, _digest in _groups(body):
                if kind < 2:  # it needs no older pages
                    yield unpack(data, b"", len(numbers) * newest.files[file].page_size) if kind else data
    for number in [int(key[-17:-5]) for key in keys if "/generations/" in key]:
        if number > 1:
            folder = fleet.fetched("east", number).parent
            yield from ((folder / name).read_bytes() for name in ("archive.db", "archive.vault.db"))


def on_disk(folder: Path) -> Iterator[bytes]:
    return (each.read_bytes() for each in folder.rglob("*") if each.is_file())


def has(needles: tuple[bytes, ...], places: Iterator[bytes]) -> list[bool]:
    found = [False] * len(needles)
    for body in places:
        found = [was or needle in body for was, needle in zip(found, needles, strict=True)]
    return found


def test_a_command_runs_on_the_archive_of_a_site_and_what_it_changes_is_published(stored_anywhere: Fleet) -> None:
    fleet = stored_anywhere
    before, due = fleet.newest("east"), fleet.site("east").due_at
    out = fleet(
        "fleet", "run", "east", "--", "embargo", "/tintuc/", "--site", "east", "--until", "2040-01-01", "--reason", "x"
    )
    assert "until 2040-01-01" in out
    assert "east: published as generation" in fleet.err
    newest = fleet.newest("east")
    assert newest.full == before.full
    assert newest.packs
    assert newest.profile_version == before.profile_version
    assert rows(fleet.fetched("east"), "SELECT reason FROM _embargo") == [("x",)]
    known = fleet.site("east")
    assert (known.holder, known.shard) == (None, newest.state)
    assert abs((known.due_at - due).total_seconds()) < 2
    assert not (fleet.folder / "state" / "shards" / "commands" / "east").exists(), "the copy was deleted"


def test_a_command_that_changes_nothing_publishes_nothing(fleet: Fleet) -> None:
    url, _ = secret(fleet)
    for words in (["stats"], ["show", url], ["changes"]):
        fleet("fleet", "run", "east", "--", *words)
        assert "nothing was changed, and nothing published" in fleet.err
        assert not fleet.newest("east").packs, "only a fence"


def test_a_dry_run_of_a_redaction_does_not_publish_all_pages(fleet: Fleet) -> None:
    full, (url, _) = fleet.newest("east").full, secret(fleet)
    fleet("fleet", "run", "east", "--", "redact", url, "--reason", "x", "--dry-run")
    assert (fleet.newest("east").full, fleet.newest("east").head.redactions) == (full, 0)


def test_bodies_that_are_pruned_are_also_removed_from_the_files(fleet: Fleet) -> None:
    profile = fleet.selectors / "east.toml"
    profile.write_text(profile.read_text(encoding="utf-8") + "\n[keep]\nbodies = 1\n", encoding="utf-8")
    fleet("fleet", "add", "east")
    (told,) = [json.loads(fleet("fleet", "run", "east", "--", "prune", "east", "--apply", "--json"))]
    assert told["freed"], "None when another program has the files open"


def test_the_exit_code_is_that_of_the_command(fleet: Fleet) -> None:
    fleet("fleet", "run", "east", "--", "show", "http://nowhere.example/", code=1)
    out = fleet("fleet", "run", "east", "--json", "--", "redact", "1", code=2)
    assert json.loads(out) == {"site": "east", "code": 2, "published": None, "is_left": False}
    assert fleet.site("east").holder is None


def test_commands_that_make_no_sense_are_refused(fleet: Fleet) -> None:
    number = fleet.newest("east").number
    for name in ("fleet", "worker", "serve", "schedule", "demo", "site"):
        fleet("fleet", "run", "east", "--", name, "x", code=2)
        assert f"error: {name}: cannot be run on an archive of a fleet: " in fleet.err
    fleet("fleet", "run", "east", "--", "stats", "--archive=other.db", code=2)
    assert "--archive: leave it out" in fleet.err
    fleet("fleet", "run", "east", "--", "-v", "stats", code=2)
    fleet("fleet", "run", "west", "--", "stats", code=2)
    assert "not in the fleet" in fleet.err
    assert fleet.newest("east").number == number


def test_an_archive_keeps_one_site(fleet: Fleet) -> None:
    before = fleet.newest("east").head
    fleet("fleet", "run", "east", "--", "capture", "http://127.0.0.1:1/of-another-site", code=2)
    assert "and the archive of a fleet has one site; nothing was published" in fleet.err
    assert fleet.newest("east").head == before
    assert fleet.site("east").holder is None
    assert rows(fleet.fetched("east"), "SELECT site FROM sites") == [("east",)]


def test_the_command_has_the_profile_of_the_fleet(fleet: Fleet) -> None:
    fleet.change_profile("east")
    (fleet.selectors / "east.toml").unlink()
    before = set(rows(fleet.fetched("east"), TITLES))
    fleet("fleet", "run", "east", "--", "extract")
    assert set(rows(fleet.fetched("east"), TITLES)) != before
    assert fleet.newest("east").profile_version == 0, "`fleet extract` says that all captures were read with one"


def test_what_a_failed_command_committed_is_published(fleet: Fleet) -> None:
    """No portal is there: the visit fails, and is stored."""
    path = fleet.fetched("east")
    (visits,) = rows(path, "SELECT count(*) FROM visits")
    profile = fleet.selectors / "east.toml"
    profile.write_text(re.sub(r"(?m)^home = .*", 'home = "http://127.0.0.1:1/"', profile.read_text(encoding="utf-8")))
    fleet("fleet", "add", "east")
    fleet("fleet", "run", "east", "--", "capture", "http://127.0.0.1:1/tintuc/default.aspx", code=1)
    assert "east: published as generation" in fleet.err
    (after,) = rows(fleet.fetched("east"), "SELECT count(*) FROM visits")
    assert after > visits
    assert verify(fleet.fetched("east"), deep=True).whole


def test_nothing_is_published_when_the_lease_is_lost(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    before = fleet.newest("east")

    monkeypatch.setattr(LeaseFile, "renew", lambda *_: {})  # another one has it
    with fleet.leases() as leases, pytest.raises(SiteBusy, match="east: the lease was lost, and nothing was published"):
        run_command(leases, "east", ["sql", FOR_EVER], fleet.folder / "own", system_clock, print, seconds=2)
    assert not fleet.newest("east").packs
    assert fleet.newest("east").head == before.head


def test_ctrl_c_ends_the_command_and_gives_the_site_back(fleet: Fleet) -> None:
    words = [sys.executable, "-m", "archiver", "fleet", "run", "east", "--", "sql", FOR_EVER]
    ready = fleet.folder / "state" / "shards" / "commands" / "east" / "archive.db-shm"
    with subprocess.Popen(words, start_new_session=True, stderr=subprocess.PIPE, text=True) as process:
        wait_until(ready.exists)
        time.sleep(0.5)  # until the command has its handler of the signal
        os.killpg(process.pid, signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    assert "nothing was changed" in errors
    assert fleet.site("east").holder is None


# redactions


def test_a_redaction_leaves_no_byte_in_the_storage(stored_anywhere: Fleet) -> None:
    fleet = stored_anywhere
    url, needles = secret(fleet)
    fleet("fleet", "run", "east", "--", "embargo", "/x", "--site", "east", "--until", "2040-01-01", "--reason", "x")
    assert all(has(needles, stored(fleet)))
    reader = fleet.folder / "reader"
    fetch_shard(fleet.storage, "east", reader)
    assert all(has(needles, on_disk(reader)))
    fleet("fleet", "run", "east", "--", "redact", url, *REDACT)
    newest = fleet.newest("east")
    assert newest.full == newest.number
    assert (newest.head.redactions, newest.head.visits) == (1, fleet.site("east").shard.visits)  # type: ignore[union-attr]
    assert [each.key[-17:-5] for each in fleet.storage.objects("shards/east/generations")] == [f"{newest.number:012d}"]
    assert {each.key for each in fleet.storage.objects("shards/east/packs")} == {each.key for each in newest.packs}
    assert not any(has(needles, stored(fleet)))
    assert not any(has(needles, on_disk(fleet.folder / "state")))
    fetch_shard(fleet.storage, "east", reader)
    assert not any(has(needles, on_disk(reader)))
    assert verify(reader / "archive.db", deep=True).whole


def test_a_deletion_that_was_interrupted_is_completed_by_the_next_owner(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The storage deletes two objects for each owner, then it does not answer."""
    url, needles = secret(fleet)
    fleet("fleet", "run", "east", "--", "embargo", "/x", "--site", "east", "--until", "2040-01-01", "--reason", "x")
    left, real = [0], FolderStorage.delete

    def delete(self: FolderStorage, keys: Iterable[str]) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise StorageUnavailable("it does not answer")
        real(self, keys)

    monkeypatch.setattr(FolderStorage, "delete", delete)
    fleet("fleet", "run", "east", "--", "redact", url, *REDACT, code=1)
    assert "generations from before a redaction are still stored" in fleet.err
    full = fleet.newest("east").full
    assert full == fleet.newest("east").number
    for _ in range(10):
        left[0] = 2
        before = replaced(fleet, full)
        fleet("fleet", "run", "east", "--", "stats", code=1 if len(before) > 2 else 0)
        assert replaced(fleet, full) == before[: len(before) - 2], "packs first, then manifests, the newest first"
        if not replaced(fleet, full):
            break
    assert not any(has(needles, stored(fleet)))


def test_no_rescue_brings_back_a_state_from_before_a_redaction(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    """The newest generation is damaged, and the storage did not delete the earlier ones."""
    url, _ = secret(fleet)

    def refuse(*_: object) -> None:
        raise StorageUnavailable("it does not answer")

    with monkeypatch.context() as patch:
        patch.setattr(FolderStorage, "delete", refuse)
        fleet("fleet", "run", "east", "--", "redact", url, *REDACT, code=1)
    (fleet.place / fleet.newest("east").packs[0].key).unlink()
    fleet("fleet", "rescue", "east", code=4)
    assert "no generation of east is whole" in fleet.err


def replaced(fleet: Fleet, full: int) -> list[str]:
    """The objects of generations before a number: manifests, then packs in the order in which they are deleted."""
    keys = [each.key for each in fleet.storage.objects("shards/east") if int(each.key.rpartition("/")[2][:12]) < full]
    packs = [key for key in keys if "/packs/" in key]
    return [key for key in keys if key not in packs] + packs[::-1]


def test_a_redaction_that_is_unfinished_is_finished_before_it_is_published(fleet: Fleet, tmp_path: Path) -> None:
    """Another program has the files open, so that the command cannot erase; what is published is erased."""
    url, needles = secret(fleet)
    with ShardCopy(tmp_path / "copy", fleet.storage, "east") as copy:
        copy.begin(fleet.newest("east").epoch + 1, "test")
        fleet.archive = copy.path
        with copy.recording():
            fleet("redact", url, *REDACT, code=1)
        assert "another program has it open" in fleet.err
        assert copy.ship(lambda: None, 1) is not None
    assert not any(has(needles, stored(fleet)))
    assert not any(has(needles, on_disk(tmp_path / "copy")))
