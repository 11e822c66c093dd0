"""What a browser made of the capture that shows a page, in short: which browser, and which renditions there are."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from archiver.errors import ArchiveDamaged, BodyPruned, UnreadableScreenshot
from archiver.model.rendition import DOM, SCREENSHOT, parse_made_by
from archiver.render.png_header import png_size
from archiver.store.archive import Store
from archiver.store.rendition_queries import RenditionRow


@dataclass(frozen=True, slots=True)
class BrowserView:
    """What a browser made of a capture.

    Attributes:
        browser: its name and version; "" when that is not known.
        is_read_from: whether the record is read from its document; None when no record is, as of a listing.
        renditions: by kind: dom, screenshot, requests. Without a digest: the browser made none.
        screenshot_size: width and height, in pixels; None when there is no sound screenshot.
    """

    browser: str
    is_read_from: bool | None
    renditions: Mapping[str, RenditionRow]
    screenshot_size: tuple[int, int] | None = None

    def as_json(self) -> list[dict[str, Any]]:
        """Return the renditions as `show --json` names them."""
        names = ("rendition_id", "kind", "bytes", "sha256", "made_at", "note")
        rows = self.renditions.values()
        return [
            {**{name: getattr(row, name) for name in names}, "made_by": asdict(parse_made_by(row.made_by))}
            for row in rows
        ]

    def __str__(self) -> str:
        """Return a line for readers."""
        browser, dom = self.browser or "a browser", self.renditions.get(DOM)
        if dom is None or dom.sha256 is None:
            why = dom.note if dom is not None and dom.note else "none was made"
            source = "read from: the server's bytes; " if self.is_read_from is False else ""
            return f"{source}no document of {browser}: {why}"
        sources = {
            None: f"opened in: {browser}",
            True: f"read from: the browser's document ({browser})",
            False: f"read from: the server's bytes; {browser} opened it",
        }
        size = "; screenshot {}x{}".format(*self.screenshot_size) if self.screenshot_size else ""
        note = f"; {dom.note}" if dom.note else ""
        return f"{sources[self.is_read_from]}{size}{note}"


def browser_view(store: Store, page_id: int, visit_id: int, visited_at: str) -> BrowserView | None:
    """Return what a browser made of the capture of a page; None when none opened it.

    Args:
        store: the archive.
        page_id: the page.
        visit_id: the capture.
        visited_at: when it was made (UTC text).
    """
    queries = store.browsing.renditions
    found = queries.of_visit(visit_id)
    if not found:
        return None
    browser = parse_made_by(next(iter(found.values())).made_by).browser
    size = _size(store, found.get(SCREENSHOT))
    return BrowserView(browser, queries.is_read_from(page_id, visited_at), found, size)


def _size(store: Store, row: RenditionRow | None) -> tuple[int, int] | None:
    if row is None or row.sha256 is None:
        return None
    try:
        return png_size(store.evidence.block(row.rendition_id))
    except (ArchiveDamaged, BodyPruned, UnreadableScreenshot):
        return None
