"""Derives the editions of a site's listings from new results of reading, when the profile or the reader changed."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from operator import attrgetter

from archiver.crawl.read_capture import ReadResult
from archiver.crawl.site import WorkingSite
from archiver.model.outcome import Outcome
from archiver.model.record import ListedItem
from archiver.store.archive import Store
from archiver.store.editions import Edition, Showing, items_of
from archiver.store.rotation import Rotation
from archiver.text.url import canonical_or_none


def reread_editions(
    store: Store, site: WorkingSite, captures: Sequence[int], read: Callable[[int], ReadResult], latest: str
) -> None:
    """Replace the editions of all listings of a site. Call this within a transaction, after the histories were derived.

    Visits that cannot be read again (their bytes are pruned or damaged) keep what another extractor read in them.

    Args:
        store: the archive.
        site: the site with its new extractor.
        captures: the visits that can be read.
        read: returns the new result of a visit.
        latest: visits after this time (UTC text) are dated wrong.
    """
    readable = set(captures)
    for page_id, showings in groupby(store.editions.showings(site.site_id, latest), attrgetter("page_id")):
        reader = _ListingReader(store, site, page_id, readable, read)
        editions = _joined(reader.shown(list(showings)))
        if editions or reader.old:
            store.editions.replace(page_id, site.site_id, editions, reader.key_of, reader.rotation)


class _ListingReader:
    """Reads the visits of one listing again, in the order of time.

    Attributes:
        old: its editions before.
        rotation: its blocks that rotate.
    """

    def __init__(
        self, store: Store, site: WorkingSite, page_id: int, readable: set[int], read: Callable[[int], ReadResult]
    ) -> None:
        self._store, self._site, self._readable, self._read = store, site, readable, read
        self.old = store.editions.of(page_id)
        self.rotation = Rotation({})
        self._last: tuple[str, tuple[ListedItem, ...], tuple[ListedItem, ...]] | None = None

    def key_of(self, url: str) -> str:
        """Return the identity of the page with an address."""
        return self._site.key(canonical_or_none(url) or url)

    def shown(self, showings: Sequence[Showing]) -> Iterator[Edition]:
        """Yield what each visit showed, as an edition of that visit alone. Visits that show no listing are left out.

        Args:
            showings: all visits, oldest first.
        """
        confirmed = _confirmed(showings)
        needed = set(confirmed.values())
        captured: dict[int, Edition] = {}
        for each in showings:
            if each.outcome is Outcome.NOT_MODIFIED:
                known = captured.get(confirmed.get(each.visit_id, 0))
                found = known and Edition(*_span(each), known.extractor_id, known.items)
            else:
                found = self._captured(each)
                if found is not None and each.visit_id in needed:
                    captured[each.visit_id] = found
            if found is not None:
                yield found

    def _captured(self, showing: Showing) -> Edition | None:
        spans = _span(showing)
        if showing.has_body and showing.visit_id in self._readable:
            record = self._read(showing.visit_id).record
            if record is None or record.items is None or record.broken:
                return None  # of links that the rules do not find, nothing is known
            return Edition(
                *spans, self._site.extractor.extractor_id, items_of(self._without_rotating(record.items, showing.at))
            )
        before = next((each for each in self.old if each.first_at <= showing.at <= each.last_at), None)
        return None if before is None else Edition(*spans, before.extractor_id, before.items)

    def _without_rotating(self, items: tuple[ListedItem, ...], at: str) -> tuple[ListedItem, ...]:
        if self._last is None:
            shown = items
        elif self._last[1] == items:
            shown = self._last[2]
        else:
            moment, _, before = self._last

            def old_pages(urls: list[str]) -> int:
                return self._store.editions.rotations.old_pages(self._site.site_id, map(self.key_of, urls), moment)

            shown = self.rotation.see(items, (each.url for each in before), old_pages)
        self._last = (at, items, shown)
        return shown


def _span(showing: Showing) -> tuple[int, str, int, str]:
    return showing.visit_id, showing.at, showing.visit_id, showing.at


def _confirmed(showings: Iterable[Showing]) -> dict[int, int]:
    """Return, by 304, the capture that it confirms: the one whose validators the crawler had sent.

    The validators of out-of-order captures are not stored. An out-of-order 304 confirms nothing: it is dated before
    visits that the crawler had already made.
    """
    found: dict[int, int] = {}
    newest: int | None = None
    for each in sorted(showings, key=attrgetter("visit_id")):
        if each.out_of_order:
            continue
        if each.outcome is not Outcome.NOT_MODIFIED:
            newest = each.visit_id
        elif newest is not None:
            found[each.visit_id] = newest
    return found


def _joined(visits: Iterable[Edition]) -> list[Edition]:
    """Return the editions of successive visits."""
    found: list[Edition] = []
    for each in visits:
        if found and found[-1].items == each.items:
            found[-1] = replace(found[-1], last_visit=each.last_visit, last_at=each.last_at)
        else:
            found.append(each)
    return [*found[:-1], *(replace(each, last_visit=None) for each in found[-1:])]
