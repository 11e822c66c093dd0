"""`archiver backup` and `archiver repair`: lines, JSON, exit codes."""

import hashlib
import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from archiver.cli import run
from archiver.cli.context import GLOBAL_OPTIONS
from archiver.model.clock import SettableClock
from archiver.settings import Settings
from filled import fill
from made import START


class Runner:
    """Run commands on an archive of 18 visits."""

    def __init__(self, archive: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.archive = archive
        self.vault = archive.with_name("archive.vault.db")
        self._capsys = capsys
        self.err = ""

    def __call__(self, *words: object, code: int = 0) -> str:
        got = run([str(word) for word in words])
        printed = self._capsys.readouterr()
        self.err = printed.err
        assert got == code, printed
        return printed.out

    def json(self, *words: object, code: int = 0) -> dict[str, Any]:
        result: dict[str, Any] = json.loads(self(*words, "--json", code=code))
        return result

    def alter(self, path: Path, statement: str) -> None:
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute(statement)


@pytest.fixture
def archiver(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Runner]:
    path = tmp_path / "data" / "archive.db"
    fill(path, 6)
    GLOBAL_OPTIONS.settings = Settings(path, (), SettableClock(START))
    yield Runner(path, capsys)
    GLOBAL_OPTIONS.settings = None


def test_backup_prints_what_it_made(archiver: Runner, tmp_path: Path) -> None:
    result = archiver.json("backup", tmp_path / "copy")
    assert {name: result[name] for name in ("path", "visits", "incremental", "damaged", "made_at")} == {
        "path": str(tmp_path / "copy"),
        "visits": 18,
        "incremental": False,
        "damaged": [],
        "made_at": "2022-10-21 09:00:00",
    }
    assert [proof["name"] for proof in result["files"]] == ["archive.db", "archive.vault.db"]
    assert result["bytes"] == sum(path.stat().st_size for path in (tmp_path / "copy").glob("*.db"))
    assert len(result["chain"]) == 64
    assert result["seconds"] >= 0
    fill(archiver.archive, 1)
    assert archiver.json("backup", tmp_path / "copy")["incremental"]
    lines = archiver("backup", tmp_path / "copy").splitlines()
    assert lines[0].startswith(f"{tmp_path / 'copy'}: updated: 21 visits, ")
    assert lines[1].startswith("chain: ")


def test_check_verifies_a_copy_without_the_archive(archiver: Runner, tmp_path: Path) -> None:
    archiver("backup", tmp_path / "copy")
    shutil.rmtree(archiver.archive.parent)
    assert "whole, as made at 2022-10-21 09:00:00: 18 visits" in archiver("backup", "--check", tmp_path / "copy")
    assert archiver.json("backup", "--check", tmp_path / "copy")["checked"]
    vault = tmp_path / "copy" / "archive.vault.db"
    vault.write_bytes(vault.read_bytes()[:-1] + b"!")
    archiver("backup", "--check", tmp_path / "copy", code=4)
    assert archiver.err == f"error: {vault}: is damaged (its SHA-256 differs from the manifest); make a new copy\n"


def test_every_command_reads_the_copy(archiver: Runner, tmp_path: Path) -> None:
    archiver("backup", tmp_path / "copy")
    GLOBAL_OPTIONS.settings = None
    copy = tmp_path / "copy" / "archive.db"
    before = hashlib.sha256(copy.read_bytes()).hexdigest()
    assert "18 visits" in archiver("--archive", copy, "verify", "--deep")
    assert archiver("--archive", copy, "stats")
    assert hashlib.sha256(copy.read_bytes()).hexdigest() == before


@pytest.mark.parametrize(
    ("where", "code"), [("data", 2), ("data/copy", 2), ("no/copy", 2), ("data/archive.db", 2), ("/proc/copy", 4)]
)
def test_an_unusable_folder_is_a_one_line_error(archiver: Runner, tmp_path: Path, where: str, code: int) -> None:
    archiver("backup", tmp_path / where, code=code)
    assert archiver.err.count("\n") == 1
    assert archiver.err.startswith("error: ")
    assert not (tmp_path / "data" / "copy").exists()


def test_a_damaged_archive_is_copied_and_the_damage_reported(archiver: Runner, tmp_path: Path) -> None:
    archiver.alter(archiver.vault, "DELETE FROM _frame WHERE frame_id = 18")
    result = archiver.json("backup", tmp_path / "copy", code=4)
    assert result["damaged"] == [18]
    assert "the copy is made, but 1 visit of the archive is damaged" in archiver.err


def test_repair_prints_what_it_repaired(archiver: Runner, tmp_path: Path) -> None:
    archiver("backup", tmp_path / "copy")
    assert archiver("repair", "--from", tmp_path / "copy") == "nothing is damaged\n"
    archiver.alter(archiver.vault, "UPDATE _frame SET data = zeroblob(9) WHERE frame_id IN (5, 7)")
    assert archiver("repair", "--dry-run", "--from", tmp_path / "copy").splitlines() == [
        "2 frames would be repaired: 5, 7",
        "everything would be repaired",
    ]
    archiver("repair", code=4)
    assert "no bytes were found for " in archiver.err
    assert archiver("repair", "--from", tmp_path / "copy").splitlines() == [
        "2 frames repaired: 5, 7",
        "everything is repaired",
    ]
    result = archiver.json("repair")
    assert (result["whole"], result["frames"], result["dry_run"]) == (True, [], False)
    assert "18 visits" in archiver("verify", "--deep")


def test_a_rewritten_file_keeps_the_damaged_one(archiver: Runner, tmp_path: Path) -> None:
    archiver("backup", tmp_path / "copy")
    archiver.archive.write_bytes(b"\0" * 5000)
    lines = archiver("repair", "--from", tmp_path / "copy").splitlines()
    assert lines[:2] == [
        "archive.db: rewritten",
        "archive.db.damaged-20221021090000: kept, still damaged",
    ]
    assert lines[-1] == "everything is repaired"
    assert archiver.archive.with_name("archive.db.damaged-20221021090000").read_bytes() == b"\0" * 5000


def test_repair_without_a_copy(archiver: Runner, tmp_path: Path) -> None:
    archiver("repair", "--from", tmp_path / "nothing", code=2)
    assert archiver.err.startswith(f"error: {tmp_path / 'nothing'}: there is no copy here")
    archiver.vault.unlink()
    archiver("repair", code=4)
    assert "name a copy of the archive with --from" in archiver.err
    assert not archiver.vault.exists()
