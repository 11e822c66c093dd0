"""Stored times: every column with a time is checked, and visits dated later than now are reported."""

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from archiver.maintain.verify.verify import VerifyResult, verify
from archiver.maintain.verify.verify_times import PLANNED, TIMES
from archiver.store.archive import Store
from damaged import alter
from filled import fill
from made import START

NOW = START + timedelta(days=2)
SAID = {"published", "published_utc", "published_raw", "published_precision", "born", "hint"}
"""Dates that pages say; text of other forms."""


def of(found: VerifyResult, kind: str) -> list[str]:
    return [finding.what for finding in found.findings if finding.kind == kind]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """An archive of twelve visits to each of three pages, an hour between them."""
    fill(tmp_path / "a.db")
    return tmp_path / "a.db"


def test_an_undamaged_archive_has_valid_times(path: Path) -> None:
    found = verify(path, now=NOW)
    assert found.whole
    assert not found.findings


@pytest.mark.parametrize("wrong", ["1-01-01 00:00:00", "2022-02-30 00:00:00", "now", "", "2022-10-21T09:00:00"])
@pytest.mark.parametrize(
    ("table", "column", "row"),
    [
        ("_visit", "visited_at", "visit_id = 2"),
        ("_version", "seen_from", "version_id = 1"),
        ("_extractor", "made_at", "extractor_id = 1"),
        ("_page", "first_seen", "page_id = 1"),
    ],
)
def test_an_invalid_time_is_found(path: Path, table: str, column: str, row: str, wrong: str) -> None:
    alter(path, f"UPDATE {table} SET {column} = '{wrong}' WHERE {row}")
    found = verify(path)
    assert not found.whole
    assert any(f"1 times in {table}.{column} are not YYYY-MM-DD HH:MM:SS" in what for what in of(found, "time"))


def test_a_time_in_the_far_future_is_found_and_planned_ones_are_not(path: Path) -> None:
    alter(
        path,
        "INSERT INTO _frontier(page_id, site_id, due_at) VALUES (1, 1, '2040-01-01 00:00:00')",
        "UPDATE _page SET last_visited = '9999-01-01 00:00:00' WHERE page_id < 3",
    )
    found = verify(path, now=NOW)
    assert not found.whole
    (what,) = of(found, "time")
    assert what.startswith("2 times in _page.last_visited are more than a day after now, such as 9999-01-01 00:00:00")


def test_visits_in_the_future_are_reported_and_no_damage(path: Path) -> None:
    found = verify(path, now=START + timedelta(hours=2, minutes=30))
    assert found.whole
    (what,) = of(found, "future")
    assert what.startswith("27 visits are dated later than now (2022-10-21 11:30:00 UTC), the last 2022-10-21 20:00:00")
    assert "the clock or the imported file was wrong" in what
    assert not verify(path, now=START - timedelta(days=30)).whole


def test_every_column_with_a_time_is_checked(tmp_path: Path) -> None:
    """A new column with a time needs one of the names by which they are found."""
    Store.open(tmp_path / "a.db").close()
    with closing(sqlite3.connect(tmp_path / "a.db")) as connection:
        columns = connection.execute(
            "SELECT m.name, c.name FROM sqlite_schema m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND c.type = 'TEXT'"
        ).fetchall()
    known = {(table, column) for table, column in columns if column in TIMES or column.endswith("_at")}
    odd = {
        (table, column)
        for table, column in columns
        if column.startswith(("seen", "first_", "last_", "at", "since", "until", "when", "not_")) or column.endswith(("_from", "_until", "_time", "_on"))
    }  # fmt: skip
    assert odd <= known
    assert known >= PLANNED
