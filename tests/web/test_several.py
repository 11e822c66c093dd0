"""Several archives in one server, and archives that are damaged, replaced or written meanwhile."""

import shutil
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from archiver.app.browsing.served_archives import served_archives
from archiver.errors import UsageError
from archiver.settings import Settings, bundled_profiles
from filled import fill
from web_served import Served, served


def copied(archive: Path, folder: Path, name: str) -> Path:
    folder.mkdir(exist_ok=True)
    for ending in ("db", "vault.db"):
        places = archive.with_suffix(f".{ending}"), folder / f"{name}.{ending}"
        with closing(sqlite3.connect(places[0])) as old, closing(sqlite3.connect(places[1])) as new:
            old.backup(new)
    return folder / f"{name}.db"


@pytest.fixture(scope="module")
def two(archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("two")
    second = copied(archive, folder, "second")
    fill(folder / "first.db")
    with served(folder / "first.db", second, acts=True) as found:
        yield found


def test_each_archive_is_under_its_name_and_all_are_listed(two: Served) -> None:
    page = two.get("/")
    assert 'href="/first/"' in page.text
    assert 'href="/second/"' in page.text
    assert [each["name"] for each in two.json("/archives.json")["archives"]] == ["first", "second"]
    assert two.get("/second").headers["location"] == "/second/"
    for name in ("first", "second"):
        about = two.get(f"/{name}/about")
        assert about.status_code == 200
        assert f'href="/{name}/pages"' in about.text
        assert 'href="/static/style.css' in about.text
        assert f'action="/{name}/act/capture"' in two.get(f"/{name}/act").text
    assert two.get("/about").status_code == 404
    assert two.get("/third/about").status_code == 404


def test_acts_of_one_archive_are_its_own(two: Served) -> None:
    refused = two.client.post(f"{two.url}/second/act/crawl", data={}, headers={"Origin": two.url})
    assert refused.status_code == 403
    assert two.get("/second/act/crawl").status_code == 405


def test_an_archive_that_cannot_be_read_does_not_hide_the_others(archive: Path, tmp_path: Path) -> None:
    good, bad = copied(archive, tmp_path, "good"), tmp_path / "bad.db"
    bad.write_bytes(b"this is no archive" * 100)
    with served(good, bad) as found:
        page = found.get("/")
        assert page.status_code == 200
        assert "unreadable" in page.text
        assert found.get("/good/about").status_code == 200
        broken = found.get("/bad/about")
        assert broken.status_code == 503
        assert "not an archive" in broken.text


# damage


def test_a_damaged_archive_is_a_clear_page_and_the_server_goes_on(archive: Path, tmp_path: Path) -> None:
    path = copied(archive, tmp_path, "archive")
    with served(path) as found:
        assert found.get("/about").status_code == 200
        data = bytearray(path.read_bytes())
        data[4096:] = b"\xff" * (len(data) - 4096)
        fresh = tmp_path / "fresh.db"
        fresh.write_bytes(data)
        fresh.replace(path)
        page = found.get("/about")
        assert page.status_code == 500
        assert "damaged" in page.text
        assert "Traceback" not in page.text
        assert found.get("/static/style.css").status_code == 200


def test_a_missing_vault_only_hides_the_bytes(archive: Path, tmp_path: Path) -> None:
    path = copied(archive, tmp_path, "archive")
    path.with_name("archive.vault.db").unlink()
    with served(path) as found:
        assert found.get("/about").status_code == 200


def test_a_file_that_takes_its_place_is_read_from_then_on(archive: Path, tmp_path: Path) -> None:
    path = copied(archive, tmp_path, "archive")
    other = tmp_path / "other.db"
    fill(other)
    with served(path) as found:
        before = found.get("/about").text
        for ending in ("db", "vault.db"):
            shutil.move(other.with_suffix(f".{ending}"), path.with_suffix(f".{ending}"))
        after = found.get("/about").text
    assert before != after


def test_an_archive_that_disappears_is_told(archive: Path, tmp_path: Path) -> None:
    path = copied(archive, tmp_path, "archive")
    with served(path) as found:
        assert found.get("/about").status_code == 200
        path.unlink()
        path.with_name("archive.vault.db").unlink()
        page = found.get("/about")
        assert page.status_code == 503
        assert "there is no archive here" in page.text


def test_an_archive_is_read_while_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    fill(path)
    done = threading.Event()

    def write() -> None:
        for _ in range(5):
            fill(path)
        done.set()

    with served(path) as found:
        writer = threading.Thread(target=write)
        writer.start()
        count = 0
        while not done.is_set() or count < 5:
            assert found.get("/about").status_code == 200
            count += 1
        writer.join()


# names


def settings(path: Path) -> Settings:
    return Settings(path, (bundled_profiles(),))


def test_a_folder_is_all_its_archives(archive: Path, tmp_path: Path) -> None:
    copied(archive, tmp_path, "a")
    copied(archive, tmp_path, "b")
    sqlite3.connect(tmp_path / "other.db").execute("CREATE TABLE x(y)").connection.close()
    assert [name for name, _ in served_archives([tmp_path], settings(archive))] == ["a", "b"]
    assert [name for name, _ in served_archives([], settings(archive))] == ["archive"]
    twice = served_archives([tmp_path, tmp_path / "a.db"], settings(archive))
    assert [name for name, _ in twice] == ["a", "b"]


def test_archives_of_one_name_have_that_of_their_folders(tmp_path: Path) -> None:
    paths = [tmp_path / name / "archive.db" for name in ("north", "south")]
    assert [name for name, _ in served_archives(paths, settings(tmp_path))] == ["north", "south"]
    with pytest.raises(UsageError, match="two archives are called"):
        served_archives([*paths, tmp_path / "x" / "north" / "archive.db"], settings(tmp_path))


@pytest.mark.parametrize("name", ["static", "login", "a b", "act", "%2e%2e"])
def test_a_name_must_be_one_of_addresses(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="cannot be one of several"):
        served_archives([tmp_path / f"{name}.db", tmp_path / "other.db"], settings(tmp_path))


def test_an_empty_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no archive in this folder"):
        served_archives([tmp_path], settings(tmp_path))
