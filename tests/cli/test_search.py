"""`search`: input, output and the history of a phrase; `diff` as an HTML page; the view `timeline`."""

import pytest

import archiver
from archiver.model.clock import SettableClock
from shell import Shell


@pytest.fixture
def address(timed: Shell, clock: SettableClock) -> str:
    """An article captured at 09:00; at 10:00 a phrase is removed from its paragraph."""
    address = timed.portal.address(timed.portal.items[3])
    timed.portal.edit(timed.portal.items[3], "Ngày", "Về đất đai, ngày")
    timed("capture", address)
    clock.advance(hours=1)
    timed.portal.edit(timed.portal.items[3], "Về đất đai, ngày", "Ngày")
    timed("capture", address)
    return address


def test_a_hit_shows_its_words_in_context(timed: Shell, address: str) -> None:
    assert "Về [đất đai], ngày" in timed("search", '"đất đai"')
    assert "Về [đất] [đai], ngày" in timed("search", "--plain", "dat", "dai")
    (row,) = timed.json("search", "đất đai")
    assert (row["url"], row["seen_from"], row["seen_until"]) == (address, "2022-10-21 09:00:00", "2022-10-21 10:00:00")


def test_an_empty_result_suggests_what_to_try(timed: Shell, address: str) -> None:
    assert timed("search", "dat dai") == ""
    assert "--plain" in timed.err
    timed("search", '"', code=2)
    assert "no word to search for" in timed.err
    timed("search", "x", "--site", "dem", code=1)
    assert "did you mean 'demo'" in timed.err


def test_the_history_of_a_phrase_names_the_edit_that_removed_it(timed: Shell, address: str) -> None:
    text = timed("search", "--biography", "đất", "đai")
    assert '"đất đai": on 1 page, still on 0' in text
    assert "removed by an edit by 2022-10-21 10:00:00" in text
    spell, summary = timed.json("search", "--biography", "dat dai", "--plain")
    assert (spell["went"], spell["dropped_by"]) == ("edited", 2)
    assert summary["spread"] == {"2022-10": 1}
    timed("search", "--biography", "đất", "--since", "today", code=2)


def test_a_difference_as_html_runs_no_script(timed: Shell, address: str) -> None:
    page = timed("diff", address, "--format", "html")
    assert "<del>Về đất đai, ngày</del><ins>Ngày</ins>" in page
    assert "default-src &#x27;none&#x27;" in page or "default-src 'none'" in page
    (change,) = timed.json("diff", address, "--format", "json", "1", "2")
    assert change["nature"] == "words"
    assert timed.json("diff", address) == [change]
    assert timed.json("changes", "--field", "body")[0]["nature"] == "words"


def test_the_state_at_a_moment_by_sql(timed: Shell, address: str, clock: SettableClock) -> None:
    timed.portal.withdraw(timed.portal.items[3])
    for _ in range(2):
        clock.advance(hours=1)
        timed("capture", address, code=1)
    with archiver.open(timed.archive) as archive:
        query = "SELECT state, version FROM timeline WHERE url = ? AND since <= ? AND ? < until"
        states = [
            tuple(row.values())
            for hour in ("08:59", "09:00", "09:59", "10:00", "11:00", "23:00")
            for row in archive.sql(query, (address, f"2022-10-21 {hour}:00", f"2022-10-21 {hour}:00"))
        ]
    assert states == [("shown", 1), ("shown", 1), ("shown", 2), ("gone", None), ("gone", None)]
