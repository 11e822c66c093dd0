"""`diff`: which two versions, the bracket of time, and the output with and without colour."""

import pytest

from archiver.cli import run
from archiver.model.clock import SettableClock
from shell import Shell


@pytest.fixture
def address(timed: Shell) -> str:
    """An article whose first capture was at 09:00."""
    address = timed.portal.address(timed.portal.items[3])
    timed("capture", address)
    return address


@pytest.fixture
def edited(timed: Shell, clock: SettableClock, address: str) -> str:
    """The article visited again at 10:00, then edited, and visited at 11:00 and 12:00."""
    clock.advance(hours=1)
    timed("capture", address)
    timed.portal.edit(timed.portal.items[3], "Ngày", "Sáng ngày")
    for _ in range(2):
        clock.advance(hours=1)
        timed("capture", address)
    return address


def test_a_single_version_has_no_edit(timed: Shell, address: str) -> None:
    result = timed("diff", address)
    assert "there is only version 1" in result
    assert "edited" not in result
    assert timed.json("diff", address) == []


@pytest.mark.parametrize("numbers", [(), ("1", "2"), ("-2", "-1"), ("2", "1"), ("-1", "-2"), ("--", "1", "-1")])
def test_the_bracket_is_the_last_visit_with_the_old_and_the_first_with_the_new(
    timed: Shell, edited: str, numbers: tuple[str, ...]
) -> None:
    assert "between 2022-10-21 10:00:00 and 2022-10-21 11:00:00 UTC" in timed("diff", edited, *numbers)
    (change,) = timed.json("diff", edited, *numbers)
    assert (change["not_before"], change["not_after"]) == ("2022-10-21 10:00:00", "2022-10-21 11:00:00")


def test_versions_in_reverse_order(timed: Shell, edited: str) -> None:
    assert "[-Ngày-]{+Sáng ngày+}" in timed("diff", edited, "1", "2")
    assert "[-Sáng ngày-]{+Ngày+}" in timed("diff", edited, "2", "1")


def test_an_unknown_option_is_not_a_version(timed: Shell, edited: str) -> None:
    timed("diff", edited, "--jsn", code=2)
    assert "No such option: --jsn" in timed.err
    timed("diff", edited, "99999999999999999999", "1", code=1)
    assert "there is no version" in timed.err
    timed("diff", edited, "-9", code=1)
    assert "there is no version -9; it has 1 to 2" in timed.err


def test_a_page_that_came_back_unchanged_was_not_edited(timed: Shell, clock: SettableClock, address: str) -> None:
    item = timed.portal.items[3]
    timed.portal.withdraw(item)
    for _ in range(2):
        clock.advance(hours=1)
        timed("capture", address, code=1)
    timed.portal.restore(item)
    clock.advance(hours=1)
    assert "version 2 of page 2 (demo): came back" in timed("capture", address)
    result = timed("diff", address)
    assert "came back: gone by 2022-10-21 10:00:00, back by 2022-10-21 12:00:00 UTC" in result
    assert "edited" not in result
    assert timed.json("show", address)[0]["verdict"] == "back"


@pytest.mark.parametrize("environment", [{}, {"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_removed_and_added_words_are_marked_with_and_without_colour(
    timed: Shell,
    edited: str,
    environment: dict[str, str],
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terminal = request.getfixturevalue("terminal")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert run(["diff", edited]) == 0
    shown = terminal.getvalue()
    assert "[-Ngày-]" in shown
    assert "{+Sáng ngày+}" in shown
    assert ("\x1b[1;32m" in shown) is (not environment)
    assert run(["changes", "--kind", "edited"]) == 0
    assert "[-Ngày-]" in terminal.getvalue().removeprefix(shown)


def test_a_paragraph_stays_indented_on_a_terminal(
    timed: Shell, clock: SettableClock, address: str, request: pytest.FixtureRequest
) -> None:
    article = timed.portal.article(timed.portal.items[3])
    article.blocks.insert(2, ("p", "Một đoạn mới."))
    clock.advance(hours=1)
    timed("capture", address)
    assert " ¶ " in timed("diff", address)
    terminal = request.getfixturevalue("terminal")
    assert run(["diff", address]) == 0
    lines = terminal.getvalue().split("characters", 1)[1].splitlines()[1:]
    assert lines
    assert all(line.startswith("  ") and line.strip() for line in lines)
