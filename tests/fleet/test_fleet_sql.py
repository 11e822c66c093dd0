"""`archiver fleet sql`: the views and the cookbook over all shards, by DuckDB on a mirror of the exported tables."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest

from archiver.app.fleet.tables.manifest import manifest_key
from archiver.fleet.object_storage import open_storage
from archiver.store.columns import READABLE
from archiver.store.cookbook import COOKBOOK
from questioned import Fleet, visit_again

WITH_FULL_TEXT = {"phrase", "plain"}


@pytest.fixture
def exported(fleet: Fleet) -> Fleet:
    fleet.export()
    return fleet


def rows(fleet: Fleet, *words: str) -> list[tuple[Any, ...]]:
    return [tuple(each.values()) for each in fleet.json("sql", *words)]


def same(got: list[tuple[Any, ...]], wanted: list[tuple[Any, ...]]) -> bool:
    return sorted(map(repr, got)) == sorted(map(repr, wanted))


def test_each_view_is_that_of_all_archives(exported: Fleet) -> None:
    with_rows = 0
    for view in READABLE:
        got = exported.json("sql", f"SELECT * FROM {view.name}")
        wanted = exported.union(f"SELECT {', '.join(view.columns)} FROM {view.name}")
        assert all(list(each) == list(view.columns) for each in got)
        assert same([tuple(each.values()) for each in got], wanted), view.name
        with_rows += bool(got)
    assert with_rows > 20


@pytest.mark.parametrize("site", ["east", "west"])
def test_the_cookbook_answers_as_all_archives_together(exported: Fleet, site: str) -> None:
    (url,) = next(exported.rows(site, "SELECT url FROM changes WHERE field = 'title'"))
    (listing,) = next(exported.rows(site, "SELECT url FROM editions ORDER BY 1"))
    (version,) = next(exported.rows(site, "SELECT version_id FROM versions WHERE version = 2"))
    values = {"url": url, "listing": listing, "site": site, "day": "2022-10-22"}
    values |= {"begin": "2022-10-01", "end": "2022-12-01", "version_id": version}
    answered = 0
    for one in COOKBOOK:
        if one.name in WITH_FULL_TEXT:
            continue
        given = {name: values[name] for name in one.params}
        params = [word for name, value in given.items() for word in ("--param", f"{name}={value}")]
        got = rows(exported, "--question", one.name, *params)
        if one.name == "source":
            (page,) = next(exported.rows(site, "SELECT page_id FROM versions WHERE version = 2"))
            wanted = list(exported.rows(site, one.sql, {"version_id": version % 10**10}))
            assert page // 10**10 == version // 10**10
        else:
            wanted = exported.union(one.sql, given)
        if one.name == "most-viewed":
            wanted = sorted(wanted, key=lambda row: -row[1])[:10]
            assert [row[1] for row in got] == [row[1] for row in wanted]
        else:
            assert same(got, wanted), one.name
        answered += bool(got)
    assert answered > 15


def test_rows_of_two_sites_with_one_id_do_not_meet(exported: Fleet) -> None:
    locally = "SELECT count(*) FROM (SELECT page_id % 10000000000 AS page FROM pages GROUP BY 1 HAVING count(*) > 1)"
    assert rows(exported, locally)[0][0] > 5  # the ids of the archives are the same
    joined = "SELECT count(*) FROM versions v JOIN pages p ON p.page_id = v.page_id"
    assert rows(exported, joined) == [(sum(row[0] for row in exported.union(joined)),)]


@pytest.mark.parametrize("name", sorted(WITH_FULL_TEXT))
def test_questions_with_full_text_name_the_command_that_answers_them(exported: Fleet, name: str) -> None:
    exported("sql", "--question", name, "--param", "words=x", code=2)
    assert "archiver fleet search" in exported.err


def test_only_the_files_of_the_views_in_the_query_are_fetched(exported: Fleet, tmp_path: Path) -> None:
    rows(exported, "SELECT count(*) FROM visits", "--mirror", str(tmp_path / "mirror"))
    assert {each.name for each in (tmp_path / "mirror" / "tables").iterdir()} == {"visits", "manifests"}


def test_a_mirror_answers_without_the_storage(exported: Fleet, tmp_path: Path) -> None:
    wanted = rows(exported, "SELECT site, count(*) FROM visits GROUP BY site")
    (tmp_path / "storage").rename(tmp_path / "away")
    assert same(rows(exported, "SELECT site, count(*) FROM visits GROUP BY site", "--no-update"), wanted)
    exported("sql", "SELECT count(*) FROM versions", "--no-update", code=2)
    assert "--no-update" in exported.err


def test_a_file_with_other_bytes_is_refused(exported: Fleet, tmp_path: Path) -> None:
    (file,) = (each for each in exported.manifest("east").files if each.view == "sites")
    path = tmp_path / "storage" / file.key("east")
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    exported("sql", "SELECT * FROM sites", code=4)
    assert "has other bytes than its manifest says" in exported.err
    exported("export", "east", "--again", "--processes", "1")
    assert len(rows(exported, "SELECT * FROM sites")) == 2


def test_the_mirror_keeps_what_readers_may_need_and_repairs_itself(exported: Fleet, tmp_path: Path) -> None:
    mirror, sql = tmp_path / "mirror", "SELECT count(*) FROM visits"
    wanted = rows(exported, sql, "--mirror", str(mirror))
    (path,) = mirror.glob("tables/manifests/site=east/*.json")
    path.write_text("{")
    assert rows(exported, sql, "--mirror", str(mirror)) == wanted
    exported.clock.advance(hours=1)
    visit_again(exported, "east")
    exported("export", "--processes", "1")
    now = [(sum(row[0] for row in exported.union(sql)),)]
    assert rows(exported, sql, "--mirror", str(mirror)) == now != wanted
    former = set(exported.manifest("east").retired)
    assert {key for key in former if (mirror / key).exists()} == {key for key in former if "/visits/" in key}
    exported.clock.advance(days=2)
    exported("export", "--processes", "1")
    assert rows(exported, sql, "--mirror", str(mirror)) == now
    assert not [key for key in former if (mirror / key).exists()]
    assert len(list(mirror.glob("tables/manifests/site=east/*.json"))) == 1


def test_a_site_that_was_not_exported_is_told(fleet: Fleet) -> None:
    fleet("export", "east", "--processes", "1")
    assert rows(fleet, "SELECT site FROM sites") == [("east",)]
    assert "without 1 site that `archiver fleet export` has not exported yet" in fleet.err
    fleet("sql", "SELECT 1", "--site", "nobody", code=2)
    assert "nobody: not in the fleet" in fleet.err


def test_tables_of_another_version_of_archiver_may_have_other_columns(exported: Fleet, tmp_path: Path) -> None:
    """One site was exported when the view had no column `timezone`, and a column that is gone."""
    manifest = exported.manifest("east")
    (file,) = (each for each in manifest.files if each.view == "sites")
    table = pyarrow.parquet.read_table(tmp_path / "storage" / file.key("east"), partitioning=None)
    older = table.drop_columns(["timezone"]).append_column("former", pyarrow.array(["x"]))
    pyarrow.parquet.write_table(older, tmp_path / "older.parquet")
    body = (tmp_path / "older.parquet").read_bytes()
    digest = hashlib.sha256(body).hexdigest()
    changed = replace(file, name=f"{1:012d}-{digest[:16]}", bytes=len(body), sha256=digest)
    files = tuple(changed if each == file else each for each in manifest.files)
    storage = open_storage(exported.storage)
    storage.create(changed.key("east"), body)
    storage.create(manifest_key("east", 2), replace(manifest, number=2, views="0" * 64, files=files).body())
    sql = "SELECT site, timezone FROM sites ORDER BY site"
    assert rows(exported, sql) == [("east", None), ("west", "Asia/Ho_Chi_Minh")]
    exported("sql", "SELECT former FROM sites", code=2)
    told = exported.json("export", "east", "--processes", "1")
    assert [each["state"] for each in told] == ["exported"]  # again, though there is no new generation
    assert rows(exported, sql) == [("east", "Asia/Ho_Chi_Minh"), ("west", "Asia/Ho_Chi_Minh")]


HOSTILE = [
    "SELECT * FROM read_text('/etc/passwd')",
    "SELECT * FROM '/etc/passwd'",
    "SELECT * FROM read_csv('/etc/hostname')",
    "SELECT * FROM glob('/etc/*')",
    "SELECT * FROM read_blob('{mirror}/../secret')",
    "SELECT * FROM read_parquet('https://storage.example/x.parquet')",
    "SELECT * FROM query('COPY pages TO ''{mirror}/x''')",
    "SELECT * FROM sqlite_scan('{archive}', '_visit')",
    "SELECT getenv('HOME')",
    "COPY pages TO '{mirror}/out.csv'",
    "EXPORT DATABASE '{mirror}/out'",
    "ATTACH '{mirror}/new.db'",
    "CREATE TABLE x AS SELECT 1",
    "SET enable_external_access = true",
    "PRAGMA enable_logging",
    "INSTALL httpfs",
    "LOAD httpfs",
    "CALL pragma_version()",
    "SELECT 1; SELECT 2",
    "fleet",
    "SELECT * FROM fleet",
    "",
]


@pytest.mark.parametrize("sql", HOSTILE)
def test_a_query_reads_nothing_but_the_tables_and_writes_nothing(exported: Fleet, tmp_path: Path, sql: str) -> None:
    mirror = tmp_path / "mirror"
    (tmp_path / "secret").write_text("secret")
    rows(exported, "SELECT count(*) FROM pages", "--mirror", str(mirror))
    before = sorted(tmp_path.rglob("*"))
    sql = sql.format(mirror=mirror, archive=exported.archive("east"))
    exported("sql", sql, "--mirror", str(mirror), code=2)
    assert exported.err.startswith("error: ")
    assert exported.err.count("\n") == 1
    assert sorted(tmp_path.rglob("*")) == before


def test_a_query_that_takes_too_long_is_stopped(exported: Fleet) -> None:
    exported("sql", "SELECT count(*) FROM range(100000000000) a, range(1000) b", "--timeout", "0.2", code=2)
    assert "stopped after 0.2 s" in exported.err


def test_a_query_that_needs_too_much_memory_is_stopped(exported: Fleet) -> None:
    exported("sql", "SELECT list(range) FROM range(500000000)", "--memory", "100", code=2)
    assert "raise --memory" in exported.err


def test_values_that_sqlite_does_not_have_become_numbers_and_texts(exported: Fleet) -> None:
    sql = (
        "SELECT 1.5::DECIMAL(4, 2) a, true b, [1, 2] c, {'k': [date '2022-01-02']} d, date '2022-01-02' e, "
        "timestamptz '2022-01-02 03:04:05' f, 'x'::BLOB g, NULL h, sum(1) i, timestamp '2022-01-02 03:04:05' j"
    )
    (got,) = exported.json("sql", sql)
    assert got == {
        "a": 1.5, "b": 1, "c": "[1, 2]", "d": '{"k": ["2022-01-02"]}', "e": "2022-01-02", "f": "2022-01-02 03:04:05", "g": "78",
        "h": None, "i": 1, "j": "2022-01-02 03:04:05",
    }  # fmt: skip


def test_times_and_lists_are_the_texts_of_an_archive(exported: Fleet) -> None:
    sql = "SELECT seen_from, bylines, tags FROM versions WHERE bylines <> '[]'"
    got = rows(exported, sql)
    assert same(got, exported.union(sql))
    assert json.loads(got[0][1])


def test_parameters_and_formats(exported: Fleet) -> None:
    wanted = rows(exported, "SELECT count(*) FROM pages WHERE site = $site", "--param", "site=east")
    assert wanted == rows(exported, "SELECT count(*) FROM pages WHERE site = :site", "--param", "site=east")
    assert exported("sql", "SELECT 'a:b' AS x, 5::INTEGER AS y, 'z' AS x").splitlines() == ["x\ty\tx_2", "a:b\t5\tz"]
    assert exported(
        "sql", "SELECT site, '=1' AS formula FROM sites ORDER BY 1", "--csv", "--limit", "1"
    ).splitlines() == [
        "site,formula",
        "east,'=1",
    ]
    exported("sql", "SELECT * FROM pages WHERE site = :site", code=2)
    assert "add --param site=VALUE" in exported.err
    exported("sql", "SELECT 1", "--param", "site=east", code=2)
    assert "no parameter :site" in exported.err
    exported("sql", "SELECT nope FROM pages", code=2)
    assert exported.err.count("\n") == 1
    exported("sql", code=2)
    exported("sql", "SELECT 1", "--csv", "--json", code=2)
