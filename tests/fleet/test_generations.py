"""Generations of a shard: what is fetched equals what was published, byte for byte, whoever publishes."""

import errno
import json
import random
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from threading import Barrier, Thread

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archiver.errors import (
    ArchiveDamaged,
    ArchiveLocked,
    ArchiverError,
    ObjectMissing,
    ShardDamaged,
    ShardFenced,
    SiteBusy,
    StorageUnavailable,
    UsageError,
)
from archiver.fleet.object_storage import ObjectStorage, open_storage
from archiver.maintain.generations import slice_changes
from archiver.maintain.generations.manifest import FILES, manifest_key
from archiver.maintain.generations.marker import OUTGOING
from archiver.maintain.generations.shard_copy import ShardCopy, fetch_shard, newest_generation
from sharded import SITE, Counting, digests, fetched, first_generation, go_on, put_archive, slice_of, write
from trials import lasting


@pytest.fixture
def in_folder(tmp_path: Path) -> ObjectStorage:
    return open_storage(str(tmp_path / "storage"))


@pytest.fixture
def copy(tmp_path: Path, in_folder: ObjectStorage) -> Iterator[ShardCopy]:
    with ShardCopy(tmp_path / "copy", in_folder, SITE) as made:
        yield made


def another(tmp_path: Path, storage: ObjectStorage, name: str = "another") -> ShardCopy:
    return ShardCopy(tmp_path / name, storage, SITE)


def test_what_is_fetched_is_what_was_published(tmp_path: Path, storage: ObjectStorage) -> None:
    expected = {}
    with ShardCopy(tmp_path / "copy", storage, SITE) as copy:
        published = first_generation(copy)
        expected[published.number] = digests(copy.path.parent)
        for seed in range(4):
            published = slice_of(copy, seed)
            assert published.full == 2
            expected[published.number] = digests(copy.path.parent)
            assert fetched(storage, tmp_path / "followed") == expected[published.number]
    for number, digest in expected.items():
        assert fetched(storage, tmp_path / f"fetched{number}", number) == digest
    newest = newest_generation(storage, SITE)
    assert newest == published
    assert newest.state.bytes == sum((tmp_path / "copy" / name).stat().st_size for name in FILES)
    assert (newest.state.visits, newest.head.visits) == (6, 6)


Change = tuple[str, int, int]
changes = st.lists(
    st.tuples(
        st.sampled_from(["insert", "update", "delete", "vacuum", "rollback", "checkpoint"]),
        st.integers(0, 99),
        st.integers(0, 9000),
    ),
    max_size=5,
)


def apply(path: Path, change: Change) -> None:
    what, seed, size = change
    chance = random.Random(seed)
    with closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS t(id INTEGER PRIMARY KEY, data BLOB)")
        if what == "vacuum":
            connection.execute("VACUUM")
            return
        if what == "checkpoint":
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            return
        connection.execute("PRAGMA cache_size=5")  # pages of an open transaction go to the log
        connection.execute("BEGIN")
        if what == "update":
            connection.execute("UPDATE t SET data = zeroblob(?) WHERE id % 3 = ?", (size, seed % 3))
        elif what == "delete":
            connection.execute("DELETE FROM t WHERE id % 4 <> ?", (seed % 4,))
        else:
            for _ in range(seed):
                connection.execute("INSERT INTO t(data) VALUES (?)", (chance.randbytes(size // 10),))
        connection.execute("ROLLBACK" if what == "rollback" else "COMMIT")


@settings(max_examples=lasting(12, 60), deadline=None, suppress_health_check=list(HealthCheck))
@given(slices=st.lists(st.tuples(changes, changes), min_size=1, max_size=4))
def test_any_changes_of_both_files_are_published(slices: list[tuple[list[Change], list[Change]]]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        storage = open_storage(str(folder / "storage"))
        with ShardCopy(folder / "copy", storage, SITE) as copy:
            first_generation(copy)
            for both in slices:
                with copy.recording():
                    for file, made in zip(FILES, both, strict=True):
                        for change in made:
                            apply(copy.path.with_name(file), change)
                copy.ship(go_on, 1)
                assert fetched(storage, folder / "followed") == digests(folder / "copy")
        assert fetched(storage, folder / "fetched") == digests(folder / "copy")


def test_nothing_new_publishes_nothing(copy: ShardCopy, in_folder: ObjectStorage) -> None:
    first_generation(copy)
    with copy.recording(), closing(sqlite3.connect(copy.path)) as connection:
        connection.execute("SELECT count(*) FROM _visit").fetchone()
    assert copy.ship(go_on, 1) is None
    assert [each.key for each in in_folder.objects(f"shards/{SITE}/generations")] == [
        manifest_key(SITE, n) for n in (1, 2)
    ]


def test_a_slice_costs_what_it_changes(copy: ShardCopy) -> None:
    first = first_generation(copy)
    with copy.recording(), closing(sqlite3.connect(copy.path)) as connection, connection:
        connection.execute("CREATE TABLE one(id)")
    published = copy.ship(go_on, 7)
    assert published is not None
    assert sum(each.bytes for each in published.packs) < first.full_bytes / 10
    assert (published.profile_version, published.full) == (7, first.number)


def test_several_slices_are_published_at_once(copy: ShardCopy, in_folder: ObjectStorage, tmp_path: Path) -> None:
    first_generation(copy)
    for seed in range(3):
        with copy.recording():
            write(copy, seed)
    assert copy.ship(go_on, 1) is not None
    assert fetched(in_folder, tmp_path / "fetched") == digests(copy.path.parent)


def test_a_full_generation_comes_when_the_changes_outgrow_the_last(
    copy: ShardCopy, in_folder: ObjectStorage, tmp_path: Path
) -> None:
    numbers = {first_generation(copy).full}
    for seed in range(30):
        numbers.add(slice_of(copy, seed).full)
        assert fetched(in_folder, tmp_path / "followed") == digests(copy.path.parent)
    assert len(numbers) > 1
    assert fetched(in_folder, tmp_path / "fetched") == digests(copy.path.parent)


# other processes

_OPENS = """
import sqlite3, sys
for name in sys.argv[1:]:
    connection = sqlite3.connect(name, timeout=0)
    connection.execute("CREATE TABLE IF NOT EXISTS other(id INTEGER PRIMARY KEY, data)")
    connection.execute("INSERT INTO other(data) VALUES (randomblob(3000))")
    connection.commit()
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
"""


def test_processes_that_open_and_close_the_archive_do_not_hide_changes(
    copy: ShardCopy, in_folder: ObjectStorage, tmp_path: Path
) -> None:
    first_generation(copy)
    names = [str(copy.path.with_name(name)) for name in FILES]
    with copy.recording():
        write(copy, 1)
        for _ in range(3):
            subprocess.run([sys.executable, "-c", _OPENS, *names], check=True)
            write(copy, 2)
    published = copy.ship(go_on, 1)
    assert published is not None
    assert published.full == 2
    assert fetched(in_folder, tmp_path / "fetched") == digests(copy.path.parent)


def test_while_the_archive_is_observed_its_file_is_not_written(copy: ShardCopy) -> None:
    first_generation(copy)
    before = digests(copy.path.parent)
    with copy.recording():
        for seed in range(5):
            write(copy, seed, rows=200)
            with closing(sqlite3.connect(copy.path, timeout=0)) as connection:
                busy, in_log, copied = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            assert (busy, copied) == (1, 0)
            assert in_log > 0
        assert digests(copy.path.parent) == before


def test_a_checkpoint_in_spite_of_the_observer_makes_a_full_generation(
    copy: ShardCopy, in_folder: ObjectStorage, tmp_path: Path
) -> None:
    first_generation(copy)
    with copy.recording():
        write(copy, 1)
        body = bytearray(copy.path.read_bytes())
        body[-1] ^= 1
        copy.path.write_bytes(body)  # as another program would that does not keep to the locks
        body[-1] ^= 1
        copy.path.write_bytes(body)
    published = copy.ship(go_on, 1)
    assert published is not None
    assert published.full == published.number
    assert fetched(in_folder, tmp_path / "fetched") == digests(copy.path.parent)


_READS = "import sqlite3, sys; sqlite3.connect(sys.argv[1]).execute('SELECT count(*) FROM _visit').fetchone()"


def test_a_copy_whose_log_another_process_took_away_is_not_published(copy: ShardCopy, in_folder: ObjectStorage) -> None:
    first_generation(copy)
    with copy.recording(), closing(sqlite3.connect(copy.path)) as ours:
        copy.path.open("rb").close()  # the system drops all locks of this process
        ours.execute("CREATE TABLE one(id)")
        subprocess.run([sys.executable, "-c", _READS, str(copy.path)], check=True)
        ours.execute("CREATE TABLE two(id)")
    with pytest.raises(ArchiveDamaged):
        copy.ship(go_on, 1)
    newest = newest_generation(in_folder, SITE)
    assert newest is not None
    assert newest.number == 2


def test_what_others_damaged_is_not_published(copy: ShardCopy, in_folder: ObjectStorage) -> None:
    first_generation(copy)
    with copy.recording(), closing(sqlite3.connect(copy.path)) as connection, connection:
        connection.execute("PRAGMA writable_schema=ON")
        connection.execute("UPDATE sqlite_schema SET rootpage = 3 WHERE name = '_page'")
        connection.execute("CREATE TABLE one(id)")
    copy.path.write_bytes(copy.path.read_bytes())  # somebody writes without the locks, so all pages are published
    with pytest.raises(ArchiveDamaged, match="nothing was published"):
        copy.ship(go_on, 1)
    newest = newest_generation(in_folder, SITE)
    assert newest is not None
    assert newest.number == 2


def test_a_reader_of_an_older_state_is_waited_for(copy: ShardCopy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("archiver.maintain.generations.changed_pages._WAIT", 0.2)
    first_generation(copy)
    with copy.recording():
        write(copy, 1)
        reader = sqlite3.connect(copy.path, isolation_level=None)
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM scribble").fetchone()
        write(copy, 2)
    with closing(reader), pytest.raises(ArchiveLocked, match="older state"):
        copy.ship(go_on, 1)


# owners


def test_a_new_owner_goes_on_from_the_last_generation(
    copy: ShardCopy, in_folder: ObjectStorage, tmp_path: Path
) -> None:
    first_generation(copy)
    slice_of(copy, 1)
    with another(tmp_path, in_folder) as theirs:
        found = theirs.begin(2, "second")
        assert found is not None
        assert (found.number, found.epoch, found.worker, found.packs) == (4, 2, "second", ())
        assert digests(tmp_path / "another") == digests(copy.path.parent)
        assert slice_of(theirs, 5).number == 5


def test_an_older_owner_cannot_publish(copy: ShardCopy, in_folder: ObjectStorage, tmp_path: Path) -> None:
    first_generation(copy)
    with copy.recording():
        write(copy, 1)
    with another(tmp_path, in_folder) as theirs:
        theirs.begin(2, "second")
        with pytest.raises(ShardFenced, match="second has published generation 3 with epoch 2"):
            copy.ship(go_on, 1)
        assert not copy.path.exists()
        slice_of(theirs, 2)
        expected = digests(tmp_path / "another")
    with pytest.raises(ShardFenced):
        copy.begin(1, "first")
    assert fetched(in_folder, tmp_path / "fetched") == expected


def test_what_an_older_owner_publishes_before_the_fence_is_kept(
    copy: ShardCopy, in_folder: ObjectStorage, tmp_path: Path
) -> None:
    first_generation(copy)
    with copy.recording():
        write(copy, 1)

    def publish_first(what: str, key: str) -> None:
        if what == "create" and "generations" in key and len(counting.made) < 4:
            counting.before = lambda _what, _key: None
            copy.ship(go_on, 1)

    counting = Counting(in_folder, publish_first)
    with another(tmp_path, counting) as theirs:
        found = theirs.begin(2, "second")
        assert found is not None
        assert (found.number, found.epoch) == (4, 2)
        assert digests(tmp_path / "another") == digests(copy.path.parent)


def test_of_owners_that_begin_at_once_the_newest_epoch_wins(storage: ObjectStorage, tmp_path: Path) -> None:
    with another(tmp_path, storage, "first") as copy:
        first_generation(copy)
    barrier, outcomes = Barrier(4), {}

    def work(epoch: int) -> None:
        with another(tmp_path, storage, f"copy{epoch}") as copy:
            barrier.wait()
            try:
                copy.begin(epoch, f"worker{epoch}")
                slice_of(copy, epoch)
                outcomes[epoch] = "published"
            except ShardFenced:
                outcomes[epoch] = "fenced"

    threads = [Thread(target=work, args=(epoch,)) for epoch in (2, 3, 4, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes[5] == "published"
    fetch_shard(storage, SITE, tmp_path / "fetched")
    numbers = [each.key[-17:-5] for each in storage.objects(f"shards/{SITE}/generations")]
    epochs = [json.loads(storage.read(f"shards/{SITE}/generations/{number}.json"))["epoch"] for number in numbers]
    assert epochs == sorted(epochs)


def test_an_empty_shard_is_fenced_as_well(copy: ShardCopy, in_folder: ObjectStorage, tmp_path: Path) -> None:
    assert copy.begin(1, "first") is None
    with copy.recording():
        put_archive(copy.path.parent)
    with another(tmp_path, in_folder) as theirs:
        assert theirs.begin(2, "second") is None
        with pytest.raises(ShardFenced):
            copy.ship(go_on, 1)
    assert newest_generation(in_folder, SITE) is None
    with pytest.raises(ObjectMissing, match="nothing is stored of demo"):
        fetch_shard(in_folder, SITE, tmp_path / "fetched")


class LeaseOver(ArchiverError):
    """What a worker's check raises."""


def test_no_request_is_sent_after_the_lease(copy: ShardCopy, in_folder: ObjectStorage, tmp_path: Path) -> None:
    first_generation(copy)
    with copy.recording():
        write(copy, 1)

    def stop() -> None:
        raise LeaseOver

    before = len(list(in_folder.objects("")))
    with pytest.raises(LeaseOver):
        copy.ship(stop, 1)
    assert len(list(in_folder.objects(""))) == before
    copy.close()
    with another(tmp_path, in_folder, "copy") as again:  # the same folder: it is fetched anew
        again.begin(2, "first")
        assert digests(tmp_path / "copy") == fetched(in_folder, tmp_path / "fetched")


def test_publishing_goes_on_after_the_storage_failed(copy: ShardCopy, in_folder: ObjectStorage, tmp_path: Path) -> None:
    first_generation(copy)
    counting = Counting(in_folder)
    copy._storage = counting
    for fails_at in ("packs", "generations"):
        with copy.recording():
            write(copy, 1)

        def fail(what: str, key: str, part: str = fails_at) -> None:
            if what == "create" and part in key:
                raise StorageUnavailable("it does not answer")

        counting.before = fail
        with pytest.raises(StorageUnavailable):
            copy.ship(go_on, 1)
        with pytest.raises(ValueError, match="what was recorded"), copy.recording():
            pass
        counting.before = lambda _what, _key: None
        assert copy.ship(go_on, 1) is not None
        assert not (copy.path.parent / OUTGOING).exists()
    assert counting.count("create", "packs") == 2
    assert fetched(in_folder, tmp_path / "fetched") == digests(copy.path.parent)


# the working copy


def test_only_what_is_missing_is_fetched(copy: ShardCopy, in_folder: ObjectStorage, tmp_path: Path) -> None:
    first_generation(copy)
    counting = Counting(in_folder)
    fetched(counting, tmp_path / "fetched")
    packs = counting.count("read", "packs")
    slice_of(copy, 1)
    assert fetched(counting, tmp_path / "fetched") == digests(copy.path.parent)
    assert counting.count("read", "packs") == packs + 1
    fetched(counting, tmp_path / "fetched")
    assert counting.count("read", "packs") == packs + 1


@pytest.mark.parametrize("harm", ["write", "log", "marker", "other"])
def test_a_copy_that_was_written_by_others_is_fetched_anew(
    copy: ShardCopy, in_folder: ObjectStorage, tmp_path: Path, harm: str
) -> None:
    first_generation(copy)
    slice_of(copy, 1)
    expected = digests(copy.path.parent)
    copy.close()
    if harm == "write":
        write(copy, 9)
    elif harm == "log":
        copy.path.with_name(f"{FILES[0]}-wal").write_bytes(b"x")
    elif harm == "marker":
        (tmp_path / "copy" / "shard.json").write_text("{")
    else:
        (tmp_path / "copy" / FILES[1]).unlink()
    with another(tmp_path, in_folder, "copy") as again:
        again.begin(2, "second")
        assert digests(tmp_path / "copy") == expected


def test_an_archive_that_is_no_copy_is_not_replaced(copy: ShardCopy, in_folder: ObjectStorage, tmp_path: Path) -> None:
    first_generation(copy)
    (tmp_path / "mine").mkdir()
    put_archive(tmp_path / "mine")
    before = digests(tmp_path / "mine")
    for call in (
        lambda: another(tmp_path, in_folder, "mine").begin(2, "x"),
        lambda: fetched(in_folder, tmp_path / "mine"),
    ):
        with pytest.raises(UsageError, match="no copy of a shard"):
            call()
    another(tmp_path, in_folder, "mine").discard()
    assert digests(tmp_path / "mine") == before


def test_two_processes_do_not_share_a_folder(copy: ShardCopy, in_folder: ObjectStorage, tmp_path: Path) -> None:
    first_generation(copy)
    with pytest.raises(SiteBusy, match="another process uses this copy"):
        another(tmp_path, in_folder, "copy").begin(2, "x")
    copy.close()
    with another(tmp_path, in_folder, "copy") as again:
        again.begin(2, "x")


def test_a_copy_is_deleted_when_the_disk_is_full(
    copy: ShardCopy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first_generation(copy)
    with copy.recording():
        write(copy, 1)

    def no_room(*_: object, **__: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_text", no_room)
    copy.discard()
    assert not list((tmp_path / "copy").glob("archive*"))
    monkeypatch.undo()
    assert copy.begin(2, "second") is not None


def test_a_copy_is_begun_again_after_a_storage_that_did_not_answer(tmp_path: Path, in_folder: ObjectStorage) -> None:
    def fail(what: str, _key: str) -> None:
        if what == "create":
            raise StorageUnavailable("away")

    storage = Counting(in_folder, fail)
    with ShardCopy(tmp_path / "copy", storage, SITE) as copy:
        with pytest.raises(StorageUnavailable):
            copy.begin(1, "first")
        storage.before = lambda _what, _key: None
        assert copy.begin(1, "first") is None
    with ShardCopy(tmp_path / "copy", in_folder, SITE) as other:
        assert other.begin(2, "second") is None


def test_a_discarded_copy_is_deleted(copy: ShardCopy, tmp_path: Path) -> None:
    first_generation(copy)
    copy.discard()
    assert {path.name for path in (tmp_path / "copy").iterdir()} <= {".shard.lock"}


def test_a_storage_that_was_replaced_by_another_is_fetched_whole(tmp_path: Path) -> None:
    first, second = (open_storage(str(tmp_path / name)) for name in ("one", "two"))
    for storage, seed in ((first, 1), (second, 2)):
        with another(tmp_path, storage, f"copy{seed}") as copy:
            first_generation(copy)
            slice_of(copy, seed)
            slice_of(copy, seed + 1)
    fetched(first, tmp_path / "fetched", 3)
    assert fetched(second, tmp_path / "fetched") == digests(tmp_path / "copy2")


def test_names_that_are_no_sites_are_refused(in_folder: ObjectStorage, tmp_path: Path) -> None:
    for name in ("..", "a/b", "", "A", ".a"):
        with pytest.raises(ValueError, match="not the name of a site"):
            ShardCopy(tmp_path / "x", in_folder, name)


def test_more_changes_than_memory_and_a_pack_hold(
    copy: ShardCopy, in_folder: ObjectStorage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("archiver.maintain.generations.changed_pages._IN_MEMORY", 10_000)
    monkeypatch.setattr("archiver.maintain.generations.page_packs.PACK_SIZE", 20_000)
    monkeypatch.setattr(slice_changes, "FULL_AFTER", 1000)
    first_generation(copy)
    for seed in range(3):
        with copy.recording():
            write(copy, seed, rows=400)
        published = copy.ship(go_on, 1)
        assert published is not None
        assert len(published.packs) > 1
    assert fetched(in_folder, tmp_path / "fetched") == digests(copy.path.parent)


def test_packs_that_are_damaged_before_they_are_uploaded_are_an_error(
    copy: ShardCopy, in_folder: ObjectStorage
) -> None:
    first_generation(copy)
    counting = Counting(in_folder)
    copy._storage = counting
    with copy.recording():
        write(copy, 1)

    def refuse(_what: str, _key: str) -> None:
        raise StorageUnavailable("it does not answer")

    counting.before = refuse
    with pytest.raises(StorageUnavailable):
        copy.ship(go_on, 1)
    for path in (copy.path.parent / OUTGOING).iterdir():
        path.write_bytes(path.read_bytes()[:-1] + b"!")
    counting.before = lambda _what, _key: None
    with pytest.raises(ShardDamaged, match="damaged before it was uploaded"):
        copy.ship(go_on, 1)
