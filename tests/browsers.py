"""A Chromium for tests that open files in it; tests are skipped on machines that have none."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

_NAMES = ("chromium", "chromium-headless-shell", "chromium-browser", "google-chrome")
_OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--allow-file-access-from-files",
    "--virtual-time-budget=8000",
)

CHROMIUM = os.environ.get("ARCHIVER_CHROMIUM") or next(filter(None, map(shutil.which, _NAMES)), "")
needs_chromium = pytest.mark.skipif(not CHROMIUM, reason="there is no Chromium: apt-get install chromium")


def dom_of(page: Path | str, profile: Path) -> str:
    """Open a file or an address, let eight seconds of its time pass, and return its document as HTML."""
    address = page.as_uri() if isinstance(page, Path) else page
    words = [CHROMIUM, *_OPTIONS, f"--user-data-dir={profile}", "--dump-dom", address]
    return subprocess.run(words, check=True, capture_output=True, timeout=120).stdout.decode("utf-8", "replace")
