"""`archiver fleet fetch`: copies of archives in a folder, to read with any command."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from archiver.maintain.generations.fetch_shard import fetch_shard
from archiver.maintain.verify.verify import verify
from fleets import Fleet, rows
from sharded import Counting

EMBARGO = ("--", "embargo", "/x", "--site", "east", "--until", "2040-01-01", "--reason")


@pytest.fixture
def fleet(stored_anywhere: Fleet) -> Fleet:
    return stored_anywhere


def reasons(path: Path) -> list[object]:
    return [row[0] for row in rows(path, "SELECT reason FROM _embargo")]


def test_copies_are_read_by_any_command_and_get_what_is_new(fleet: Fleet) -> None:
    fleet.begin("west")
    to = fleet.folder / "copies"
    epochs = [fleet.site(site).epoch for site in ("east", "west")]
    out = fleet("fleet", "fetch", "east", "west", "--to", str(to))
    number = fleet.newest("east").number
    assert f"east: generation {number} of " in out
    assert f"in {to / 'west' / 'archive.db'}" in out
    assert [fleet.site(site).epoch for site in ("east", "west")] == epochs, "no lease"
    fleet.archive = to / "east" / "archive.db"
    assert "east" in fleet("stats")
    fleet("fleet", "run", "east", *EMBARGO, "one")
    (told,) = fleet.json("fleet", "fetch", "east", "--to", str(to))
    newest = fleet.newest("east")
    assert told == {
        "site": "east",
        "generation": newest.number,
        "made_at": newest.made_at,
        "visits": newest.head.visits,
        "bytes": newest.size,
        "archive": str(fleet.archive),
    }
    assert reasons(fleet.archive) == ["one"]
    assert verify(to / "east" / "archive.db", deep=True).whole


def test_only_what_is_new_is_read(fleet: Fleet, tmp_path: Path) -> None:
    fetch_shard(fleet.storage, "east", tmp_path / "copy")
    fleet("fleet", "run", "east", *EMBARGO, "one")
    counting = Counting(fleet.storage)
    newest = fetch_shard(counting, "east", tmp_path / "copy")
    assert counting.count("read", "/packs/") == len(newest.packs) == 1


def test_an_earlier_generation_is_fetched(fleet: Fleet) -> None:
    first = fleet.newest("east").number
    for reason in ("one", "two"):
        fleet("fleet", "run", "east", *EMBARGO, reason)
    path = fleet.folder / "east" / "archive.db"
    fleet("fleet", "fetch", "east", "--to", str(fleet.folder))
    assert reasons(path) == ["one", "two"]
    fleet("fleet", "fetch", "east", "--to", str(fleet.folder), "--generation", str(first))
    assert reasons(path) == []
    fleet("fleet", "fetch", "east", "--to", str(fleet.folder), "--generation", "99", code=2)
    assert "no archive in generation 99" in fleet.err
    fleet.begin("west")
    fleet("fleet", "fetch", "east", "west", "--to", str(fleet.folder), "--generation", "1", code=2)
    assert "name one SITE" in fleet.err


def test_a_site_that_fails_costs_only_itself(fleet: Fleet) -> None:
    fleet.begin("west")
    to = fleet.folder / "copies"
    (to / "east").mkdir(parents=True)
    (to / "east" / "archive.db").write_bytes(b"mine")
    out = fleet("fleet", "fetch", "east", "west", "--to", str(to), code=2)
    assert "holds an archive that is no copy of a shard" in fleet.err
    assert (to / "east" / "archive.db").read_bytes() == b"mine"
    assert out.startswith("west: generation ")
    fleet("fleet", "fetch", "south", "--to", str(to), code=2)
    assert "south: not in the fleet" in fleet.err


def test_a_copy_that_somebody_wrote_to_is_fetched_anew(fleet: Fleet) -> None:
    to = fleet.folder / "copies"
    fleet("fleet", "fetch", "east", "--to", str(to))
    fleet.archive = to / "east" / "archive.db"
    fleet("embargo", "/x", "--site", "east", "--until", "2040-01-01", "--reason", "mine")
    fleet("fleet", "fetch", "east", "--to", str(to))
    assert reasons(fleet.archive) == []
    assert verify(fleet.archive, deep=True).whole


def test_a_copy_that_a_program_has_open_is_not_changed_under_it(fleet: Fleet) -> None:
    to = fleet.folder / "copies"
    fleet("fleet", "fetch", "east", "--to", str(to))
    fleet("fleet", "run", "east", *EMBARGO, "one")
    path = to / "east" / "archive.db"
    with closing(sqlite3.connect(path)) as reader:
        reader.execute("SELECT count(*) FROM _visit").fetchone()
        fleet("fleet", "fetch", "east", "--to", str(to), code=1)
        assert f"{path}: another program has this copy open; end it" in fleet.err
        assert reader.execute("SELECT count(*) FROM _embargo").fetchone() == (0,)
    fleet("fleet", "fetch", "east", "--to", str(to))
    assert reasons(path) == ["one"]


def test_a_redaction_while_a_copy_is_fetched(fleet: Fleet, tmp_path: Path) -> None:
    """The packs that are being read are deleted; the new generation is fetched instead."""
    (url,) = rows(fleet.fetched("east"), "SELECT url FROM versions LIMIT 1")[0]
    done: list[str] = []

    def redact(what: str, key: str) -> None:
        if what == "read" and "/packs/" in key and not done:
            done.append(key)
            fleet("fleet", "run", "east", "--", "redact", str(url), "--reason", "x", "--yes")

    found = fetch_shard(Counting(fleet.storage, redact), "east", tmp_path / "copy")
    assert done
    assert found == fleet.newest("east")
    assert found.head.redactions == 1
