"""Watches the memory of a browser and its children, and ends what takes too much."""

import asyncio
import contextlib
import os
import signal
from pathlib import Path

from archiver.render.chromium import Chromium

_LOOK_SECONDS = 0.5
_SESSION, _RESIDENT = 3, 21  # fields of /proc/PID/stat after the name
_PROC = Path("/proc")


async def watch_memory(chromium: Chromium, most_bytes: int) -> None:
    """Look at a browser's memory as long as it lives; without /proc (not Linux) there is nothing to see.

    Above the limit the largest process is ended. That is the process of one page; the page fails, and the browser
    goes on. When it is the browser itself, its pages are opened again in another one.
    """
    while not chromium.has_ended:
        sizes = _sizes(chromium.group)
        if sum(sizes.values()) > most_bytes:
            largest = max(sizes, key=sizes.__getitem__)
            if largest == chromium.group:
                chromium.kill("the browser took too much memory")
            with contextlib.suppress(ProcessLookupError):
                os.kill(largest, signal.SIGKILL)
        await asyncio.sleep(_LOOK_SECONDS)


def _sizes(session: int) -> dict[int, int]:
    """Return the resident bytes of each process of a session."""
    sizes: dict[int, int] = {}
    if not _PROC.is_dir():
        return sizes
    page = os.sysconf("SC_PAGE_SIZE")
    for process in _PROC.iterdir():
        if process.name.isdigit():
            with contextlib.suppress(OSError, ValueError, IndexError):
                fields = (process / "stat").read_bytes().rpartition(b")")[2].split()
                if int(fields[_SESSION]) == session:
                    sizes[int(process.name)] = int(fields[_RESIDENT]) * page
    return sizes
