"""What a page declares of itself, compared: fills the fields that have no rule, and says where from."""

from collections.abc import Callable, Iterable

from archiver.extract.gather import split_words
from archiver.extract.gathered import Gathered
from archiver.extract.headline import fill_title
from archiver.extract.shown import DOCUMENT, Slot, fill_from, jsonld_slots, meta_slots
from archiver.extract.moment import as_published, declared_times
from archiver.extract.page import Page
from archiver.extract.tree import attribute
from archiver.text.dates import read_date


def fill_declared(page: Page, into: Gathered) -> None:
    """Fill every field that has neither rule nor value and that the page declares."""
    for name, reader in _READERS.items():
        if into.wants(name):
            reader(page, into)


def _first(name: str, slots: Iterable[Slot], page: Page, into: Gathered) -> None:
    """The first slot that says anything."""
    for slot in slots:
        text = slot.text
        if text:
            fill_from(name, slot, text, page, into)
            return


def _published(page: Page, into: Gathered) -> None:
    slots = [
        *meta_slots(page, "article:published_time"),
        *jsonld_slots(page, "datePublished"),
        *((DOCUMENT, text, node) for text, node in declared_times(page)),
        *meta_slots(
            page, "dc.date.issued", "dcterms.issued", "dc.date", "dcterms.date", "pubdate", "publishdate", "date"
        ),
    ]
    for slot in slots:
        said = read_date(slot[1], language=page.site.language, timezone=page.site.timezone)
        if said.local is not None:
            fill_from("published", slot, as_published(said), page, into)
            return


def _section(page: Page, into: Gathered) -> None:
    _first("section", [*meta_slots(page, "article:section"), *jsonld_slots(page, "articleSection")], page, into)


def _summary(page: Page, into: Gathered) -> None:
    names = ("og:description", "description", "twitter:description", "dc.description")
    _first("summary", meta_slots(page, *names), page, into)


def _bylines(page: Page, into: Gathered) -> None:
    slots = [
        *jsonld_slots(page, "author"),
        *meta_slots(page, "author", "article:author", "dc.creator", "dcterms.creator"),
    ]
    _list("bylines", [slot for slot in slots if not slot[1].startswith(("http:", "https:", "@"))], page, into)


def _list(name: str, slots: list[Slot], page: Page, into: Gathered) -> None:
    """All values of the first kind of slot that has any."""
    same = [slot for slot in slots if slot[0] == slots[0][0]]
    values = tuple(dict.fromkeys(text for slot in same if (text := slot.text)))
    if values:
        fill_from(name, slots[0], values, page, into)


def _tags(page: Page, into: Gathered) -> None:
    for slots in (
        meta_slots(page, "article:tag"),
        jsonld_slots(page, "keywords"),
        meta_slots(page, "news_keywords", "keywords"),
    ):
        words = split_words([slot.text for slot in slots])
        if words:
            fill_from("tags", slots[0], words, page, into)
            return


def _language(page: Page, into: Gathered) -> None:
    root = page.document.root
    declared = (attribute(root, "lang") or attribute(root, "xml:lang")) if root is not None else None
    slots: list[Slot] = [(DOCUMENT, declared or "", None), *jsonld_slots(page, "inLanguage")]
    _first(
        "language", [*slots, *meta_slots(page, "og:locale", "content-language", "dc.language", "language")], page, into
    )


def _images(page: Page, into: Gathered) -> None:
    slots = [*meta_slots(page, "og:image", "og:image:url", "twitter:image")] or jsonld_slots(page, "image")
    found = tuple(dict.fromkeys(url for slot in slots if (url := page.absolute(slot[1].strip()))))
    if found:
        fill_from("images", slots[0], found, page, into)


_READERS: dict[str, Callable[[Page, Gathered], None]] = {
    "title": fill_title,
    "published": _published,
    "section": _section,
    "summary": _summary,
    "bylines": _bylines,
    "tags": _tags,
    "language": _language,
    "images": _images,
}
