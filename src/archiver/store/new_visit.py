"""A visit to store."""

from dataclasses import dataclass

from archiver.model.capture import Capture
from archiver.model.reason import Reason
from archiver.model.rendition import SCREENSHOT, urn
from archiver.model.warc import Origin
from archiver.store.connection import Row
from archiver.store.pages import RENDITION, REQUISITE
from archiver.store.vault import Block

_DATA = ("json", "text/html", "text/plain")


@dataclass(frozen=True, slots=True)
class NewVisit:
    """A visit to store.

    Attributes:
        is_page: it is to be read.
        reason: why it was made.
        origin: the file it comes from.
        of: the place, in the same sequence, of the visit whose page a browser opened, for what came of that.
        of_visit: the same as a visit id, when that visit is stored already.
    """

    page_id: int
    capture: Capture
    is_page: bool = True
    reason: Reason | None = None
    origin: Origin | None = None
    of: int | None = None
    of_visit: int | None = None


def block_of(item: NewVisit, page: Row) -> Block:
    """Return the block of a visit, and its place in the vault. `page`: the page's site, kind, address and last frame."""
    capture = item.capture
    is_shared = shares_bodies(page["kind"], page["url"], capture.media_type)
    return Block(page["site_id"], item.page_id, capture.block, page["frame_id"], is_shared)


def shares_bodies(kind: str | None, url: str, media_type: str | None) -> bool:
    """Whether bodies of a page are stored once by their hash: screenshots, and requisites that are no data.

    What a script reads, such as JSON, differs a little at each visit, as pages do, so it is compressed as they are.
    """
    if kind == RENDITION:
        return url.startswith(urn(SCREENSHOT, ""))
    return kind == REQUISITE and not any(each in (media_type or "") for each in _DATA)


def reason_values(reason: Reason | None) -> tuple[str | None, str | None]:
    """Return the code and the text of a reason."""
    return (reason.code, reason.text) if reason is not None else (None, None)
