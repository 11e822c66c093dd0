"""An archive whose vault is missing: reading commands work, and what needs captured bytes says in one line what is missing."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

import archiver
from archiver.errors import VaultMissing
from archiver.store.archive import Store, vault_path
from filled import fill
from shell import Commands


@pytest.fixture
def alone(lived: Path, tmp_path: Path) -> Path:
    """A copy of the archive without its vault, in a folder of its own."""
    there = tmp_path / "there"
    there.mkdir()
    with archiver.open(lived, write=False) as archive:
        address = next(archive.sql("SELECT url FROM changes WHERE field = 'title' ORDER BY change_id LIMIT 1"))["url"]
    shutil.copy(lived, there / "archive.db")
    (there / "address").write_text(address)
    return there / "archive.db"


@pytest.fixture
def ask(alone: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Commands]:
    commands = Commands(alone, tmp_path, capsys)
    yield commands
    names = {path.name for path in alone.parent.iterdir()}
    assert not [name for name in names if "vault" in name]  # nothing was created in its place


def _address(alone: Path) -> str:
    return (alone.parent / "address").read_text()


@pytest.mark.parametrize(
    "words",
    [
        ("show", "URL"),
        ("show", "URL", "--json"),
        ("history", "URL"),
        ("diff", "URL"),
        ("changes",),
        ("search", "phường"),
        ("search", "phuong", "--plain"),
        ("sql", "SELECT count(*) FROM visits"),
        ("stats",),
        ("stats", "--json"),
        ("report", "demo"),
        ("cite", "URL"),
        ("readings", "URL"),
        ("export", "csv", "-", "--view", "versions"),
        ("export", "jsonl", "OUT"),
        ("export", "package", "OUT"),
        ("datasette", "--metadata"),
        ("head",),
    ],
    ids=" ".join,
)
def test_rows_can_be_read(ask: Commands, alone: Path, words: tuple[str, ...], tmp_path: Path) -> None:
    named = {"URL": _address(alone), "OUT": str(tmp_path / "out")}
    assert ask(*(named.get(word, word) for word in words))


@pytest.mark.parametrize(
    "words",
    [
        ("show", "URL", "--format", "raw"),
        ("export", "warc", "OUT"),
        ("export", "wacz", "OUT"),
        ("extract", "--site", "demo"),
        ("prune", "demo"),
        ("backup", "OUT"),
        ("capture", "URL"),
        ("crawl", "demo"),
    ],
    ids=" ".join,
)
def test_what_needs_bytes_names_the_missing_file(
    ask: Commands, alone: Path, words: tuple[str, ...], tmp_path: Path
) -> None:
    name = "out.wacz" if "wacz" in words else "out"
    named = {"URL": _address(alone), "OUT": str(tmp_path / name)}
    before = alone.read_bytes()
    ask(*(named.get(word, word) for word in words), code=4)
    (error,) = [line for line in ask.err.splitlines() if line.startswith("error: ")]
    assert f"{vault_path(alone)}: the bodies of {alone} are missing; restore this file from a copy" in error
    assert not (tmp_path / name).exists()
    assert alone.read_bytes() == before


def test_verify_reports_the_missing_file(ask: Commands, alone: Path) -> None:
    out = ask("verify", code=4)
    assert out.startswith(
        f"{vault_path(alone).name}: it is missing; restore this file from a copy, or run `archiver repair --from COPY`\n"
    )


def test_stats_do_not_count_bodies_that_are_not_here(ask: Commands, alone: Path) -> None:
    out = ask("stats")
    assert "\nbodies:    not here; the vault is missing\n" in out
    assert "\non disk: " in out
    assert "0 B" not in out
    (row,) = ask.json("stats")
    assert {name for name, value in row.items() if value is None} == {
        "bodies",
        "bodies_bytes",
        "bodies_kept_bytes",
        "vault_bytes",
    }
    assert row["archive_bytes"] >= alone.stat().st_size


def test_repair_without_a_copy_says_that_the_file_is_missing(ask: Commands, alone: Path) -> None:
    ask("repair", code=4)
    assert f"{vault_path(alone)}: is missing; name a copy of the archive with --from\n" in ask.err


def test_a_reader_is_told_once(ask: Commands, alone: Path) -> None:
    ask("sql", "SELECT 1")
    assert ask.err == f"{vault_path(alone)} is missing: captured bytes cannot be read\n"


def test_opening_it_to_write_creates_nothing(alone: Path) -> None:
    with pytest.raises(VaultMissing, match="can be read, but not written"):
        archiver.open(alone)
    assert not vault_path(alone).exists()
    with archiver.open(alone, write=False) as archive:
        page = archive.page(_address(alone))
        assert page.versions
        visit = next(archive.sql("SELECT visit_id FROM visits WHERE bytes > 0"))["visit_id"]
        with pytest.raises(VaultMissing, match="restore this file from a copy"):
            archive.store.evidence.block(visit)


def test_an_archive_without_captures_gets_a_vault(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    Store.open(path).close()
    vault_path(path).unlink()
    Store.open(path, write=False).close()
    assert not vault_path(path).exists()
    fill(path, 1)
    assert vault_path(path).exists()
