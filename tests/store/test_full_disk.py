"""A full disk is reported as such, also by commands that only read, and never as damage."""

import shutil
import sqlite3
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from archiver.errors import ArchiveDamaged, ArchiveError, ArchiveFull
from archiver.maintain.verify import verify as module
from archiver.maintain.verify.row_ranges import DAMAGE
from archiver.maintain.verify.verify import verify
from archiver.store import connection, plain_files
from archiver.store.connection import as_archive_error
from archiver.store.disk_space import has_room, temporary_folder
from filled import fill

COMMANDS = ["verify", "verify --deep", "stats", "head", "search quan", "show http://portal.example/1", "export csv -"]
_ON_A_FULL_DISK = """
mount -t tmpfs -o size=4m tmpfs "$1/full"
cp "$1"/archive.db "$1"/archive.vault.db "$1/full"
dd if=/dev/zero of="$1/full/fill" bs=4k 2>/dev/null
shift
exec "$@"
"""


@pytest.mark.parametrize("command", COMMANDS)
def test_a_full_disk_is_reported(tmp_path: Path, command: str) -> None:
    if sys.platform != "linux" or not shutil.which("unshare"):
        pytest.skip("needs Linux and unshare")
    if subprocess.run(["unshare", "-Urm", "mount", "-t", "tmpfs", "tmpfs", "/mnt"], capture_output=True, check=False).returncode:  # fmt: skip
        pytest.skip("may not mount a file system of its own")
    fill(tmp_path / "archive.db", rounds=3)
    (tmp_path / "full").mkdir()
    ours = [sys.executable, "-m", "archiver", "--archive", str(tmp_path / "full" / "archive.db"), *command.split()]
    done = subprocess.run(
        ["unshare", "-Urm", "sh", "-c", _ON_A_FULL_DISK, "sh", str(tmp_path), *ours],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 4
    assert "archive.db: the disk is full; make room, then run this again" in done.stderr
    assert done.stderr.startswith("error: ")
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""


def _failure(code: int) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("x")
    error.sqlite_errorcode = code
    return error


@pytest.mark.parametrize(
    "code",
    [
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR_WRITE,
        sqlite3.SQLITE_IOERR_SHMSIZE,
        sqlite3.SQLITE_IOERR_SHMOPEN,
        sqlite3.SQLITE_IOERR_TRUNCATE,
        sqlite3.SQLITE_IOERR_GETTEMPPATH,
        sqlite3.SQLITE_CANTOPEN,
    ],
)
def test_failures_on_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    monkeypatch.setattr(connection, "has_room", lambda _folder: False)
    error = as_archive_error(_failure(code), tmp_path / "a.db")
    assert isinstance(error, ArchiveFull)
    assert str(error).startswith(f"{tmp_path}/a.db: the disk is full; make room")
    monkeypatch.setattr(connection, "has_room", lambda folder: folder == tmp_path)
    monkeypatch.setattr(connection, "temporary_folder", lambda: Path("/elsewhere"))
    error = as_archive_error(_failure(code), tmp_path / "a.db")
    assert isinstance(error, ArchiveFull)
    assert "the disk of SQLite's temporary files (/elsewhere) is full" in str(error)
    monkeypatch.setattr(connection, "has_room", lambda _folder: True)
    told = str(as_archive_error(_failure(code), tmp_path / "a.db"))
    assert ("the disk is full" in told) == (code == sqlite3.SQLITE_FULL)


@pytest.mark.parametrize(
    "code", [sqlite3.SQLITE_IOERR_READ, sqlite3.SQLITE_IOERR_SHORT_READ, sqlite3.SQLITE_IOERR_CORRUPTFS]
)
def test_a_disk_that_cannot_be_read_is_damage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    monkeypatch.setattr(connection, "has_room", lambda _folder: False)
    error = as_archive_error(_failure(code), tmp_path / "a.db")
    assert isinstance(error, ArchiveDamaged)
    assert "the disk cannot read it" in str(error)


def test_a_check_on_a_full_disk_fails_without_findings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each check takes what SQLite raises for damage; a full disk must not become a finding."""
    path = tmp_path / "a.db"
    fill(path, rounds=2)

    def broken(connection: plain_files.PlainConnection, *_: object, **__: object) -> None:
        with suppress(*DAMAGE), monkeypatch.context() as patched:
            patched.setattr(plain_files, "as_archive_error", lambda *_: ArchiveFull("a.db: the disk is full"))
            connection.rows("SELECT nothing FROM nowhere")

    monkeypatch.setattr(module, "check_derived", broken)
    with pytest.raises(ArchiveFull, match="the disk is full"):
        verify(path)
    assert issubclass(ArchiveFull, ArchiveError)


def test_free_space_is_detected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert has_room(tmp_path)
    assert has_room(tmp_path / "missing")
    monkeypatch.setenv("SQLITE_TMPDIR", str(tmp_path))
    assert temporary_folder() == tmp_path
    monkeypatch.setenv("SQLITE_TMPDIR", str(tmp_path / "missing"))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    assert temporary_folder() == tmp_path
