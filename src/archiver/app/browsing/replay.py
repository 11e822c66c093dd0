"""Find the copy of an address at a moment, and what is known about its place in time."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from archiver.app.reading.find import find_page
from archiver.app.reading.questions import ArchiveReader
from archiver.app.reading.shown_document import ShownDocument, shown_document
from archiver.errors import NoSuchVersion, NotInArchive
from archiver.export.timemap import Range, timemap
from archiver.model.capture import Capture
from archiver.model.clock import instant, written
from archiver.model.moments import parse_when
from archiver.model.outcome import Outcome
from archiver.store.copy_queries import CopyRow, Neighbours, VersionMark
from archiver.store.history import VisitRow
from archiver.store.pages import KnownPage
from archiver.text.permalink import permalink

__all__ = [
    "Choice", "Copy", "CopyPlace", "Neighbours", "Range", "capture_of", "document_of", "find_copy", "find_requisite",
    "moment_of", "place_of", "target_of", "timemap_lines", "timemap_of",
]  # fmt: skip
Choice = Literal["standing", "nearest"]
MOST_MEMENTOS = 2_000
"""The copies in one TimeMap; a longer one names the next."""
_MOST_REDIRECTS = 8


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy of an address.

    Attributes:
        url: the address, as asked.
        page_id, site, page_url: its page.
        at: when the visit was made (UTC text).
        outcome: what the visit received.
        shown: the visit whose bytes are shown: of a 304, the capture that it confirmed.
        location: where a redirect leads.
        is_exact: whether the moment that was asked for names this visit.
    """

    url: str
    page_id: int
    site: str
    page_url: str
    at: str
    outcome: str
    shown: VisitRow
    location: str | None
    is_exact: bool

    @property
    def digits(self) -> str:
        """Return its moment as 14 digits."""
        return permalink(self.at, "").moment

    @property
    def is_redirect(self) -> bool:
        """Whether the server redirected to another address."""
        return self.outcome == Outcome.MOVED and bool(self.location) and self.location != self.url


@dataclass(frozen=True, slots=True)
class CopyPlace:
    """The place of a copy in time: its neighbours, its version, and the versions around."""

    neighbours: Neighbours
    version: VersionMark | None
    before: VersionMark | None
    after: VersionMark | None
    versions: int


def moment_of(digits: str, now: datetime) -> str:
    """Return the moment of 4 to 14 digits as UTC text: the last second of the period that they name.

    Raises:
        UsageError: they name no moment.
    """
    return written(parse_when(digits, now, whole_day=True))


def find_copy(archive: ArchiveReader, url: str, moment: str | None, choice: Choice = "standing") -> Copy:
    """Return the copy of a page at a moment.

    Args:
        archive: the archive.
        url: any address of the page.
        moment: UTC text; None: the newest copy.
        choice: of another second, take what stood then (or the first copy), or the nearest.

    Raises:
        UsageError: it is not a web address.
        NotInArchive: the archive has no such page.
        NoSuchVersion: no answer of the page is stored.
    """
    page = find_page(archive.store, url, moment)
    found = _row(archive, [page.page_id], moment, choice)
    if found is None:
        raise NoSuchVersion(f"{url}: there is no copy; no visit received any bytes, or all of them were redacted")
    return _copy(archive, url, page, *found)


def find_requisite(archive: ArchiveReader, url: str, moment: str) -> Copy | None:
    """Return the copy of a requisite that is nearest to a moment; redirects are followed. None: there is none."""
    for _ in range(_MOST_REDIRECTS):
        pages = {page.page_id: page for each in _spellings(url) for page in archive.store.pages.by_address(each)}
        found = _row(archive, list(pages), moment, "nearest") if pages else None
        if found is None:
            return None
        copy = _copy(archive, url, pages[found[0].page_id], *found)
        if not copy.is_redirect:
            return copy
        url = copy.location or ""
    return None


def _spellings(url: str) -> Iterator[str]:
    """Yield an address, and the same with the other scheme: sites move to https."""
    yield url
    scheme, mark, rest = url.partition("://")
    yield f"{'http' if scheme == 'https' else 'https'}{mark}{rest}"


def _row(archive: ArchiveReader, pages: list[int], moment: str | None, choice: Choice) -> tuple[CopyRow, bool] | None:
    copies = archive.store.browsing.copies
    exact = copies.of_second(pages, moment) if moment is not None else None
    if exact is not None:
        return exact, True
    found = (
        copies.nearest(pages, moment) if choice == "nearest" and moment else copies.standing(pages, moment or "9999")
    )
    return None if found is None else (found, False)


def _copy(archive: ArchiveReader, url: str, page: KnownPage, row: CopyRow, is_exact: bool) -> Copy:  # noqa: FBT001
    visit = archive.store.history.visit(row.visit_id)
    assert visit is not None  # noqa: S101  (just found)
    shown = archive.store.shown_captures.behind(row.page_id, visit)
    return Copy(url, page.page_id, page.site, page.url, row.visited_at, row.outcome, shown, row.location, is_exact)


def target_of(archive: ArchiveReader, copy: Copy) -> str | None:
    """Return the address that a redirect leads to; None when the redirects form a circle, or are too many."""
    seen = {copy.url}
    target = copy.location or ""
    for _ in range(_MOST_REDIRECTS):
        if target in seen:
            return None
        seen.add(target)
        try:
            step = find_copy(archive, target, copy.at)
        except (NotInArchive, NoSuchVersion):
            break
        if not step.is_redirect:
            break
        target = step.location or ""
    else:
        return None
    return copy.location


def place_of(archive: ArchiveReader, copy: Copy) -> CopyPlace:
    """Return the place of a copy among the copies and versions of its page."""
    copies = archive.store.browsing.copies
    page, at = copy.page_id, copy.at
    version = copies.version_at(page, at)
    return CopyPlace(
        copies.neighbours(page, at),
        version,
        copies.version_before(page, version.seen_from if version else at),
        copies.version_after(page, version.seen_last if version else at),
        archive.store.browsing.page_facts.count_versions(page),
    )


def capture_of(archive: ArchiveReader, copy: Copy) -> Capture:
    """Return the captured bytes of a copy.

    Raises:
        ArchiveDamaged: the bytes do not match their digest.
        BodyPruned: they were pruned or redacted.
    """
    return archive.store.evidence.visit(copy.shown.visit_id).capture


def document_of(archive: ArchiveReader, copy: Copy) -> ShownDocument:
    """Return the document that shows a copy: a browser's when the page was read from it; errors as `capture_of`."""
    return shown_document(archive.store, copy.page_id, capture_of(archive, copy))


def timemap_of(archive: ArchiveReader, page: KnownPage, since: str) -> tuple[list[str], Range]:
    """Return the moments of a TimeMap from a moment on, at most MOST_MEMENTOS, and what is before and after it.

    Raises:
        NoSuchVersion: there is no copy from then on.
    """
    found = archive.store.browsing.copies.moments(page.page_id, since, MOST_MEMENTOS + 1)
    if not found:
        raise NoSuchVersion(f"{page.url}: there is no copy; no visit received any bytes, or all of them were redacted")
    around = archive.store.browsing.copies.neighbours(page.page_id, found[0])
    shown, after = found[:MOST_MEMENTOS], found[MOST_MEMENTOS:]
    return shown, Range(since, after[0] if after else None, is_first=around.first == found[0], is_last=not after)


def timemap_lines(page_url: str, moments: list[str], within: Range, base: str) -> Iterator[str]:
    """Return the lines of a TimeMap in link format."""
    return timemap(page_url, [instant(each) for each in moments], base, within)
