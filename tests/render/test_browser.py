"""The browser as a program: found, started, started again, ended with archiver, and nothing of it left behind."""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from archiver.errors import RenderUnavailable
from archiver.model.rendition import NotFetched
from archiver.render.browser_path import find_chromium
from archiver.render.limits import RenderLimits
from archiver.render.work_folder import WorkFolder
from browsers import needs_chromium
from rendering import Answers, Browser

TESTS = Path(__file__).parent.parent


@pytest.fixture(autouse=True)
def temporary(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give each test a folder for temporary files of its own, with a short path, that other tests leave alone."""
    with tempfile.TemporaryDirectory(prefix="ar.") as name:
        monkeypatch.setattr("tempfile.tempdir", name)
        yield Path(name)


@contextlib.contextmanager
def _browser(**options: object) -> Iterator[Browser]:
    browser = Browser(**options)
    try:
        yield browser
    finally:
        browser.close()


def _group(browser: Browser) -> int:
    running = browser.renderer._browser
    assert running
    return running.chromium.group


def _living(session: int) -> list[int]:
    """Return the processes of a session."""
    listed = subprocess.run(["ps", "-o", "pid=", "--sid", str(session)], capture_output=True, text=True, check=False)
    return [int(each) for each in listed.stdout.split()]


def _ends(session: int, seconds: float = 20) -> bool:
    """Whether no process of a session lives, after at most so long."""
    end = time.monotonic() + seconds
    while _living(session) and time.monotonic() < end:
        time.sleep(0.1)
    return not _living(session)


def test_a_machine_without_chromium(monkeypatch: pytest.MonkeyPatch, temporary: Path) -> None:
    monkeypatch.setenv("PATH", str(temporary))
    monkeypatch.delenv("ARCHIVER_CHROMIUM", raising=False)
    with pytest.raises(RenderUnavailable, match=r"no Chromium is on PATH; run `apt-get install chromium`, or name one"):
        find_chromium()
    monkeypatch.setenv("ARCHIVER_CHROMIUM", "/no/such")
    with pytest.raises(RenderUnavailable, match=r"\$ARCHIVER_CHROMIUM names '/no/such', which is no program"):
        find_chromium()
    assert RenderUnavailable.exit_code == 3


def test_a_program_that_is_no_chromium(temporary: Path) -> None:
    program = temporary / "chromium"
    program.write_text("#!/bin/sh\necho a library is missing >&2\nexit 1\n")
    program.chmod(0o755)
    with (
        _browser(chromium=str(program)) as browser,
        pytest.raises(RenderUnavailable, match="does not start: a library is missing"),
    ):
        browser.open("<p>text")
    assert [each.name for each in temporary.iterdir()] == ["chromium"]


@needs_chromium
def test_a_kernel_that_forbids_the_sandbox(
    temporary: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    program = temporary / "chromium"
    refuses = "case \"$*\" in *--no-sandbox*) ;; *) echo 'No usable sandbox!' >&2; exit 1;; esac"
    program.write_text(f'#!/bin/sh\n{refuses}\nexec "{find_chromium()}" "$@"\n')
    program.chmod(0o755)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with _browser(chromium=str(program)) as browser:
        assert browser.open("<p>text").failure == ""
    assert [record.getMessage() for record in caplog.records if "sandbox" in record.getMessage()] == [
        "Chromium runs without its sandbox: it does not start in it: No usable sandbox!"
    ]


@needs_chromium
def test_nothing_is_left_behind(temporary: Path) -> None:
    with _browser() as browser:
        browser.open("<p>text")
        group = _group(browser)
        assert len(list(temporary.iterdir())) == 1
        assert _living(group)
    assert _ends(group)
    assert list(temporary.iterdir()) == []


@needs_chromium
def test_it_is_started_again_after_so_many_pages() -> None:
    with _browser(limits=RenderLimits(pages=2)) as browser:
        groups = []
        for _ in range(5):
            assert browser.open("<p>text").failure == ""
            groups.append(_group(browser))
        assert groups[0] == groups[1] != groups[2] == groups[3] != groups[4]
        assert _ends(groups[0])
        assert len(browser.renderer._browsers) == 1


@needs_chromium
def test_a_browser_that_ends_is_started_again_and_its_pages_are_opened_again() -> None:
    with _browser() as browser:
        browser.open("<p>text")
        first = _group(browser)
        answers = Answers()
        killed: list[int] = []

        async def fetch(request: object) -> object:
            if not killed:
                killed.append(first)
                os.kill(first, signal.SIGKILL)
            return await answers(request)  # type: ignore[arg-type]

        rendered = browser.open("<p>text</p><script src=/a.js></script>", fetch)  # type: ignore[arg-type]
        assert rendered.failure == ""
        assert b"<p>text</p>" in rendered.dom
        assert _ends(first)


@needs_chromium
def test_a_page_whose_browser_always_ends_fails_and_the_next_does_not() -> None:
    with _browser() as browser:
        browser.open("<p>text")

        async def fetch(request: object) -> object:
            for each in browser.renderer._browsers:
                os.kill(each.chromium.group, signal.SIGKILL)
            raise NotFetched("the browser is gone")

        rendered = browser.open("<script src=/a.js></script>", fetch)  # type: ignore[arg-type]
        assert rendered.failure.startswith("the browser ended twice")
        assert browser.open("<p>text").failure == ""


@needs_chromium
def test_a_page_that_takes_too_much_memory_fails_and_the_browser_lives() -> None:
    limits = RenderLimits(memory_bytes=1500 << 20, seconds=30)
    with _browser(limits=limits) as browser:
        browser.open("<p>text")
        group = _group(browser)
        rendered = browser.open("<script>const a = []; for (;;) a.push(new Uint8Array(1e8).fill(1))</script>")
        assert rendered.failure == "the page's process in the browser ended twice: it crashed, or took too much memory"
        assert browser.open("<p>text").failure == ""
        assert _group(browser) == group


PROGRAM = """
import asyncio, sys
sys.path.insert(0, {tests!r})
from rendering import PLAIN, Answers, Renderer, page_of, system_clock
async def main():
    async with Renderer(system_clock) as renderer:
        work = asyncio.ensure_future(renderer.render(page_of({html!r}), PLAIN, asked))
        await requested.wait()
        print(renderer._browser.chromium.group, flush=True)
        await work
requested = asyncio.Event()
async def asked(request):
    requested.set()
    return await Answers()(request)
asyncio.run(main())
"""


@needs_chromium
@pytest.mark.parametrize("script", ["setInterval(() => fetch('/x'), 100)", "while (true);"])
def test_a_run_that_is_killed_leaves_no_browser(script: str, temporary: Path) -> None:
    program = PROGRAM.format(tests=str(TESTS), html=f"<script src=/a.js></script><script>{script}</script>")
    environment = {**os.environ, "TMPDIR": str(temporary)}
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment
    ) as run:
        assert run.stdout
        try:
            group = int(run.stdout.readline())
            before = _living(group)
        finally:
            run.kill()
    assert len(before) > 3
    assert _ends(group)
    assert len(list(temporary.glob("archiver-browser.*"))) == 1
    folder = WorkFolder()
    assert list(temporary.glob("archiver-browser.*")) == [folder.path]
    folder.remove()


def test_a_folder_that_is_in_use_is_not_removed(temporary: Path) -> None:
    first, second = WorkFolder(), WorkFolder()
    assert sorted(temporary.iterdir()) == sorted((first.path, second.path))
    assert first.path.stat().st_mode & 0o777 == 0o700
    first.remove()
    second.remove()
    assert list(temporary.iterdir()) == []
