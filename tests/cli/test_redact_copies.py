"""Redacted bytes do not come back: not by backup, repair, import, or an interrupted redaction; and verify misses nothing."""

import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from archiver.maintain.verify.verify import verify
from archiver.model.clock import written
from archiver.store.archive import Store, vault_path
from archiver.store.redactions import Act
from redacted import SECRET, found, rows, secret_page, watch
from warcs import packed, response
from watched import Town

REASON = "court order 12/2022"


@pytest.fixture
def watched(town: Town) -> Town:
    watch(town)
    return town


def redact(town: Town, what: str, *more: str) -> str:
    return town("redact", what, "--reason", REASON, "--yes", *more)


def edit(path: Path, *statements: str) -> None:
    """Change a file behind the archiver's back, past the triggers."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {row[0]}")
        for statement in statements:
            connection.execute(statement)


def kinds(path: Path) -> set[str]:
    return {each.kind for each in verify(path, deep=True).findings if each.kind != "schema"}


def test_a_backup_after_a_redaction_does_not_have_the_bytes(watched: Town) -> None:
    """Also when an older copy is in the same folder."""
    copy = watched.folder.parent / f"{watched.folder.name}-copy"
    watched("backup", str(copy))
    assert found(copy / "archive.db")
    redact(watched, watched.url(1))
    watched("backup", str(copy))
    assert found(copy / "archive.db") == set()
    watched.crawl()
    watched("backup", str(copy))
    assert not verify(copy / "archive.db", deep=True).findings
    shutil.rmtree(copy)


@pytest.mark.parametrize(
    "damage",
    ["rows", "file", "vault", "acts", "everything"],
)
def test_repair_from_an_older_copy_does_not_bring_the_bytes_back(watched: Town, damage: str) -> None:
    copy = watched.folder.parent / f"{watched.folder.name}-copy"
    watched("backup", str(copy))
    redact(watched, watched.url(1))
    vault = vault_path(watched.path)
    if damage == "rows":
        edit(watched.path, "DELETE FROM _redacted", "DELETE FROM _redaction", "DELETE FROM _visit WHERE visit_id = 3")
    elif damage == "acts":
        edit(watched.path, "DELETE FROM _redacted_page", "DELETE FROM _redacted", "DELETE FROM _redaction")
    elif damage == "file":
        data = bytearray(watched.path.read_bytes())
        for place in range(8192, len(data), 12288):
            data[place : place + 64] = b"\xff" * 64
        watched.path.write_bytes(data)
    elif damage == "vault":
        vault.write_bytes(vault.read_bytes()[:8192] + b"\0" * 60000)
    else:
        watched.path.unlink()
    watched("repair", "--from", str(copy), code=None)
    for aside in watched.folder.glob("*.damaged*"):
        aside.unlink()
    assert found(watched.path) == set(), watched.err
    assert len(rows(watched.path, "SELECT * FROM redactions")) == 3
    result = verify(watched.path, deep=True)
    assert not result.findings
    assert result.redacted == 3
    shutil.rmtree(copy)


def test_an_import_brings_no_redacted_capture_back(watched: Town) -> None:
    folder = watched.folder / "warc"
    watched("export", "warc", str(folder))
    files = [str(file) for file in folder.glob("*.warc.gz")]
    redact(watched, watched.url(1))
    told = watched("import", "warc", *files, code=None)
    assert "0 captures imported" in told
    assert "3 are left out: they were redacted in this archive" in watched.err
    assert watched.json("import", "warc", *files, code=None)[0]["redacted"] == 3
    shutil.rmtree(folder)
    assert found(watched.path) == set()


def warc_of(town: Town, folder: Path, day: int, date: str) -> Path:
    """Write a file with another capture of page 1."""
    file = folder / "other.warc.gz"
    file.write_bytes(packed(response(secret_page(day), town.url(1), date)))
    return file


@pytest.mark.parametrize(
    ("day", "date", "is_taken"),
    [
        (7, "2022-10-22T21:00:00Z", False),  # within the span, other bytes
        (2, "2022-10-20T21:00:00Z", False),  # outside, the bytes of a redacted capture
        (7, "2022-10-20T21:00:00Z", True),
    ],
)
def test_an_import_takes_no_capture_from_a_redacted_span_and_none_with_redacted_bytes(
    watched: Town, tmp_path: Path, day: int, date: str, is_taken: bool
) -> None:
    """The file has a capture of the page that this archive never had."""
    redact(watched, watched.url(1), "--since", "2022-10-22", "--until", "2022-10-22")
    file = warc_of(watched, tmp_path, day, date)
    done = watched.json("import", "warc", str(file), code=None)[0]
    assert (done["captures"], done["redacted"]) == ((1, 0) if is_taken else (0, 1))


def test_verify_reports_bytes_that_are_missing_without_a_pruning_or_a_redaction(watched: Town) -> None:
    copy = watched.folder.parent / f"{watched.folder.name}-copy"
    watched("backup", str(copy))
    with closing(sqlite3.connect(watched.path)) as connection:
        connection.execute("UPDATE _visit SET frame_id = NULL WHERE visit_id = 3")
        connection.commit()
    told = watched("verify", code=4)
    assert "its bytes are missing, and neither a pruning nor a redaction deleted them" in told
    watched("repair", "--from", str(copy))
    watched("verify", "--deep")
    shutil.rmtree(copy)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE _redaction SET reason = 'a whim'",
        "UPDATE _redaction SET redacted_at = '2022-10-23 00:00:00'",
        "DELETE FROM _redacted WHERE visit_id = (SELECT min(visit_id) FROM _redacted)",
        "UPDATE _visit SET frame_id = 1 WHERE visit_id = (SELECT min(visit_id) FROM _redacted)",
    ],
)
def test_verify_sees_that_a_redaction_was_altered(watched: Town, statement: str) -> None:
    redact(watched, watched.url(1))
    edit(watched.path, statement)
    assert "redaction" in kinds(watched.path)


def test_a_statement_of_the_head_proves_that_no_redaction_was_taken_away(watched: Town) -> None:
    redact(watched, watched.url(2))
    redact(watched, watched.url(1))
    head = watched.folder / "head.json"
    watched("head", "--out", str(head))
    watched("verify", "--head", str(head))
    redact(watched, watched.url(3))
    watched("verify", "--head", str(head))
    edit(watched.path, "DELETE FROM _redacted WHERE redaction_id > 1", "DELETE FROM _redaction WHERE redaction_id > 1")
    assert "it names 2 redactions; here there are 1" in watched("verify", "--head", str(head), code=4)


def test_no_row_of_a_redaction_can_be_deleted_or_altered_and_no_bytes_can_be_set(watched: Town) -> None:
    redact(watched, watched.url(1))
    with closing(sqlite3.connect(watched.path)) as connection:
        for statement in (
            "DELETE FROM _redaction",
            "DELETE FROM _redacted",
            "UPDATE _redaction SET reason = ''",
            "UPDATE _redacted SET redaction_id = 1",
            "UPDATE _visit SET frame_id = 1 WHERE visit_id IN (SELECT visit_id FROM _redacted)",
        ):
            with pytest.raises(sqlite3.IntegrityError, match="redact"):
                connection.execute(statement)


_KILLED = """
import os, signal, sys
from pathlib import Path
from archiver.cli.context import GLOBAL_OPTIONS
from archiver.model.clock import SettableClock, instant
from archiver.model.policy import Retries
from archiver.settings import Settings
import archiver.maintain.redact.erase as erase
from archiver.cli import run
step, path, selectors, url, now = sys.argv[1:]
GLOBAL_OPTIONS.settings = Settings(Path(path), (Path(selectors),), SettableClock(instant(now)), Retries(1, 0.0, 0.0))
def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)
class Dying:
    def __init__(self, real): self.real = real
    def __call__(self, *a, **k):
        done = self.real(*a, **k)
        die()
if step == "before":
    import archiver.app.maintenance.redacting as redacting
    redacting.finish_redactions = die
elif step == "locked":
    erase._erase_frames = die
else:
    name = {"frames": "_erase_frames", "words": "_rebuild_words", "rewrite": "_rewrite"}[step]
    setattr(erase, name, Dying(getattr(erase, name)))
run(["redact", url, "--reason", "court order 12/2022", "--yes"])
"""


@pytest.mark.parametrize("step", ["before", "locked", "frames", "words", "rewrite"])
@pytest.mark.parametrize("by", ["redact --resume", "verify", "redact"])
def test_a_killed_redaction_is_finished_by_the_next_command(watched: Town, step: str, by: str) -> None:
    arguments = [
        step,
        str(watched.path),
        str(watched.server.selectors),
        watched.url(1),
        written(watched.server.clock()),
    ]
    killed = subprocess.run([sys.executable, "-c", _KILLED, *arguments], capture_output=True, check=False)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    watched("show", watched.url(1), code=1)
    assert "a redaction is not finished" in watched.err
    watched("backup", str(watched.folder.parent / f"{watched.folder.name}-copy"), code=4)
    assert "redact --resume" in watched.err
    if by == "redact":
        redact(watched, watched.url(2))
    else:
        watched(*by.split())
    assert found(watched.path) == set()
    watched("verify", "--deep")
    assert "not finished" not in watched.err


def test_nothing_is_redacted_when_the_act_cannot_be_written(watched: Town) -> None:
    """Killed before the commit: the archive is as it was."""
    with Store.open(watched.path) as store, pytest.raises(RuntimeError), store.transaction():  # noqa: PT012
        visits = store.redactions.captures_of([row["page_id"] for row in store.sql("SELECT page_id FROM pages")])
        store.redactions.record("town", visits, Act("2022-10-24 09:00:00", REASON, "all"))
        raise RuntimeError
    assert SECRET[0] in watched("show", watched.url(1))
    watched("verify", "--deep")


def test_another_program_that_reads_holds_the_erasure_back(watched: Town) -> None:
    with Store.open(watched.path, write=False):
        watched("redact", watched.url(1), "--reason", REASON, "--yes", code=1)
        assert "redact --resume" in watched.err
    watched("show", watched.url(1), code=1)
    assert "erased from both files" in watched("redact", "--resume")
    assert found(watched.path) == set()
    assert "no redaction is unfinished" in watched("redact", "--resume")


def test_an_older_capture_of_a_page_with_a_redacted_version_takes_its_place(watched: Town, tmp_path: Path) -> None:
    """The history is rebuilt from all visits; the redacted version stays, and no change to it or from it is invented."""
    older = warc_of(watched, tmp_path, 8, "2022-10-20T09:00:00Z")
    redact(watched, watched.url(1), "--since", "2022-10-22", "--until", "2022-10-22")
    assert "1 captures imported" in watched("import", "warc", str(older), code=None), watched.err
    versions = rows(watched.path, f"SELECT * FROM versions WHERE url = '{watched.url(1)}' ORDER BY version")
    assert [(row["seen_from"][:10], row["redacted_at"] is None) for row in versions] == [
        ("2022-10-20", True),
        ("2022-10-21", True),
        ("2022-10-22", False),
        ("2022-10-23", True),
    ]
    changes = rows(watched.path, f"SELECT field, not_after FROM changes WHERE url = '{watched.url(1)}'")
    assert {row["not_after"][:10] for row in changes} == {"2022-10-21"}
    assert {row["field"] for row in changes} == {"body"}
    watched("verify", "--deep")
