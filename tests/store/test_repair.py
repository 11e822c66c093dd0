"""Repair: damage is repaired from mirrors and copies, only by confirmed values, and nothing else is lost."""

import hashlib
import random
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from archiver.errors import ArchiveDamaged, ArchiveError, ArchiveLocked, UsageError
from archiver.maintain.backup.backup import back_up
from archiver.maintain.repair.repair import repair
from archiver.maintain.repair.repair_report import RepairReport
from archiver.maintain.verify.clean import clean
from archiver.maintain.verify.verify import verify
from archiver.store import repair_lock as mending_module
from archiver.store.archive import Store, vault_path
from archiver.store.vault import LARGE
from damaged import alter, emptied, overwrite
from filled import NOW, add_body, blocks, fill
from trials import lasting

FLIPS = lasting(5, 60)
Damage = Callable[[Path], None]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive and a copy of it."""
    folder = tmp_path_factory.mktemp("made")
    fill(folder / "data" / "archive.db")
    add_body(folder / "data" / "archive.db", 1, random.Random(1).randbytes(LARGE))
    back_up(folder / "data" / "archive.db", folder / "copy", made_at=NOW, version="0.1.0")
    return folder


@pytest.fixture
def archive(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made / "data", tmp_path / "data")) / "archive.db"


@pytest.fixture
def copy(made: Path) -> Path:
    return made / "copy"


@pytest.fixture(scope="module")
def whole(made: Path) -> dict[int, str]:
    return blocks(made / "data" / "archive.db")


def mend(archive: Path, copy: Path | None = None, *, dry_run: bool = False) -> RepairReport:
    """Repair; what it says is held against a check of everything."""
    report = repair(archive, copy, stamp="20221021090000", dry_run=dry_run)
    if not dry_run:
        assert report.whole == verify(archive, deep=True).whole
    return report


def test_an_undamaged_archive_is_not_changed(archive: Path, copy: Path, whole: dict[int, str]) -> None:
    for source in (None, copy, copy / "archive.db"):
        report = mend(archive, source)
        assert (report.whole, report.is_repaired) == (True, False)
    assert blocks(archive) == whole


@pytest.mark.soak
def test_any_damaged_byte_is_restored_from_the_copy(
    made: Path, tmp_path: Path, copy: Path, whole: dict[int, str]
) -> None:
    """Bits, bytes and pages at random; each time all visits have their bytes again, and a check of everything agrees."""
    chance, repaired = random.Random(3), 0
    for number in range(FLIPS):
        archive = Path(shutil.copytree(made / "data", tmp_path / str(number))) / "archive.db"
        path = chance.choice([archive, vault_path(archive)])
        place = chance.randrange(path.stat().st_size)
        if number % 2:
            overwrite(path, place // 4096 * 4096, chance.randbytes(4096))
        else:
            overwrite(path, place, chance.randbytes(4))
        report = mend(archive, copy)
        assert report.whole, (number, path.name, place, report)
        assert blocks(archive) == whole
        repaired += report.is_repaired
        shutil.rmtree(archive.parent)
    assert repaired > FLIPS / 3


def test_frames_and_mirrors_are_restored(archive: Path, copy: Path, whole: dict[int, str]) -> None:
    """Every third frame, and every second mirror, each in another way."""
    chance, vault = random.Random(4), vault_path(archive)
    with closing(sqlite3.connect(vault, isolation_level=None)) as connection:
        for table, every in (("_frame", 3), ("_mirror", 2)):
            for number, data in connection.execute(f"SELECT frame_id, data FROM {table}").fetchall()[::every]:
                broken = bytearray(data)
                broken[chance.randrange(len(broken))] ^= 1 << chance.randrange(8)
                what = chance.choice(
                    ["data = ?2", "size = size + 1", "depth = 77", "reference = NULL", "swaps = x'010203'"]
                )
                connection.execute(
                    f"UPDATE {table} SET {what} WHERE frame_id = ?1 AND length(?2)", (number, bytes(broken))
                )
        connection.execute("DELETE FROM _frame WHERE frame_id IN (2, 5, 9)")
    report = mend(archive, copy)
    assert report.whole
    assert len(report.frames) >= 10
    assert report.files == []
    assert blocks(archive) == whole
    with closing(sqlite3.connect(vault)) as ours, closing(sqlite3.connect(vault_path(copy / "archive.db"))) as theirs:
        for table in ("_frame", "_mirror", "_base", "_large"):
            sql = f"SELECT * FROM {table}"
            assert ours.execute(sql).fetchall() == theirs.execute(sql).fetchall()


def test_mirrors_repair_frames_without_a_copy(archive: Path, whole: dict[int, str]) -> None:
    alter(
        vault_path(archive),
        "UPDATE _frame SET data = zeroblob(90) WHERE kind <> 'D' AND frame_id IN (SELECT frame_id FROM _mirror)",
    )
    report = mend(archive)
    assert report.whole
    assert report.frames
    assert blocks(archive) == whole


def test_without_a_copy_remaining_damage_is_reported(archive: Path) -> None:
    alter(vault_path(archive), "UPDATE _frame SET data = zeroblob(90) WHERE frame_id = 20 AND kind = 'D'")
    alter(archive, "UPDATE _visit SET status = 404 WHERE visit_id = 7")
    report = mend(archive)
    assert (report.lost_rows, report.whole) == ([7], False)
    assert report.lost_bodies
    assert all(block is not None for block in report.lost_bodies)
    assert 1 <= len(report.lost_bodies) <= 8


@pytest.mark.parametrize(
    ("statement", "rows"),
    [
        ("UPDATE _visit SET status = 404, note = 'x' WHERE visit_id IN (1, 17, 37)", [1, 17, 37]),
        ("UPDATE _visit SET chain = zeroblob(32) WHERE visit_id = 12", [12]),
        ("UPDATE _visit SET block_sha256 = zeroblob(32), sha256 = NULL WHERE visit_id = 3", [3]),
        ("UPDATE _visit SET page_id = 2, run_id = NULL WHERE visit_id = 1", [1]),
        ("UPDATE _page SET url = 'http://else.example/' WHERE page_id = 3", list(range(3, 37, 3))),
        ("UPDATE _request SET head = x'00'", list(range(1, 38))),
        ("DELETE FROM _visit WHERE visit_id IN (4, 5, 36, 37)", [4, 5, 36, 37]),
    ],
)
def test_rows_are_restored_from_a_copy_whose_chain_confirms_them(
    archive: Path, copy: Path, whole: dict[int, str], statement: str, rows: list[int]
) -> None:
    alter(archive, statement)
    report = mend(archive, copy)
    assert report.whole, report
    assert report.rows == rows
    assert blocks(archive) == whole
    with Store.open(archive) as store, pytest.raises(sqlite3.IntegrityError, match="evidence"):
        store._main.execute("UPDATE _visit SET status = 1")


def test_a_visit_with_a_wrong_frame_gets_the_right_one(archive: Path, copy: Path, whole: dict[int, str]) -> None:
    alter(
        archive,
        "UPDATE _visit SET frame_id = 1 WHERE visit_id = 9",
        "UPDATE _visit SET frame_id = 999 WHERE visit_id = 11",
    )
    report = mend(archive, copy)
    assert report.whole
    assert blocks(archive) == whole


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE _stored_content SET title = 'else' WHERE content_id = 1",
        "UPDATE _stored_content SET fingerprint = '1:0' WHERE content_id = 2",
        "DELETE FROM _item WHERE content_id = 2",
        "UPDATE _version SET seen_from = '1999-01-01 00:00:00' WHERE version_id = 2",
        "UPDATE _reading SET value = 7 WHERE visit_id = 5",
        "UPDATE _reading SET name_id = 9 WHERE visit_id = 5",
        "DELETE FROM _words_data WHERE id > 10",
        "UPDATE _change SET old = 'x', new = NULL, not_before = '', not_after = '', chars_added = 0, chars_removed = 0",
        "UPDATE _change SET new = new || char(0), not_after = char(0), chars_added = 9 WHERE change_id = 1",
        "UPDATE _version SET seen_from = '', seen_last = '', seen_until = '', recorded_at = '', verdict = '' WHERE version = 2",
        "UPDATE _version SET content_id = 1, version = 9, extractor_id = 1, seen_last = '2022' WHERE version_id = 4",
        "UPDATE _version SET recorded_at = 'now'",
        "UPDATE _reading SET value = 7, gained = 1 WHERE visit_id IN (5, 6, 8)",
        "UPDATE OR REPLACE _reading SET visit_id = 1, value = 3 WHERE visit_id = 7",
        "DELETE FROM _reading WHERE visit_id = 7",
    ],
)
def test_derived_rows_and_indexes_are_restored_from_a_verified_copy(archive: Path, copy: Path, statement: str) -> None:
    before = _derived(archive)
    alter(archive, statement)
    assert not verify(archive, deep=True).whole
    assert mend(archive, copy).whole
    assert _derived(archive) == before


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE _page SET first_seen = char(0) WHERE page_id = 2",
        "UPDATE _extractor SET made_at = '', current_from = 'x'",
        "UPDATE _absence SET first_miss = '', misses = 9, evidence = char(0, 0)",
    ],
)
def test_rows_with_an_invalid_time_are_restored(made: Path, tmp_path: Path, statement: str) -> None:
    table = statement.split()[1]
    archive = Path(shutil.copytree(made / "data", tmp_path / "data")) / "archive.db"
    seen = "'2022-10-21 09:00:00'"
    alter(
        archive,
        f"INSERT INTO _absence(page_id, first_miss, last_miss, misses, evidence) VALUES (1, {seen}, {seen}, 1, '404')",
    )
    back_up(archive, tmp_path / "copy", made_at=NOW, version="0.1.0")
    before = _rows(archive, table)
    alter(archive, statement)
    assert _rows(archive, table) != before
    report = mend(archive, tmp_path / "copy")
    assert report.whole
    assert _rows(archive, table) == before


def _rows(archive: Path, table: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(archive)) as connection:
        return connection.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall()


def _derived(archive: Path) -> list[list[tuple[object, ...]]]:
    with closing(sqlite3.connect(archive)) as connection:
        return [
            connection.execute(f"SELECT * FROM {table} ORDER BY 1, 2, 3").fetchall()
            for table in ("_version", "_change", "_reading", "_content", "_item")
        ]


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive whose contents take several pages of the file each, and a copy of it."""
    folder = tmp_path_factory.mktemp("long")
    fill(folder / "data" / "archive.db", rounds=12, words=1_500)
    back_up(folder / "data" / "archive.db", folder / "copy", made_at=NOW, version="0.1.0")
    return folder


@pytest.mark.parametrize(("row", "beyond"), [(1, 0), (3, 40), (1, 4096)])
def test_a_content_whose_end_was_overwritten_is_restored(long: Path, tmp_path: Path, beyond: int, row: int) -> None:
    """Damage to an overflow page alters the end of a long value, and the columns behind it."""
    archive = Path(shutil.copytree(long / "data", tmp_path / "data")) / "archive.db"
    before = _derived(archive)
    with closing(sqlite3.connect(archive)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (new,) = connection.execute(
            "SELECT body FROM _stored_content WHERE length(body) > 2000 LIMIT 1 OFFSET ?", (row - 1,)
        ).fetchone()
    data = archive.read_bytes()
    end = new[-200:].encode()
    overwrite(archive, data.rfind(end), bytes(min(len(end) + beyond, len(data) - data.rfind(end))))
    assert not verify(archive, deep=True).whole
    assert mend(archive, long / "copy").whole
    assert _derived(archive) == before


def page_one(archive: Path) -> None:
    overwrite(archive, 0, b"\x5a" * 4096)
    overwrite(vault_path(archive), 0, b"\x5a" * 4096)


def header(archive: Path) -> None:
    overwrite(archive, 0, b"\0" * 100)


def empty(archive: Path) -> None:
    archive.write_bytes(b"")


def half(archive: Path) -> None:
    for path in (archive, vault_path(archive)):
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def vault_gone(archive: Path) -> None:
    vault_path(archive).unlink()


def rows_gone(archive: Path) -> None:
    archive.unlink()


@pytest.mark.parametrize("damage", [page_one, header, empty, half, vault_gone, rows_gone])
def test_a_file_that_sqlite_cannot_open_is_rebuilt_and_kept(
    archive: Path, copy: Path, whole: dict[int, str], damage: Damage
) -> None:
    fill(archive, 1, seed=8)  # three visits that the copy lacks
    newer = blocks(archive)
    damage(archive)
    damaged = {path.name: path.read_bytes() for path in archive.parent.iterdir() if path.suffix == ".db"}
    report = mend(archive, copy)
    assert report.whole or set(report.lost_rows + report.lost_bodies) <= {38, 39, 40}
    assert whole.items() <= {**whole, **readable(archive)}.items()
    assert readable(archive).items() <= newer.items()
    assert whole.items() <= readable(archive).items()
    for name in report.kept_aside:
        assert (archive.parent / name).read_bytes() == damaged[name.partition(".damaged")[0]]
    assert bool(report.kept_aside) == (damage not in (vault_gone, rows_gone))
    if damage in (page_one, header):
        assert readable(archive) == newer  # all but the first page was whole


def readable(archive: Path) -> dict[int, str]:
    found = {}
    with Store.open(archive, write=False) as store:
        for row in store.sql("SELECT visit_id FROM visits"):
            try:
                found[row["visit_id"]] = hashlib.sha256(store.evidence.block(row["visit_id"])).hexdigest()
            except ArchiveDamaged:
                continue
    return found


def test_a_damaged_page_without_a_copy_loses_only_its_rows(archive: Path, whole: dict[int, str]) -> None:
    with closing(sqlite3.connect(archive)) as connection:
        (page,) = connection.execute(
            "SELECT max(pageno) FROM dbstat WHERE name = '_visit' AND pagetype = 'leaf'"
        ).fetchone()
    overwrite(archive, (page - 1) * 4096, b"\x5a" * 4096)
    report = mend(archive)
    assert report.files == ["archive.db"]
    assert (archive.parent / "archive.db.damaged-20221021090000").exists()
    kept = readable(archive)
    assert 0 < len(kept) < len(whole)
    assert kept.items() <= whole.items()


def test_damaged_visits_newer_than_the_copy_are_reported(archive: Path, copy: Path, whole: dict[int, str]) -> None:
    fill(archive, 3, seed=8)
    alter(archive, "UPDATE _visit SET status = 404 WHERE visit_id IN (2, 40)")
    alter(
        vault_path(archive), "UPDATE _frame SET data = zeroblob(9) WHERE frame_id = (SELECT max(frame_id) FROM _frame)"
    )
    report = mend(archive, copy)
    assert (report.rows, report.lost_rows, report.lost_bodies, report.whole) == ([2], [40], [46], False)
    assert whole.items() <= readable(archive).items()


def test_a_body_that_pruning_moved_is_restored_from_the_copy(archive: Path, copy: Path) -> None:
    with Store.open(archive) as store:
        visits = [row["visit_id"] for row in store.sql("SELECT visit_id FROM visits WHERE page_id = 1")]
        store.pruning.prune(1, 1, visits[:6])
    clean(archive)
    kept = readable_unpruned(archive)
    alter(
        vault_path(archive),
        "UPDATE _frame SET data = zeroblob(9) WHERE frame_id > 39",
        "UPDATE _mirror SET data = zeroblob(9) WHERE frame_id > 39",
    )
    report = mend(archive, copy)
    assert report.whole
    assert report.frames
    assert readable_unpruned(archive) == kept


def readable_unpruned(archive: Path) -> list[str]:
    with Store.open(archive, write=False) as store:
        rows = store._main.rows("SELECT visit_id FROM _visit WHERE frame_id IS NOT NULL ORDER BY visit_id")
        return [hashlib.sha256(store.evidence.block(row[0])).hexdigest() for row in rows]


def test_a_dry_run_reports_the_same_and_changes_nothing(archive: Path, copy: Path) -> None:
    alter(archive, "UPDATE _visit SET status = 404 WHERE visit_id = 2")
    alter(vault_path(archive), "UPDATE _frame SET data = zeroblob(9) WHERE frame_id = 4")
    overwrite(vault_path(archive), 0, b"\x5a" * 100)
    before = {path.name: path.read_bytes() for path in archive.parent.iterdir() if path.suffix == ".db"}
    dry = mend(archive, copy, dry_run=True)
    assert before == {path.name: path.read_bytes() for path in archive.parent.iterdir() if path.suffix == ".db"}
    assert sorted(path.name for path in archive.parent.glob("*.*") if "-" not in path.name) == sorted(before)
    wet = mend(archive, copy)
    assert (dry.rows, dry.frames, dry.files) == (wet.rows, wet.frames, wet.files) == ([2], [4], ["archive.vault.db"])
    assert wet.whole


def test_only_a_copy_of_the_same_archive_is_used(archive: Path, tmp_path: Path) -> None:
    fill(tmp_path / "other" / "archive.db", 1)
    back_up(tmp_path / "other" / "archive.db", tmp_path / "copy", made_at=NOW, version="0")
    alter(archive, "UPDATE _visit SET status = 404 WHERE visit_id = 2")
    before = archive.read_bytes()
    for damage in (lambda _path: None, header, rows_gone):
        damage(archive)
        with pytest.raises(UsageError, match="not a copy of this archive"):
            mend(archive, tmp_path / "copy")
    assert not archive.exists()
    archive.write_bytes(before)
    shutil.copy(vault_path(tmp_path / "other" / "archive.db"), vault_path(archive))
    with pytest.raises(UsageError, match="bodies of another archive"):
        mend(archive)


def test_a_damaged_copy_gives_only_confirmed_values(
    archive: Path, copy: Path, tmp_path: Path, whole: dict[int, str]
) -> None:
    worse = Path(shutil.copytree(copy, tmp_path / "worse"))
    alter(worse / "archive.db", "UPDATE _visit SET status = 500 WHERE visit_id = 3")
    alter(worse / "archive.vault.db", "UPDATE _frame SET data = zeroblob(9) WHERE frame_id = 30")
    alter(archive, "UPDATE _visit SET status = 404 WHERE visit_id IN (3, 6)")
    alter(vault_path(archive), "UPDATE _frame SET data = zeroblob(9) WHERE frame_id IN (30, 32)")
    report = mend(archive, worse)
    assert (report.rows, report.lost_rows, report.frames) == ([6], [3], [32])
    assert "the copy is also damaged" in report.notes[0]
    assert mend(archive, copy).whole
    assert blocks(archive) == whole


@pytest.mark.parametrize("what", ["nothing", "folder", "itself", "no archive", "no copy for a file"])
def test_wrong_arguments_are_errors(archive: Path, copy: Path, tmp_path: Path, what: str) -> None:
    (tmp_path / "empty").mkdir()
    if what == "nothing":
        with pytest.raises(UsageError, match="no copy here"):
            mend(archive, tmp_path / "nothing")
    elif what == "folder":
        with pytest.raises(UsageError, match="no copy in this folder"):
            mend(archive, tmp_path / "empty")
    elif what == "itself":
        with pytest.raises(UsageError, match="the archive itself"):
            mend(archive, archive.parent)
    elif what == "no archive":
        with pytest.raises(ArchiveError, match="no archive here"):
            mend(tmp_path / "empty" / "archive.db", copy)
    else:
        vault_gone(archive)
        with pytest.raises(ArchiveDamaged, match="name a copy"):
            mend(archive)


def test_a_repair_needs_exclusive_access(archive: Path, copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("archiver.maintain.repair.repair._WAIT", 0.1)
    hold = (
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('SELECT count(*) FROM _visit').fetchone(); "
        "print('open', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", hold, str(archive)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout
        other.stdout.readline()
        with pytest.raises(ArchiveLocked, match="another program has it open"):
            mend(archive, copy)
        assert other.stdin
        other.stdin.close()
    assert mend(archive, copy).whole


@pytest.mark.parametrize("how", ["gone", "empty"])
def test_bodies_of_lost_rows_are_never_deleted(archive: Path, copy: Path, how: str) -> None:
    archive.unlink()
    if how == "empty":
        archive.touch()
    for act in (lambda: Store.open(archive), lambda: Store.open(archive, write=False), lambda: clean(archive)):
        with pytest.raises(ArchiveDamaged, match=r"are missing|no such table"):
            act()
    assert not archive.exists() or not archive.stat().st_size
    assert mend(archive, copy).whole
    assert verify(archive, deep=True).whole


@pytest.mark.parametrize("named", ["frame_id - 128", "9223372036854775807", "9999", "'x'"])
def test_an_implausible_frame_id_is_not_used(archive: Path, copy: Path, named: str) -> None:
    alter(archive, f"UPDATE _visit SET frame_id = {named} WHERE visit_id = 5" if named != "'x'" else "SELECT 1")
    assert mend(archive, copy).whole
    with Store.open(archive) as store:
        highest = store._vault._connection.value("SELECT max(seq) FROM sqlite_sequence")
        assert 0 < highest < 1000
        store.evidence.block(5)


def test_a_reference_cycle_is_damage_and_does_not_loop(archive: Path, copy: Path, whole: dict[int, str]) -> None:
    for table in ("_frame", "_mirror"):
        alter(vault_path(archive), f"UPDATE {table} SET reference = frame_id WHERE kind <> 'F'")
    assert not verify(archive, deep=True).whole
    assert mend(archive, copy).whole
    assert readable(archive) == whole


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE _visit SET read_outcome = 'nonsense' WHERE visit_id = 5",
        "UPDATE _page SET last_visit = 3 WHERE page_id = 2",
    ],
)
def test_values_outside_the_evidence_are_corrected(archive: Path, damage: str) -> None:
    alter(archive, damage)
    assert not verify(archive).whole
    assert mend(archive, dry_run=True).is_repaired
    assert mend(archive).whole


def test_a_dry_run_never_reports_a_damaged_archive_as_whole(archive: Path, copy: Path) -> None:
    alter(archive, "PRAGMA foreign_keys = OFF", "DELETE FROM _extractor")
    report = mend(archive, copy, dry_run=True)
    assert not report.whole


def test_versions_of_lost_visits_are_restored_from_the_copy(archive: Path, copy: Path) -> None:
    asked = "SELECT page_id, version, title, seen_from FROM versions ORDER BY 1, 2"
    with Store.open(archive) as store:
        before = list(store.sql(asked))
    emptied(archive, "_visit", 0.5)
    first = mend(archive)
    assert not first.whole
    assert first.lost_rows
    with pytest.raises(ArchiveError):  # what is lost here is all that the copy has
        back_up(archive, copy, made_at=NOW, version="0")
    assert mend(archive, copy).rows
    with Store.open(archive) as store:
        assert list(store.sql(asked)) == before


def test_lost_newest_visits_are_reported_and_their_ids_not_reused(archive: Path) -> None:
    emptied(archive, "_visit", 1.0)
    report = mend(archive)
    assert len(report.lost_rows) > 1
    assert add_body(archive, 1, b"<p>new</p>") == report.lost_rows[-1] + 1
    assert not verify(archive).whole


def test_a_table_whose_key_is_text_is_not_lost_with_one_of_its_pages(archive: Path) -> None:
    with Store.open(archive) as store, store.transaction():
        for number in range(600):
            store._main.execute(
                "INSERT INTO _page_url VALUES (?, 1, 'asked', '2022-10-21 09:00:00', '2022-10-21 09:00:00')",
                (f"http://portal.example/{number:04}?{'x' * 60}",),
            )
    emptied(archive, "_page_url", 0.5)
    report = repair(archive, stamp="20221021090000")
    assert not report.whole, "rows were lost, and that is said"
    with Store.open(archive) as store:
        assert 500 < store._main.value("SELECT count(*) FROM _page_url") < 600


@pytest.mark.parametrize("step", ["os.link", "os.fsync", "Path.unlink", "Path.replace"])
def test_an_interrupted_swap_is_finished_by_the_next_program(
    archive: Path, copy: Path, whole: dict[int, str], monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    overwrite(archive, 4096 * 3, bytes(4096 * 40))
    real, announced = mending_module.announce, list[Path]()

    def dies(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:

        def announce(files: list[Path], stamp: str) -> None:
            real(files, stamp)
            announced.extend(files)
            patch.setattr(f"archiver.store.repair_lock.{step}", dies)

        patch.setattr("archiver.maintain.repair.repair.announce", announce)
        with pytest.raises(KeyboardInterrupt):
            repair(archive, copy, stamp="20221021090000")
    assert announced
    with Store.open(archive):  # the next command finishes it
        pass
    assert verify(archive, deep=True).whole
    assert readable(archive) == whole


def test_no_program_writes_during_a_repair(archive: Path, copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    overwrite(vault_path(archive), 4096 * 3, bytes(4096))
    told: list[str] = []

    def progress(_text: str, _done: int, _total: int | None) -> None:
        try:
            Store.open(archive).close()
        except ArchiveLocked as error:
            told.append(str(error))

    repair(archive, copy, stamp="20221021090000", progress=progress)
    assert told
    assert all("is being repaired" in text for text in told)
    assert verify(archive, deep=True).whole


def test_readings_and_versions_newer_than_the_copy_stay(archive: Path, copy: Path) -> None:
    alter(
        archive,
        "INSERT INTO _reading_name(name_id, name) VALUES (2, 'likes')",
        "INSERT INTO _reading SELECT visit_id, 2, value + 7, gained FROM _reading",
        "UPDATE _reading SET value = value + 1000 WHERE name_id = 1",
    )
    with Store.open(archive) as store:
        asked = "SELECT name, count(*), sum(value) FROM readings WHERE name IN ('likes', 'views') GROUP BY 1"
        before = [tuple(row.values()) for row in store.sql(asked)]
    assert before
    alter(
        archive,
        "UPDATE _page SET last_visit = 3 WHERE page_id = 2",
        "UPDATE _version SET first_visit = 1 WHERE version_id = 3",
    )
    mend(archive, copy)
    with Store.open(archive) as store:
        assert [tuple(row.values()) for row in store.sql(asked)] == before


@pytest.mark.parametrize(
    "damage", ["UPDATE _large SET sha256 = zeroblob(32)", "UPDATE _large SET frame_id = 1", "DELETE FROM _large"]
)
def test_the_index_of_large_bodies_is_repaired(archive: Path, damage: str) -> None:
    """Else the next visit of the same file keeps all its bytes again."""
    large = random.Random(1).randbytes(LARGE)
    alter(vault_path(archive), damage)
    found = [each for each in verify(archive, deep=True).findings if each.kind in ("frame", "mirror")]
    assert found
    assert mend(archive, dry_run=True).is_repaired
    report = mend(archive)
    assert report.whole
    assert any("_large" in note for note in report.notes)
    with closing(sqlite3.connect(vault_path(archive))) as vault:
        (before,) = vault.execute("SELECT sum(length(data)) FROM _frame").fetchone()
        add_body(archive, 2, large)
        (after,) = vault.execute("SELECT sum(length(data)) FROM _frame").fetchone()
    assert after - before < LARGE / 100
