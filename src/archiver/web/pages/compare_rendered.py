"""The rendered view of a comparison: both captures as pages, the words of the edit marked in the later one."""

from typing import Any

from archiver.app.browsing.rendered import RenderedDifference, rendered_difference
from archiver.app.browsing.served_copy import CopyPlaces
from archiver.app.reading.page import Page
from archiver.errors import ArchiverError
from archiver.web.answer import PageRequest
from archiver.web.links import digits


def rendered_view(request: PageRequest, page: Page, old: int, new: int) -> dict[str, Any]:
    """Return what the template `compare_rendered.html` needs.

    The earlier page is shown as it was last seen, the later one as it was first seen.

    Args:
        request: the request.
        page: the page.
        old: the number of the earlier version.
        new: that of the later one.
    """
    moments = page.version(old).seen_last, page.version(new).seen_from
    places = copy_places(request, moments[1])
    values: dict[str, Any] = {"old_at": moments[0], "new_at": moments[1], "problem": "", "difference": {}}
    try:
        found = rendered_difference(request.archive, page.url, digits(moments[0]), digits(moments[1]), places)
    except ArchiverError as error:
        return {**values, "problem": str(error)}
    pair = f"{digits(moments[0])}..{digits(moments[1])}/{page.url}"
    base = request.links.replay_base
    return {
        **values,
        "difference": found.as_json(),
        "says": _says(found, is_only_around=not page.diff(old, new)),
        "old_frame": request.links.replay(moments[0], page.url),
        "new_frame": f"{base}diff/{pair}",
        "images_frame": f"{base}images/{pair}" if found.images else "",
    }


def copy_places(request: PageRequest, moment: str) -> CopyPlaces:
    """Return where the copies of a moment are: the same that the origin of copies uses, so that a page is made once."""
    links = request.links
    copies = links.replay_base.removeprefix(links.replay_origin)
    return CopyPlaces(copies, f"{links.absolute(links.base)}/web/", digits(moment))


def _says(found: RenderedDifference, *, is_only_around: bool) -> str:
    """Return what must be said when the marks alone would mislead; "" otherwise."""
    has_marks = found.marked.added or found.marked.removed or found.images
    if found.marked.is_cut:
        return "These pages are too long, or differ in too many places; not every difference is marked."
    if not has_marks:
        return "Both pages show the same words and the same images. What changed is not visible in the rendered page."
    if is_only_around:
        return "The text of the record is the same. Only what is around it differs: menus, lists, counters."
    return ""
