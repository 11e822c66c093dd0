"""The chain of visits: `verify` finds any value that was altered in any column of evidence."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archiver.maintain.verify.verify import verify
from damaged import alter
from filled import PAGES, fill
from trials import lasting

NOT_CHAINED = {"read_outcome", "read_note", "reason_id", "cause"}
"""Columns outside the chain: what a reader found, and why the visit was made. `frame_id` is covered through the body it names."""
Value = int | str | bytes | None


def _columns(path: Path, table: str) -> dict[str, str]:
    with closing(sqlite3.connect(path)) as database:
        return {str(row[1]): str(row[2]) for row in database.execute(f"PRAGMA table_info({table})")}


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("chain") / "archive.db"
    fill(path, 3)
    assert verify(path, deep=True).whole
    return path


@pytest.fixture(scope="module")
def evidence(archive: Path) -> list[tuple[str, str, str]]:
    """Every column of evidence: table, column, type."""
    found = [("_visit", name, kind) for name, kind in _columns(archive, "_visit").items() if name not in NOT_CHAINED]
    found += [("_request", name, kind) for name, kind in _columns(archive, "_request").items()]
    return [*found, ("_page", "url", "TEXT"), ("_page", "page_id", "INTEGER")]


@contextmanager
def _altered(archive: Path, table: str, column: str, row: int, value: Value) -> Iterator[bool]:
    """Alter one value while the block runs; gives whether it is another one."""
    with closing(sqlite3.connect(archive)) as database:
        rows = database.execute(f"SELECT rowid, {column} FROM {table} ORDER BY rowid").fetchall()
    number, was = rows[row % len(rows)]
    taken = column in ("visit_id", "page_id", "request_id") and value in {each[0] for each in rows}
    before = archive.read_bytes()
    if value != was and not taken:
        shown = "NULL" if value is None else f"x'{value.hex()}'" if isinstance(value, bytes) else repr(value)
        shown = f"'{value.replace(chr(39), chr(39) * 2)}'" if isinstance(value, str) else shown
        alter(archive, f"UPDATE {table} SET {column} = {shown} WHERE rowid = {number}")
    try:
        yield value != was and not taken
    finally:
        for ending in ("-wal", "-shm"):
            archive.with_name(archive.name + ending).unlink(missing_ok=True)
        archive.write_bytes(before)


def _not_null(archive: Path, table: str) -> set[str]:
    with closing(sqlite3.connect(archive)) as database:
        return {str(row[1]) for row in database.execute(f"PRAGMA table_info({table})") if row[3] or row[5]}


VALUES: dict[str, st.SearchStrategy[Any]] = {
    "INTEGER": st.integers(-(2**40), 2**40),
    "TEXT": st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=30),
    "BLOB": st.binary(max_size=40),
}


@pytest.mark.soak
@settings(max_examples=lasting(40, 1000))
@given(st.data())
def test_any_value_altered_in_any_column_is_found(
    archive: Path, evidence: list[tuple[str, str, str]], data: st.DataObject
) -> None:
    table, column, kind = data.draw(st.sampled_from(evidence))
    none = st.nothing() if column in {*_not_null(archive, table), "frame_id"} else st.none()  # no frame: it was pruned
    text = (
        VALUES[kind].filter(bool) if column == "asked" else VALUES[kind]
    )  # "" and NULL both say: the page's own address
    value = data.draw(none | text)
    with _altered(archive, table, column, data.draw(st.integers(0, 3 * PAGES)), value) as is_other:
        found = verify(archive, deep=True)
        assert found.whole is not is_other, found.findings


def test_a_value_of_each_column_altered_is_found(archive: Path, evidence: list[tuple[str, str, str]]) -> None:
    """Every column once: a column that is added is chained, or named in NOT_CHAINED."""
    for table, column, kind in evidence:
        altered: dict[str, Value] = {"INTEGER": 987_654, "TEXT": "something else", "BLOB": b"\x00" * 32}
        with _altered(archive, table, column, 4, altered[kind]) as is_other:
            assert is_other
            found = verify(archive, deep=True)
            assert not found.whole, f"{table}.{column}"


def test_what_is_not_chained_may_change(archive: Path) -> None:
    assert set(_columns(archive, "_visit")) >= NOT_CHAINED
    for column, value in (("read_outcome", "ok"), ("read_note", "other")):
        with _altered(archive, "_visit", column, 2, value) as is_other:
            assert is_other
            assert verify(archive, deep=True).whole, column
    with _altered(archive, "_visit", "reason_id", 2, 9):  # not chained, but a reason that does not exist is a fault
        assert [each.kind for each in verify(archive, deep=True).findings] == ["derived"]


@pytest.mark.parametrize("gone", ["first", "middle", "last"])
def test_a_missing_or_swapped_row_is_found(archive: Path, tmp_path: Path, gone: str) -> None:
    for file in archive.parent.glob("archive*.db"):
        shutil.copy(file, tmp_path)
    path = tmp_path / archive.name
    last = 3 * PAGES
    number = {"first": 1, "middle": last // 2, "last": last}[gone]
    other = 1 if number == last else number + 1
    alter(
        path,
        f"UPDATE _visit SET visit_id = -1 WHERE visit_id = {number}",
        f"UPDATE _visit SET visit_id = {number} WHERE visit_id = {other}",
        f"UPDATE _visit SET visit_id = {other} WHERE visit_id = -1",
    )
    assert not verify(path).whole
    alter(path, f"DELETE FROM _visit WHERE visit_id = {number}")
    assert not verify(path).whole
