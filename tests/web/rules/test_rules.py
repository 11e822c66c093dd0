"""Picking an element of a capture shows the rule, its values on other pages, and the profile's difference."""

import re
import sqlite3
from pathlib import Path

import pytest

from web_served import Served


@pytest.fixture(scope="module")
def visit(archive: Path) -> tuple[int, int]:
    """The page and the first visit of an article."""
    with sqlite3.connect(archive) as database:
        row = database.execute(
            "SELECT page_id, first_visit FROM _version WHERE page_id IN "
            "(SELECT page_id FROM pages WHERE kind = 'article' AND version_id IS NOT NULL) ORDER BY version_id LIMIT 1"
        ).fetchone()
    return row[0], row[1]


def path_of(visit: tuple[int, int], more: str = "", ext: str = ".json") -> str:
    return f"/page/{visit[0]}/visit/{visit[1]}/rules{ext}{more}"


def element_of(server: Served, visit: tuple[int, int], text: str) -> int:
    found = [each["number"] for each in server.json(path_of(visit))["elements"] if text in each["text"]]
    assert found, text
    return int(found[0])


@pytest.fixture(scope="module")
def title(archive: Path, visit: tuple[int, int]) -> str:
    with sqlite3.connect(archive) as database:
        return str(database.execute("SELECT title FROM versions WHERE page_id = ? LIMIT 1", (visit[0],)).fetchone()[0])


def test_the_elements_of_a_capture_are_listed_in_the_order_of_the_page(
    server: Served, visit: tuple[int, int], title: str
) -> None:
    data = server.json(path_of(visit))
    assert [each["number"] for each in data["elements"]] == list(range(len(data["elements"])))
    assert any(each["text"] == title for each in data["elements"])
    page = server.get(path_of(visit, ext="")).text
    assert "Choose the one that has the value" in page
    assert f'/page/{visit[0]}/visit/{visit[1]}/rules?element=0"' in page


def test_a_picked_element_gives_a_rule_its_values_and_the_difference(
    server: Served, visit: tuple[int, int], title: str
) -> None:
    number = element_of(server, visit, title)
    picked = server.json(path_of(visit, f"?element={number}&field=title"))["picked"]
    assert picked["rules"][0]["value"] == title
    assert picked["rules"][0]["pages"] == picked["rules"][0]["of"] == len(picked["values"]) > 1
    assert all(each["is_same"] for each in picked["values"])
    assert all(not re.search(r":nth|\d{3}", each["rule"]) for each in picked["rules"])


def test_another_field_shows_how_the_profile_would_change(server: Served, visit: tuple[int, int], title: str) -> None:
    number = element_of(server, visit, title)
    picked = server.json(path_of(visit, f"?element={number}&field=section"))["picked"]
    assert picked["difference"] is not None
    added = [line for line in picked["difference"].splitlines() if line.startswith("+") and not line.startswith("+++")]
    assert any(line.startswith("+section = ") and picked["rules"][0]["rule"] in line for line in added)
    page = server.get(path_of(visit, f"?element={number}&field=section", ext="")).text
    assert "Difference of the profile" in page
    assert "archiver site bench" in page


def test_elements_around_the_picked_one_can_be_taken(server: Served, visit: tuple[int, int], title: str) -> None:
    number = element_of(server, visit, title)
    near, around = (server.json(path_of(visit, f"?element={number}&up={up}&field=body"))["picked"] for up in (0, 1))
    assert near["above"] == around["above"]
    assert len(around["text"]) >= len(near["text"])


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ("?element=99999", 400),
        ("?element=x", 400),
        ("?element=0&field=nothing", 400),
        ("?element=0&up=999&rule=999", 200),
    ],
)
def test_what_is_not_there_is_said(server: Served, visit: tuple[int, int], more: str, status: int) -> None:
    assert server.get(path_of(visit, more, ext="")).status_code == status


def test_a_visit_of_another_page_is_not_found(server: Served, visit: tuple[int, int]) -> None:
    assert server.get(f"/page/{visit[0]}/visit/999999/rules").status_code == 404


def test_a_rule_is_tried_on_the_newest_capture_of_each_page(
    server: Served, archive: Path, visit: tuple[int, int], title: str
) -> None:
    number = element_of(server, visit, title)
    values = server.json(path_of(visit, f"?element={number}&field=title"))["picked"]["values"]
    query = (
        "SELECT visit_id FROM visits WHERE page_id = ? AND outcome = 'ok' AND bytes > 0 "
        "ORDER BY visited_at DESC, visit_id DESC LIMIT 1"
    )
    with sqlite3.connect(archive) as database:
        newest = [database.execute(query, (each["page_id"],)).fetchone()[0] for each in values]
    assert [each["visit_id"] for each in values] == newest
