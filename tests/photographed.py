"""Screenshots of pages, whole, by one Chromium without a window."""

import base64
import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from browsers import CHROMIUM

_DRIVER = Path(__file__).parent / "real"
WIDTH = 800


class Camera:
    """Takes pictures of HTML, 800 pixels wide and as high as the page."""

    def __init__(self, browser: Any) -> None:
        self._browser = browser
        browser.tab("Emulation.setDeviceMetricsOverride", width=WIDTH, height=600, deviceScaleFactor=1, mobile=False)

    def shot(self, html: str, script: str = "0") -> bytes:
        """Return a page as PNG, after a script ran in it."""
        self._browser.open("about:blank")
        self._browser.until("location.href == 'about:blank' && document.readyState == 'complete'")
        self._browser.open("data:text/html;charset=utf-8;base64," + base64.b64encode(html.encode()).decode())
        self._browser.until("location.href != 'about:blank' && document.readyState == 'complete'")
        self._browser.run(script)
        height = self._browser.run("document.documentElement.scrollHeight")
        clip = {"x": 0, "y": 0, "width": WIDTH, "height": height, "scale": 1}
        taken = self._browser.tab("Page.captureScreenshot", format="png", clip=clip, captureBeyondViewport=True)
        return base64.b64decode(taken["data"])

    def run(self, script: str) -> Any:
        """Return the value of an expression in the page that is open."""
        return self._browser.run(script)

    def box(self, selector: str) -> tuple[int, int, int, int]:
        """Return the box of the first element of the page that is open: left, top, right, bottom."""
        script = (
            f"(r => [r.left + scrollX, r.top + scrollY, r.right + scrollX, r.bottom + scrollY])"
            f"(document.querySelector({selector!r}).getBoundingClientRect())"
        )
        left, top, right, bottom = self._browser.run(script)
        return int(left), int(top), int(right + 0.999), int(bottom + 0.999)


@contextmanager
def camera() -> Iterator[Camera]:
    """Start a Chromium, and end it."""
    sys.path.insert(0, str(_DRIVER))
    try:
        driver = importlib.import_module("browser")
    finally:
        sys.path.remove(str(_DRIVER))
    with driver.Browser(CHROMIUM) as browser:
        yield Camera(browser)
