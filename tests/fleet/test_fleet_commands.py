"""`archiver fleet …`: sites with their profiles, in a control database of either kind."""

import sys
from pathlib import Path
from typing import Any

import pytest

from archiver.app.fleet.open_leases import open_leases
from archiver.app.fleet.server_group import server_group
from archiver.errors import UsageError
from archiver.extract.profile import parse_profile
from archiver.fleet.object_storage import open_storage
from archiver.model.clock import system_clock
from control_database import ControlDatabase
from postgres_server import PASSWORD, QUOTED
from s3_server import S3Server, lets_in
from shell import Commands

PROFILE = """
[site]
name = "{0}"
home = "https://{0}.example:8443/"
[crawl]
delay = 2.5
{1}
[[page]]
kind = "article"
url = '/a/'
[page.fields]
title = "h1"
"""


@pytest.fixture
def archiver(
    database: ControlDatabase, tmp_path: Path, capsys: pytest.CaptureFixture[Any], monkeypatch: pytest.MonkeyPatch
) -> Commands:
    """The commands, on the fleet that the environment names."""
    monkeypatch.setenv("ARCHIVER_FLEET", database.address)
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "profiles"
    folder.mkdir()
    for name, more in (("one", ""), ("two", 'server = "city"'), ("three", 'server = "city"')):
        (folder / f"{name}.toml").write_text(PROFILE.format(name, more))
    return Commands(tmp_path / "archive.db", folder, capsys)


def test_sites_are_added_with_their_profiles(archiver: Commands) -> None:
    added = archiver("fleet", "add", "one", "profiles/two.toml").splitlines()
    assert added == [
        "one: added, profile version 1, server group one.example:8443",
        "two: added, profile version 1, server group server:city",
    ]
    (archiver.selectors / "one.toml").write_text(PROFILE.format("one", "connections = 2"))
    again = archiver.json("fleet", "add", "one", "two", "three")
    assert [(each["site"], each["is_new"], each["profile_version"]) for each in again] == [
        ("one", False, 2),
        ("two", False, 1),
        ("three", True, 1),
    ]
    listed = archiver.json("fleet", "list")
    assert [(each["site"], each["state"], each["group"]) for each in listed] == [
        ("one", "due", "one.example:8443"),
        ("three", "due", "server:city"),
        ("two", "due", "server:city"),
    ]
    assert (
        archiver("fleet", "list").splitlines()[0] == "site\tstate\tdue (UTC)\tgroup\tprofile\tepoch\tgeneration\tvisits"
    )


def test_a_faulty_profile_is_refused_and_nothing_is_added(archiver: Commands, database: ControlDatabase) -> None:
    archiver("fleet", "add", "one")
    (archiver.selectors / "one.toml").write_text(PROFILE.format("one", "delai = 1"))
    archiver("fleet", "add", "two", "one", code=3)
    assert "delai" in archiver.err
    assert [(each["site"], each["profile_version"]) for each in archiver.json("fleet", "list")] == [("one", 1)]
    with open_leases(database.address, system_clock) as leases:
        assert leases.profile("two") is None


def test_the_status_says_who_holds_what_and_what_fails(archiver: Commands, database: ControlDatabase) -> None:
    archiver("fleet", "add", "one", "two", "three")
    archiver("fleet", "pause", "three")
    with database.open() as leases:
        held = {each.site: each for each in leases.claim("worker-7", 1000, 2)}
        assert leases.fail("two", held["two"].epoch, "the disk is full", 3600)
    text = archiver("fleet", "status")
    assert "3 sites in 2 server groups, at " in text
    assert "due 0, waiting 1, held 1, paused 1, failing 1" in text
    assert "  one: worker-7 until " in text
    assert "  two: failed 1 time: the disk is full; due " in text
    (state,) = archiver.json("fleet", "status")
    assert (state["sites"], state["held"], state["workers"]) == (3, 1, 1)
    assert [(each["site"], each["holder"], each["epoch"]) for each in state["held_sites"]] == [("one", "worker-7", 1)]
    assert [(each["site"], each["why"]) for each in state["failing_sites"]] == [("two", "the disk is full")]
    database.pass_time(1100)
    assert "\nfailing or abandoned:\n  one: abandoned by its worker 1 time; due " in archiver("fleet", "status")


def test_sites_are_paused_and_resumed(archiver: Commands, database: ControlDatabase) -> None:
    archiver("fleet", "add", "one", "two")
    assert archiver("fleet", "pause", "one", "two") == "one: paused\ntwo: paused\n"
    with database.open() as leases:
        assert leases.claim("w", 1000, 9) == []
    assert archiver.json("fleet", "resume", "one") == [{"site": "one", "paused": False}]
    with database.open() as leases:
        assert [each.site for each in leases.claim("w", 1000, 9)] == ["one"]
    archiver("fleet", "pause", "two", "onee", code=2)
    assert archiver.err.startswith("error: onee: not in the fleet; did you mean")


def test_init_keeps_what_exists_and_sets_the_place_of_the_archives(archiver: Commands, tmp_path: Path) -> None:
    unset = "archives: no place yet; `archiver fleet init --storage` sets it\n"
    assert archiver("fleet", "init") == "the fleet exists\n" + unset
    other = str(tmp_path / "folder" / "other.db")
    assert archiver("fleet", "init", "--fleet", other) == "created: the fleet has no sites yet\n" + unset
    assert archiver.json("fleet", "init", "--fleet", other) == [{"created": False, "storage": None}]
    assert archiver("fleet", "list", "--fleet", other) == ""
    assert "no sites" in archiver.err
    place = str(tmp_path / "shards")
    assert archiver.json("fleet", "init", "--storage", "shards") == [{"created": False, "storage": place}]
    assert archiver("fleet", "init") == f"the fleet exists\narchives: {place}\n", "it stays"
    assert f"\narchives: {place}\n" in archiver("fleet", "status")
    assert archiver.json("fleet", "status")[0]["storage"] == place
    archiver("fleet", "init", "--storage", "/dev/null/x", code=1)
    assert archiver.err.startswith("error: /dev/null/x: ")
    archiver("fleet", "init", "--storage", "ftp://server/x", code=2)
    archiver("fleet", "init", "--storage", "", code=2)  # a variable of a shell that is not set
    assert archiver.json("fleet", "status")[0]["storage"] == place, "a place that cannot be used is not taken"


def test_a_bucket_is_tried_before_it_becomes_the_place_of_the_archives(
    archiver: Commands, s3_server: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    lets_in(monkeypatch, s3_server.address)
    bucket = s3_server.bucket()
    assert archiver.json("fleet", "init", "--storage", bucket)[0]["storage"] == bucket
    assert list(open_storage(bucket).objects("")) == []
    archiver("fleet", "init", "--storage", "s3://no-such-bucket/x", code=1)
    assert archiver.err.count("\n") == 1
    assert "NoSuchBucket" in archiver.err
    assert archiver.json("fleet", "status")[0]["storage"] == bucket


def test_a_fleet_that_cannot_be_asked_ends_in_one_line(archiver: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    archiver("fleet", "status", "--fleet", f"postgresql://fleet:{QUOTED}@127.0.0.1:1/x", code=1)
    assert archiver.err.startswith("error: Postgres at 127.0.0.1:1, database x: ")
    assert archiver.err.count("\n") == 1
    assert QUOTED not in archiver.err
    assert PASSWORD not in archiver.err
    archiver("fleet", "status", "--fleet", "missing.db", code=2)
    assert "`archiver fleet init`" in archiver.err
    monkeypatch.delenv("ARCHIVER_FLEET")
    archiver("fleet", "status", code=2)
    assert "$ARCHIVER_FLEET" in archiver.err


def test_a_missing_psycopg_is_named(archiver: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    archiver("fleet", "status", "--fleet", "postgresql://127.0.0.1/x", code=2)
    assert "pip install 'psycopg[binary]'" in archiver.err


def test_sites_at_one_address_are_one_group() -> None:
    def group(home: str, server: str) -> str:
        text = PROFILE.format("one", f'server = "{server}"' if server else "").replace("one.example:8443", home)
        return server_group(parse_profile(text, "one.toml"))

    assert group("127.0.0.1:8001", "ip") == group("127.0.0.1:8002", "ip") == "ip:127.0.0.1"
    assert group("localhost:8002", "ip") in {"ip:127.0.0.1", "ip:::1"}
    assert group("127.0.0.1:8001", "") == "127.0.0.1:8001"
    assert group("127.0.0.1:8001", "town") == "server:town"
    with pytest.raises(UsageError, match=r"nowhere\.invalid is not known"):
        group("nowhere.invalid", "ip")
