"""What is kept of a page in the browser: its document as HTML, and a screenshot."""

import base64
import contextlib
from typing import NamedTuple

from archiver.model.profile import RenderRules
from archiver.model.rendition import MOST_BOXES, BoxOf, parse_boxes
from archiver.render.devtools import CommandFailed
from archiver.render.limits import RenderLimits
from archiver.render.tab import Tab


class RenditionTooLarge(Exception):
    """The document is larger than may be kept."""


async def document_of(tab: Tab, limits: RenderLimits) -> bytes:
    """Return the document with its doctype and declarative shadow roots, as HTML in UTF-8.

    Documents of frames are left out, and what was typed into forms. A charset that the page declares for itself stays
    as it is: the bytes are UTF-8 all the same.

    Raises:
        RenditionTooLarge: it has too many bytes.
        PageCrashed, BrowserEnded, BrowserSilent, CommandFailed: as `Tab.ask`.
    """
    closed: tuple[str, ...] = ()
    with contextlib.suppress(CommandFailed):  # the page changed meanwhile; they are left out
        closed = await tab.closed_roots(limits.snapshot_seconds)
    text = await tab.call("html", limits.dom_bytes, closed=closed, seconds=limits.snapshot_seconds)
    document = b"" if text is None else str(text).encode("utf-8", "replace")
    if text is None or len(document) > limits.dom_bytes:
        raise RenditionTooLarge(f"the document is larger than {limits.dom_bytes >> 20} MB")
    return document


_COUNTER = 60  # characters of an element that is a counter


class Picture(NamedTuple):
    """A screenshot as PNG, and where counters and floating elements are in it."""

    png: bytes
    counters: tuple[BoxOf, ...]
    floating: tuple[BoxOf, ...]


async def screenshot_of(tab: Tab, rules: RenderRules, limits: RenderLimits) -> Picture:
    """Return the whole page as PNG, as wide as the viewport; what is below the limit is left out, and noted.

    Raises:
        RenditionTooLarge: it has too many bytes.
        PageCrashed, BrowserEnded, BrowserSilent, CommandFailed: as `Tab.ask`.
    """
    await tab.close_popups()
    await tab.call("hold", seconds=limits.snapshot_seconds)
    boxes = await tab.call("boxes", list(rules.counters), _COUNTER, MOST_BOXES, seconds=limits.snapshot_seconds)
    metrics = await tab.ask("Page.getLayoutMetrics", seconds=limits.snapshot_seconds)
    whole = max(1, int(metrics["cssContentSize"]["height"]))
    height = min(whole, limits.screenshot_height)
    if height < whole:
        tab.note(f"the screenshot shows the first {height} of {whole} pixels")
    taken = await tab.ask(
        "Page.captureScreenshot",
        format="png",
        captureBeyondViewport=True,
        clip={"x": 0, "y": 0, "width": rules.viewport[0], "height": height, "scale": 1},
        seconds=limits.snapshot_seconds,
    )
    picture = base64.b64decode(taken["data"])
    if len(picture) > limits.screenshot_bytes:
        raise RenditionTooLarge(f"the screenshot is larger than {limits.screenshot_bytes >> 20} MB")
    return Picture(picture, parse_boxes(boxes[0]), parse_boxes(boxes[1]))
