"""Derives the editions of a site's listings from new results of reading, when the profile or the reader changed."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import groupby
from operator import attrgetter

from archiver.crawl.read_capture import ReadResult
from archiver.crawl.site import WorkingSite
from archiver.model.outcome import Outcome
from archiver.store.archive import Store
from archiver.store.editions import Edition, Showing, items_of
from archiver.text.url import canonical_or_none


def reread_editions(
    store: Store, site: WorkingSite, captures: Sequence[int], read: Callable[[int], ReadResult]
) -> None:
    """Replace the editions of all listings of a site. Call this within a transaction, after the histories were derived.

    Visits that cannot be read again (their bytes are pruned or damaged) keep what another extractor read in them.

    Args:
        store: the archive.
        site: the site with its new extractor.
        captures: the visits that can be read.
        read: returns the new result of a visit.
    """
    readable = set(captures)
    for page_id, showings in groupby(store.editions.showings(site.site_id), attrgetter("page_id")):
        old = store.editions.of(page_id)
        found = (_shown(each, old, site, read if each.visit_id in readable else None) for each in showings)
        editions = _joined(each for each in found if each is not None)
        if editions or old:
            store.editions.replace(page_id, site.site_id, editions, lambda url: site.key(canonical_or_none(url) or url))


def _shown(
    showing: Showing, old: Sequence[Edition], site: WorkingSite, read: Callable[[int], ReadResult] | None
) -> Edition | None:
    """Return what a visit showed, as an edition of that visit alone; None when it is no listing."""
    spans = (showing.visit_id, showing.at, showing.visit_id, showing.at)
    if showing.outcome is Outcome.NOT_MODIFIED:
        return Edition(*spans, _CONFIRMS, ())
    if read is not None and showing.has_body:
        record = read(showing.visit_id).record
        if record is None or record.items is None:
            return None
        return Edition(*spans, site.extractor.extractor_id, items_of(record.items))
    before = next((each for each in old if each.first_at <= showing.at <= each.last_at), None)
    return None if before is None else Edition(*spans, before.extractor_id, before.items)


_CONFIRMS = 0
"""The extractor of a 304, which confirms the edition before it."""


def _joined(visits: Iterable[Edition]) -> list[Edition]:
    """Return the editions of successive visits."""
    found: list[Edition] = []
    for each in visits:
        is_confirmed = each.extractor_id == _CONFIRMS or (bool(found) and found[-1].items == each.items)
        if found and is_confirmed:
            found[-1] = replace(found[-1], last_visit=each.last_visit, last_at=each.last_at)
        elif not is_confirmed:
            found.append(each)
    return [*found[:-1], *(replace(each, last_visit=None) for each in found[-1:])]
