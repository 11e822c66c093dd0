"""The help: every command in a section, in full sentences, with examples that parse; global options anywhere."""

import re
import shlex
from pathlib import Path

import pytest

from archiver.cli import run
from archiver.cli.commands import COMMANDS, SECTIONS, every_command
from archiver.cli.context import GLOBAL_OPTIONS, OUTPUT
from archiver.cli.examples import EXAMPLES, wrapped
from shell import Commands

ALL = dict(every_command())


@pytest.fixture(params=[80, 40])
def width(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setenv("COLUMNS", str(request.param))
    return int(request.param)


def _help(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert run([*words, "--help"]) == 0
    return capsys.readouterr().out


def test_every_command_is_in_one_section() -> None:
    names = [name for section in SECTIONS.values() for name in section]
    assert sorted(names) == sorted(each.name for each in COMMANDS)


def test_the_list_of_commands_has_whole_sentences(width: int, capsys: pytest.CaptureFixture[str]) -> None:
    text = _help(capsys)
    assert max(map(len, text.splitlines())) <= width
    assert "..." not in text.replace("[ARGS]...", "")
    flat = " ".join(text.split())
    for each in COMMANDS:
        assert each.help.endswith(".")
        assert f"{each.name} {each.help}" in flat
    positions = [text.index(f"\n{title}:\n") for title in SECTIONS]
    assert positions == sorted(positions)


@pytest.mark.parametrize("group", ["export", "fleet", "import", "site"])
def test_the_commands_of_a_group_have_whole_sentences(
    group: str, width: int, capsys: pytest.CaptureFixture[str]
) -> None:
    text = _help(capsys, group)
    assert max(map(len, text.splitlines())) <= width
    flat = " ".join(text.split())
    for name, command in ALL.items():
        if name.startswith(f"{group} "):
            sentence = " ".join(command.help.split("\n\n")[0].split())
            assert sentence.endswith(".")
            assert f"{name.split()[1]} {sentence}" in flat


def test_every_command_has_examples_that_are_its_own() -> None:
    assert set(EXAMPLES) == set(ALL)
    for name, examples in EXAMPLES.items():
        for example in examples:
            assert re.match(rf"archiver (--archive \S+ )?{name}\b", example)


@pytest.mark.parametrize("example", [each for examples in EXAMPLES.values() for each in examples])
def test_an_example_parses(example: str) -> None:
    words = shlex.split(example)[1:]
    words = words[: words.index(">")] if ">" in words else words
    words = words[: words.index("<")] if "<" in words else words
    words = words[2:] if words[0] == "--archive" else words
    name = " ".join(words[:2]) if " ".join(words[:2]) in ALL else words[0]
    rest = words[len(name.split()) :]
    with ALL[name].make_context(name, rest) as context:
        assert context.params or not ALL[name].params


@pytest.mark.parametrize("name", ALL)
def test_the_help_of_a_command_ends_with_examples(name: str, width: int, capsys: pytest.CaptureFixture[str]) -> None:
    text = _help(capsys, *name.split())
    for example in EXAMPLES[name]:
        lines = wrapped(example, width - 4)
        assert "\n".join(f"  {line}" for line in lines) in text
        assert " ".join(line.removesuffix("\\").strip() for line in lines) == example
    assert "work with every command" in " ".join(text.split())


# global options


@pytest.fixture
def archiver(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Commands:
    return Commands(tmp_path / "unused.db", tmp_path, capsys)


def test_global_options_work_after_the_command(
    lived: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for words in (
        ["stats", "--archive", str(lived)],
        ["stats", f"--archive={lived}", "-q"],
        ["export", "--archive", str(lived), "csv", "-", "--view", "sites"],
        ["export", "csv", "-", "--view", "sites", "--archive", str(lived)],
        ["--archive", "elsewhere.db", "stats", "--archive", str(lived)],
        ["site", "list", "--selectors", str(tmp_path), "-v", "--log-file", "log"],
    ):
        assert run(words) == 0, words
    capsys.readouterr()
    assert (tmp_path / "log").exists()
    assert GLOBAL_OPTIONS.selectors == tmp_path
    assert OUTPUT.verbose is True
    assert run(["stats"]) == 4  # the options of one command are not those of the next
    capsys.readouterr()


def test_a_word_of_a_query_is_no_global_option(lived: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["sql", "SELECT ? AS q", "--archive", str(lived)]) == 2
    assert run(["search", "--archive", str(lived), "--", "-q"]) in (0, 1, 2)
    capsys.readouterr()


@pytest.mark.parametrize(
    ("words", "place"),
    [
        (("export", "csv"), "archiver export csv --help"),
        (("export", "cvs", "x"), "archiver export --help"),
        (("show",), "archiver show --help"),
        (("show", "--nope", "x"), "archiver show --help"),
        (("site", "new"), "archiver site new --help"),
        (("crwal",), "archiver --help"),
        (("--nope",), "archiver --help"),
    ],
)
def test_an_error_of_usage_points_to_the_help_of_its_command(
    words: tuple[str, ...], place: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(words) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert f"(see `{place}`)" in line
