"""Screenshots, stored and with changed regions outlined, and the document that a browser made of a page."""

from hashlib import sha256
from typing import get_args

from archiver.app.browsing.comparing import visits_of_pair
from archiver.app.browsing.picture_difference import Side, drawn_picture
from archiver.app.browsing.renditions import rendition_bytes
from archiver.app.reading.page import Page
from archiver.errors import NotInArchive
from archiver.web.answer import Answer, BytesFile, PageRequest
from archiver.web.pages.shown_page import shown_page

_LARGEST = 2**31


def screenshot(request: PageRequest) -> Answer:
    """Answer the stored screenshot of a visit."""
    page, number = _page_of_file(request), request.number("visit_id")
    found = rendition_bytes(request.archive, page, number, "screenshot")
    return BytesFile(found.body, "image/png", found.sha256)


def dom(request: PageRequest) -> Answer:
    """Answer the exact bytes of the document that a browser made at a visit. They are only saved."""
    page, number = _page_of_file(request), request.number("visit_id")
    found = rendition_bytes(request.archive, page, number, "dom")
    return BytesFile(found.body, "application/octet-stream", found.sha256, f"page-{page.page_id}-visit-{number}.html")


def picture(request: PageRequest) -> Answer:
    """Answer the screenshots of two versions with outlined regions: `before`, `after`, or `both` in one picture."""
    page, side = _page_of_file(request), request.path["side"]
    old, new = (min(request.number(name), _LARGEST) for name in ("old", "new"))
    for each in get_args(Side):
        if side == each:
            visits = visits_of_pair(request.archive, page, old, new)
            png = drawn_picture(request.archive, visits, each)
            return BytesFile(png, "image/png", sha256(png).hexdigest())
    raise NotInArchive(f"{side}: no such picture; there are {', '.join(get_args(Side))}")


def _page_of_file(request: PageRequest) -> Page:
    if request.ext != "html":
        raise NotInArchive(f"this file has no .{request.ext}")
    return shown_page(request)
