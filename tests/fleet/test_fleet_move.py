"""Moving, rescuing and removing the archives of a fleet, and beginning with one that exists."""

from pathlib import Path

import pytest

from archiver.app.fleet.held_leases import HeldLease, HeldLeases
from archiver.app.fleet.shards.move_shard import move_shard
from archiver.errors import ShardFenced
from archiver.maintain.verify.verify import verify
from filled import fill
from fleets import Fleet, rows

VISITS = "SELECT visited_at, url, outcome FROM visits ORDER BY visit_id"


@pytest.fixture
def fleet(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Fleet:
    made = Fleet(tmp_path, capsys, monkeypatch)
    made.begin("east")
    return made


def damage(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.chmod(0o600)
    path.write_bytes(data)


def packs(fleet: Fleet, number: int) -> list[Path]:
    return sorted((fleet.place / "shards" / "east" / "packs").glob(f"{number:012d}-*"))


def objects(place: Path) -> dict[str, bytes]:
    return {str(each.relative_to(place)): each.read_bytes() for each in sorted(place.rglob("*")) if each.is_file()}


# add --from


def test_an_archive_becomes_the_first_generation_of_a_site(fleet: Fleet) -> None:
    before = fleet.folder / "east-before" / "archive.db"
    path = fleet.fetched("east")
    assert rows(path, VISITS) == rows(before, VISITS)
    assert verify(path, deep=True).whole
    assert verify(before, deep=True).whole


def test_a_site_that_has_an_archive_keeps_it(fleet: Fleet) -> None:
    number = fleet.newest("east").number
    fleet("fleet", "add", "east", "--from", str(fleet.folder / "east-before" / "archive.db"), code=2)
    assert "has an archive of this site already" in fleet.err
    assert fleet.newest("east").number == number


def test_an_archive_of_other_sites_is_refused(fleet: Fleet, tmp_path: Path) -> None:
    fill(tmp_path / "other.db")
    (fleet.selectors / "north.toml").write_text(
        (fleet.selectors / "east.toml").read_text().replace('name = "east"', 'name = "north"')
    )
    fleet("fleet", "add", "north", "--from", str(tmp_path / "other.db"), code=2)
    assert "a shard has one site; `archiver export warc --site north`" in fleet.err
    fleet("fleet", "add", "north", "east", "--from", str(tmp_path / "other.db"), code=2)
    assert "name one SITE" in fleet.err
    assert [each["site"] for each in fleet.json("fleet", "list")] == ["east"]


# remove


def test_a_site_that_was_removed_goes_on_with_its_archive(fleet: Fleet) -> None:
    out = fleet("fleet", "remove", "east")
    assert out == f"east: removed; its archive stays in shards/east/ in {fleet.place}\n"
    fleet("fleet", "remove", "east", code=2)
    newest = fleet.newest("east")
    fleet("fleet", "add", "east")
    assert fleet.site("east").epoch >= newest.epoch
    fleet("fleet", "extract", "east")
    assert fleet.newest("east").epoch > newest.epoch


def test_a_site_that_was_moved_and_removed_goes_on_where_its_archive_is(fleet: Fleet, tmp_path: Path) -> None:
    place = tmp_path / "other"
    newest = fleet.newest("east")
    fleet("fleet", "move", "east", "--to", str(place), "--delete-old")
    out = fleet("fleet", "remove", "east")
    assert f"; `archiver fleet add east --storage {place}` goes on with it\n" in out
    fleet("fleet", "add", "east", "--storage", "ftp://other", code=2)
    fleet("fleet", "add", "east", "--storage", str(place))
    assert fleet.site("east").storage == str(place)
    assert fleet.site("east").epoch >= newest.epoch
    assert fleet.json("fleet", "rescue", "east")[0]["generation"] == newest.number
    fleet("fleet", "add", "east", "--storage", str(fleet.place), code=2)
    assert "in the fleet already; `archiver fleet move`" in fleet.err
    fleet("fleet", "add", "east", "--storage", "x", "--from", "a.db", code=2)
    assert fleet.site("east").storage == str(place)


def test_a_site_that_is_held_is_not_removed(fleet: Fleet) -> None:
    with fleet.leases() as leases:
        leases.claim_site("east", "worker", 60)
        fleet("fleet", "remove", "east", code=1)
    assert "worker holds it until" in fleet.err


# move


def test_an_archive_moves_to_another_storage(fleet: Fleet, tmp_path: Path) -> None:
    before, due = rows(fleet.fetched("east"), VISITS), fleet.site("east").due_at
    old = objects(fleet.place)
    out = fleet("fleet", "move", "east", "--to", str(tmp_path / "other"))
    assert f"is in {tmp_path / 'other'}" in out
    assert f"old objects: shards/east/ in {fleet.place}" in out
    assert objects(tmp_path / "other") == old == objects(fleet.place)
    known = fleet.site("east")
    assert known.storage == str(tmp_path / "other")
    assert known.holder is None
    assert abs((known.due_at - due).total_seconds()) < 2
    fleet("fleet", "move", "east", "--to", str(tmp_path / "other"), code=2)
    assert "in " in fleet.err
    assert "already" in fleet.err
    fleet("fleet", "move", "east", "--to", str(fleet.place), "--delete-old")
    assert fleet.site("east").storage == "", "it is in the storage of the fleet again"
    assert objects(tmp_path / "other") == {}
    assert rows(fleet.fetched("east"), VISITS) == before


def test_who_removes_a_site_that_was_moved_is_told_how_it_goes_on(fleet: Fleet, tmp_path: Path) -> None:
    other = str(tmp_path / "other")
    fleet("fleet", "move", "east", "--to", other)
    where = f"its archive stays in shards/east/ in {other}; `archiver fleet add east --storage {other}` goes on with it"
    assert fleet("fleet", "remove", "east") == f"east: removed; {where}\n"


def test_a_move_that_was_interrupted_goes_on(fleet: Fleet, tmp_path: Path) -> None:
    fleet("fleet", "move", "east", "--to", str(tmp_path / "other"))
    fleet("fleet", "move", "east", "--to", str(fleet.place))
    newest = max((tmp_path / "other" / "shards" / "east" / "generations").iterdir())
    newest.unlink()
    (found,) = fleet.json("fleet", "move", "east", "--to", str(tmp_path / "other"))
    assert found["copied"] == 1
    assert objects(tmp_path / "other") == objects(fleet.place)


def test_a_move_whose_lease_is_lost_says_so_and_changes_nothing(
    fleet: Fleet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held: list[HeldLease] = []
    claim_site = HeldLeases.claim_site

    def claim_and_tell(self: HeldLeases, site: str) -> HeldLease:
        held.append(claim_site(self, site))
        return held[0]

    monkeypatch.setattr(HeldLeases, "claim_site", claim_and_tell)
    before = fleet.site("east")
    with fleet.leases() as leases, pytest.raises(ShardFenced, match=r"the lease is over, .* run this again"):
        move_shard(leases, "east", str(tmp_path / "other"), delete_old=True, progress=lambda *_: held[0].lose())
    assert fleet.site("east").storage == before.storage
    assert verify(fleet.fetched("east"), deep=True).whole


def test_a_damaged_archive_is_not_moved(fleet: Fleet, tmp_path: Path) -> None:
    damage(packs(fleet, fleet.newest("east").full)[0])
    fleet("fleet", "move", "east", "--to", str(tmp_path / "other"), code=4)
    assert "does not match its digest" in fleet.err
    assert fleet.site("east").storage == ""


# rescue


def test_a_sound_archive_needs_no_rescue(fleet: Fleet) -> None:
    with fleet.leases() as leases:
        leases.fail("east", leases.claim_site("east", "worker", 60).epoch, "the machine was lost", 60, wait=0.0)
    assert fleet.site("east").failures == 1
    before = objects(fleet.place)
    out = fleet("fleet", "rescue", "east")
    assert "is whole, with 5" in out
    assert "nothing had to be published" in out
    assert objects(fleet.place) == before
    assert fleet.site("east").failures == 0


def test_workers_go_on_from_the_newest_sound_state(fleet: Fleet) -> None:
    sound = rows(fleet.fetched("east"), VISITS)
    sound_number = fleet.newest("east").number
    fleet.change_profile("east")
    fleet("fleet", "extract", "east")
    damaged = [
        each for number in range(sound_number + 1, fleet.newest("east").number + 1) for each in packs(fleet, number)
    ]
    damage(damaged[0])
    assert fleet.json("fleet", "extract", "east")[0]["ended"] == "nothing to do", "manifests are sound"
    (found,) = fleet.json("fleet", "rescue", "east")
    assert found["lost_visits"] == 0
    assert found["damaged"]
    assert found["published"] == fleet.newest("east").number
    path = fleet.fetched("east")
    assert rows(path, VISITS) == sound
    assert verify(path, deep=True).whole
    assert fleet.json("fleet", "extract", "east")[0]["ended"] == "done", "it goes on: the new profile has not read it"
    assert verify(fleet.fetched("east"), deep=True).whole


def test_a_damaged_manifest_is_passed_over(fleet: Fleet) -> None:
    sound = rows(fleet.fetched("east"), VISITS)
    fleet.change_profile("east")
    fleet("fleet", "extract", "east")
    damage(max((fleet.place / "shards" / "east" / "generations").iterdir()))
    (found,) = fleet.json("fleet", "rescue", "east")
    assert found["published"] == found["newest"] + 1
    assert rows(fleet.fetched("east"), VISITS) == sound
    assert fleet.json("fleet", "extract", "east")[0]["ended"] in ("done", "nothing to do")


def test_a_rescued_archive_is_an_ordinary_one(fleet: Fleet, tmp_path: Path) -> None:
    before = objects(fleet.place)
    out = fleet("fleet", "rescue", "east", "--to", str(tmp_path / "rescued"))
    assert f"written to {tmp_path / 'rescued' / 'archive.db'}" in out
    assert {each.name for each in (tmp_path / "rescued").iterdir()} <= {"archive.db", "archive.vault.db"} | {
        f"archive{vault}.db{end}" for vault in ("", ".vault") for end in ("-wal", "-shm")
    }
    assert verify(tmp_path / "rescued" / "archive.db", deep=True).whole
    assert objects(fleet.place) == before
    fleet("fleet", "rescue", "east", "--to", str(tmp_path / "rescued"), code=2)
    assert "not an empty folder" in fleet.err


def test_nothing_whole_is_told(fleet: Fleet) -> None:
    for pack in packs(fleet, fleet.newest("east").full):
        damage(pack)
    fleet("fleet", "rescue", "east", code=4)
    assert "no generation of east is whole" in fleet.err
    assert "fleet rescue" not in fleet.err, "no advice to do what was just done"
    assert "`archiver fleet add east --from ARCHIVE` begins with a backup" in fleet.err


def test_a_fault_of_this_machine_is_no_damage(fleet: Fleet, tmp_path: Path) -> None:
    before = objects(fleet.place)
    (tmp_path / "file").touch()
    for option, name in (("--shards", "file"), ("--to", "file/rescued")):
        fleet("fleet", "rescue", "east", option, str(tmp_path / name), code=4)
        assert "cannot be written" in fleet.err
        assert "is whole" not in fleet.err
    assert objects(fleet.place) == before
