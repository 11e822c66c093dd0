"""Fixtures for tests of the command line."""

import io
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from archiver.cli import run
from archiver.cli.context import GLOBAL_OPTIONS
from archiver.demo.portal import Portal
from archiver.model.clock import SettableClock
from archiver.model.policy import Retries
from archiver.settings import Settings
from made import START
from scripted import Scripted
from shell import Shell
from watched import Town


@pytest.fixture
def shell(portal: Portal, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(portal, tmp_path, capsys)


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock(START)


@pytest.fixture
def timed(shell: Shell, clock: SettableClock) -> Iterator[Shell]:
    """A shell with a settable clock and retries that do not wait."""
    GLOBAL_OPTIONS.settings = Settings(shell.archive, (shell.selectors,), clock, Retries(1, 0.0, 0.0))
    yield shell
    GLOBAL_OPTIONS.settings = None


@pytest.fixture
def town(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Town]:
    """A small site whose pages a test defines, crawled once a day."""
    server = Scripted(tmp_path / "archive.db")
    yield Town(server, tmp_path, capsys)
    server.close()


class Terminal(io.StringIO):
    """A stdout that claims to be a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Make stdout a terminal of 80 columns with colours; its text includes the escape sequences."""
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "80")
    screen = Terminal()
    monkeypatch.setattr("sys.stdout", screen)
    return screen


@pytest.fixture
def export(lived: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[str, str]]:
    """Run the command on the archive `lived`; return stdout and stderr."""

    def go(*words: str, code: int = 0) -> tuple[str, str]:
        got = run(["--archive", str(lived), "export", *words])
        printed = capsys.readouterr()
        assert got == code, printed
        return printed.out, printed.err

    return go


@pytest.fixture
def home(town: Town, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, with a space, a percent sign, quotes and a dollar in its name."""
    here = town.folder / """ho me 5%'s "$x" """.strip()
    here.mkdir()
    monkeypatch.chdir(here)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(town.folder / "config"))
    monkeypatch.delenv("ARCHIVER_STATE")
    town.path = here / "data" / "archive.db"
    object.__setattr__(town.settings, "archive", Path("data/archive.db"))
    return here
