"""What a copy of a page needs to be shown, and from when the archive has it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from archiver.app.browsing.replay import Copy, capture_of, document_of, find_requisite
from archiver.app.browsing.served_copy import language_of
from archiver.app.reading.questions import ArchiveReader
from archiver.errors import ArchiveError
from archiver.extract.copy_type import copy_type
from archiver.extract.requisites import requisites_of, requisites_of_css
from archiver.extract.still import parsed_page
from archiver.model.clock import instant
from archiver.text.url import canonical_or_none, extension_of

MOST = 300
"""The requisites of a page that are looked for."""
_MOST_STYLES = 12
_DEEPEST = 3  # a page, its style sheets, and what those import
_SAME_TIME = timedelta(hours=1)
"""A requisite captured within this time of its page is of the same time."""


@dataclass(frozen=True, slots=True)
class Requisite:
    """A requisite that the archive has.

    Attributes:
        url: its address.
        at: when its copy was made (UTC text).
        seconds: how much later than the page that was; negative: earlier.
    """

    url: str
    at: str
    seconds: int


@dataclass(frozen=True, slots=True)
class CopyRequisites:
    """The requisites of a copy.

    Attributes:
        here: the number of those that the archive has.
        missing: addresses of those that it does not have.
        other: those that were captured more than an hour earlier or later than the page, the largest difference first.
        is_cut: whether the page has more than were looked for.
    """

    here: int = 0
    missing: tuple[str, ...] = ()
    other: tuple[Requisite, ...] = ()
    is_cut: bool = False

    @property
    def without_style(self) -> bool:
        """Whether a style sheet is missing."""
        return any(extension_of(url) == "css" for url in self.missing)


def requisites_of_copy(archive: ArchiveReader, copy: Copy) -> CopyRequisites:
    """Return the requisites of a copy, those of its style sheets included; none of a copy that is no page."""
    capture = document_of(archive, copy).capture
    if copy_type(capture, "").form != "page":
        return CopyRequisites()
    level = _canonical(requisites_of(parsed_page(capture, language_of(archive, copy.site)), scripts=False))
    named: dict[str, None] = {}
    for _ in range(_DEEPEST):
        new = [url for url in level if url not in named]
        named |= dict.fromkeys(new)
        level = list(_of_styles(archive, new, copy)) if len(named) < MOST else []
    urls = list(named)[:MOST]
    return _sorted_out(urls, _made(archive, urls, copy.at), copy, is_cut=len(named) > MOST)


def _sorted_out(urls: Sequence[str], made: dict[str, str], copy: Copy, *, is_cut: bool) -> CopyRequisites:
    page = instant(copy.at)
    found = [Requisite(url, made[url], int((instant(made[url]) - page).total_seconds())) for url in urls if url in made]
    other = [each for each in found if abs(each.seconds) > _SAME_TIME.total_seconds()]
    other.sort(key=lambda each: -abs(each.seconds))
    return CopyRequisites(len(found), tuple(url for url in urls if url not in made), tuple(other), is_cut)


def _canonical(urls: Sequence[str]) -> list[str]:
    return [url for url in map(canonical_or_none, urls) if url]


def _made(archive: ArchiveReader, urls: Sequence[str], at: str) -> dict[str, str]:
    """Return when the copies of some addresses were made, by address."""
    found = archive.store.browsing.copies.of_addresses(urls, at)
    return {urls[number]: moment for number, moment in found.items()}


def _of_styles(archive: ArchiveReader, urls: Sequence[str], copy: Copy) -> Iterator[str]:
    """Yield the requisites that the first style sheets of a page name."""
    sheets = [url for url in urls if extension_of(url) == "css"]
    for url in sheets[:_MOST_STYLES]:
        sheet = find_requisite(archive, url, copy.at)
        if sheet is None:
            continue
        try:
            yield from _canonical(requisites_of_css(capture_of(archive, sheet)))
        except ArchiveError:  # damaged or pruned: the page is shown without what it names
            continue
