"""Tables as Parquet files of bounded size, by month: the same rows make the same files."""

from collections.abc import Sequence
from pathlib import Path

import pyarrow.parquet
import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.errors import ArchiveDamaged
from archiver.export import partitions
from archiver.export.partitions import PartitionFile, write_partitions
from archiver.model.table import Column, ColumnKind, Row, Table
from archiver.store.columns import READABLE
from archiver.store.partitions import MONTH_OF, is_id, partition_sql

COLUMNS = (Column("visit_id", ColumnKind.INTEGER), Column("url", ColumnKind.TEXT))


def written(folder: Path, rows: Sequence[Row]) -> list[PartitionFile]:
    folder.mkdir(parents=True, exist_ok=True)
    return list(write_partitions(Table("visits", COLUMNS, iter(rows)), folder))


def rows_of(files: Sequence[PartitionFile]) -> list[tuple[str, int, str]]:
    return [
        (file.partition, row["visit_id"], row["url"])
        for file in files
        for row in pyarrow.parquet.read_table(file.path).to_pylist()
    ]


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of at most four rows."""
    monkeypatch.setattr(partitions, "MOST_ROWS", 4)


@pytest.mark.usefixtures("small")
def test_a_month_has_as_many_files_as_it_needs_in_order(tmp_path: Path) -> None:
    rows = [("2026-10", number, "x") for number in range(9)] + [("2026-11", 9, "y"), ("none", 10, "z")]
    files = written(tmp_path, rows)
    assert [(file.partition, file.rows) for file in files] == [
        ("2026-10", 4), ("2026-10", 4), ("2026-10", 1), ("2026-11", 1), ("none", 1),
    ]  # fmt: skip
    assert rows_of(files) == rows
    assert all(file.path.stat().st_size == file.bytes for file in files)


@pytest.mark.usefixtures("small")
def test_new_rows_change_only_the_last_file_of_their_month(tmp_path: Path) -> None:
    rows = [("2026-10", number, "x") for number in range(10)]
    before = {file.sha256 for file in written(tmp_path / "a", rows)}
    after = [file.sha256 for file in written(tmp_path / "b", [*rows, ("2026-10", 10, "x"), ("2026-11", 11, "x")])]
    assert [digest in before for digest in after] == [True, True, False, False]


def test_long_texts_end_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(partitions, "MOST_SIZE", 1000)
    files = written(tmp_path, [("all", number, "x" * 400) for number in range(7)])
    assert [file.rows for file in files] == [3, 3, 1]


@given(st.lists(st.tuples(st.sampled_from(["2026-10", "2026-11"]), st.integers(0, 2**40), st.text()), max_size=40))
def test_the_same_rows_make_the_same_files(tmp_path_factory: pytest.TempPathFactory, rows: list[Row]) -> None:
    rows = sorted(rows, key=lambda row: str(row[0]))
    folder = tmp_path_factory.mktemp("partitions")
    one, other = (written(folder / name, rows) for name in ("one", "other"))
    assert [file.sha256 for file in one] == [file.sha256 for file in other]
    assert rows_of(one) == rows
    assert sum(file.rows for file in one) == len(rows)


@pytest.mark.parametrize("partition", ["../..", "2026", "2026-1", "", "2026-10/x"])
def test_a_partition_that_is_no_month_is_damage(tmp_path: Path, partition: str) -> None:
    with pytest.raises(ArchiveDamaged, match="visits"):
        written(tmp_path, [(partition, 1, "x")])


def test_every_view_has_its_month_and_its_ids() -> None:
    assert set(MONTH_OF) == {view.name for view in READABLE}
    for view in READABLE:
        assert MONTH_OF[view.name] in (None, *view.columns)
        assert "site" in view.columns
        assert f"FROM {view.name}" in partition_sql(view)
    ids = {name for view in READABLE for name in view.columns if is_id(view, name)}
    assert {"page_id", "visit_id", "version_id", "to_page_id", "of_visit", "moved_to_page", "content_id"} <= ids
    assert not ids & {"version", "views", "value", "bytes", "record_id", "chain_position", "edition"}
