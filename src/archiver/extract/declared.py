"""Fill the fields of a page without rules from what it declares and prints: each field from its best source."""

import re
from collections.abc import Callable, Iterable

from archiver.extract.bylines import fill_bylines
from archiver.extract.gathered import Gathered
from archiver.extract.headline import fill_title
from archiver.extract.images import is_placeholder
from archiver.extract.modified import fill_modified
from archiver.extract.page import ParsedPage
from archiver.extract.printed_captions import fill_captions
from archiver.extract.printed_date import fill_published
from archiver.extract.shown import Slot, fill_from, jsonld_slots, meta_slots
from archiver.model.record import CONTENT_FIELDS
from archiver.text.names import is_topic

_MOST_TAGS = 200
_IMAGE = re.compile(r"(?:https?:|\.{0,2}/)|\S+\Z|.*\.(?:jpe?g|png|gif|webp|avif|svg)\b", re.IGNORECASE)
"""A text that may be the address of an image. Any other text is its name."""


def fill_declared(page: ParsedPage, into: Gathered) -> None:
    """Fill every field without rule and value that the page declares or prints."""
    for name, reader in _READERS.items():
        if into.wants(name):
            reader(page, into)
    for field in CONTENT_FIELDS:
        if field.declared and into.wants(field.name):
            _first(field.name, meta_slots(page, *field.declared), page, into)


def _first(name: str, slots: Iterable[Slot], page: ParsedPage, into: Gathered) -> None:
    """Fill a field from the first slot with a text."""
    slot = next((slot for slot in slots if slot.text), None)
    if slot is not None:
        fill_from(name, slot, slot.text, page, into)


def _section(page: ParsedPage, into: Gathered) -> None:
    slots = [*meta_slots(page, "article:section"), *jsonld_slots(page, "articleSection")]
    _first("section", (slot for slot in slots if is_topic(slot.text)), page, into)


def _tags(page: ParsedPage, into: Gathered) -> None:
    """Fill the tags. One `article:tag` is one tag, commas included; `keywords` is a list in one value."""
    whole = meta_slots(page, "article:tag")
    listed = jsonld_slots(page, "keywords") or meta_slots(page, "news_keywords", "keywords")
    words = [slot.text for slot in whole] or [word for slot in listed for word in _split(slot.text)]
    tags = tuple(dict.fromkeys(filter(is_topic, words)))[:_MOST_TAGS]
    if tags:
        fill_from("tags", (whole or listed)[0], tags, page, into)


def _split(text: str) -> list[str]:
    return [part for each in text.replace(";", ",").replace("、", ",").split(",") if (part := each.strip())]


def _language(page: ParsedPage, into: Gathered) -> None:
    """Fill the language that the page declares. A detected language is not content."""
    declared, rule = page.declared_language
    if declared:
        fill_from("language", Slot(rule, declared), declared, page, into)


def _images(page: ParsedPage, into: Gathered) -> None:
    slots = [*meta_slots(page, "og:image", "og:image:url", "twitter:image")] or jsonld_slots(page, "image")
    found = (page.absolute(slot.text) for slot in slots if _IMAGE.match(slot.text))
    images = tuple(dict.fromkeys(url for url in found if url and not is_placeholder(url)))
    if images:
        fill_from("images", slots[0], images, page, into)


_READERS: dict[str, Callable[[ParsedPage, Gathered], None]] = {
    "title": fill_title,
    "published": fill_published,
    "section": _section,
    "bylines": fill_bylines,
    "captions": fill_captions,
    "tags": _tags,
    "language": _language,
    "images": _images,
    "modified": fill_modified,
}
