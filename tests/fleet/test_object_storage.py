"""Object storage: objects are created once, and faults of the network are one-line errors within a bounded time."""

import sys
import threading
from pathlib import Path

import pytest

from archiver.errors import ObjectExists, ObjectMissing, StorageUnavailable, UsageError
from archiver.fleet.cloud_storage import CloudStorage
from archiver.fleet.object_storage import ObjectStorage, StoredObject, check_storage, open_storage
from s3_server import SECRET, FaultyProxy, Request, S3Server, lets_in


def test_an_object_is_read_as_it_was_created(storage: ObjectStorage) -> None:
    storage.create("a/b/one", b"first")
    storage.create("a/b/two", b"")
    assert (storage.read("a/b/one"), storage.read("a/b/two")) == (b"first", b"")


def test_an_object_is_never_overwritten(storage: ObjectStorage) -> None:
    storage.create("key", b"first")
    for other in (b"other", b"longer than the first", b""):
        with pytest.raises(ObjectExists, match="other bytes"):
            storage.create("key", other)
    assert storage.read("key") == b"first"


def test_the_same_bytes_may_be_created_again(storage: ObjectStorage) -> None:
    storage.create("key", b"first")
    storage.create("key", b"first")


def test_a_missing_object_is_an_error(storage: ObjectStorage) -> None:
    with pytest.raises(ObjectMissing, match="no object a/b"):
        storage.read("a/b")


def test_a_large_object_is_not_read(storage: ObjectStorage) -> None:
    storage.create("key", bytes(1001))
    assert len(storage.read("key", 1001)) == 1001
    with pytest.raises(StorageUnavailable, match="larger than 1,000 bytes"):
        storage.read("key", 1000)


def test_objects_are_listed_in_the_order_of_their_keys(storage: ObjectStorage) -> None:
    for key in ("shards/b/2", "shards/b/10", "shards/a/1", "shards/b-c/1", "tables/x/site=b/1.parquet"):
        storage.create(key, b"x")
    assert list(storage.objects("shards/b")) == [StoredObject("shards/b/10", 1), StoredObject("shards/b/2", 1)]
    assert [each.key for each in storage.objects("shards/b", "shards/b/10")] == ["shards/b/2"]
    assert [each.key for each in storage.objects("shards")] == [
        "shards/a/1",
        "shards/b-c/1",
        "shards/b/10",
        "shards/b/2",
    ]
    assert len(list(storage.objects(""))) == 5
    assert list(storage.objects("nothing")) == []


def test_deleted_objects_are_gone(storage: ObjectStorage) -> None:
    storage.create("a/1", b"x")
    storage.create("a/2", b"x")
    storage.delete(["a/1", "a/never"])
    assert [each.key for each in storage.objects("a")] == ["a/2"]


@pytest.mark.parametrize("key", ["", "/a", "a//b", "../a", "a/../b", "a/.b", "a\n", "a b", "é", "a" * 513])
def test_a_key_that_could_leave_the_storage_is_refused(storage: ObjectStorage, key: str) -> None:
    for call in (lambda: storage.create(key, b"x"), lambda: storage.read(key), lambda: storage.delete([key])):
        with pytest.raises(ValueError, match="not a key"):
            call()


def test_of_many_that_create_one_key_one_wins(storage: ObjectStorage) -> None:
    won: list[int] = []

    def create(number: int) -> None:
        try:
            storage.create("key", b"%d" % number)
        except ObjectExists:
            return
        won.append(number)

    threads = [threading.Thread(target=create, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1
    assert storage.read("key") == b"%d" % won[0]


def test_a_storage_is_checked_before_its_use(storage: ObjectStorage) -> None:
    check_storage(storage)
    assert list(storage.objects("")) == []


def test_many_objects_are_listed(tmp_path: Path) -> None:
    storage = open_storage((tmp_path / "x").as_uri())
    for number in range(30):
        storage.create(f"a/{number:03d}", b"")
    assert [each.key for each in storage.objects("a", "a/020")] == [f"a/{number:03d}" for number in range(21, 30)]


def test_a_file_without_a_name_is_no_object(tmp_path: Path) -> None:
    storage = open_storage(str(tmp_path))
    storage.create("a/b", b"x")
    (tmp_path / "a" / ".0123").write_bytes(b"half")  # its writer was killed
    assert [each.key for each in storage.objects("a")] == ["a/b"]


def test_a_folder_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StorageUnavailable, match=r"Not a directory|File exists"):
        open_storage(str(tmp_path / "file")).create("a/b", b"x")


@pytest.mark.parametrize(
    "url",
    [
        *("s3://key:hunter2@bucket/x", "s3://bucket/x?y=z", "ftp://host/x", "", "s3://", "file://host/x"),
        *("s3://[x", "s3://key:hunter2@[x]/y", "s3:/key:hunter2@bucket"),
    ],
)
def test_other_urls_are_refused(url: str) -> None:
    with pytest.raises(UsageError, match="--storage") as error:
        open_storage(url)
    assert "hunter2" not in str(error.value)


def test_without_the_package_the_message_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "obstore", None)
    with pytest.raises(UsageError, match="pipx inject portal-archiver obstore"):
        open_storage("s3://bucket/x")


# faults of the network


@pytest.fixture(autouse=True)
def without_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """No wait before a request is sent again."""
    monkeypatch.setattr("archiver.fleet.cloud_storage._PAUSES", (0.0, 0.0))


def the_storage(server: S3Server, seconds: float = 30) -> CloudStorage:
    return CloudStorage(server.bucket(), seconds)


def first_put(fault: str | int) -> "PlanOnce":
    return PlanOnce("PUT", fault)


class PlanOnce:
    """Makes a fault at the first request of a method."""

    def __init__(self, method: str, fault: str | int) -> None:
        self._method, self._fault, self._is_done = method, fault, False

    def __call__(self, request: Request) -> str | int:
        if self._is_done or request.method != self._method:
            return "pass"
        self._is_done = True
        return self._fault


@pytest.mark.parametrize("fault", ["lose", "refuse", "cut", 500, 503])
def test_a_put_that_fails_once_is_sent_again(s3_server: S3Server, proxy: FaultyProxy, fault: str | int) -> None:
    storage, body = the_storage(s3_server), b"bytes" * 50_000
    proxy.plan = first_put(fault)
    storage.create("key", body)
    assert storage.read("key") == body
    assert [request.method for request in proxy.requests].count("PUT") == 2


def test_a_lost_reply_does_not_hide_that_another_was_first(s3_server: S3Server, proxy: FaultyProxy) -> None:
    storage = the_storage(s3_server)
    storage.create("key", b"another's")
    proxy.plan = first_put("lose")
    with pytest.raises(ObjectExists):
        storage.create("key", b"ours")


@pytest.mark.parametrize("fault", ["refuse", 503, "wait"])
def test_a_storage_that_fails_is_an_error_of_one_line(
    s3_server: S3Server, proxy: FaultyProxy, fault: str | int
) -> None:
    storage = the_storage(s3_server, 0.4 if fault == "wait" else 30)
    proxy.plan = lambda _request: fault
    for call in (lambda: storage.create("key", b"x"), lambda: storage.read("key"), lambda: list(storage.objects("a"))):
        with pytest.raises(StorageUnavailable, match=r"s3://bucket.*see whether it runs") as error:
            call()
        assert "\n" not in str(error.value)
        assert SECRET not in str(error.value)
        assert "AWS_ENDPOINT_URL" in str(error.value)
    assert len(proxy.requests) == 9


def test_a_storage_that_is_not_there_is_named_with_the_cause(monkeypatch: pytest.MonkeyPatch) -> None:
    lets_in(monkeypatch, "http://127.0.0.1:1")
    with pytest.raises(StorageUnavailable, match=r"^s3://bucket: GET shards/a+: Connection refused; see whether"):
        CloudStorage("s3://bucket").read("shards/" + "a" * 150)


def test_a_refusal_is_not_tried_again(s3_server: S3Server, proxy: FaultyProxy) -> None:
    proxy.plan = lambda _request: 403
    with pytest.raises(StorageUnavailable, match="HTTP 403"):
        the_storage(s3_server).create("key", b"x")
    assert len(proxy.requests) == 1


def test_a_missing_bucket_is_named(proxy: FaultyProxy) -> None:
    with pytest.raises(StorageUnavailable, match="NoSuchBucket"):
        open_storage("s3://no-such-bucket/x").create("key", b"x")


def test_a_storage_that_overwrites_is_refused(s3_server: S3Server, proxy: FaultyProxy) -> None:
    proxy.plan = lambda _request: "overwrite"
    with pytest.raises(StorageUnavailable, match="overwrites objects"):
        check_storage(the_storage(s3_server))
