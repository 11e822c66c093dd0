"""`archiver schedule --serve`: units of systemd that serve the archive, and a server on a socket that is passed to it."""

import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from watched import Town

_AS_SYSTEMD = (
    "import os, sys; os.dup2(int(sys.argv[1]), 3, inheritable=True); "
    "os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS='1'); os.execv(sys.argv[2], sys.argv[2:])"
)
"""What systemd does for a service with a socket: it is file descriptor 3 of the process."""


def files(town: Town) -> dict[str, Path]:
    folder = town.folder / "config" / "systemd" / "user"
    return {path.suffix: path for path in folder.glob("archiver-serve-*")}


def test_it_prints_both_units_and_writes_nothing(town: Town, home: Path) -> None:
    text = town("schedule", "--serve", "--listen", "127.0.0.1:9000", "--", "--prefix", "/archive")
    assert "ListenStream=127.0.0.1:9000" in text
    assert "serve --prefix /archive" in text
    assert not files(town)


def test_it_installs_once_and_removes(town: Town, home: Path) -> None:
    first = town("schedule", "--serve", "--install")
    assert first.count("wrote ") == 2
    assert "enable --now archiver-serve-" in first
    assert town("schedule", "--serve", "--install").count("is already ") == 2
    assert set(files(town)) == {".socket", ".service"}
    (found,) = town.json("schedule", "--serve")
    assert found["by"] == "systemd"
    assert set(found["text"]) == {str(path) for path in files(town).values()}
    assert town("schedule", "--serve", "--remove").count("removed ") == 2
    assert not files(town)
    town("schedule", "--serve", "--remove")
    assert "nothing to remove" in town.err


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--listen", "8002"], "not an address with a port"),
        (["--listen", "evil.example:80\nExecStart=x"], "not an address"),
        (["--", "--port", "80"], "systemd listens"),
        (["--", "--host=0.0.0.0"], "systemd listens"),
        (["--", "--prefix", "/a\nExecStart=x"], "unprintable"),
        (["--install", "--remove"], "cannot be combined"),
    ],
)
def test_what_cannot_be_a_unit_is_told(town: Town, home: Path, words: list[str], why: str) -> None:
    town("schedule", "--serve", *words, code=2)
    assert why in town.err


def test_a_crawl_still_needs_a_site(town: Town, home: Path) -> None:
    town("schedule", "--every", "6h", code=2)
    assert "no site" in town.err


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
@pytest.mark.parametrize(
    "options", [[], ["--act", "--password-file", "pass word %"], ["--trust-header", "X-Remote-User"]]
)
def test_systemd_accepts_the_units(town: Town, home: Path, options: list[str]) -> None:
    town("schedule", "--serve", "--install", "--listen", "/run/user/1000/archive.sock", "--", *options)
    runtime = town.folder / "run"
    runtime.mkdir(mode=0o700)
    done = subprocess.run(
        ["systemd-analyze", "--user", "verify", "--man=no", *map(str, files(town).values())],
        env=os.environ | {"XDG_RUNTIME_DIR": str(runtime)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
@pytest.mark.parametrize(("options", "most"), [([], 20), (["--act"], 30)])
def test_the_service_is_hardened(town: Town, home: Path, options: list[str], most: int) -> None:
    """`systemd-analyze security` rates it 2.0 or better; 3.0 if it may ask other servers."""
    town("schedule", "--serve", "--install", "--", *options)
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", f"--threshold={most}", str(files(town)[".service"])],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Overall exposure level" in done.stdout
    assert done.returncode == 0, done.stdout[-200:]


@pytest.fixture
def passed(town: Town, home: Path) -> Iterator[socket.socket]:
    town.articles(1)
    town("crawl", "town", "--all")
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening


def command(town: Town) -> list[str]:
    text = files(town)[".service"].read_text(encoding="utf-8")
    (line,) = re.findall(r"^ExecStart=(.*)$", text, re.MULTILINE)
    first, *words = shlex.split(line.replace("%%", "%"))
    return [first, *(word.replace("$$", "$") for word in words)]


def test_the_command_serves_on_the_socket_that_systemd_passes(town: Town, passed: socket.socket) -> None:
    town("schedule", "--serve", "--install", "--", "--allow-host", "archive.example")
    words = command(town)
    port = passed.getsockname()[1]
    with subprocess.Popen(
        [sys.executable, "-c", _AS_SYSTEMD, str(passed.fileno()), *words],
        pass_fds=[passed.fileno()],
        stderr=subprocess.PIPE,
    ) as running:
        try:
            page = httpx2.get(f"http://127.0.0.1:{port}/about", timeout=30, trust_env=False)
            assert page.status_code == 200
            named = {"Host": "archive.example"}
            assert (
                httpx2.get(f"http://127.0.0.1:{port}/about", headers=named, timeout=30, trust_env=False).status_code
                == 200
            )
        finally:
            running.terminate()
            assert running.wait(20) in (0, 130, -15)


def test_an_open_socket_is_refused(town: Town, passed: socket.socket) -> None:
    town("schedule", "--serve", "--install")
    with socket.create_server(("0.0.0.0", 0)) as everywhere:  # noqa: S104  (it is refused)
        done = subprocess.run(
            [sys.executable, "-c", _AS_SYSTEMD, str(everywhere.fileno()), *command(town)],
            pass_fds=[everywhere.fileno()],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.returncode == 2
    assert "--password-file FILE, or --trust-header" in done.stderr
    assert len(done.stderr.splitlines()) == 1
