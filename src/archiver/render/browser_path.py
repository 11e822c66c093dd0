"""Finds the system's Chromium."""

import os
import shutil

from archiver.errors import RenderUnavailable

VARIABLE = "ARCHIVER_CHROMIUM"
_NAMES = ("chromium", "chromium-browser", "chromium-headless-shell", "google-chrome")


def find_chromium() -> str:
    """Return the path of a Chromium: the one of $ARCHIVER_CHROMIUM, else the first that is on PATH.

    Raises:
        RenderUnavailable: there is none.
    """
    named = os.environ.get(VARIABLE, "")
    found = shutil.which(named) if named else next(filter(None, map(shutil.which, _NAMES)), None)
    if found is None:
        what = f"${VARIABLE} names {named!r}, which is no program" if named else "no Chromium is on PATH"
        raise RenderUnavailable(
            f"pages cannot be opened in Chromium: {what}; run `apt-get install chromium`, or name one in ${VARIABLE}"
        )
    return found
