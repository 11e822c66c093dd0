"""The rendered difference of two copies of a page: words marked in the later one, and images in pairs."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from html import escape
from typing import Any, NamedTuple

from archiver.app.browsing.kept_values import KeptValues
from archiver.app.browsing.replay import Copy, document_of, find_copy, find_requisite, moment_of
from archiver.app.browsing.served_copy import CopyPlaces, language_of
from archiver.app.reading.questions import ArchiveReader
from archiver.app.reading.shown_document import ShownDocument
from archiver.errors import ArchiverError, UsageError
from archiver.extract.copy_type import copy_type
from archiver.extract.images import late_address
from archiver.extract.marked import MarkedPage, marked_page
from archiver.extract.page import ParsedPage
from archiver.extract.still import UnsafeMarkup, parsed_page, still_page
from archiver.settings import package_version
from archiver.text.permalink import permalink
from archiver.text.url import canonical_or_none

MOST_IMAGES = 120
"""The images of each copy that are compared."""
_MOST_KEPT = 24_000_000  # characters of differences that are kept in memory


class ShownImage(NamedTuple):
    """An image of a copy: its address, and the digest of its copy at that time; None when the archive has none."""

    url: str
    sha256: str | None


class ImagePair(NamedTuple):
    """An image that changed: what stood before and after, None where it did not stand, and how it changed."""

    old: ShownImage | None
    new: ShownImage | None
    how: str


@dataclass(frozen=True, slots=True)
class RenderedDifference:
    """The difference of two copies.

    Attributes:
        marked: the later page with marks.
        images: the images that changed.
        old, new: the copies.
        browser: the browser that made their documents; "" for the server's bytes.
    """

    marked: MarkedPage
    images: tuple[ImagePair, ...]
    old: Copy
    new: Copy
    browser: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return the values of the page's `.json`, without the page itself."""
        images = [{"how": each.how, "old": _image_json(each.old), "new": _image_json(each.new)} for each in self.images]
        counts = {"added": self.marked.added, "removed": self.marked.removed, "is_cut": self.marked.is_cut}
        return {"old": self.old.at, "new": self.new.at, "browser": self.browser, **counts, "images": images}


def _image_json(image: ShownImage | None) -> dict[str, str | None] | None:
    return None if image is None else image._asdict()


_KEPT: KeptValues[RenderedDifference] = KeptValues(_MOST_KEPT)


def rendered_difference(archive: ArchiveReader, url: str, old: str, new: str, places: CopyPlaces) -> RenderedDifference:
    """Return the difference of two copies of a page.

    Args:
        archive: the archive.
        url: the page's address.
        old: the moment of the earlier copy, 14 digits.
        new: that of the later one.
        places: where the copies of the later moment are.

    Raises:
        UsageError: one of them is not HTML, or its markup cannot be shown.
        ArchiveError: the bytes of one are damaged, pruned or redacted.
    """
    now = archive.settings.clock()
    before, after = (find_copy(archive, url, moment_of(digits, now)) for digits in (old, new))
    documents = [document_of(archive, each) for each in (before, after)]  # raises when they may not be shown any more
    shown = [(each.shown.visit_id, made.browser) for each, made in zip((before, after), documents, strict=True)]
    key = (archive.store.archive_id, *shown, places, package_version())

    def make() -> tuple[RenderedDifference, int]:
        made = _made(archive, (before, after), (documents[0], documents[1]), places)
        return made, len(made.marked.html)

    return _KEPT.get(key, make)


def _made(
    archive: ArchiveReader,
    copies: tuple[Copy, Copy],
    documents: tuple[ShownDocument, ShownDocument],
    places: CopyPlaces,
) -> RenderedDifference:
    for each, document in zip(copies, documents, strict=True):
        if copy_type(document.capture, "").form != "page":
            raise UsageError(f"the copy of {each.at} UTC is not HTML; its text is compared in the other views")
    if bool(documents[0].browser) is not bool(documents[1].browser):
        raise UsageError(
            "one was read from a browser's document and the other from the server's bytes, so they differ by our doing"
        )
    pages = [parsed_page(each.capture, language_of(archive, copies[1].site)) for each in documents]
    images = _pairs(*(_images(archive, page, copy.at) for page, copy in zip(pages, copies, strict=True)))
    try:
        still = still_page(pages[1], places.addresses)
    except UnsafeMarkup:
        raise UsageError("the later copy is not shown: a link in its markup could lead out of the archive") from None
    addresses = places.addresses
    changed = {addresses.requisite(each.new.url, "im_") for each in images if each.new is not None}
    marked = marked_page(pages[0].document.text, still, changed)
    return RenderedDifference(marked, images, *copies, documents[1].browser)


def rendered_page(archive: ArchiveReader, url: str, old: str, new: str, places: CopyPlaces) -> str:
    """Return the later page with marks, as HTML; errors are those of `rendered_difference`."""
    return rendered_difference(archive, url, old, new, places).marked.html


def rendered_images(archive: ArchiveReader, url: str, old: str, new: str, places: CopyPlaces) -> str:
    """Return a page of our own with the images that changed, in pairs; errors are those of `rendered_difference`."""
    found = rendered_difference(archive, url, old, new, places)
    earlier = CopyPlaces(places.copies, places.pages, permalink(found.old.at, "").moment)
    rows = "".join(
        f"<tr><td>{_shown(each.old, earlier, 'not there')}</td><td>{_shown(each.new, places, 'not there')}</td></tr>"
        for each in found.images
    )
    return _IMAGES_PAGE.format(rows=rows)


_IMAGES_PAGE = (
    "<!doctype html><html lang=en><meta charset=utf-8><title>Images that changed</title><style>"
    ":root{{color-scheme:light dark}}body{{margin:0;font:14px system-ui,sans-serif}}"
    "table{{width:100%;border-collapse:collapse}}"
    "th,td{{width:50%;text-align:left;vertical-align:top;padding:8px;border-bottom:1px solid #85817a}}"
    "img{{max-width:100%;max-height:24rem;background:#fff}}small{{display:block;overflow-wrap:anywhere}}</style>"
    "<table><thead><tr><th>\u2212 before</th><th>+ after</th></tr></thead><tbody>{rows}</tbody></table>"
)


def _shown(image: ShownImage | None, places: CopyPlaces, otherwise: str) -> str:
    if image is None:
        return otherwise
    digest = f"SHA-256 {image.sha256[:12]}…" if image.sha256 else "not captured"
    place = escape(places.addresses.requisite(image.url, "im_"))
    return (
        f'<img src="{place}" alt="">' * bool(image.sha256)
        + f"<small>{escape(image.url)}</small><small>{digest}</small>"
    )


def _images(archive: ArchiveReader, page: ParsedPage, at: str) -> list[ShownImage]:
    """Return the images of a page in order, each address once."""
    named: dict[str, None] = {}
    for node in page.document.css("img"):
        address = late_address(node.attributes) or node.attributes.get("src") or ""
        url = canonical_or_none(page.absolute(address.strip()) or "")
        if url:
            named[url] = None
        if len(named) >= MOST_IMAGES:
            break
    return [ShownImage(url, _digest(archive, url, at)) for url in named]


def _digest(archive: ArchiveReader, url: str, at: str) -> str | None:
    try:
        found = find_requisite(archive, url, at)
    except ArchiverError:
        return None
    return found.shown.sha256 if found else None


def _pairs(old: Sequence[ShownImage], new: Sequence[ShownImage]) -> tuple[ImagePair, ...]:
    """Return the images that changed: by address if it stayed, else by their place between images that stayed."""
    before = {each.url: each for each in old}
    bytes_before, bytes_after = ({each.sha256 for each in side if each.sha256} for side in (old, new))
    pairs = [
        ImagePair(before[each.url], each, "other bytes at the same address")
        for each in new
        if each.url in before and None is not each.sha256 != before[each.url].sha256 is not None
    ]
    addresses = {each.url for each in new}
    gone = [each for each in old if each.url not in addresses and each.sha256 not in bytes_after]
    come = [each for each in new if each.url not in before and each.sha256 not in bytes_before]
    return (*pairs, *_by_place(old, new, gone, come))


def _by_place(
    old: Sequence[ShownImage], new: Sequence[ShownImage], gone: Sequence[ShownImage], come: Sequence[ShownImage]
) -> list[ImagePair]:
    matcher = SequenceMatcher(None, [each.url for each in old], [each.url for each in new], autojunk=False)
    pairs: list[ImagePair] = []
    for op, a, b, c, d in matcher.get_opcodes():
        if op == "equal":
            continue
        left = [each for each in old[a:b] if each in gone]
        right = [each for each in new[c:d] if each in come]
        for number in range(max(len(left), len(right))):
            one = left[number] if number < len(left) else None
            other = right[number] if number < len(right) else None
            pairs.append(ImagePair(one, other, "another image" if one and other else "added" if other else "removed"))
    return pairs
