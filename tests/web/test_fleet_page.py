"""The page "Fleet": alone and beside archives, with its formats, alarms, parts, and a control database that is silent."""

import csv
import io
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser

import web_hostile
from archiver.model.lease import NewSite, ShardState
from control_database import InFile
from filled import fill
from web_rules import faults
from web_served import Served, served
from web_walk import Visited, attribute, walk


@pytest.fixture
def database(tmp_path: Path) -> Iterator[InFile]:
    made = InFile(tmp_path / "fleet.db")
    yield made
    made.close()


@pytest.fixture
def busy(database: InFile) -> InFile:
    """A fleet in which every state occurs: one site each, and two that are due."""
    with database.open() as leases:
        leases.add([NewSite(name, f"{name}.example", 0.0) for name in ("fails", "lost", "busy")])
        for name in ("fails", "lost", "busy"):
            leases.put_profile(name, f"[site]\nname = {name!r}\n")
        for lease in leases.claim("worker 1", 30, most=3):
            if lease.site == "fails":
                leases.fail(lease.site, lease.epoch, "profile version 1: no start", 3600)
    database.pass_time(31)
    with database.open() as leases:
        leases.add([NewSite("rests", "rests.example", 0.0)])
        leases.pause("rests")
        (lease,) = leases.claim("worker 2", 30)
        assert lease.site == "busy"
        leases.add([NewSite(f"new{number}", "new.example", 0.0) for number in (1, 2)])
    return database


def page(server: Served, place: str = "/fleet") -> Visited:
    answer = server.get(place)
    assert answer.status_code == 200, answer.text
    return Visited(place, answer)


def test_it_shows_what_every_site_does_and_what_is_wrong_on_top(busy: InFile) -> None:
    with served(fleet=busy.open()) as found:
        shown = page(found)
        data = found.json("/fleet.json")
    assert faults(shown) == []
    alarm = shown.tree.css_first("section.alarm")
    assert alarm is not None
    assert "fails failed 1 time: profile version 1: no start" in alarm.text()
    assert "lost: 1 lease in a row ended without a word of the worker" in alarm.text()
    assert "worker 2" in shown.tree.css("table")[1].text()
    counts = data["counts"]
    assert {name: counts[name] for name in ("sites", "due", "held", "paused", "failing", "workers")} == {
        "sites": 6, "due": 3, "held": 1, "paused": 1, "failing": 1, "workers": 1,
    }  # fmt: skip
    assert data["abandoned"] == 1
    assert data["workers"][0] | {"until": ""} == {"worker": "worker 2", "held": 1, "sites": ["busy"], "until": ""}
    rows = {each["site"]: each for each in data["sites"]}
    assert rows["busy"]["state"] == "held"
    assert rows["busy"]["profile_version"] == 1
    assert rows["busy"]["epoch"] == 2


def test_a_shard_shows_its_generation_and_size(busy: InFile) -> None:
    with busy.open() as leases:
        (lease,) = leases.claim("worker 3", 30)
        leases.finish(lease.site, lease.epoch, 60, shard=ShardState(12, 3456, 7_800_000))
    with served(fleet=busy.open()) as found:
        row = next(each for each in found.json("/fleet.json")["sites"] if each["site"] == lease.site)
        text = page(found, f"/fleet?text={lease.site}").answer.text
    assert (row["generation"], row["visits"], row["bytes"]) == (12, 3456, 7_800_000)
    assert row["finished_at"] is not None
    assert "7.8\u202fMB" in text


def test_without_a_fault_nothing_is_an_alarm(database: InFile) -> None:
    with database.open() as leases:
        leases.add([NewSite("calm", "calm.example", 0.0)])
    with served(fleet=database.open()) as found:
        shown = page(found)
    assert shown.tree.css(".alarm") == []
    assert "No site fails." in shown.answer.text


def test_an_empty_fleet_says_how_to_add_a_site(database: InFile) -> None:
    with served(fleet=database.open()) as found:
        shown = page(found)
        assert found.get("/fleet.csv").text == ""
    assert faults(shown) == []
    assert "archiver fleet add SITE" in shown.answer.text


def test_sites_are_chosen_by_state_and_name(busy: InFile) -> None:
    with served(fleet=busy.open()) as found:
        for query, names in {
            "?state=due": ["lost", "new1", "new2"],
            "?state=failing": ["fails"],
            "?state=abandoned": ["lost"],
            "?state=paused": ["rests"],
            "?text=NEW": ["new1", "new2"],
            "?text=busy.example": ["busy"],
            "?state=held&text=new": [],
        }.items():
            assert [each["site"] for each in found.json(f"/fleet.json{query}")["sites"]] == names, query
        assert "No site is like this." in page(found, "/fleet?state=held&text=new").answer.text
        assert found.get("/fleet?state=nosuch").status_code == 400
        assert found.get("/fleet?part=x").status_code == 400


def test_ten_thousand_sites_come_in_parts_of_a_page(database: InFile) -> None:
    with database.open() as leases:
        leases.add([NewSite(f"site{number:05}", f"group{number // 3}", 1.0) for number in range(10_000)])
    with served(fleet=database.open()) as found:
        shown = page(found)
        assert faults(shown) == []
        last = page(found, "/fleet?part=200")
        rows = list(csv.DictReader(io.StringIO(found.get("/fleet.csv").text, newline="")))
    assert [attribute(node, "href") for node in shown.tree.css("a[rel=next]")] == ["/fleet?part=2"]
    assert "site09999" in last.answer.text
    assert last.tree.css("a[rel=next]") == []
    assert len(rows) == 10_000
    assert rows[9_999]["site"] == "site09999"


def test_hostile_names_are_text(database: InFile) -> None:
    names = [text[:500] for text in web_hostile.TEXTS.values() if text]
    with database.open() as leases:
        leases.add([NewSite(name, f"group of {name}", 0.0) for name in names])
        for number, lease in enumerate(leases.claim(names[0], 30, most=len(names))):
            if number % 2:
                leases.fail(lease.site, lease.epoch, names[number], 60)
    with served(fleet=database.open()) as found:
        shown = page(found)
        assert found.get("/fleet.csv").status_code == 200
        assert len(found.json("/fleet.json")["sites"]) == len(names)
    assert faults(shown) == []
    assert shown.tree.css("img, [onerror], [onload], svg") == []
    assert "<script>alert(1)</script>" in shown.tree.css("main")[0].text()


# with archives


def test_it_is_the_first_page_when_there_is_no_archive(busy: InFile) -> None:
    with served(fleet=busy.open(), prefix="/x") as found:
        assert found.get("/x/").headers["location"] == "/x/fleet"
        assert found.get("/x/pages").status_code == 404
        assert found.get("/x/static/style.css").status_code == 200


def test_one_archive_and_a_fleet_lead_to_each_other(busy: InFile, tmp_path: Path) -> None:
    fill(tmp_path / "archive.db")
    with served(tmp_path / "archive.db", fleet=busy.open()) as found:
        reached = walk(found, of_a_shape=2)
        assert '<a href="/fleet">Fleet</a>' in found.get("/").text
    assert reached.broken == []
    assert {"/fleet", "/about"} <= set(reached.pages)
    current = LexborHTMLParser(reached.pages["/fleet"].answer.text).css("nav [aria-current=page]")
    assert current[0].text() == "Fleet"


def test_several_archives_and_a_fleet_are_listed(busy: InFile, tmp_path: Path) -> None:
    for name in ("one", "two"):
        fill(tmp_path / f"{name}.db")
    with served(tmp_path / "one.db", tmp_path / "two.db", fleet=busy.open()) as found:
        assert 'href="/fleet"' in found.get("/").text
        assert 'href="/fleet"' in found.get("/one/about").text
        assert page(found).tree.css("nav a")[0].attributes["href"] == "/fleet"


def test_a_server_without_a_fleet_does_not_name_one(server: Served) -> None:
    assert "/fleet" not in server.get("/about").text
    assert server.get("/fleet").status_code == 404


# a control database that is silent


def test_a_silent_database_is_one_line_and_the_archive_is_shown(database: InFile, tmp_path: Path) -> None:
    fill(tmp_path / "archive.db")
    with (
        served(tmp_path / "archive.db", fleet=database.open(), seconds=0.3) as found,
        closing(sqlite3.connect(tmp_path / "fleet.db", isolation_level=None)) as other,
    ):
        other.execute("BEGIN EXCLUSIVE")
        shown = found.get("/fleet")
        told = found.get("/fleet.json")
        assert (shown.status_code, told.status_code) == (503, 503)
        assert "the control database did not answer within 0.3 s" in shown.text
        assert "Traceback" not in shown.text
        assert faults(Visited("/fleet", shown)) == []
        assert told.json()["error"].startswith("the control database did not answer")
        assert found.get("/about").status_code == 200
        other.execute("ROLLBACK")
        while found.get("/fleet").status_code != 200:  # the question that waits is answered when the lock is gone
            pass


def test_a_database_without_a_fleet_is_told(database: InFile, tmp_path: Path) -> None:
    leases = database.open()
    with served(fleet=leases) as found:
        with closing(sqlite3.connect(tmp_path / "fleet.db")) as other:
            other.execute("DROP TABLE site")
            other.commit()
        assert found.get("/fleet").status_code in (500, 503)
        assert found.get("/nosuch").status_code == 404
