"""The view of a comparison with screenshots: both pictures with the changed regions outlined, and a table of these."""

from typing import Any

from archiver.app.browsing.comparing import VersionPair
from archiver.app.browsing.picture_difference import picture_difference
from archiver.web.answer import PageRequest


def pictures_view(request: PageRequest, pair: VersionPair) -> dict[str, Any]:
    """Return what differs in the screenshots, and where the pictures are, for `compare_pictures.html` and for JSON."""
    before, after = (visit.visit_id for visit in pair.captures)
    found = picture_difference(request.archive, (before, after)).as_json()
    if found["problem"]:
        return found
    ids = {
        "page_id": pair.told["page"]["page_id"],
        "old": pair.told["old"]["version"],
        "new": pair.told["new"]["version"],
    }
    return {**found, **{side: request.links.to("picture", **ids, side=side) for side in ("before", "after", "both")}}
