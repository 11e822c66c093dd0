"""A copy as a browser gets it: rewritten pages and style sheets, other bytes as they are."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from html import escape

from archiver.app.browsing.replay import Copy, document_of
from archiver.app.reading.questions import ArchiveReader
from archiver.extract.copy_type import Form, copy_type, plain_text, style_text
from archiver.extract.still import MOST_CHARACTERS, UnsafeMarkup, still_capture
from archiver.extract.still_tags import CopyAddresses, still_css
from archiver.model.capture import Capture

__all__ = ["MOST_CHARACTERS", "CopyPlaces", "ServedCopy", "form_of", "language_of", "served_copy", "served_document"]
_SVG, _HTML = "image/svg+xml", "text/html; charset=utf-8"
_PICTURE = '<!doctype html><meta charset="utf-8"><title>Picture</title><img src="{}" alt="">\n'
_UNSAFE = (
    "This page is not shown: its markup is read in several ways, and a link in it could lead out of the archive.\n"
    "Its exact bytes are in the archive.\n"
)


@dataclass(frozen=True, slots=True)
class ServedCopy:
    """A body to send.

    Attributes:
        form: page, style, shown (images, films, fonts), text or file.
        media_type: its Content-Type.
        status: what the server of the page answered.
    """

    body: bytes
    form: Form
    media_type: str
    status: int


@dataclass(frozen=True, slots=True)
class CopyPlaces:
    """Where the copies of one moment are.

    Attributes:
        copies: the text before a moment, such as `/web/`.
        pages: the same for pages in our frame, absolute: links of a copy open there.
        digits: the moment.
    """

    copies: str
    pages: str
    digits: str

    @property
    def addresses(self) -> CopyAddresses:
        """Return the maker of addresses for the rewriter."""

        def requisite(url: str, modifier: str) -> str:
            return f"{self.copies}{self.digits}{modifier}/{url}"

        def link(url: str) -> str:
            return f"{self.pages}{self.digits}/{url}"

        return CopyAddresses(requisite, link, (self.copies, self.pages))


def served_copy(archive: ArchiveReader, copy: Copy, modifier: str, places: CopyPlaces) -> ServedCopy:
    """Return the body of a copy as a browser gets it.

    Args:
        archive: the archive.
        copy: the copy.
        modifier: what it is used as (`im_`, `cs_`, …), or "".
        places: where the copies of its moment are.

    Raises:
        ArchiveDamaged: the bytes do not match their digest.
        BodyPruned: they were pruned or redacted.
    """
    capture = document_of(archive, copy).capture
    found = copy_type(capture, modifier)
    write = _WRITERS.get(found.form)
    status = capture.status or 200
    if write is None:
        return ServedCopy(capture.body, found.form, found.media_type, status)
    try:
        text = write(capture, language_of(archive, copy.site), places.addresses)
    except UnsafeMarkup:
        return ServedCopy(_UNSAFE.encode(), "text", "text/plain; charset=utf-8", status)
    return ServedCopy(text.encode("utf-8", "replace"), found.form, found.media_type, status)


def served_document(archive: ArchiveReader, copy: Copy, modifier: str, places: CopyPlaces) -> ServedCopy:
    """Return the body of a copy as a browser gets it that shows it by itself or in a frame.

    An SVG document could connect to other servers, whatever the policy; in a page that shows it as an image, it cannot.
    Arguments and errors are those of `served_copy`.
    """
    served = served_copy(archive, copy, modifier, places)
    if served.media_type != _SVG:
        return served
    place = escape(places.addresses.requisite(copy.url, "im_"))
    return replace(served, body=_PICTURE.format(place).encode("utf-8", "replace"), form="page", media_type=_HTML)


def form_of(archive: ArchiveReader, copy: Copy) -> tuple[Form, str]:
    """Return how a browser is given a copy (page, style, shown, text or file), and which browser made its document.

    Raises:
        ArchiveDamaged: the bytes do not match their digest.
        BodyPruned: they were pruned or redacted.
    """
    document = document_of(archive, copy)
    return copy_type(document.capture, "").form, document.browser


def language_of(archive: ArchiveReader, site: str) -> str | None:
    """Return the language of a site; None when it has none."""
    return next(
        (each["language"] or None for each in archive.store.browsing.sites.sites() if each["site"] == site), None
    )


def _style(capture: Capture, _: str | None, addresses: CopyAddresses) -> str:
    return still_css(style_text(capture), capture.url, "utf-8", addresses)


def _text(capture: Capture, _: str | None, __: CopyAddresses) -> str:
    return plain_text(capture)


_WRITERS: dict[Form, Callable[[Capture, str | None, CopyAddresses], str]] = {
    "page": still_capture,
    "style": _style,
    "text": _text,
}
