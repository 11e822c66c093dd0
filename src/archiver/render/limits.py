"""The bounds of what a page may take in the browser."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RenderLimits:
    """How much one page may take, and one browser.

    Attributes:
        seconds: the time for scripts, waiting and actions; waiting for servers is not counted.
        most_seconds: the time for all of it.
        snapshot_seconds: the time for the document, and for the screenshot.
        requests: how many a page may make.
        answer_bytes: the most bytes of one answer, decoded.
        page_bytes: the most bytes of all answers of a page, decoded.
        dom_bytes: the most bytes of the document.
        screenshot_height: in pixels; what is below is left out.
        screenshot_bytes: the most bytes of the screenshot.
        cache_bytes: the most bytes of scripts, style sheets, fonts and images that are kept for the next pages.
        caches: the number of sites that have a cache at once, each a share of these bytes.
        at_once: the most pages that are open at the same time; one site may have all but one of them.
        pages: how many a browser opens before it is started anew.
        memory_bytes: the most memory of the browser and its children.
        heap_megabytes: the most memory of the scripts of a page.
    """

    seconds: float = 30
    most_seconds: float = 300
    snapshot_seconds: float = 20
    requests: int = 500
    answer_bytes: int = 64 << 20
    page_bytes: int = 100 << 20
    dom_bytes: int = 20 << 20
    screenshot_height: int = 15_000
    screenshot_bytes: int = 40 << 20
    cache_bytes: int = 128 << 20
    caches: int = 4
    at_once: int = 4
    pages: int = 100
    memory_bytes: int = 3 << 30
    heap_megabytes: int = 768
