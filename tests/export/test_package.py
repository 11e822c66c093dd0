"""The data package: every column is described, the digests match, and other programs can read it."""

import csv
import hashlib
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pyarrow.parquet as pq
import pytest

import archiver
from archiver.app.exporting.export import Exported
from archiver.cli import run
from archiver.errors import UsageError
from archiver.export.about import PackageInfo
from archiver.export.ro_crate import crate_metadata
from archiver.extract.profile import parse_profile
from archiver.model.clock import ARCHIVE_TIME, instant
from archiver.store.columns import TABLES
from archiver.store.views import VIEWS

TYPES = {"string", "integer", "datetime", "array", "object"}


@pytest.fixture(scope="module")
def package(lived: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Exported]:
    dest = tmp_path_factory.mktemp("package") / "deep" / "package"
    with archiver.open(lived, write=False) as archive:
        return dest, archive.export_package(dest)


def _descriptor(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    return found


def test_the_package_contains_what_it_lists(package: tuple[Path, Exported]) -> None:
    folder, done = package
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    tables = {f"data/{view.name}.csv" for view in TABLES}
    profiles = {"selectors/demo.toml", "selectors/second.toml"}
    rest = {"datapackage.json", "README.md", "SHA256SUMS", "archive.db", "head.json", "start.ipynb"}
    rest |= {"ro-crate-metadata.json"}
    assert files == tables | profiles | rest == {file.path.relative_to(folder).as_posix() for file in done.files}
    assert sorted(path.name for path in folder.parent.iterdir()) == ["package"]


def test_the_digests_are_those_of_the_files(package: tuple[Path, Exported]) -> None:
    folder, done = package
    lines = (folder / "SHA256SUMS").read_bytes().decode().splitlines()
    sums = {name: digest for digest, name in (line.split("  ") for line in lines)}
    assert len(sums) == len(done.files) - 1
    for file in done.files:
        digest = hashlib.sha256(file.path.read_bytes()).hexdigest()
        assert file.sha256 == digest == sums.get(file.path.relative_to(folder).as_posix(), digest)
        assert file.bytes == file.path.stat().st_size


def test_each_resource_is_described(package: tuple[Path, Exported]) -> None:
    folder, _ = package
    told = _descriptor(folder)
    assert told["$schema"] == "https://datapackage.org/profiles/2.0/datapackage.json"
    names = [resource["name"] for resource in told["resources"]]
    assert names == [view.name for view in TABLES]
    for resource in told["resources"]:
        data = (folder / resource["path"]).read_bytes()
        assert resource["bytes"] == len(data)
        assert resource["hash"] == "sha256:" + hashlib.sha256(data).hexdigest()
        fields = resource["schema"]["fields"]
        assert all(field["description"] and field["type"] in TYPES for field in fields)
        columns = [field["name"] for field in fields]
        for key in resource["schema"].get("foreignKeys", []):
            assert set(key["fields"]) <= set(columns)
            assert key["reference"]["resource"] in names
        assert set(resource["schema"].get("primaryKey", [])) <= set(columns)
        _check_cells(folder / resource["path"], fields, resource["rows"])


def _crate(folder: Path) -> dict[str, dict[str, Any]]:
    """Return the entities of the RO-Crate by their ids, all different."""
    found = json.loads((folder / "ro-crate-metadata.json").read_text(encoding="utf-8"))
    assert found["@context"] == "https://w3id.org/ro/crate/1.2/context"
    entities = {entity["@id"]: entity for entity in found["@graph"]}
    assert len(entities) == len(found["@graph"])
    return entities


def test_the_ro_crate_describes_each_file(package: tuple[Path, Exported]) -> None:
    folder, done = package
    entities = _crate(folder)
    about = entities.pop("ro-crate-metadata.json")
    assert (about["@type"], about["about"], about["conformsTo"]) == (
        "CreativeWork",
        {"@id": "./"},
        {"@id": "https://w3id.org/ro/crate/1.2"},
    )
    root = entities.pop("./")
    assert root["@type"] == "Dataset"
    assert root["name"]
    assert root["description"]
    assert "author" not in root
    assert entities.pop(root["license"]["@id"])["name"] == "No known licence"
    assert root["datePublished"] == root["dateCreated"] == _descriptor(folder)["created"]
    assert {each["@id"] for each in root["hasPart"]} | {each["@id"] for each in root["isBasedOn"]} == set(entities)
    files = {name: each for name, each in entities.items() if each["@type"] == "File"}
    assert {unquote(name) for name in files} == {file.path.relative_to(folder).as_posix() for file in done.files} - {
        "ro-crate-metadata.json"
    }
    for name, each in files.items():
        data = (folder / unquote(name)).read_bytes()
        assert all(each[key] for key in ("name", "description", "encodingFormat"))
        if name != "SHA256SUMS":
            assert (each["contentSize"], each["sha256"]) == (str(len(data)), hashlib.sha256(data).hexdigest())
    homes = {source["path"] for source in _descriptor(folder)["sources"]}
    assert {each["@id"] for each in root["isBasedOn"]} == homes


@pytest.mark.parametrize(
    ("home", "address"),
    [
        ("http://quận.example/tin tức/?a=b&c=%20", "http://qu%E1%BA%ADn.example/tin%20t%E1%BB%A9c/?a=b&c=%20"),
        ("http://a.example/<\"'>", "http://a.example/%3C%22'%3E"),
        ("http://[2001:db8::1]:80/", "http://[2001:db8::1]:80/"),
    ],
)
def test_the_ro_crate_lists_each_address_once_as_a_uri(home: str, address: str) -> None:
    sites = (("one", "Một", home), ("two", "", home), ("three", "", "http://other.example/"))
    head = {"archive_id": "an-archive"}
    about = PackageInfo("1", "2022-10-24 01:00:00", sites, None, head, "csv")
    graph = crate_metadata(about, [], {})["@graph"]
    found = [(each["@id"], each["name"]) for each in graph if each["@type"] == "WebSite"]
    assert found == [(address, "Một"), ("http://other.example/", "three")]


def _check_cells(path: Path, fields: list[dict[str, str]], rows: int) -> None:
    with path.open(newline="", encoding="utf-8") as file:
        head, *lines = list(csv.reader(file))
    assert head == [field["name"] for field in fields]
    assert len(lines) == rows
    read: dict[str, Callable[[str], object]] = {
        "integer": int,
        "datetime": instant,
        "array": json.loads,
        "object": json.loads,
        "string": str,
    }
    for line in lines:
        for field, cell in zip(fields, line, strict=True):
            assert field.get("format", ARCHIVE_TIME) == ARCHIVE_TIME
            if cell:
                read[field["type"]](cell)


def test_cells_are_unchanged_and_the_readme_warns(package: tuple[Path, Exported]) -> None:
    folder, _ = package
    assert "\n" in (folder / "data/versions.csv").read_text(encoding="utf-8")
    with (folder / "data/versions.csv").open(newline="", encoding="utf-8") as file:
        assert "=HYPERLINK(1)" in {row["title"] for row in csv.DictReader(file)}
    assert "**Cells are as they were read**" in (folder / "README.md").read_text(encoding="utf-8")


def test_the_sqlite_file_is_the_archive_without_its_vault(
    package: tuple[Path, Exported], lived: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = package[0] / "archive.db"
    with closing(sqlite3.connect(path)) as copy, archiver.open(lived, write=False) as archive:
        assert copy.execute("PRAGMA foreign_key_check").fetchall() == []
        assert copy.execute("PRAGMA journal_mode").fetchone() == ("delete",)
        for view in TABLES:
            cursor = copy.execute(f"SELECT * FROM {view.name}")
            assert [column[0] for column in cursor.description] == list(view.columns)
            columns = ", ".join(view.columns)
            wanted = [tuple(row.values()) for row in archive.sql(f"SELECT {columns} FROM {view.name}")]
            assert sorted(cursor.fetchall(), key=repr) == sorted(wanted, key=repr), view.name
        doc = copy.execute("SELECT meaning FROM _doc WHERE view = 'pages' AND column = 'state'").fetchone()
        assert doc == ("live, missing (a first miss, no second one yet), gone, moved, blocked or unknown",)
    for words in (("changes",), ("search", "phường"), ("stats",), ("sql", "SELECT count(*) FROM visits")):
        assert run(["--archive", str(path), *words]) == 0
        assert capsys.readouterr().out
    assert run(["--archive", str(path), "crawl", "demo"]) == 4
    assert not [each.name for each in path.parent.iterdir() if "vault" in each.name]


@pytest.mark.parametrize(("site", "other"), [("second", "demo"), ("demo", "second")])
def test_the_sqlite_file_of_a_site_has_nothing_of_another(lived: Path, tmp_path: Path, site: str, other: str) -> None:
    dest = tmp_path / "package"
    with archiver.open(lived, write=False) as archive:
        archive.export_package(dest, site=site)
        (home,) = (row["home"] for row in archive.sql("SELECT home FROM sites WHERE site = :other", {"other": other}))
        wanted = {
            view.name: [tuple(row.values()) for row in archive.sql(f"SELECT * FROM {view.name} WHERE site = '{site}'")]
            for view in (*TABLES, *(view for view in VIEWS if view.name == "events"))
        }
        found = [
            row["url"]
            for row in archive.sql("SELECT url FROM found WHERE words MATCH 'phường' AND site = :s", {"s": site})
        ]
    with closing(sqlite3.connect(dest / "archive.db")) as copy:
        assert copy.execute("PRAGMA foreign_key_check").fetchall() == []
        assert copy.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        for name, rows in wanted.items():
            got = copy.execute(f"SELECT * FROM {name}").fetchall()
            assert sorted(got, key=repr) == sorted(rows, key=repr), name
        assert sorted(row[0] for row in copy.execute("SELECT url FROM found WHERE words MATCH 'phường'")) == sorted(
            found
        )
        assert copy.execute("SELECT count(*) FROM sqlite_schema WHERE type = 'trigger'").fetchone()[0] > 5
    assert home.encode() not in (dest / "archive.db").read_bytes()
    with archiver.open(dest / "archive.db", write=False) as archive, archiver.open(lived, write=False) as whole:
        assert archive.store.archive_id != whole.store.archive_id
        assert archive.changes()


def test_the_head_holds_in_the_archive_it_was_taken_from(
    package: tuple[Path, Exported], lived: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, _ = package
    assert run(["--archive", str(lived), "verify", "--head", str(folder / "head.json")]) == 0
    assert "head.json states" in capsys.readouterr().out
    head = json.loads((folder / "head.json").read_text(encoding="utf-8"))
    assert head == _descriptor(folder)["archiver"]["head"]
    assert head["chain"] in (folder / "README.md").read_text(encoding="utf-8")


def test_the_profiles_are_profiles_and_the_notebook_is_one(package: tuple[Path, Exported]) -> None:
    folder, _ = package
    assert parse_profile((folder / "selectors/second.toml").read_text(encoding="utf-8"), "second").name == "second"
    notebook = json.loads((folder / "start.ipynb").read_text(encoding="utf-8"))
    assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 5)
    assert len({cell["id"] for cell in notebook["cells"]}) == len(notebook["cells"])
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            compile("".join(cell["source"]), "cell", "exec")


def test_of_one_site_in_parquet(lived: Path, tmp_path: Path) -> None:
    dest = tmp_path / "second"
    assert (
        run(["--archive", str(lived), "export", "package", str(dest), "--site", "second", "--format", "parquet"]) == 0
    )
    assert [path.name for path in (dest / "selectors").iterdir()] == ["second.toml"]
    assert set(pq.read_table(dest / "data/visits.parquet").column("site").to_pylist()) == {"second"}
    with closing(sqlite3.connect(dest / "archive.db")) as subset:
        assert subset.execute("SELECT DISTINCT site FROM visits").fetchall() == [("second",)]
    told = _descriptor(dest)
    assert told["name"] == "archiver-second"
    assert len(told["sources"]) == 1


def test_only_a_package_is_replaced_and_only_if_asked(lived: Path, tmp_path: Path) -> None:
    dest = tmp_path / "package"
    dest.mkdir()
    with archiver.open(lived, write=False) as archive:
        archive.export_package(dest)
        with pytest.raises(UsageError, match="use --force to replace it"):
            archive.export_package(dest)
        archive.export_package(dest, force=True)
        (dest / "results.csv").write_text("mine")
        with pytest.raises(UsageError, match="contains other files"):
            archive.export_package(dest, force=True)
        mine = tmp_path / "mine"
        mine.mkdir()
        (mine / "letter.txt").write_text("dear")
        for folder, told in ((mine, "contains other files"), (mine / "letter.txt", "is a file; name a folder")):
            with pytest.raises(UsageError, match=told):
                archive.export_package(folder, force=True)
        with pytest.raises(UsageError, match="xlsx"):
            archive.export_package(tmp_path / "new", form="xlsx")
    assert (mine / "letter.txt").read_text() == "dear"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine", "package"]
