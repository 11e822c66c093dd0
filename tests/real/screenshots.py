"""Makes the pictures of the README from the demo portal: docs/images/today.png and page.png, each at most 150 kB.

    python tests/real/screenshots.py [--browser CHROMIUM] [--out FOLDER]

The portal is crawled for 36 days, in which it edits, withdraws and restores articles, fails once, and sets a counter
back; for four days nobody looks. The archive is made anew, so the pictures show what the program shows now. Run by
`make screenshots`.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from browser import Browser, browser_path
from machine import Failed, check

from archiver.app import profiles
from archiver.app.archive import Archive
from archiver.demo.portal import Portal
from archiver.extract.profile import parse_profile
from archiver.model.clock import SettableClock
from archiver.model.policy import Retries
from archiver.settings import Settings, bundled_profiles
from made import START
from web_served import served

ROOT = Path(__file__).resolve().parent.parent.parent
_WIDTH = 1100
_MOST = 150_000
_DAYS = 36
_UNVISITED = range(18, 22)
_UPDATE = " (cập nhật)"


def lively_page(settings: Settings, clock: SettableClock) -> int:
    """Make an archive in which much happened; return the page to which most of it did."""
    with Portal(articles=24) as portal, Archive(settings) as archive:
        text = (bundled_profiles() / "demo.toml").read_text(encoding="utf-8")
        profile = profiles.at_home(parse_profile(text, "demo"), portal.url)
        happen = _events(portal)
        address = portal.address(portal.items[2])
        for day in range(_DAYS):
            for event in happen.get(day, ()):
                event()
            if day not in _UNVISITED:
                archive.crawl(profile, everything=True)
            clock.advance(days=1)
            portal.age(days=1)
        return archive.page(address).page_id


def _events(portal: Portal) -> dict[int, tuple[Callable[[], object], ...]]:
    """Return what happens on each day: first to one page, in the last week to others."""
    lively, edited, retitled, withdrawn, moved, restored, signed = portal.items[2:9]
    title = portal.article(retitled).title
    return {
        4: (lambda: portal.edit_sentence(lively),),
        8: (lambda: portal.withdraw(lively),),
        12: (lambda: portal.restore(lively),),
        15: (lambda: portal.retitle(lively, portal.article(lively).title + _UPDATE), lambda: portal.withdraw(restored)),
        24: (lambda: portal.fail(f"ItemID={lively}", 503, times=2),),
        26: (lambda: portal.sign(lively, "LQH"), lambda: portal.reset_counter(lively, 1)),
        31: (lambda: portal.edit_sentence(lively), lambda: portal.move(moved)),
        33: (lambda: portal.edit_sentence(edited), portal.publish),
        34: (lambda: portal.withdraw(withdrawn), lambda: portal.sign(signed, "LQH")),
        35: (lambda: portal.restore(restored), lambda: portal.retitle(retitled, title + _UPDATE)),
    }


def picture(browser: Browser, address: str, path: Path, height: int) -> None:
    """Save the top of a page.

    Raises:
        Failed: the picture is too large for a README.
    """
    browser.tab("Emulation.setDeviceMetricsOverride", width=_WIDTH, height=height, deviceScaleFactor=1, mobile=False)
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
        clock = SettableClock(START)
        settings = Settings(Path(name) / "demo.db", (bundled_profiles(),), clock, Retries(1, 0.0, 0.01))
        page_id = lively_page(settings, clock)
        with served(settings.archive, settings=settings) as server, Browser(browser_path(options.browser)) as browser:
            browser.tab("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "light"}])
            browser.tab("Emulation.setScrollbarsHidden", hidden=True)
            picture(browser, f"{server.url}/", options.out / "today.png", 700)
            picture(browser, f"{server.url}/page/{page_id}", options.out / "page.png", 960)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failed as failed:
        print(f"screenshots: FAILED: {failed}", file=sys.stderr)
        sys.exit(1)
