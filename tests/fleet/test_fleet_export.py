"""`archiver fleet export`: the views of all archives as Parquet in object storage, only what is new."""

import json
import multiprocessing
import shutil
import threading
from collections import Counter
from collections.abc import Generator
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet
import pytest

import archiver
from archiver.app.fleet.open_leases import open_leases
from archiver.app.fleet.shard_places import shard_places
from archiver.app.fleet.tables import export_site as module
from archiver.app.fleet.tables import export_sites as pools
from archiver.app.fleet.tables.export_site import SiteJob
from archiver.app.fleet.tables.export_sites import export_sites
from archiver.app.fleet.tables.manifest import begin_key, manifest_key, parse_manifest
from archiver.errors import ArchiveDamaged, StorageUnavailable
from archiver.fleet.folder_storage import FolderStorage
from archiver.fleet.object_storage import open_storage
from archiver.maintain.generations.shard_copy import ShardCopy
from archiver.model.lease import ShardState
from archiver.store.columns import READABLE
from archiver.store.partitions import MONTH_OF
from questioned import Fleet, visit_again

ALONE = ("--processes", "1")


def states(fleet: Fleet, *words: str, code: int = 0) -> dict[str, str]:
    return {each["site"]: each["state"] for each in fleet.json("export", *ALONE, *words, code=code)}


def stored(fleet: Fleet, prefix: str = "tables") -> set[str]:
    return {key for key in fleet.keys(prefix) if key.endswith(".parquet")}


def files_of(mirror: Path, site: str) -> set[Path]:
    return set(mirror.glob(f"tables/*/site={site}/*/*.parquet"))


def published_text(fleet: Fleet, site: str) -> str:
    """All cells of all tables of a site, as text."""
    with closing(duckdb.connect()) as duck:
        paths = [f"{fleet.storage}/{each.key(site)}" for each in fleet.manifest(site).files]
        return str([duck.execute(f"SELECT * FROM read_parquet('{path}')").fetchall() for path in paths])


def test_files_are_divided_by_view_site_and_month_and_their_manifest_is_true(fleet: Fleet) -> None:
    told = fleet.json("export")  # in processes
    assert {each["site"]: (each["state"], each["generation"]) for each in told} == {
        "east": ("exported", 2),  # the first generation is a fence
        "west": ("exported", 2),
    }
    for site in fleet.sites:
        rows: Counter[str] = Counter()
        for file in fleet.manifest(site).files:
            path = Path(fleet.storage, file.key(site))
            assert path.parts[-4:-1] == (file.view, f"site={site}", f"month={file.month}")
            assert path.stat().st_size == file.bytes
            time = MONTH_OF[file.view]
            table = pyarrow.parquet.read_table(path, partitioning=None)
            assert len(table) == file.rows
            rows[file.view] += file.rows
            months = {"all"} if time is None else {str(each)[:7] for each in table[time].to_pylist()}
            assert months == {file.month}
        with closing(archiver.open(fleet.archive(site), write=False)) as ours:
            for view in READABLE:
                assert rows[view.name] == next(ours.sql(f"SELECT count(*) AS n FROM {view.name}"))["n"], view.name
    assert stored(fleet) == {file.key(site) for site in fleet.sites for file in fleet.manifest(site).files}


def test_columns_have_the_types_of_export_parquet(fleet: Fleet, tmp_path: Path) -> None:
    states(fleet)
    with closing(archiver.open(fleet.archive("east"), write=False)) as ours:
        for file in fleet.manifest("east").files:
            ours.export("parquet", tmp_path / "one.parquet", view=file.view, force=True)
            mine = pyarrow.parquet.read_schema(Path(fleet.storage, file.key("east")))
            assert mine.equals(pyarrow.parquet.read_schema(tmp_path / "one.parquet")), file.view


def test_each_shard_has_a_number_of_its_own_that_it_keeps(fleet: Fleet) -> None:
    states(fleet, "west")
    states(fleet)
    assert {site: fleet.manifest(site).shard for site in fleet.sites} == {"west": 1, "east": 2}
    visit_again(fleet, "west")
    states(fleet, "--again")
    assert {site: fleet.manifest(site).shard for site in fleet.sites} == {"west": 1, "east": 2}


def test_a_site_without_a_new_generation_is_skipped_without_reading_it(fleet: Fleet) -> None:
    states(fleet)
    before = fleet.keys("tables")
    shutil.rmtree(Path(fleet.storage, "shards", "east", "packs"))
    assert states(fleet) == {"east": "unchanged", "west": "unchanged"}
    assert fleet.keys("tables") == before


def test_a_new_owner_that_changes_nothing_is_no_news(fleet: Fleet, tmp_path: Path) -> None:
    states(fleet)
    with ShardCopy(tmp_path / "other", open_storage(fleet.storage), "east") as copy:
        fence = copy.begin(2, "another worker")
    assert fence is not None
    (told,) = fleet.json("export", *ALONE, "east")
    assert (told["state"], told["generation"]) == ("unchanged", fence.number)
    assert fleet.manifest("east").generation < fence.number


def test_only_months_whose_rows_changed_are_written(fleet: Fleet) -> None:
    states(fleet)
    before = fleet.manifest("east")
    fleet.clock.advance(days=2)
    visit_again(fleet, "east")
    (told,) = fleet.json("export", *ALONE, "east")
    after = fleet.manifest("east")
    assert (after.number, after.generation) == (before.number + 1, 3)
    new = {each.key("east") for each in after.files} - {each.key("east") for each in before.files}
    assert told["new_files"] == len(new) < len(after.files) / 2
    of_visits = {each.month: each.name[:12] for each in after.files if each.view == "visits"}
    assert of_visits == {"2022-10": f"{2:012d}", "2022-11": f"{2:012d}", "2022-12": f"{3:012d}"}


def test_a_redaction_reaches_the_tables_and_the_mirror_and_former_files_are_deleted_at_once(fleet: Fleet) -> None:
    (url, body) = next(fleet_rows(fleet, "SELECT url, body FROM versions WHERE length(body) > 100 AND version = 1"))
    states(fleet)
    fleet.clock.advance(hours=1)
    visit_again(fleet, "east")
    states(fleet)
    words = body[20:80]
    assert words in published_text(fleet, "east")
    assert fleet.manifest("east").retired, "files of the hour before, which a reader may still read"
    asked = ("sql", "SELECT count(*) AS n FROM versions", "--mirror", str(fleet.folder / "mirror"))
    fleet(*asked)
    mirrored = files_of(fleet.folder / "mirror", "east")
    fleet.redact("east", url)
    states(fleet)
    assert words not in published_text(fleet, "east")
    assert stored(fleet) == {file.key(site) for site in fleet.sites for file in fleet.manifest(site).files}
    fleet(*asked)
    after = files_of(fleet.folder / "mirror", "east")
    assert mirrored
    assert mirrored - after
    assert len(after) == len(mirrored)
    assert states(fleet) == {"east": "unchanged", "west": "unchanged"}


def test_an_export_that_a_redaction_overtook_leaves_no_files(fleet: Fleet) -> None:
    (url, body) = next(fleet_rows(fleet, "SELECT url, body FROM versions WHERE length(body) > 100 AND version = 1"))
    storage = open_storage(fleet.storage)
    fleet.redact("east", url)
    states(fleet)
    late = f"tables/versions/site=east/month=2022-10/{2:012d}-0123456789abcdef.parquet"
    storage.create(late, body.encode())
    storage.create(begin_key("east", 2), b"")
    assert states(fleet)["east"] == "exported"
    assert late not in stored(fleet)
    assert states(fleet)["east"] == "unchanged"


def test_files_that_are_no_longer_used_are_deleted_after_a_day(fleet: Fleet) -> None:
    states(fleet)
    fleet.clock.advance(hours=1)
    visit_again(fleet, "east")
    states(fleet)
    retired = set(fleet.manifest("east").retired)
    assert retired
    assert retired <= stored(fleet)
    fleet.clock.advance(hours=23)
    states(fleet)
    assert retired <= stored(fleet)
    fleet.clock.advance(hours=2)
    assert states(fleet) == {"east": "unchanged", "west": "unchanged"}
    assert not retired & stored(fleet)
    assert not fleet.manifest("east").retired
    assert stored(fleet) == {file.key(site) for site in fleet.sites for file in fleet.manifest(site).files}


def fleet_rows(fleet: Fleet, sql: str) -> Any:
    with closing(archiver.open(fleet.archive("east"), write=False)) as ours:
        yield from [tuple(row.values()) for row in ours.sql(sql)]


def test_pages_under_an_embargo_are_left_out_until_it_ends(fleet: Fleet) -> None:
    (url, title) = next(fleet_rows(fleet, "SELECT url, title FROM pages WHERE kind = 'article'"))
    fleet.on("east", "embargo", url, "--until", "2022-12-03", "--reason", "agreed")
    (told,) = fleet.json("export", *ALONE, "east")
    assert told["embargoed"] == 1
    assert rows_with(fleet, url) == []
    assert states(fleet, "east") == {"east": "unchanged"}
    fleet.clock.advance(days=3)
    assert states(fleet, "east") == {"east": "exported"}
    assert rows_with(fleet, url) == [(title,)]


def rows_with(fleet: Fleet, url: str) -> list[tuple[Any, ...]]:
    fleet("sql", "SELECT 1")
    return [
        tuple(each.values())
        for each in fleet.json("sql", "SELECT title FROM pages WHERE url = :u", "--param", f"u={url}")
    ]


def test_an_interrupted_export_goes_on_and_leaves_nothing_behind(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    create, calls = FolderStorage.create, []

    def failing(storage: FolderStorage, key: str, body: bytes) -> None:
        calls.append(key)
        if len(calls) > 12:
            raise StorageUnavailable("the storage does not answer")
        create(storage, key, body)

    monkeypatch.setattr(FolderStorage, "create", failing)
    assert states(fleet, "east", code=1) == {"east": "failed"}
    assert "does not answer" in fleet.json("export", *ALONE, "east", code=1)[0]["why"]
    assert len(stored(fleet)) > 5
    monkeypatch.setattr(FolderStorage, "create", create)
    fleet.clock.advance(hours=1)
    fleet.on("east", "embargo", "http://nowhere.example/", "--until", "2023-12-03", "--reason", "a new generation")
    assert states(fleet) == {"east": "exported", "west": "exported"}
    fleet.clock.advance(hours=25)
    states(fleet)
    assert stored(fleet) == {file.key(site) for site in fleet.sites for file in fleet.manifest(site).files}
    assert not [key for key in fleet.keys("tables/manifests") if "begun" in key]


def test_of_two_exports_of_one_site_one_publishes(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    files = module._files

    def overtaken(*arguments: Any) -> Any:
        monkeypatch.setattr(module, "_files", files)
        fleet("export", "east", *ALONE, "--copies", str(tmp_path / "others"))
        return files(*arguments)

    monkeypatch.setattr(module, "_files", overtaken)
    (told,) = fleet.json("export", *ALONE, "east", "--again", code=1)
    assert "another export of this site was faster" in told["why"]
    assert fleet.manifest("east").number == 1
    assert states(fleet) == {"east": "unchanged", "west": "exported"}


class _Killer(threading.Thread):
    """Kills the processes that this one starts: the first, or all."""

    def __init__(self, *, all_of_them: bool) -> None:
        super().__init__(daemon=True)
        self._all = all_of_them
        self.killed = 0
        self.ended = threading.Event()

    def run(self) -> None:
        while not self.ended.wait(0.01):
            for child in multiprocessing.active_children():
                child.kill()
                self.killed += 1
            if self.killed and not self._all:
                return


@pytest.mark.parametrize("all_of_them", [False, True])
def test_a_process_that_dies_costs_at_most_its_site(fleet: Fleet, *, all_of_them: bool) -> None:
    killer = _Killer(all_of_them=all_of_them)
    killer.start()
    told = fleet.json("export", "--processes", "2", code=int(all_of_them))
    killer.ended.set()
    killer.join()
    assert killer.killed
    assert {each["state"] for each in told} == {"failed" if all_of_them else "exported"}
    if all_of_them:
        assert {each["why"] for each in told} == {"the process that exported it died (killed, or out of memory)"}
        assert states(fleet) == {"east": "exported", "west": "exported"}


def test_nothing_more_is_exported_after_an_interruption(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    ended = threading.Event()

    def ask(job: SiteJob) -> None:
        if job.site == "west":
            ended.wait(60)

    monkeypatch.setattr(pools, "up_to_date", ask)
    with open_leases(fleet.address, fleet.clock) as leases:
        places = shard_places(leases)
    jobs = [SiteJob(each, places.tables, fleet.folder / "copies", "2026-11-30 00:00:00") for each in places.shards]
    exports = export_sites(jobs, 2)
    assert next(exports).site == "east"
    threading.Timer(0.2, ended.set).start()
    assert isinstance(exports, Generator)
    exports.close()
    assert not fleet.keys("tables/manifests/site=west")


def test_a_site_that_fails_costs_only_itself(fleet: Fleet) -> None:
    states(fleet)
    Path(fleet.storage, manifest_key("east", 1)).write_bytes(b"{}")
    visit_again(fleet, "west")
    assert states(fleet, code=1) == {"east": "failed", "west": "exported"}
    fleet("export", *ALONE, code=1)
    (line,) = (line for line in fleet.err.splitlines() if line.startswith("error: "))
    assert "east" in line
    assert "not a manifest of tables" in line


def test_a_fleet_without_a_storage_or_shards(fleet: Fleet, tmp_path: Path) -> None:
    shutil.rmtree(Path(fleet.storage, "shards", "east"))
    assert states(fleet) == {"east": "empty", "west": "exported"}
    with open_leases(fleet.address, fleet.clock) as leases:
        (lease,) = (each for each in leases.claim("tests", 60, 2) if each.site == "east")
        leases.finish("east", lease.epoch, 60, shard=ShardState(7, 1, 1))
    assert states(fleet, code=1) == {"east": "failed", "west": "unchanged"}  # it was there
    fleet("search", "quận", code=1)
    assert "the storage has nothing of it, and a worker published generation 7" in fleet.err
    fleet("export", "nobody", code=2)
    assert "not in the fleet" in fleet.err


@pytest.mark.parametrize(
    "change",
    [
        {"format": 2},
        {"site": "other"},
        {"number": 7},
        {"shard": -1},
        {"shard": "1"},
        {"generation": 2**50},
        {"made_at": "now"},
        {"views": None},
        {"tables": []},
        {"tables": {"../x": {"all": [["000000000001-0123456789abcdef", 1, 1, "0" * 64]]}}},
        {"tables": {"sites": {"../..": [["000000000001-0123456789abcdef", 1, 1, "0" * 64]]}}},
        {"tables": {"sites": {"all": [["../../secret", 1, 1, "0" * 64]]}}},
        {"tables": {"sites": {"all": [["000000000001-0123456789abcdef", 1, 1, "0"]]}}},
        {"tables": {"sites": {"all": [["000000000001-0123456789abcdef", True, 1, "0" * 64]]}}},
        {"retired": {"tables/sites/site=other/month=all/000000000001-0123456789abcdef.parquet": "2022-12-01 00:00:00"}},
        {"retired": {"shards/east/packs/x": "2022-12-01 00:00:00"}},
    ],
)
def test_a_manifest_is_not_trusted(fleet: Fleet, change: dict[str, Any]) -> None:
    fleet.export()
    facts = json.loads(fleet.manifest("east").body())
    with pytest.raises(ArchiveDamaged, match="not a manifest of tables"):
        parse_manifest(json.dumps(facts | change).encode(), "east", 1)
