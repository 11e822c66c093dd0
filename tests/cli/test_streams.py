"""Output to streams that do not take UTF-8 or are closed: replacement characters or one line, never a traceback."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from archiver.errors import UsageError

C_LOCALE = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
ENCODINGS = {
    "C locale": C_LOCALE,
    "latin-1": {"PYTHONIOENCODING": "latin-1"},
    "ascii": {"PYTHONIOENCODING": "ascii"},
    "cp1252": {"PYTHONIOENCODING": "cp1252:strict"},
}
COMMANDS = (("changes",), ("stats",), ("search", "tin"), ("report",))


def archiver(lived: Path, *words: str, closed: str = "", **variables: str) -> subprocess.CompletedProcess[bytes]:
    """Run a command; `closed`: redirections of a shell that close streams."""
    line = [sys.executable, "-m", "archiver", "--archive", str(lived), *words]
    environment = os.environ | {"PYTHONUTF8": "0"} | variables
    shell = ["sh", "-c", f'exec "$@" {closed}', "sh", *line]
    return subprocess.run(shell, capture_output=True, check=False, env=environment)


def in_utf8(lived: Path, *words: str) -> str:
    return archiver(lived, *words, PYTHONIOENCODING="utf-8").stdout.decode()


@pytest.mark.parametrize("variables", ENCODINGS.values(), ids=ENCODINGS)
@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_other_encodings_get_replacement_characters(
    lived: Path, words: tuple[str, ...], variables: dict[str, str]
) -> None:
    done = archiver(lived, *words, **variables)
    assert (done.returncode, done.stderr) == (0, b"")
    encoding = variables.get("PYTHONIOENCODING", "ascii").split(":")[0]
    assert done.stdout.decode(encoding) == in_utf8(lived, *words).encode(encoding, "replace").decode(encoding)


@pytest.mark.parametrize("variables", ENCODINGS.values(), ids=ENCODINGS)
def test_json_loses_no_character_in_other_encodings(lived: Path, variables: dict[str, str]) -> None:
    found = [
        [json.loads(line) for line in archiver(lived, "changes", "--json", **each).stdout.splitlines()]
        for each in (variables, {"PYTHONIOENCODING": "utf-8"})
    ]
    assert found[0] == found[1]
    assert any(not str(row).isascii() for row in found[0])


@pytest.mark.parametrize("words", [*COMMANDS, ("--help",), ("--version",)], ids=" ".join)
def test_a_closed_stderr_is_silence(lived: Path, words: tuple[str, ...]) -> None:
    done = archiver(lived, *words, closed="2>&-")
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout == archiver(lived, *words).stdout


@pytest.mark.parametrize("closed", ["2>&-", "2>&- <&-"])
def test_an_error_keeps_its_exit_code_when_stderr_is_closed(lived: Path, closed: str) -> None:
    assert archiver(lived, "no-command", closed=closed).returncode == UsageError.exit_code
    assert archiver(lived, "-v", "stats", closed=closed).returncode == 0


@pytest.mark.parametrize("words", [*COMMANDS, ("--help",), ("--version",)], ids=" ".join)
def test_a_closed_stdout_is_one_line(lived: Path, words: tuple[str, ...]) -> None:
    done = archiver(lived, *words, closed=">&-")
    assert done.returncode == UsageError.exit_code
    assert done.stderr.startswith(b"error: stdout: it is closed, and nothing was done; ")
    assert done.stderr.count(b"\n") == 1
    assert archiver(lived, *words, closed=">&- 2>&-").returncode == UsageError.exit_code
