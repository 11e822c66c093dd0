"""Repair across schemas: archives and copies of earlier schemas lose nothing, and no row gets a wrong value."""

import lzma
import shutil
import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest

from archiver.errors import ArchiveDamaged, ArchiveFull
from archiver.maintain.backup.backup import back_up
from archiver.maintain.repair import salvage
from archiver.maintain.repair.repair import repair
from archiver.maintain.repair.repair_report import RepairReport
from archiver.maintain.repair.salvage import DatabaseKind, schema_of
from archiver.maintain.verify.verify import verify
from archiver.store.archive import Store
from archiver.store.open_file import open_connection
from archiver.store.schema import APPLICATION_ID, MIGRATIONS
from damaged import alter, emptied, overwrite
from filled import NOW, fill
from migrated import answers
from trials import IS_FULL

STORED = Path(__file__).parent.parent / "archives"
MAIN = DatabaseKind(APPLICATION_ID, MIGRATIONS)
Answers = dict[str, list[list[Any]]]
pytestmark = pytest.mark.soak


@pytest.fixture(scope="module", params=[6, 7] if IS_FULL else [7])
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an archive of an earlier schema, a copy of it (`copy`), and a migrated archive (`new`)."""
    folder = tmp_path_factory.mktemp("made")
    (folder / "old").mkdir()
    for name, ending in (("archive.db", "db"), ("archive.vault.db", "vault.db")):
        (folder / "old" / name).write_bytes(lzma.decompress((STORED / f"schema-6.{ending}.xz").read_bytes()))
    path = folder / "old" / "archive.db"
    to = MIGRATIONS[: request.param]
    open_connection(path, application_id=APPLICATION_ID, migrations=to, write=True).close()
    back_up(path, folder / "copy", made_at=NOW, version="0")
    shutil.copytree(folder / "old", folder / "new")
    Store.open(folder / "new" / "archive.db").close()
    return folder


@pytest.fixture
def old(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made / "old", tmp_path / "old")) / "archive.db"


@pytest.fixture
def new(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made / "new", tmp_path / "new")) / "archive.db"


@pytest.fixture(scope="module")
def expected(made: Path) -> Answers:
    return seen(made / "new" / "archive.db")


def seen(path: Path) -> Answers:
    with Store.open(path, write=False) as store:
        return answers(store.sql)


def mend(path: Path, copy: Path | None = None) -> RepairReport:
    report = repair(path, copy, stamp="20221021090000")
    assert report.whole == verify(path, deep=True).whole
    assert_nothing_is_left(path)
    return report


def assert_nothing_is_left(path: Path) -> None:
    names = {file.name for file in path.parent.iterdir() if ".damaged-" not in file.name}
    assert names <= {each + end for each in ("archive.db", "archive.vault.db") for end in ("", "-wal", "-shm")}


def test_the_rows_of_an_undamaged_archive_are_kept(old: Path, expected: Answers) -> None:
    was = schema_of(old, MAIN)
    report = mend(old)
    assert report.whole
    assert f"archive.db: schema {was} was migrated to schema {len(MIGRATIONS)}" in report.notes
    assert seen(old) == expected


@pytest.mark.parametrize("copy", ["copy", "new"])
@pytest.mark.parametrize(
    "table", ["_reading", "_link", "_content", "_source", "_page", "_visit"] if IS_FULL else ["_reading", "_visit"]
)
def test_a_damaged_page_is_filled_from_a_copy(
    made: Path, old: Path, expected: Answers, tmp_path: Path, table: str, copy: str
) -> None:
    source = made / copy
    if copy == "new":
        source = tmp_path / "copy"
        back_up(made / "new" / "archive.db", source, made_at=NOW, version="0")
    emptied(old, table, 0.5)
    assert mend(old, source).whole
    assert seen(old) == expected


def test_readable_rows_are_kept_without_a_copy(old: Path, expected: Answers) -> None:
    """Only the damaged table loses rows."""
    emptied(old, "_absence", 0.0)
    report = repair(old, stamp="20221021090000")
    assert report.faults == ["archive.db: rows of _absence could not be read and are lost"]
    assert verify(old, deep=True).whole
    found = seen(old)
    assert [view for view in expected if found[view] != expected[view]] == ["absences"]


def test_a_dry_run_changes_nothing(old: Path) -> None:
    before = old.read_bytes()
    assert repair(old, stamp="", dry_run=True).is_repaired
    assert old.read_bytes() == before
    assert schema_of(old, MAIN) < len(MIGRATIONS)


DANGLING = [
    "DELETE FROM _page WHERE page_id = 4",
    "DELETE FROM _run WHERE run_id = 1",
    "DELETE FROM _extractor WHERE extractor_id = 1",
    "DELETE FROM _request WHERE request_id = 2",
]


@pytest.mark.parametrize("damage", DANGLING)
def test_a_failed_migration_says_why_and_repair_continues(
    made: Path, old: Path, expected: Answers, damage: str
) -> None:
    alter(old, damage)
    before = old.read_bytes()
    for write in (True, False):
        with pytest.raises(
            ArchiveDamaged, match=r"to schema \d+ failed \(a row of \w+ references .+\).*`archiver repair`"
        ):
            Store.open(old, write=write)
    assert old.read_bytes() == before
    shutil.copytree(old.parent, old.parent.parent / "alone")
    alone = old.parent.parent / "alone" / "archive.db"
    mend(alone)
    Store.open(alone).close()
    assert schema_of(alone, MAIN) == len(MIGRATIONS)
    assert mend(old, made / "copy").whole
    assert seen(old) == expected


def test_a_lost_file_is_rebuilt_from_an_earlier_copy(made: Path, new: Path, expected: Answers) -> None:
    new.unlink()
    assert mend(new, made / "copy").whole
    assert seen(new) == expected


@pytest.mark.parametrize(
    "table",
    ["_reading", "_link", "_stored_content", "_visit", "_target", "_reason"]
    if IS_FULL
    else ["_stored_content", "_link"],
)
def test_a_damaged_page_is_filled_from_an_earlier_copy(made: Path, new: Path, expected: Answers, table: str) -> None:
    emptied(new, table, 0.0)
    assert mend(new, made / "copy").whole
    found = seen(new)
    assert [view for view in expected if found[view] != expected[view]] == []


def test_altered_rows_are_restored_from_an_earlier_copy(made: Path, new: Path, expected: Answers) -> None:
    alter(
        new, "UPDATE _visit SET status = 404 WHERE visit_id = 7", "UPDATE _version SET seen_from = '' WHERE version = 2"
    )
    report = mend(new, made / "copy")
    assert (report.whole, report.rows, report.files) == (True, [7], [])
    assert seen(new) == expected


def test_the_first_page_of_another_schema_is_not_used(made: Path, new: Path, expected: Answers) -> None:
    overwrite(new, 0, b"\0" * 4096)
    assert mend(new, made / "copy").whole
    assert seen(new) == expected


def test_ids_that_a_migration_gave_differ_in_a_copy(made: Path, old: Path) -> None:
    """The archive has a name of readings that the copy has not: every later name has another id there."""
    if schema_of(old, MAIN) != 7:
        pytest.skip("once is enough")
    alter(
        old,
        "INSERT INTO _reading SELECT page_id, 'aaa', visit_id, visited_at, 5, NULL FROM _visit WHERE visit_id = 1",
        "INSERT INTO _link(page_id, to_url, text, seen_from) SELECT page_id, 'http://a.example/', 'a', visited_at "
        "FROM _visit WHERE visit_id = 2",
        "UPDATE _link SET link_id = -link_id WHERE to_url = 'http://a.example/'",
    )
    Store.open(old).close()
    expected = seen(old)
    for table in ("_reading", "_link"):
        emptied(old, table, 0.5)
    assert mend(old, made / "copy").whole
    found = seen(old)
    assert found["readings"] == [row for row in expected["readings"] if row[1] != "aaa"]
    assert found["links"] == [row for row in expected["links"] if row[1] != "http://a.example/"]


def test_a_full_disk_stops_the_repair(made: Path, new: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise ArchiveFull("archive.db.repaired.copy: the disk is full")

    monkeypatch.setattr(salvage, "same_ids", full)
    before = new.read_bytes()
    with pytest.raises(ArchiveFull):
        repair(new, made / "copy", stamp="")
    assert new.read_bytes() == before
    assert_nothing_is_left(new)


def test_visits_newer_than_a_copy_of_the_same_schema_are_read(made: Path, old: Path, expected: Answers) -> None:
    """The first page is lost: the tables in the other pages show that the copy's first page fits."""
    copy = Path(shutil.copytree(made / "copy", old.parent.parent / "copy")) / "archive.db"
    last = "SELECT max(visit_id) FROM _visit"
    for table in ("_imported", "_unread", "_sample"):
        with suppress(sqlite3.OperationalError):
            alter(copy, f"DELETE FROM {table} WHERE visit_id = ({last})")
    alter(copy, f"DELETE FROM _reading WHERE visit_id = ({last})", f"DELETE FROM _visit WHERE visit_id = ({last})")
    overwrite(old, 0, b"\0" * 4096)
    assert mend(old, copy).whole
    assert seen(old) == expected


def test_a_wrong_schema_number_is_repaired(new: Path, expected: Answers) -> None:
    alter(new, "PRAGMA user_version = 3")
    assert mend(new).whole
    assert seen(new) == expected


def test_no_archive_without_visits_is_put_in_place(tmp_path: Path) -> None:
    path = tmp_path / "data" / "archive.db"
    fill(path, 2)
    emptied(path, "_visit", 0.0)
    before = path.read_bytes()
    with pytest.raises(ArchiveDamaged, match="none of its visits can be read, and no copy was named"):
        repair(path, stamp="")
    assert path.read_bytes() == before


@pytest.mark.parametrize("table", ["_reason", "_reading_name", "_target", "_origin"])
def test_values_that_rows_refer_to_are_restored(new: Path, tmp_path: Path, table: str) -> None:
    with closing(sqlite3.connect(new, isolation_level=None)) as database:
        database.execute("INSERT INTO _origin VALUES (1, 'rule', 'body[1]')")
        database.execute("UPDATE _source SET rule = '', node_path = NULL, origin_id = 1 WHERE version_id = 1")
    back_up(new, tmp_path / "copy", made_at=NOW, version="0")
    expected = seen(new)
    alter(new, f"DELETE FROM {table} WHERE rowid = 1")
    assert not verify(new).whole
    assert mend(new, tmp_path / "copy").whole
    assert seen(new) == expected


@pytest.mark.parametrize("table", ["_reason", "_reading_name", "_target"])
def test_values_are_restored_from_an_earlier_copy(made: Path, new: Path, expected: Answers, table: str) -> None:
    alter(new, f"DELETE FROM {table} WHERE rowid = 1")
    with Store.open(new, write=False) as store:
        reasons = list(store.sql("SELECT visit_id, reason FROM visits"))
    assert mend(new, made / "copy").whole
    assert seen(new) == expected
    with Store.open(made / "new" / "archive.db", write=False) as store:
        whole = list(store.sql("SELECT visit_id, reason FROM visits"))
    with Store.open(new, write=False) as store:
        assert list(store.sql("SELECT visit_id, reason FROM visits")) == whole
    assert (reasons != whole) == (table == "_reason")


def test_the_duplicate_of_a_killed_repair_is_not_used(made: Path, new: Path, expected: Answers) -> None:
    new.with_name(new.name + ".repaired.copy").write_bytes(b"of another copy")
    alter(new, "UPDATE _visit SET status = 404 WHERE visit_id = 7")
    assert mend(new, made / "copy").whole
    assert seen(new) == expected
