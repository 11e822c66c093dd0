"""Signals end a run: requests under way are finished, and the state is saved."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from archiver.polite.stop import StopFlag, endings
from scripted import Scripted

PAGES = 30
PROFILE = """[site]\nname = "t"\nhome = "{}/"\n[crawl]\ndelay = 0.05\nsitemaps = []\nfeeds = []
[[page]]\nkind = "article"\n[page.fields]\ntitle = "h1"\nbody = "#b"\n"""


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Scripted]:
    scripted = Scripted(tmp_path / "archive.db")
    scripted.page("/", "Home", extra="".join(f"<a href=/p{number}>{number}</a>" for number in range(PAGES)))
    for number in range(PAGES):
        scripted.page(f"/p{number}", f"P{number}", f"Text {number}. " * 20)
    (scripted.selectors / "t.toml").write_text(PROFILE.format(scripted.url), encoding="utf-8")
    yield scripted
    scripted.close()


def _ignoring_hangups() -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)


def _crawl(
    site: Scripted, folder: Path, sent: signal.Signals | None, before: Callable[[], None] | None = None
) -> tuple[int, str]:
    """Crawl, and send a signal after some requests; return the exit code and the messages."""
    command = [sys.executable, "-m", "archiver", "--archive", str(folder / "b.db"), "--selectors", str(site.selectors)]
    process = subprocess.Popen(
        [*command, "crawl", "t"],
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=before,  # noqa: PLW1509
    )
    try:
        deadline = time.monotonic() + 30
        while len(site.asked) < 5 and time.monotonic() < deadline:
            time.sleep(0.01)
        if sent is not None:
            process.send_signal(sent)
        _, output = process.communicate(timeout=60)
    finally:
        process.kill()
    return process.returncode, output


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_run_ends_and_continues_later(site: Scripted, tmp_path: Path, sent: signal.Signals) -> None:
    code, output = _crawl(site, tmp_path, sent)
    assert code == 130, output
    assert "Traceback" not in output
    asked = len(site.asked)
    assert asked < PAGES
    with site.open(tmp_path / "b.db") as archive:
        assert list(archive.sql("SELECT ended FROM runs")) == [{"ended": "interrupted"}]
    assert _crawl(site, tmp_path, None)[0] == 0
    assert len({path for path in site.asked if path.startswith("/p")}) == PAGES


def test_an_ignored_hangup_does_not_end_a_run(site: Scripted, tmp_path: Path) -> None:
    code, output = _crawl(site, tmp_path, signal.SIGHUP, _ignoring_hangups)
    assert code == 0, output
    assert len(site.asked) >= PAGES


def test_handlers_are_restored() -> None:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)]
    flag = StopFlag()
    with flag.on_signals():
        os.kill(os.getpid(), signal.SIGHUP)
        assert flag.wanted
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)] == before
    former = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        assert endings() == (signal.SIGTERM,)
        with StopFlag().on_signals():
            assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, former)
