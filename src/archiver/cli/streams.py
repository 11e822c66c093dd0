"""Prepare stdout and stderr before a command runs: other encodings than UTF-8, and streams that are closed."""

import io
import os
import sys

_STDERR = 2


def prepare_streams() -> bool:
    """Make stdout and stderr take any text; return False when stdout is closed.

    Characters that the encoding of stdout does not have are printed as `?`, unless PYTHONIOENCODING names another error
    handler. Messages are dropped when stderr is closed. The null device then gets its file number: else a file of the
    archive could get that number, and what libraries print.
    """
    if sys.stderr is None:
        null = os.open(os.devnull, os.O_WRONLY)
        if null != _STDERR:
            os.dup2(null, _STDERR)
        os.set_inheritable(_STDERR, True)
        sys.stderr = os.fdopen(_STDERR, "w", encoding="utf-8", errors="backslashreplace")
    if sys.stdout is None:
        return False
    if isinstance(sys.stdout, io.TextIOWrapper) and sys.stdout.errors in ("strict", "surrogateescape"):
        sys.stdout.reconfigure(errors="replace")
    return True
