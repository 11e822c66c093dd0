"""The temporary folder of one running browser; folders of runs that were killed are removed by the next one."""

import contextlib
import fcntl
import os
import re
import shutil
import tempfile
from pathlib import Path

_PREFIX = "archiver-browser."
_SAID_BYTES = 4096
_SOURCE = re.compile(r"^\[[^\]\s]*\] ?")  # process, time and line of code before a message of Chromium
_LONGEST = 50  # bytes: Chromium makes a socket in the folder, whose path has at most 107


class WorkFolder:
    """A folder that only this user can read. It is locked as long as this process lives.

    Attributes:
        path: where it is.
        stderr: the file for what the browser writes to its standard error.
    """

    def __init__(self) -> None:
        _remove_left_over()
        self.path = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=_place()))
        self._lock = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY)
        with contextlib.suppress(OSError):  # another run looks at it right now
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        self.path.mkdir(exist_ok=True)
        self.stderr = self.path / "stderr"

    def said(self) -> str:
        """Return the last error that the browser wrote to its standard error, or its last line, "" without one."""
        with contextlib.suppress(OSError):
            text = self.stderr.read_bytes()[-_SAID_BYTES:].decode("utf-8", "replace")
            lines = [line.strip() for line in text.splitlines() if line.strip()]
            fatal = [line for line in lines if ":FATAL:" in line]
            return _SOURCE.sub("", (fatal or lines or [""])[-1])[:300]
        return ""

    def remove(self) -> None:
        """Remove the folder and what is in it."""
        for _ in range(2):  # a process that is about to end may have written meanwhile
            shutil.rmtree(self.path, ignore_errors=True)
        with contextlib.suppress(OSError):
            os.close(self._lock)


def _place() -> str:
    """Return the folder for temporary files: the user's, or /tmp when that one has too long a path."""
    named = tempfile.gettempdir()
    return named if len(os.fsencode(named)) <= _LONGEST else "/tmp"  # noqa: S108  (the folder in it is private)


def _remove_left_over() -> None:
    """Remove the folders that no living process holds."""
    for path in Path(_place()).glob(_PREFIX + "*"):
        with contextlib.suppress(OSError):
            if path.is_symlink() or path.stat().st_uid != os.getuid():
                continue
            held = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(path, ignore_errors=True)
            finally:
                os.close(held)
