"""`export`: files appear when they are complete, nothing is overwritten without --force, an error is one line."""

import csv
import hashlib
import json
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

import archiver
from archiver.cli import run
from archiver.errors import NotInArchive, UsageError
from archiver.model.event import Event
from archiver.store.archive import vault_path
from archiver.store.columns import TABLES
from filled import fill

Run = Callable[..., tuple[str, str]]
MANY = (
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i < 100000000) SELECT i, 'text '||i AS t FROM n"
)


@pytest.fixture
def dest(tmp_path: Path) -> Path:
    return tmp_path / "out"


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_every_view_is_a_file(export: Run, dest: Path, lived: Path) -> None:
    for form in ("csv", "jsonl", "parquet"):
        result = export(form, str(dest))[0].splitlines()
        assert len(result) == len(TABLES)
        assert {path.stem for path in dest.glob(f"*.{form}")} == {view.name for view in TABLES}
    with archiver.open(lived, write=False) as archive:
        for view in TABLES:
            count = sum(1 for _ in archive.sql(f"SELECT * FROM {view.name}"))
            assert len(_rows(dest / f"{view.name}.csv")) == count
            assert len((dest / f"{view.name}.jsonl").read_bytes().splitlines()) == count
            assert pq.read_metadata(dest / f"{view.name}.parquet").num_rows == count


def test_a_view_of_one_site(export: Run, dest: Path) -> None:
    export("csv", str(dest), "--view", "pages", "--site", "second")
    assert {row["site"] for row in _rows(dest)} == {"second"}
    (result,) = export("jsonl", "-", "--view", "sites", "--site", "second")[0].splitlines()
    assert json.loads(result)["site"] == "second"


def test_a_query_and_a_view_go_to_stdout(export: Run) -> None:
    out, err = export("csv", "-", "--sql", "SELECT 1 AS a, NULL AS b, '' AS c, '-x' AS d")
    assert out == 'a,b,c,d\n1,,"",\'-x\n'
    assert "1 cell begins like a formula" in err
    assert export("csv", "-", "--plain-cells", "--sql", "SELECT '-x' AS d") == ("d\n-x\n", "")
    lines = export("jsonl", "-", "--view", "versions")[0].splitlines()
    assert isinstance(json.loads(lines[0])["captions"], list)
    assert export("jsonl", "-", "--sql", "SELECT '[1]' AS captions")[0] == '{"captions":"[1]"}\n'


def test_formulas_in_titles_are_made_safe(export: Run, dest: Path) -> None:
    err = export("csv", str(dest), "--view", "versions")[1]
    assert "--plain-cells leaves them unchanged" in err
    assert "'=HYPERLINK(1)" in {row["title"] for row in _rows(dest)}
    assert export("csv", str(dest), "--view", "versions", "--plain-cells", "--force")[1] == ""
    assert "=HYPERLINK(1)" in {row["title"] for row in _rows(dest)}


def test_json_lists_each_file_with_its_digest(export: Run, dest: Path) -> None:
    (line,) = export("csv", str(dest), "--view", "visits", "--json")[0].splitlines()
    result = json.loads(line)
    (file,) = result["files"]
    data = dest.read_bytes()
    assert file == {
        "path": str(dest),
        "rows": len(_rows(dest)),
        "bytes": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
    }
    assert set(result) == {
        "files",
        "schemas",
        "cells_made_safe",
        "rows_mended",
        "cells_cut",
        "pages_embargoed",
        "seconds",
    }


def test_describe_writes_a_schema_next_to_the_file(export: Run, dest: Path) -> None:
    export("csv", str(dest), "--view", "pages", "--describe")
    schema = json.loads(dest.with_name("out.schema.json").read_text(encoding="utf-8"))
    with dest.open(newline="", encoding="utf-8") as file:
        assert [field["name"] for field in schema["fields"]] == next(csv.reader(file))
    assert all(field["description"] for field in schema["fields"])
    assert schema["primaryKey"] == ["page_id"]
    assert "foreignKeys" not in schema  # the tables they refer to are not exported


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
def test_existing_files_are_kept_without_force(export: Run, dest: Path, form: str) -> None:
    dest.write_text("mine")
    err = export(form, str(dest), "--view", "pages", code=2)[1]
    assert err == f"error: {dest}: already exists and was not changed; use --force to replace it, or name another\n"
    assert dest.read_text() == "mine"
    export(form, str(dest), "--view", "pages", "--force")
    assert dest.stat().st_size > 100
    export(form, str(dest), "--sql", "SELECT wrong", "--force", code=2)
    assert dest.stat().st_size > 100


def test_if_one_file_of_a_folder_exists_none_is_written(export: Run, dest: Path) -> None:
    dest.mkdir()
    (dest / "visits.csv").write_text("mine")
    assert "visits.csv: already exists" in export("csv", str(dest), code=2)[1]
    assert [path.name for path in dest.iterdir()] == ["visits.csv"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--view", "pages", "--sql", "SELECT 1"), "choose one"),
        (("--sql", "SELECT 1", "--site", "demo"), "--site is for views"),
        (("--view", "page"), "page: no such view; did you mean 'pages'"),
        (("--view", "found"), "found: this view needs a search"),
        (("--sql", "SELEC"), "SQL: near"),
        (("--sql", "DELETE FROM _visit"), "readonly"),
    ],
)
def test_contradicting_options_are_a_one_line_error_and_write_nothing(
    export: Run, dest: Path, words: tuple[str, ...], message: str
) -> None:
    err = export("csv", str(dest / "deep" / "file.csv"), *words, code=2)[1]
    assert message in err
    assert len(err.splitlines()) == 1
    assert not dest.exists()


def test_unusable_destinations(export: Run, dest: Path, tmp_path: Path) -> None:
    assert "name a folder" in export("csv", "-", code=2)[1]
    assert "--json and --describe cannot share stdout" in export("csv", "-", "--view", "pages", "--json", code=2)[1]
    assert "this is a folder" in export("csv", str(tmp_path), "--view", "pages", code=2)[1]
    dest.write_text("mine")
    assert "name a folder" in export("csv", str(dest), code=2)[1]
    assert "cannot be made" in export("csv", str(dest / "x.csv"), "--view", "pages", code=2)[1]
    assert "no such site" in export("csv", str(tmp_path / "x"), "--site", "third", code=1)[1]
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("name", ["archive.db", "archive.vault.db"])
def test_the_archive_itself_is_never_replaced(export: Run, lived: Path, name: str) -> None:
    before = lived.with_name(name).read_bytes()
    err = export("csv", str(lived.parent / "." / name), "--view", "pages", "--force", code=2)[1]
    assert "this is a file of the archive itself" in err
    assert lived.with_name(name).read_bytes() == before


def test_a_device_is_never_replaced(export: Run) -> None:
    assert "no regular file" in export("csv", "/dev/null", "--view", "pages", "--force", code=2)[1]
    assert Path("/dev/null").is_char_device()


def test_text_that_is_not_utf8_is_exported(path: Path, dest: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fill(path, 2)
    with closing(sqlite3.connect(path)) as archive:
        archive.execute("DROP TRIGGER _content_fixed")
        archive.execute(
            "UPDATE _stored_content SET title = CAST(x'3dff41' AS TEXT), body = CAST(x'00eda080' AS TEXT), tags = '[1'"
        )
        archive.commit()
    for form in ("csv", "jsonl"):
        assert run(["--archive", str(path), "export", form, str(dest)]) == 0
        assert "rows text was not UTF-8" in capsys.readouterr().err
        assert "=\ufffdA" in (dest / f"versions.{form}").read_text(encoding="utf-8")
    assert run(["--archive", str(path), "export", "package", str(dest / "package")]) == 0
    assert "text was not UTF-8" in capsys.readouterr().err
    with closing(sqlite3.connect(dest / "package" / "archive.db")) as subset:
        subset.text_factory = bytes  # a copy has the archive's bytes
        assert subset.execute("SELECT DISTINCT title FROM versions").fetchall() == [(b"=\xffA",)]
    assert (
        run(["--archive", str(path), "export", "parquet", str(dest), "--view", "versions", "--force"]) == 2
    )  # a folder
    assert run(["--archive", str(path), "export", "parquet", str(dest / "v"), "--view", "versions"]) == 4
    assert "tags: a cell is no list" in capsys.readouterr().err
    assert not list(dest.glob("*v*.part"))


def test_a_query_that_fails_half_way_leaves_no_file(export: Run, dest: Path) -> None:
    sql = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i < 50000) SELECT abs(-9223372036854775807 - (i = 49000)) AS x FROM n"
    for form in ("csv", "jsonl", "parquet"):
        assert "SQL: integer overflow" in export(form, str(dest), "--sql", sql, code=2)[1]
        assert list(dest.parent.iterdir()) == []


class _Enough(Exception):
    pass


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet", "package"])
def test_an_interrupted_export_leaves_no_file(lived: Path, dest: Path, form: str) -> None:
    def hear(_event: Event) -> None:
        raise _Enough

    with archiver.open(lived, write=False) as archive:
        go = archive.export_package if form == "package" else partial(archive.export, form)
        with pytest.raises(_Enough):
            go(dest / "deep", listen=hear)
    assert not (dest / "deep").exists()
    assert not [path for path in dest.rglob("*") if path.is_file()]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_signals_end_the_export_and_no_file_is_left(lived: Path, dest: Path, number: int) -> None:
    command = [sys.executable, "-m", "archiver", "--archive", str(lived), "export", "csv", str(dest), "--sql", MANY]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        deadline = time.monotonic() + 120
        while not any(path.stat().st_size > 1_000_000 for path in dest.parent.glob(".out.*")):
            assert time.monotonic() < deadline
            assert process.poll() is None
            time.sleep(0.05)
        process.send_signal(number)
        _, err = process.communicate(timeout=120)
    assert process.returncode == 130
    assert "interrupted" in err
    assert list(dest.parent.iterdir()) == []


@pytest.fixture
def hungry(lived: Path) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "archiver", "--archive", str(lived), "export", "jsonl", "-", "--sql", MANY]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        yield process


def test_a_closed_pipe_ends_the_export_without_an_error(hungry: subprocess.Popen[bytes]) -> None:
    assert hungry.stdout is not None
    assert hungry.stderr is not None
    assert json.loads(hungry.stdout.readline()) == {"i": 1, "t": "text 1"}
    hungry.stdout.close()
    assert hungry.wait(20) == 0
    assert hungry.stderr.read() == b""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_a_one_line_error(lived: Path) -> None:
    command = [sys.executable, "-m", "archiver", "--archive", str(lived), "export", "csv", "-", "--view", "versions"]
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 4
    assert "No space left" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_python_api_writes_the_same(lived: Path, dest: Path) -> None:
    with archiver.open(lived, write=False) as archive:
        done = archive.export("jsonl", dest, sql="SELECT site, count(*) AS pages FROM pages GROUP BY site")
        assert [(file.path, file.rows) for file in done.files] == [(dest, 2)]
        with pytest.raises(UsageError, match="already exists"):
            archive.export("jsonl", dest, view="pages")
        with pytest.raises(UsageError, match="ods: no such format"):
            archive.export("ods", dest, view="pages")
        with pytest.raises(NotInArchive):
            archive.export("csv", dest, view="pages", site="third")


def test_the_group_without_a_command_prints_its_commands(export: Run) -> None:
    out: Any = export(code=2)[0]
    assert all(name in out for name in ("csv", "jsonl", "parquet", "package"))


def test_a_query_takes_parameters(lived: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def export(*words: str) -> int:
        return run(["--archive", str(lived), "export", "csv", "-", *words])

    assert export("--sql", "SELECT :a || '!' AS said", "--param", "a=x=y") == 0
    assert capsys.readouterr().out == "said\nx=y!\n"
    assert export("--sql", "SELECT 1", "--param", "a") == 2
    assert export("--view", "pages", "--param", "a=1") == 2
    for sql in (f"ATTACH '{tmp_path}/evil.db' AS e", f"VACUUM INTO '{tmp_path}/evil.db'", "PRAGMA journal_mode=DELETE"):
        assert export("--sql", sql) == 2, sql
    assert not (tmp_path / "evil.db").exists()


def test_files_next_to_the_archive_are_not_replaced(lived: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for end in ("", "-wal", "-shm"):
        for name in (lived.name, vault_path(lived).name):
            dest = lived.with_name(name + end)
            assert run(["--archive", str(lived), "export", "csv", str(dest), "--view", "pages", "--force"]) == 2
    assert "the archive itself" in capsys.readouterr().err
