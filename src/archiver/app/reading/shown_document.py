"""The document by which a capture is shown: the server's bytes, or what a browser made of them when that was read."""

from dataclasses import dataclass

from archiver.extract.open_page import page_bytes
from archiver.model.capture import Capture
from archiver.model.clock import written
from archiver.model.rendition import parse_made_by
from archiver.store.archive import Store


@dataclass(frozen=True, slots=True)
class ShownDocument:
    """The document of a capture.

    Attributes:
        capture: the capture; of a page that was read from a browser's document, with that as its body.
        browser: the browser that made it, with its version; "" for the server's bytes.
    """

    capture: Capture
    browser: str = ""


def shown_document(store: Store, page_id: int, capture: Capture) -> ShownDocument:
    """Return the document by which a capture of a page is shown.

    It is the browser's when the version of that time was read from it, or when a browser opened the page and nothing
    was read, as from a listing. Exact bytes are always those of the server.
    """
    if capture.dom is None or not capture.dom.body:
        return ShownDocument(capture)
    if store.browsing.renditions.is_read_from(page_id, written(capture.visited_at)) is False:
        return ShownDocument(capture)
    source = page_bytes(capture, None)
    if not source.is_rendered:
        return ShownDocument(capture)
    return ShownDocument(source.capture, parse_made_by(capture.dom.made_by).browser or "a browser")
