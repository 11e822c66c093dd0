"""Read only what a page declares (`<meta>`, JSON-LD), to compare it with what rules read."""

from archiver.extract.declared import fill_declared
from archiver.extract.gathered import Gathered
from archiver.extract.media import not_html
from archiver.extract.open_page import open_page
from archiver.extract.shown import JSONLD, META, jsonld_slots, meta_slots
from archiver.model.capture import Capture
from archiver.model.profile import Profile
from archiver.model.version import FieldValue


def declared_values(capture: Capture, profile: Profile) -> dict[str, FieldValue]:
    """Return the values that a page declares, by field; fields without one are left out.

    Args:
        capture: the page; anything else declares nothing.
        profile: gives the language and the time zone of the site.
    """
    if not capture.body or not_html(capture.body, capture.media_type):
        return {}
    page, _ = open_page(capture, profile)
    into = Gathered()
    fill_declared(page, into)
    is_declared = {name for name, source in into.sources.items() if source.rule.startswith((META, JSONLD))}
    flat = into.content().flat()
    values: dict[str, FieldValue] = {name: value for name, value in flat.items() if value and name in is_declared}
    titles = [slot.text for slot in (*meta_slots(page, "og:title"), *jsonld_slots(page, "headline")) if slot.text]
    return values | ({"title": titles[0]} if titles else {})
