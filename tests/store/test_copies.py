"""Copies: consistent during writes, complete after a kill, verified by a manifest, and never worse than the older copy."""

import hashlib
import json
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest

from archiver.errors import ArchiveDamaged, ArchiveError, ArchiveFull, ArchiveLocked, ArchiveReadOnly, UsageError
from archiver.maintain.backup import backup as copies
from archiver.maintain.backup import manifest as manifests
from archiver.maintain.backup.backup import Backup, back_up, check_copy
from archiver.maintain.backup.folder import CopyFolder
from archiver.maintain.verify.clean import clean
from archiver.maintain.verify.verify import verify
from archiver.store.archive import Store, vault_path
from archiver.store.plain_files import take_snapshot
from archiver.store.schema import MIGRATIONS, VAULT_MIGRATIONS
from archiver.store.vault import LARGE
from filled import NOW, add_body, blocks, fill
from trials import lasting

WRITER = Path(__file__).parent / "writer.py"
KILLS = lasting(8, 25)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("made") / "archive.db"
    fill(path)
    return path


@pytest.fixture
def archive(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made.parent, tmp_path / "data")) / "archive.db"


@pytest.fixture
def dest(tmp_path: Path) -> Path:
    return tmp_path / "copy"


def backup(archive: Path, dest: Path) -> Backup:
    return back_up(archive, dest, made_at=NOW, version="0.1.0")


def rows(path: Path, sql: str, *values: object) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as connection, connection:
        return [tuple(row) for row in connection.execute(sql, values)]


def flip(path: Path, place: int) -> None:
    data = bytearray(path.read_bytes())
    data[place] ^= 0x10
    path.write_bytes(data)


def damage_frame(archive: Path, number: int) -> None:
    rows(vault_path(archive), "UPDATE _frame SET data = zeroblob(length(data)) WHERE frame_id = ?", number)
    rows(vault_path(archive), "UPDATE _mirror SET data = zeroblob(length(data)) WHERE frame_id = ?", number)


def prune(archive: Path) -> None:
    """Let go of the first six bodies of a page."""
    with Store.open(archive) as store:
        visits = [row["visit_id"] for row in store.sql("SELECT visit_id FROM visits WHERE page_id = 1")]
        store.pruning.prune(1, 1, visits[:6])
    with suppress(ArchiveLocked):
        clean(archive)


def everything(folder: Path) -> dict[Path, bytes]:
    """What is in a folder, but for what SQLite puts beside a file that is read."""
    found = [path for path in folder.rglob("*") if not path.name.endswith(("-shm", "-wal"))]
    return {path: b"" if path.is_dir() else path.read_bytes() for path in found}


def same_tables(copy: Path, archive: Path) -> bool:
    tables = ("_frame", "_mirror", "_base", "_large")
    return all(
        rows(vault_path(copy), f"SELECT * FROM {table}") == rows(vault_path(archive), f"SELECT * FROM {table}")
        for table in tables
    )


def test_a_copy_is_an_archive_with_a_manifest_that_any_program_can_check(archive: Path, dest: Path) -> None:
    done = backup(archive, dest)
    told = json.loads((dest / "manifest.json").read_text(encoding="utf-8"))
    for proof in told["files"]:
        data = (dest / proof["name"]).read_bytes()
        assert (len(data), hashlib.sha256(data).hexdigest()) == (proof["bytes"], proof["sha256"])
    assert sorted(path.name for path in dest.iterdir()) == ["archive.db", "archive.vault.db", "manifest.json"]
    assert (told["visits"], told["last_visit"], told["made_at"], told["archiver"]) == (36, 36, NOW, "0.1.0")
    assert [(told["chain"],)] == rows(archive, "SELECT lower(hex(chain)) FROM _visit ORDER BY visit_id DESC LIMIT 1")
    assert told["schema"] == {"archive.db": len(MIGRATIONS), "archive.vault.db": len(VAULT_MIGRATIONS)}
    assert not done.incremental
    assert blocks(dest / "archive.db") == blocks(archive)
    assert verify(dest / "archive.db", deep=True).whole
    assert check_copy(dest) == done.manifest


def test_an_empty_archive_can_be_copied(tmp_path: Path, dest: Path) -> None:
    with Store.open(tmp_path / "data" / "a.db"):
        pass
    assert backup(tmp_path / "data" / "a.db", dest).manifest.chain == "0" * 64
    assert check_copy(dest).visits == 0


@pytest.mark.parametrize("empty", ["was", "now"])
def test_an_archive_with_empty_values_in_reinterpretations_can_be_copied(archive: Path, dest: Path, empty: str) -> None:
    with closing(sqlite3.connect(archive)) as connection:
        connection.execute(
            "INSERT INTO _reinterpretation(page_id, seen_from, field, was, now, was_by, now_by) "
            "SELECT page_id, seen_from, 'section', 'x', 'x', extractor_id, extractor_id FROM _version WHERE version = 1"
        )
        connection.execute(f"UPDATE _reinterpretation SET {empty} = NULL")
        assert connection.total_changes
        connection.commit()
    done = backup(archive, dest)
    assert check_copy(dest) == done.manifest


def test_copies_made_during_writes_are_complete(tmp_path: Path, dest: Path) -> None:
    path = tmp_path / "data" / "archive.db"
    path.parent.mkdir()
    log = tmp_path / "acknowledged"
    with log.open("w") as out:
        writer = subprocess.Popen([sys.executable, str(WRITER), str(path), "3", "100000000"], stdout=out)
    try:
        while len(log.read_text().splitlines()) < 50:
            time.sleep(0.02)
        for number in range(4):
            before = len(log.read_text().splitlines())
            done = backup(path, dest)
            assert (done.incremental, done.damaged) == (number > 0, ())
            assert done.manifest.visits >= before
            assert check_copy(dest) == done.manifest
            assert writer.poll() is None
            assert len(log.read_text().splitlines()) > before  # it was not held up
    finally:
        writer.kill()
        writer.wait()
    assert verify(dest / "archive.db", deep=True).whole
    assert blocks(dest / "archive.db").items() <= blocks(path).items()


def test_an_incremental_copy_equals_a_full_copy(archive: Path, dest: Path, tmp_path: Path) -> None:
    backup(archive, dest)
    for number in range(3):
        fill(archive, 2, seed=number)
        assert backup(archive, dest).incremental
    backup(archive, tmp_path / "full")
    assert blocks(dest / "archive.db") == blocks(tmp_path / "full" / "archive.db") == blocks(archive)
    assert same_tables(dest / "archive.db", archive)
    assert backup(archive, dest).incremental  # nothing is new


def test_a_later_mirror_of_an_old_frame_is_copied(archive: Path, dest: Path) -> None:
    body = random.Random(1).randbytes(LARGE)
    add_body(archive, 0, body)
    backup(archive, dest)
    add_body(archive, 1, body)
    assert backup(archive, dest).incremental
    assert same_tables(dest / "archive.db", archive)
    assert verify(dest / "archive.db", deep=True).whole


def test_pruned_bodies_are_removed_from_the_copy(archive: Path, dest: Path) -> None:
    backup(archive, dest)
    prune(archive)
    assert backup(archive, dest).incremental
    assert same_tables(dest / "archive.db", archive)
    assert verify(dest / "archive.db", deep=True).whole


@pytest.mark.parametrize("older", [False, True])
def test_pruning_during_a_backup_loses_nothing(
    archive: Path, dest: Path, monkeypatch: pytest.MonkeyPatch, older: bool
) -> None:
    if older:
        backup(archive, dest)
    done: list[bool] = []

    def take_and_prune(*values: Any) -> None:
        take_snapshot(*values)
        if not done:
            prune(archive)
            done.append(True)

    monkeypatch.setattr(copies, "take_snapshot", take_and_prune)
    assert backup(archive, dest).damaged == ()
    assert done
    assert verify(dest / "archive.db", deep=True).whole
    if older:  # whose bodies are those of the rows from before
        backup(archive, dest)
    assert same_tables(dest / "archive.db", archive)


def test_reused_frame_ids_are_not_mistaken_for_the_old_frames(archive: Path, dest: Path) -> None:
    vault = vault_path(archive)
    for size, more in ((3, 1), (90, 2)):
        lone = [(number, b"%d" % number * 9) for number in range(1000, 1000 + size)]
        with closing(sqlite3.connect(vault)) as connection, connection:
            connection.executemany(
                "INSERT INTO _frame(kind, size, data, number, depth, mean) VALUES ('D', ?, ?, 1, 1, -7)", lone
            )
        backup(archive, dest)  # with frames of a writer that died before it wrote their rows
        rows(vault, "DELETE FROM _frame WHERE mean = -7")
        rows(vault, "DELETE FROM sqlite_sequence")  # as in a vault that was written anew
        fill(archive, more, seed=size)
        assert not backup(archive, dest).incremental
        assert verify(dest / "archive.db", deep=True).whole
        assert same_tables(dest / "archive.db", archive)


KILLED = """
import os, signal, sys, time
from pathlib import Path
from archiver.maintain.backup.backup import back_up
for line in sys.stdin:
    child = os.fork()
    if not child:
        back_up(Path(sys.argv[1]), Path(sys.argv[2]), made_at="2022-10-21 09:00:00", version="0")
        os._exit(0)
    time.sleep(float(line))
    os.kill(child, signal.SIGKILL)
    print(os.waitpid(child, 0)[1], flush=True)
"""


@pytest.mark.soak
def test_after_a_kill_the_older_or_the_newer_copy_is_complete(archive: Path, dest: Path) -> None:
    first, older = backup(archive, dest).manifest, blocks(archive)
    fill(archive, 4, seed=1)
    started = time.monotonic()
    backup(archive, dest.with_name("timed"))
    usual = time.monotonic() - started
    shutil.copytree(dest, dest.with_name("older"))
    chance, killed, tried = random.Random(7), 0, 0
    command = [sys.executable, "-c", KILLED, str(archive), str(dest)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as nursery:
        assert nursery.stdin
        assert nursery.stdout
        while killed < KILLS // 2 and tried < 20 * KILLS:
            tried += 1
            nursery.stdin.write(f"{chance.uniform(0.001, usual):.4f}\n")
            nursery.stdin.flush()
            killed += int(nursery.stdout.readline()) == signal.SIGKILL
            assert blocks(dest / "archive.db").items() >= older.items()
            if check_copy(dest).visits > first.visits:
                shutil.rmtree(dest)
                shutil.copytree(dest.with_name("older"), dest)
    assert killed == KILLS // 2
    assert backup(archive, dest).manifest.visits == first.visits + 12


def test_an_interrupted_renaming_is_finished_by_the_next_program(
    archive: Path, dest: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup(archive, dest)
    fill(archive, 1)
    replace, calls = Path.replace, []

    def fail_late(path: Path, target: Path) -> Path:
        calls.append(target)
        if len(calls) == 3:  # the manifest's name and the vault are in place, the rows are not
            raise KeyboardInterrupt
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", fail_late)
    with pytest.raises(KeyboardInterrupt):
        backup(archive, dest)
    monkeypatch.undo()
    assert (dest / manifests.NEXT).exists()
    assert verify(dest / "archive.db", deep=True).whole  # older rows, newer bodies
    assert check_copy(dest).visits == 39
    assert not (dest / manifests.NEXT).exists()


def test_damage_in_the_archive_does_not_reach_the_copy(archive: Path, dest: Path) -> None:
    fill(archive, 20)
    backup(archive, dest)
    whole = blocks(archive)
    damage_frame(archive, 1)
    fill(archive, 1)
    assert backup(archive, dest).incremental
    assert whole.items() <= blocks(dest / "archive.db").items()


def test_a_damaged_archive_does_not_replace_an_undamaged_copy(archive: Path, dest: Path, tmp_path: Path) -> None:
    backup(archive, dest)
    rows(archive, "DROP TRIGGER _visit_fixed")
    rows(archive, "UPDATE _visit SET status = 201 WHERE visit_id = 5")
    with pytest.raises(ArchiveDamaged, match=r"1 visits are damaged .* repair --from"):
        backup(archive, dest)
    assert check_copy(dest).visits == 36
    assert backup(archive, tmp_path / "other").damaged == (5,)
    assert backup(archive, tmp_path / "other").damaged == (5,)  # a copy that is no better is no reason to refuse


def test_a_full_copy_is_verified_before_it_replaces_an_older_one(archive: Path, dest: Path) -> None:
    backup(archive, dest)
    damage_frame(archive, 1)
    rows(vault_path(archive), "CREATE TABLE other(x)")  # so that frames cannot be added to the older copy
    with pytest.raises(ArchiveDamaged, match="the copy was not changed"):
        backup(archive, dest)
    assert verify(dest / "archive.db", deep=True).whole


def test_a_damaged_copy_is_reported_and_replaced(archive: Path, dest: Path) -> None:
    backup(archive, dest)
    flip(dest / "archive.vault.db", 20_000)
    with pytest.raises(ArchiveDamaged, match="is damaged"):
        check_copy(dest)
    assert not backup(archive, dest).incremental
    assert check_copy(dest).visits == 36


def test_a_file_that_sqlite_cannot_open_is_not_copied(archive: Path, dest: Path) -> None:
    backup(archive, dest)
    page = rows(vault_path(archive), "SELECT rootpage FROM sqlite_schema WHERE name = '_large'")[0][0]
    with vault_path(archive).open("r+b") as file:
        file.seek((int(str(page)) - 1) * 4096)
        file.write(b"\xff" * 100)
    with pytest.raises(ArchiveDamaged, match=r"archiver repair|restore it from a copy"):
        backup(archive, dest)
    assert check_copy(dest).visits == 36


@pytest.mark.parametrize("what", ["manifest", "file", "folder", "altered", "lost"])
def test_check_reports_what_is_not_a_copy(archive: Path, dest: Path, what: str) -> None:
    backup(archive, dest)
    if what == "manifest":
        (dest / "manifest.json").unlink()
    elif what == "file":
        (dest / "archive.vault.db").unlink()
    elif what == "folder":
        shutil.rmtree(dest)
    elif what == "altered":
        (dest / "manifest.json").write_text("{}")
    else:
        told = json.loads((dest / "manifest.json").read_text())
        (dest / "manifest.json").write_text(json.dumps(told | {"chain": "0" * 64}))
    with pytest.raises(ArchiveError):
        check_copy(dest)


def test_another_archive_is_never_overwritten(archive: Path, tmp_path: Path, dest: Path) -> None:
    fill(tmp_path / "other" / "archive.db", 1)
    backup(tmp_path / "other" / "archive.db", dest)
    before = (dest / "manifest.json").read_bytes()
    with pytest.raises(UsageError, match="another archive"):
        backup(archive, dest)
    assert (dest / "manifest.json").read_bytes() == before
    assert check_copy(dest).visits == 3


def test_a_copy_with_later_visits_is_not_overwritten(archive: Path, dest: Path) -> None:
    backup(archive, dest)
    visit = add_body(dest / "archive.db", 0, b"<p>only here</p>")
    fill(archive, 1)
    with pytest.raises(UsageError, match=f"visits .up to {visit}. that"):
        backup(archive, dest)
    assert visit in blocks(dest / "archive.db")


@pytest.mark.parametrize("what", ["strange", "file", "own", "inside", "orphan", "archive"])
def test_an_unsuitable_folder_is_not_changed(archive: Path, tmp_path: Path, dest: Path, what: str) -> None:
    places = {"own": archive.parent, "inside": archive.parent / "copy", "orphan": tmp_path / "no" / "copy"}
    place = places.get(what, dest)
    if what == "strange":
        dest.mkdir()
        (dest / "letter.txt").write_text("mine")
    elif what == "file":
        dest.write_text("mine")
    elif what == "archive":
        shutil.copytree(archive.parent, dest)
    before = everything(tmp_path)
    with pytest.raises(UsageError, match=r"name|make|create"):
        backup(archive, place)
    assert everything(tmp_path) == before


def test_without_an_archive_no_folder_is_created(tmp_path: Path, dest: Path) -> None:
    with pytest.raises(ArchiveError, match="no archive here"):
        backup(tmp_path / "data" / "archive.db", dest)
    assert not dest.exists()


def test_missing_disk_space_is_reported_before_writing(
    archive: Path, dest: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(archive)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage._replace(free=1000))
    with pytest.raises(ArchiveFull, match="make room"):
        backup(archive, dest)
    assert not dest.exists()


FULL = """
import resource, sys
from pathlib import Path
from archiver.errors import ArchiveError
from archiver.maintain.backup.backup import back_up
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), int(sys.argv[3])))
try:
    back_up(Path(sys.argv[1]), Path(sys.argv[2]), made_at="2022-10-21 09:00:00", version="0")
except (ArchiveError, OSError) as error:
    print(type(error).__name__, error)
"""


@pytest.mark.parametrize("limit", [100, 100_000, 300_000])
def test_a_disk_that_fills_up_leaves_no_partial_copy(archive: Path, dest: Path, limit: int) -> None:
    backup(archive, dest)
    fill(archive, 1)
    for place in (dest, dest.with_name("new")):
        command = [sys.executable, "-c", FULL, str(archive), str(place), str(limit)]
        told = subprocess.run(command, capture_output=True, text=True, check=True)
        assert told.stdout.split()[0] in ("ArchiveFull", "OSError"), told
    assert sorted(path.name for path in dest.iterdir()) == ["archive.db", "archive.vault.db", "manifest.json"]
    assert check_copy(dest).visits == 36
    assert not dest.with_name("new").exists()


def test_a_read_only_folder_is_an_error(archive: Path) -> None:
    with pytest.raises(ArchiveReadOnly, match="cannot be written"):
        backup(archive, Path("/proc/copy"))


def test_one_backup_at_a_time(archive: Path, dest: Path) -> None:
    with (
        CopyFolder(dest, archive, ("archive.db", "archive.vault.db")),
        pytest.raises(ArchiveLocked, match="another backup"),
    ):
        backup(archive, dest)
    assert backup(archive, dest).manifest.visits == 36
