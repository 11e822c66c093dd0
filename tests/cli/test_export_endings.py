"""`export`: the ending of a file names its format and compression, `-` is stdout, and nothing is overwritten."""

import csv
import gzip
import io
import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow.parquet as pq
import pytest
from warcio.archiveiterator import ArchiveIterator

import archiver
from archiver.cli import run
from archiver.errors import UsageError
from archiver.export.endings import ending_of
from archiver.export.tables import Style, write_file
from archiver.export.xlsx import MOST_CHARACTERS, MOST_ROWS, write_workbook
from archiver.model.event import ignore
from archiver.model.table import Column, Table
from archiver.store.columns import TABLES

Run = Callable[..., tuple[str, str]]
FORMULAS = "SELECT '=1+1' AS a, '+x' AS b, 'http://a.example/' AS c, '007' AS d, 7 AS e, 1.5 AS f, NULL AS g, x'00ff' AS h, 9007199254740993 AS i"


def _piped(lived: Path, *words: str) -> bytes:
    """Return what a process of its own writes to stdout."""
    command = [sys.executable, "-m", "archiver", "--archive", str(lived), "export", *words]
    done = subprocess.run(command, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    ("name", "ending"),
    [
        ("x.csv", "csv"),
        ("x.csv.gz", "csv.gz"),
        ("X.CSV.GZ", "csv.gz"),
        ("x.y.gz", "gz"),
        ("www.example.vn", ""),
        ("2026.11.30", ""),
        ("data", ""),
        (".csv", "csv"),
        ("a.b/c", ""),
        ("tin.warc.gz", "warc.gz"),
        ("tin.warc.zst", "warc.zst"),
    ],
)
def test_the_ending_of_a_name(name: str, ending: str) -> None:
    assert ending_of(name) == ending


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_a_file_that_ends_with_gz_is_compressed(export: Run, tmp_path: Path, form: str) -> None:
    plain, packed = tmp_path / f"x.{form}", tmp_path / f"x.{form}.gz"
    for path in (plain, packed):
        export(form, str(path), "--view", "pages")
    assert gzip.decompress(packed.read_bytes()) == plain.read_bytes()
    export(form, str(tmp_path / f"again.{form}.gz"), "--view", "pages")
    assert packed.read_bytes() == (tmp_path / f"again.{form}.gz").read_bytes()


def test_a_zip_file_holds_every_view_or_one(export: Run, tmp_path: Path) -> None:
    export("csv", str(tmp_path / "all.zip"), "--describe")
    export("csv", str(tmp_path / "folder"))
    with zipfile.ZipFile(tmp_path / "all.zip") as package:
        assert package.testzip() is None
        names = {name for name in package.namelist() if name.endswith(".csv")}
        assert names == {f"{view.name}.csv" for view in TABLES}
        assert len(package.namelist()) == 2 * len(names)
        for name in names:
            assert package.read(name) == (tmp_path / "folder" / name).read_bytes()
        assert all(not info.extra for info in package.infolist())  # no zip64 that nobody needs
    export("jsonl", str(tmp_path / "one.jsonl.zip"), "--sql", "SELECT 1 AS a")
    with zipfile.ZipFile(tmp_path / "one.jsonl.zip") as package:
        assert {name: package.read(name) for name in package.namelist()} == {"one.jsonl": b'{"a":1}\n'}


def test_a_workbook_has_a_sheet_for_each_view(export: Run, tmp_path: Path) -> None:
    export("xlsx", str(tmp_path / "all.xlsx"))
    book = openpyxl.load_workbook(tmp_path / "all.xlsx", read_only=True)
    assert set(book.sheetnames) == {view.name for view in TABLES}
    export("csv", str(tmp_path / "pages.csv"), "--view", "pages", "--plain-cells")
    with (tmp_path / "pages.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    cells = [["" if cell is None else str(cell) for cell in row] for row in book["pages"].iter_rows(values_only=True)]
    assert [[cell.replace("\r\n", "\n") for cell in row] for row in cells] == rows
    export("xlsx", str(tmp_path / "one.xlsx"), "--view", "sites")
    assert openpyxl.load_workbook(tmp_path / "one.xlsx").sheetnames == ["sites"]


def test_cells_of_a_workbook_are_texts_and_numbers_and_never_formulas(export: Run, tmp_path: Path) -> None:
    export("xlsx", str(tmp_path / "x.xlsx"), "--sql", FORMULAS)
    sheet = openpyxl.load_workbook(tmp_path / "x.xlsx").active
    assert sheet is not None
    cells: list[Any] = list(next(iter(sheet.iter_rows(min_row=2))))
    assert [cell.value for cell in cells] == [
        *("=1+1", "+x", "http://a.example/", "007", 7, 1.5, None, "00ff", "9007199254740993"),
    ]
    assert [cell.data_type for cell in cells[:4]] == ["s"] * 4
    assert all(cell.hyperlink is None for cell in cells)


def test_what_a_sheet_cannot_hold_is_cut_and_said_or_refused(tmp_path: Path) -> None:
    longest, longer = "x" * MOST_CHARACTERS, "😀" * MOST_CHARACTERS
    rows: list[tuple[Any, ...]] = [(longest,), (longer,), ("a\x01b\udcff",)]
    tally = write_workbook([Table("t", (Column("a"),), iter(rows))], tmp_path / "x.xlsx", ignore)
    sheet = openpyxl.load_workbook(tmp_path / "x.xlsx").active
    assert sheet is not None
    found: list[Any] = [row[0] for row in sheet.iter_rows(min_row=2, values_only=True)]
    assert found[0] == longest
    assert found[1].endswith("😀 […]")
    assert len(found[1].encode("utf-16-le")) // 2 <= MOST_CHARACTERS
    assert (tally.rows, tally.cut, tally.not_utf8) == (3, 1, 1)
    many = Table("t", (Column("a"),), iter([(1,)] * (MOST_ROWS + 1)))
    with pytest.raises(UsageError, match="use csv or parquet"):
        write_file(many, tmp_path / "many.xlsx", Style("xlsx"), ignore)


def test_every_format_goes_to_stdout(lived: Path) -> None:
    assert pq.read_table(io.BytesIO(_piped(lived, "parquet", "-", "--sql", "SELECT 1 AS a"))).to_pylist() == [{"a": 1}]
    book = openpyxl.load_workbook(io.BytesIO(_piped(lived, "xlsx", "-")))
    assert len(book.sheetnames) == len(TABLES)
    assert json.loads(_piped(lived, "jsonl", "-", "--sql", "SELECT 1 AS a")) == {"a": 1}
    assert _piped(lived, "csv", "-", "--sql", "SELECT 1 AS a") == b"a\n1\n"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("csv", "x.csv"), "which view? add --view NAME, of "),
        (("csv", "x.csv.gz"), "which view?"),
        (("jsonl", "x.ndjson"), "which view?"),
        (("csv", "x.xlsx", "--view", "pages"), "use `archiver export xlsx`"),
        (("csv", "x.jsonl", "--view", "pages"), "use `archiver export jsonl`"),
        (("jsonl", "x.json", "--view", "pages"), "does not write .json files; name a file that ends with .jsonl"),
        (("csv", "x.csv.bz2", "--view", "pages"), "does not write .bz2 files"),
        (("csv", "x.tsv"), "does not write .tsv files"),
        (("csv", "x.tar.gz"), "does not write .tar.gz files"),
        (("parquet", "x.parquet.gz", "--view", "pages"), "does not write .gz files"),
        (("parquet", "x.zip"), "does not write .zip files"),
        (("xlsx", "x.xls"), "does not write .xls files; name a file that ends with .xlsx"),
        (("xlsx", "x.xlsx", "--describe"), "leave it out"),
        (("jsonl", "x.warc.gz"), "use `archiver export warc`"),
    ],
)
def test_an_ending_is_honoured_or_refused(export: Run, tmp_path: Path, words: tuple[str, ...], message: str) -> None:
    form, name, *rest = words
    (line,) = export(form, str(tmp_path / name), *rest, code=2)[1].splitlines()
    assert message in line
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["x.csv.gz", "x.csv", "x.zip", "x"])
def test_a_file_is_only_replaced_with_force(export: Run, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("mine")
    assert "--force" in export("csv", str(tmp_path / name), "--view", "pages", code=2)[1]
    assert (tmp_path / name).read_text() == "mine"
    export("csv", str(tmp_path / name), "--view", "pages", "--force")
    assert (tmp_path / name).read_bytes() != b"mine"
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_without_xlsxwriter_one_line_names_the_package(
    export: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "xlsxwriter", None)
    (line,) = export("xlsx", str(tmp_path / "x.xlsx"), code=2)[1].splitlines()
    assert "`pipx inject portal-archiver XlsxWriter`" in line


# web archives


def _records(data: bytes) -> list[tuple[str, str]]:
    return [(record.rec_type, record.rec_headers["WARC-Record-ID"]) for record in ArchiveIterator(io.BytesIO(data))]


@pytest.fixture
def whole(export: Run, tmp_path: Path) -> list[tuple[str, str]]:
    """The records of an export into a folder, without those of the file itself."""
    export("warc", str(tmp_path / "folder"))
    (file,) = (tmp_path / "folder").glob("*.warc.gz")
    records = _records(file.read_bytes())[1:]
    shutil.rmtree(tmp_path / "folder")
    return records


def test_a_named_warc_file_is_that_file(export: Run, tmp_path: Path, whole: list[tuple[str, str]]) -> None:
    for name in ("x.warc.gz", "x.warc"):
        path = tmp_path / name
        export("warc", str(path))
        assert _records(path.read_bytes())[1:] == whole
        assert path.read_bytes().startswith(b"WARC/1.1\r\n" if name == "x.warc" else b"\x1f\x8b")
        assert "already exists" in export("warc", str(path), code=2)[1]
        before = path.read_bytes()
        export("warc", str(path), "--site", "second", "--force")
        assert len(path.read_bytes()) < len(before)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["x.warc", "x.warc.gz"]


def test_a_named_warc_file_is_numbered_when_it_is_split(
    export: Run, tmp_path: Path, whole: list[tuple[str, str]]
) -> None:
    path = tmp_path / "x.warc.gz"
    export("warc", str(path), "--size", "100MB")
    assert [each.name for each in tmp_path.iterdir()] == ["x.warc.gz"]
    printed = export("warc", str(path), "--size", "50kB", "--force")[0].splitlines()
    names = sorted(each.name for each in tmp_path.iterdir())
    assert names == [f"x-{number:05d}.warc.gz" for number in range(1, len(names) + 1)]
    assert len(printed) == len(names) > 2
    found = [each for name in names for each in _records((tmp_path / name).read_bytes())]
    assert [each for each in found if each[0] != "warcinfo"] == whole
    assert len({each for each in found if each[0] == "warcinfo"}) == len(names)
    assert "x-00001.warc.gz: already exists" in export("warc", str(path), code=2)[1]
    export("warc", str(path), "--force")
    assert [each.name for each in tmp_path.iterdir()] == ["x.warc.gz"]


def test_captures_in_a_folder_are_doubled_only_with_force(export: Run, tmp_path: Path) -> None:
    folder = tmp_path / "w"
    export("warc", str(folder))
    names = {each.name for each in folder.iterdir()}
    (line,) = export("warc", str(folder), code=2)[1].splitlines()
    assert "has 1 file of an earlier export, whose captures would be doubled" in line
    assert "doubled" in export("warc", str(folder), "--since-last", code=2)[1]
    assert {each.name for each in folder.iterdir()} - {"export-state.db"} == names
    export("warc", str(folder), "--force")
    export("warc", str(folder), "--prefix", "other")
    assert len(list(folder.glob("*.warc.gz"))) == 3
    series = tmp_path / "series"
    for _ in range(2):
        export("warc", str(series), "--since-last")
    assert len(list(series.glob("*.warc.gz"))) == 1


def test_web_archives_go_to_stdout(lived: Path, whole: list[tuple[str, str]]) -> None:
    assert _records(_piped(lived, "warc", "-"))[1:] == whole
    with zipfile.ZipFile(io.BytesIO(_piped(lived, "wacz", "-"))) as package:
        assert "datapackage.json" in package.namelist()


def test_a_package_is_a_folder_or_a_zip_file_with_that_folder(export: Run, tmp_path: Path) -> None:
    export("package", str(tmp_path / "p.zip"))
    with zipfile.ZipFile(tmp_path / "p.zip") as package:
        package.extractall(tmp_path)
    sums = subprocess.run(["sha256sum", "-c", "--quiet", "SHA256SUMS"], cwd=tmp_path / "p", check=False)
    assert sums.returncode == 0
    assert "already exists" in export("package", str(tmp_path / "p.zip"), code=2)[1]
    assert "already exists" in export("package", str(tmp_path / "p"), code=2)[1]


def test_a_timemap_goes_to_a_file(export: Run, lived: Path, tmp_path: Path) -> None:
    with archiver.open(lived, write=False) as archive:
        url = next(iter(archive.sql("SELECT url FROM pages WHERE kind = 'article'")))["url"]
    export("timemap", url, str(tmp_path / "map.link"))
    assert (tmp_path / "map.link").read_text() == export("timemap", url)[0]
    assert "already exists" in export("timemap", url, str(tmp_path / "map.link"), code=2)[1]
    assert "does not write .json files" in export("timemap", url, str(tmp_path / "map.json"), code=2)[1]
    export("timemap", url, str(tmp_path / "map.jsonl"), "--json")
    assert json.loads((tmp_path / "map.jsonl").read_text().splitlines()[0])["url"] == url


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("warc", "x.wacz"), "use `archiver export wacz`"),
        (("warc", "x.warc.zst"), "does not write .warc.zst files; name a file that ends with .warc.gz or .warc"),
        (("warc", "x.gz"), "does not write .gz files"),
        (("warc", "x.warc.gz", "--since-last"), "--since-last needs a folder"),
        (("warc", "x.warc.gz", "--cdxj"), "--cdxj needs a folder"),
        (("warc", "-", "--size", "1MB"), "stdout takes one file"),
        (("warc", "-", "--json"), "--json cannot share stdout"),
        (("wacz", "x.warc.gz"), "use `archiver export warc`"),
        (("wacz", "x.zip"), "name a file that ends with .wacz"),
        (("wacz", "x"), "must end with .wacz"),
        (("wacz", "-", "--since-last"), "--since-last needs a file"),
        (("package", "x.tar.gz"), "does not write .tar.gz files"),
        (("package", "-"), "a package is a folder or a ZIP file"),
        (("html", "x.html"), "which page?"),
        (("html", "-"), "which page?"),
        (("html", "x.pdf", "--page", "http://a.example/"), "name a file that ends with .html or .htm"),
    ],
)
def test_an_ending_of_a_web_archive_is_honoured_or_refused(
    export: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    assert message in export(*words, code=2)[1]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["x.tar", "x.tar.gz", "x.zip", "x.db", "-"])
def test_a_backup_is_a_folder(
    lived: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["--archive", str(lived), "backup", name]) == 2
    assert "folder" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
