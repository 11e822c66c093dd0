"""Makes the pictures of the README from the demo archive: docs/images/today.png and page.png, each at most 150 kB.

    python tests/real/screenshots.py [--browser CHROMIUM] [--out FOLDER]

The archive of the demo is made anew, so the pictures show what the program shows now. Run by `make screenshots`.
"""

import argparse
import sys
import tempfile
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from browser import Browser, browser_path
from machine import Failed, check, run

from archiver.app.archive import open_archive
from archiver.model.clock import SettableClock, instant
from archiver.settings import Settings, bundled_profiles
from web_served import served

ROOT = Path(__file__).resolve().parent.parent.parent
_SIZE = (1100, 700)
_MOST = 150_000
_LIVELY = (
    "SELECT c.page_id FROM changes c JOIN pages p ON p.page_id = c.page_id WHERE p.kind = 'article' AND c.cause IS NULL "
    "GROUP BY c.page_id ORDER BY count(DISTINCT c.not_after) DESC, sum(c.chars_added) DESC LIMIT 1"
)


def picture(browser: Browser, address: str, path: Path) -> None:
    """Save the top of a page.

    Raises:
        Failed: the picture is too large for a README.
    """
    browser.open("about:blank")
    browser.until("location.href == 'about:blank'")
    browser.open(address)
    browser.until("document.readyState == 'complete' && location.href != 'about:blank'")
    browser.wait(0.3)
    browser.screenshot(path)
    size = path.stat().st_size
    check(size <= _MOST, path, "has", size, "bytes")
    print(f"{path}: {size:,} bytes")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--browser", default="", help="A Chromium; default: $ARCHIVER_CHROMIUM, or the one on PATH.")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "images")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="archiver-screenshots.") as name:
        path = Path(name) / "demo.db"
        run(sys.executable, "-m", "archiver", "--archive", path, "demo", "--days", "36", "--articles", "60")
        with open_archive(path, write=False) as archive:
            (lively,) = archive.sql(_LIVELY)
            (last,) = archive.sql("SELECT max(finished_at) AS at FROM runs")
        clock = SettableClock(instant(last["at"]) + timedelta(hours=1))
        settings = Settings(path, (bundled_profiles(),), clock)
        with served(path, settings=settings) as server, Browser(browser_path(options.browser)) as browser:
            browser.tab(
                "Emulation.setDeviceMetricsOverride", width=_SIZE[0], height=_SIZE[1], deviceScaleFactor=1, mobile=False
            )
            browser.tab("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "light"}])
            browser.tab("Emulation.setScrollbarsHidden", hidden=True)
            picture(browser, f"{server.url}/", options.out / "today.png")
            picture(browser, f"{server.url}/page/{lively['page_id']}", options.out / "page.png")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failed as failed:
        print(f"screenshots: FAILED: {failed}", file=sys.stderr)
        sys.exit(1)
