"""One running Chromium: its start, its end, and that nothing of it is left behind."""

import asyncio
import contextlib
import logging
import os
import signal
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import ClassVar, Self

from archiver.errors import RenderUnavailable
from archiver.render import browser_options, start_chromium
from archiver.render.devtools import BrowserEnded, BrowserSilent, CommandFailed, DevTools
from archiver.render.work_folder import WorkFolder

_LOG = logging.getLogger(__name__)
_START_SECONDS = 60.0
_CLOSE_SECONDS = 3.0


class _DoesNotStart(Exception):
    """A program was started, and is no browser that takes commands. The message is its last words."""


class Chromium:
    """A running Chromium, with a folder, a process group and two pipes of its own.

    Attributes:
        devtools: the connection to it.
        version: `Chromium 156.0.8078.114`.
        group: the number of its process group.
    """

    _sandboxed: ClassVar[set[str]] = set()
    """The programs that started in a sandbox."""

    def __init__(self, folder: WorkFolder, process: subprocess.Popen[bytes], devtools: DevTools) -> None:
        self._folder = folder
        self._process = process
        self.devtools = devtools
        self.group = process.pid
        self.version = ""

    @classmethod
    async def start(cls, path: str, heap_megabytes: int) -> Self:
        """Start a Chromium: in a sandbox where the kernel allows it.

        After one that started in it, none is started without: it was killed, or there is no memory.

        Raises:
            RenderUnavailable: it does not start.
        """
        is_root = hasattr(os, "geteuid") and os.geteuid() == 0
        why = "root may not use it"
        if not is_root:
            try:
                started = await cls._start(path, browser_options.words(heap_megabytes, has_sandbox=True))
            except _DoesNotStart as error:
                if path in cls._sandboxed:
                    raise RenderUnavailable(f"{path} does not start again: {error}") from error
                why = f"it does not start in it: {error}"
            else:
                cls._sandboxed.add(path)
                return started
        try:
            started = await cls._start(path, browser_options.words(heap_megabytes, has_sandbox=False))
        except _DoesNotStart as error:
            raise RenderUnavailable(f"{path} does not start: {error}; check it with `{path} --version`") from error
        _warn(why)
        return started

    @classmethod
    async def _start(cls, path: str, options: list[str]) -> Self:
        folder = WorkFolder()
        try:
            started = await cls._spawn(folder, [path, *options, f"--user-data-dir={folder.path / 'profile'}"])
        except BaseException:
            folder.remove()
            raise
        try:
            about = await started.devtools.ask("Browser.getVersion", seconds=_START_SECONDS)
        except (BrowserEnded, BrowserSilent, CommandFailed) as error:
            said = folder.said()
            await started.close()
            raise _DoesNotStart(said or str(error)) from error
        product = str(about.get("product", "")).replace("Headless", "")
        started.version = product.replace("Chrome/", "Chromium ")[:100]
        return started

    @classmethod
    async def _spawn(cls, folder: WorkFolder, words: list[str]) -> Self:
        theirs_in, ours_out = os.pipe()
        ours_in, theirs_out = os.pipe()
        with folder.stderr.open("wb") as stderr:
            helper = [sys.executable, "-I", "-S", str(Path(start_chromium.__file__)), str(os.getpid())]
            process = subprocess.Popen(  # noqa: S603, ASYNC220  (in this thread: the kernel ties Chromium to the thread that starts it)
                [*helper, str(theirs_in), str(theirs_out), *words],
                pass_fds=(theirs_in, theirs_out),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=stderr,
                env=browser_options.environment(folder.path),
                cwd=folder.path,
                start_new_session=True,
            )
        os.close(theirs_in)
        os.close(theirs_out)
        devtools = DevTools()
        await devtools.connect(os.fdopen(ours_out, "wb", 0), os.fdopen(ours_in, "rb", 0))
        return cls(folder, process, devtools)

    @property
    def has_ended(self) -> bool:
        """Whether it takes no more commands."""
        return self.devtools.ended.is_set()

    def kill(self, why: str) -> None:
        """End the browser and its children at once."""
        self.devtools.close(why)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.group, signal.SIGKILL)

    async def close(self) -> None:
        """End the browser, wait for its end, and remove its folder. It has nothing that it must save: it is killed."""
        self.kill("the browser was closed")
        await self._waited(_CLOSE_SECONDS)
        self._folder.remove()

    async def _waited(self, seconds: float) -> None:
        """Wait until the process ended, at most so long."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self._process.poll() is None:  # noqa: ASYNC110  (a child's end has no event in every thread)
                    await asyncio.sleep(0.02)


@cache
def _warn(why: str) -> None:
    """Say once that there is no sandbox, not at each start."""
    _LOG.warning("Chromium runs without its sandbox: %s", why)
