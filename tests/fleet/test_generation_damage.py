"""Objects of a shard that are damaged, missing or forged: nothing is restored from them, and the message says which."""

import hashlib
import json
import shutil
import struct
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from archiver.errors import ArchiveError, ObjectMissing, ShardDamaged, StorageUnavailable
from archiver.fleet.object_storage import ObjectStorage, open_storage
from archiver.maintain.generations.manifest import manifest_bytes, parse_manifest
from archiver.maintain.generations.marker import read_marker
from archiver.maintain.generations.page_packs import MAGIC, PageFile, _groups, apply_pack
from archiver.maintain.generations.prune import prune
from archiver.maintain.generations.shard_copy import ShardCopy, fetch_shard, newest_generation
from archiver.model.clock import SettableClock
from archiver.store.frame_codec import FAST, pack
from sharded import SITE, Counting, digests, fetched, first_generation, go_on, slice_of, write


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a storage with a shard of four generations."""
    folder = tmp_path_factory.mktemp("whole")
    with ShardCopy(folder / "copy", open_storage(str(folder / "storage")), SITE) as copy:
        first_generation(copy)
        slice_of(copy, 1)
        slice_of(copy, 2)
    return folder / "storage"


@pytest.fixture
def shard(tmp_path: Path, whole: Path) -> Path:
    """The folder of the shard in a copy of that storage."""
    return Path(shutil.copytree(whole, tmp_path / "storage")) / "shards" / SITE


def fails(shard: Path, says: str) -> None:
    folder = shard.parents[2] / "fetched"
    with pytest.raises(ShardDamaged, match=says) as error:
        fetch_shard(open_storage(str(shard.parents[1])), SITE, folder)
    assert "\n" not in str(error.value)
    assert read_marker(folder, SITE) is None


def packs(shard: Path, number: int) -> list[Path]:
    return sorted((shard / "packs").glob(f"{number:012d}-*"))


def flip(path: Path, at: int) -> None:
    body = bytearray(path.read_bytes())
    body[at] ^= 1
    path.write_bytes(body)


@pytest.mark.parametrize("number", [2, 4])
def test_a_flipped_bit_is_found(shard: Path, number: int) -> None:
    flip(packs(shard, number)[0], -1)
    fails(shard, f"generation {number} of demo cannot be restored.*does not match its digest")


@pytest.mark.parametrize("body", [b"", b"x"])
def test_a_pack_of_another_length_is_found(shard: Path, body: bytes) -> None:
    path = packs(shard, 3)[0]
    path.write_bytes(path.read_bytes()[:-1] + body * 9)
    with pytest.raises((ShardDamaged, StorageUnavailable), match=r"digest|larger"):
        fetch_shard(open_storage(str(shard.parents[1])), SITE, shard.parents[2] / "fetched")


def test_a_missing_pack_is_named(shard: Path) -> None:
    path = packs(shard, 3)[0]
    path.unlink()
    fails(shard, f"{path.name} is missing")


def test_a_missing_generation_is_named(shard: Path) -> None:
    (shard / "generations" / "000000000003.json").unlink()
    fails(shard, "generation 3 is missing")


def test_an_older_generation_can_be_restored(shard: Path) -> None:
    flip(packs(shard, 4)[0], -1)
    storage = open_storage(str(shard.parents[1]))
    assert fetch_shard(storage, SITE, shard.parents[2] / "older", 3).number == 3
    with pytest.raises(ObjectMissing):
        fetch_shard(storage, SITE, shard.parents[2] / "older", 9)


def change_manifest(shard: Path, number: int, change: Callable[[dict[str, Any]], object]) -> None:
    path = shard / "generations" / f"{number:012d}.json"
    values = json.loads(path.read_bytes())
    change(values)
    path.write_text(json.dumps(values))


FORGED: dict[str, Callable[[dict[str, Any]], object]] = {
    "format": lambda it: it.update(format=2),
    "site": lambda it: it.update(site="other"),
    "number": lambda it: it.update(number=3),
    "negative": lambda it: it.update(epoch=-1),
    "truth": lambda it: it.update(epoch=True),
    "text": lambda it: it.update(epoch="1"),
    "huge": lambda it: it["head"].update(visits=2**60),
    "unknown": lambda it: it.update(more=1),
    "missing": lambda it: it.pop("worker"),
    "long": lambda it: it.update(worker="x" * 3000),
    "moment": lambda it: it.update(made_at="yesterday"),
    "digest": lambda it: it.update(previous="ab"),
    "outside": lambda it: it["packs"][0].update(key="shards/demo/packs/../../x.pack"),
    "other shard": lambda it: it["packs"][0].update(key="shards/other/packs/000000000004-1-aa-00000.pack"),
    "other number": lambda it: it["packs"][0].update(key=it["packs"][0]["key"].replace("4-", "3-", 1)),
    "large": lambda it: it["packs"][0].update(bytes=2**40),
    "twice": lambda it: it["packs"].append(it["packs"][0]),
    "files": lambda it: it["files"][0].update(name="../../etc/passwd"),
    "one file": lambda it: it["files"].pop(),
    "page size": lambda it: it["files"][0].update(page_size=1000),
    "full": lambda it: it.update(full=5),
    "no full": lambda it: it.update(full=0),
    "list": lambda it: it.update(packs={}),
}


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_manifest_is_refused(shard: Path, name: str) -> None:
    change_manifest(shard, 4, FORGED[name])
    fails(shard, "000000000004.json: this manifest cannot be used")


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"[" * 100_000, b"\xff"])
def test_a_manifest_that_is_none_is_refused(shard: Path, body: bytes) -> None:
    (shard / "generations" / "000000000004.json").write_bytes(body)
    fails(shard, "cannot be used")


def test_a_manifest_is_read_as_it_was_written(shard: Path) -> None:
    path = shard / "generations" / "000000000004.json"
    found = parse_manifest(path.read_bytes(), SITE, 4, "here")
    assert manifest_bytes(found) == path.read_bytes()


@pytest.mark.parametrize(
    ("number", "change", "says"),
    [
        (4, lambda it: it["head"].update(visits=5), "another archive than its manifest says"),
        (4, lambda it: it["head"].update(chain="0" * 64), "another archive than its manifest says"),
        (4, lambda it: it["files"][0].update(pages=it["files"][0]["pages"] - 1), "page numbers are invalid|no archive"),
        (4, lambda it: it.update(archive_id="other"), "does not continue"),
        (3, lambda it: it.update(worker="x"), "generation 4 does not continue the one before"),
        (3, lambda it: it.update(epoch=9), "does not continue the one before"),
    ],
)
def test_a_manifest_that_does_not_fit_is_refused(
    shard: Path, number: int, change: Callable[[dict[str, Any]], object], says: str
) -> None:
    change_manifest(shard, number, change)
    fails(shard, says)


def test_changes_of_another_archive_are_not_applied(shard: Path, tmp_path: Path) -> None:
    """A pack with a correct digest in its manifest, made for other old pages."""
    other = tmp_path / "other"
    with ShardCopy(tmp_path / "copy2", open_storage(str(other)), SITE) as copy:
        first_generation(copy)
        slice_of(copy, 7)
        slice_of(copy, 8)
    theirs = other / "shards" / SITE
    for path in (*packs(theirs, 4), theirs / "generations" / "000000000004.json"):
        shutil.copy(path, shard / path.parent.name)
    change_manifest(shard, 4, lambda it: it.update(previous=""))
    fails(shard, "does not continue|do not match their digest|damaged")


@pytest.mark.parametrize("body", [b"", MAGIC, MAGIC + b"\0" * 20, MAGIC + b"\x09\x00\x00\x01" + b"\0" * 80, b"x" * 100])
def test_a_pack_of_another_form_is_refused(shard: Path, body: bytes) -> None:
    packs(shard, 4)[0].write_bytes(body)
    digest = hashlib.sha256(body).hexdigest()
    change_manifest(shard, 4, lambda it: it["packs"][0].update(bytes=max(len(body), 1), sha256=digest))
    fails(shard, "cannot be used|does not match|another archive|pages of .* are missing")


def test_a_copy_whose_own_generation_is_missing_names_it(shard: Path) -> None:
    storage, folder = open_storage(str(shard.parents[1])), shard.parents[2] / "fetched"
    fetch_shard(storage, SITE, folder, 3)
    (shard / "generations" / "000000000003.json").unlink()
    fails(shard, "generation 3 is missing; `archiver fleet rescue")


def test_a_manifest_that_nobody_would_read_is_not_published(shard: Path) -> None:
    newest = newest_generation(open_storage(str(shard.parents[1])), SITE)
    assert newest is not None
    with pytest.raises(ArchiveError, match="too large for one generation"):
        manifest_bytes(replace(newest, packs=newest.packs[:1] * 50_000))


def test_a_group_that_would_fill_the_memory_is_refused(tmp_path: Path) -> None:
    pages = bytes(65535 * 4096)
    data = pack(pages, b"", FAST)
    assert len(data) < 100_000
    group = struct.pack(">BBHI32s", 0, 1, 65535, len(data), hashlib.sha256(pages).digest())
    file = PageFile(tmp_path / "archive.db", 4096, 0, 65535)
    with pytest.raises(ShardDamaged, match="groups is too large"):
        apply_pack(MAGIC + group + struct.pack(">65535I", *range(1, 65536)) + data, [file], "a pack")
    file.close(is_whole=False)
    assert not (tmp_path / "archive.db").stat().st_size


def test_a_full_generation_without_all_pages_is_refused(shard: Path) -> None:
    """An attacker leaves out a group, and corrects the digests."""
    path = packs(shard, 2)[0]
    body = path.read_bytes()
    group = next(_groups(body))
    path.write_bytes(MAGIC + body[len(MAGIC) + 40 + 4 * len(group[2]) + len(group[3]) :])
    change_manifest(
        shard,
        2,
        lambda it: it["packs"][0].update(
            bytes=path.stat().st_size, sha256=hashlib.sha256(path.read_bytes()).hexdigest()
        ),
    )
    fails(shard, "pages are missing")


# pruning

DAY = datetime(2026, 11, 1, 12, tzinfo=UTC)


def numbers(storage: ObjectStorage) -> list[int]:
    return [int(each.key[-17:-5]) for each in storage.objects(f"shards/{SITE}/generations")]


def test_generations_are_pruned_a_week_after_a_newer_full_one(tmp_path: Path, storage: ObjectStorage) -> None:
    clock = SettableClock(DAY)
    with ShardCopy(tmp_path / "copy", storage, SITE, clock) as copy:
        first_generation(copy)
        seed = 0
        while (newest := slice_of(copy, seed)).full == 2:
            seed += 1
        full = newest.number
        assert numbers(storage) == list(range(1, full + 1))
        clock.advance(days=6)
        slice_of(copy, 50)
        assert numbers(storage)[0] == 1
        clock.advance(days=1)
        newest = slice_of(copy, 51)
        assert numbers(storage) == list(range(full, newest.number + 1))
        assert {int(each.key.split("/")[-1][:12]) for each in storage.objects(f"shards/{SITE}/packs")} == set(
            numbers(storage)
        )
        assert fetched(storage, tmp_path / "fetched") == digests(tmp_path / "copy")


def test_packs_that_were_never_published_are_deleted(tmp_path: Path, storage: ObjectStorage) -> None:
    clock = SettableClock(DAY)
    lost = f"shards/{SITE}/packs/000000000003-1-aaaaaaaaaaaaaaaa-00000.pack"
    coming = f"shards/{SITE}/packs/000000000009-1-aaaaaaaaaaaaaaaa-00000.pack"
    with ShardCopy(tmp_path / "copy", storage, SITE, clock) as copy:
        first_generation(copy)
        storage.create(lost, b"half of an upload")
        storage.create(coming, b"what another worker is uploading")
        slice_of(copy, 1)
        keys = {each.key for each in storage.objects(f"shards/{SITE}/packs")}
        assert {lost, coming} < keys
        clock.advance(days=1)
        slice_of(copy, 2)
        assert {each.key for each in storage.objects(f"shards/{SITE}/packs")} & {lost, coming} == {coming}
        assert fetched(storage, tmp_path / "fetched") == digests(tmp_path / "copy")


def test_a_worker_that_lost_its_lease_deletes_nothing_that_is_needed(tmp_path: Path) -> None:
    storage = open_storage(str(tmp_path / "storage"))
    clock = SettableClock(DAY)
    with ShardCopy(tmp_path / "first", storage, SITE, clock) as first:
        newest = first_generation(first)
        while newest.full == 2:
            newest = slice_of(first, newest.number)
        with ShardCopy(tmp_path / "second", storage, SITE, clock) as second:
            second.begin(2, "second")
            slice_of(second, 1)
            with second.recording():
                write(second, 2)
            # the first worker wakes up, and prunes by what it knew; its clock is a month fast
            prune(storage, newest, DAY.replace(month=12), go_on)
            assert second.ship(go_on, 1) is not None
            assert fetched(storage, tmp_path / "fetched") == digests(tmp_path / "second")


def test_pruning_that_is_interrupted_is_finished_the_next_time(tmp_path: Path) -> None:
    storage, clock = open_storage(str(tmp_path / "storage")), SettableClock(DAY)
    with ShardCopy(tmp_path / "copy", storage, SITE, clock) as copy:
        newest = first_generation(copy)
        while newest.full == 2:
            newest = slice_of(copy, newest.number)
        later = DAY.replace(day=20)

        class Stopped(Exception):
            pass

        left = [6]

        def stop() -> None:
            left[0] -= 1
            if not left[0]:
                raise Stopped

        with pytest.raises(Stopped):
            prune(storage, newest, later, stop)
        assert numbers(storage)[0] == 1  # what remains of the older chain can be restored
        fetch_shard(storage, SITE, tmp_path / "older", numbers(storage)[1])
        counting = Counting(storage)
        assert prune(counting, newest, later, go_on) > 0
        assert prune(counting, newest, later, go_on) == 0
        assert numbers(storage) == [newest.number]
