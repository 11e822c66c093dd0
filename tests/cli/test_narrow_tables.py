"""Tables on a narrow terminal: times do not break, and many columns become lines."""

import pytest

from archiver.cli import run
from archiver.cli.terminal import print_table

TIME = "2022-10-24 01:00:00"


@pytest.fixture(autouse=True)
def _narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")


@pytest.mark.parametrize("words", [["--limit", "x"], ["--limit", "-1"], ["--nature", "foo"]])
def test_an_error_of_an_option_names_the_help_of_its_command(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["changes", *words]) == 2
    shown = capsys.readouterr().err
    assert "(see `archiver changes --help`)" in shown
    assert "Value error" not in shown
    assert "Input should" not in shown


def test_times_do_not_break(capsys: pytest.CaptureFixture[str]) -> None:
    assert print_table(("at", "what"), [(TIME, "a few words " * 20), (TIME, "x")], ()) == 2
    assert capsys.readouterr().out.count(TIME) == 2


def test_too_many_columns_become_lines(capsys: pytest.CaptureFixture[str]) -> None:
    url = "http://portal.example/" + "a" * 90
    rows = [(TIME, TIME, TIME, url, "[bold]", ""), (TIME, "", "", "x", "y", "z")]
    assert print_table(("from", "last", "until", "url", "what", "note"), rows, ("note",)) == 2
    lines = capsys.readouterr().out.splitlines()
    assert lines[:6] == [f" from  {TIME}", f" last  {TIME}", f"until  {TIME}", f"  url  {url}", " what  [bold]", ""]
    assert lines[6:] == [f" from  {TIME}", "  url  x", " what  y", " note  z", ""]


def test_an_empty_table_prints_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert print_table(("a", "b"), [], ()) == 0
    assert not capsys.readouterr().out
