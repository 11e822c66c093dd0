"""Decides on pages whose records are broken, at the end of a run: an edit of one page, or a template that has changed.

The pages that are read by the same tables of the profile decide together:

- A page that was read before and is alone, while others are read well since, has been edited: its visits are accepted.
- Two or more pages that were read before wait: the template has changed. So do new pages if a fifth of them is broken.
- When no page was ever read well, nothing is held back: the rules never fitted, and an alarm says so.

Accepted visits are stored for the extractor that read them, so that a rebuilt history is the same. All others wait
until the profile is mended.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from archiver.crawl.judge import Visit
from archiver.crawl.rebuild import Reader, rebuild_history
from archiver.crawl.site import WorkingSite, group_key
from archiver.extract.slow_steps import SlowSteps
from archiver.model.clock import instant, written
from archiver.store.archive import Store
from archiver.store.doubt_rows import AcceptedPage, BrokenPage, WellReadPage

Why = Literal["alone", "rare", "unfit"]
_ENOUGH = 3
"""Pages that are read well since a page is in doubt, so that it has been edited; one is enough at its next visit."""
_SHARE = 0.2
"""The share of new pages from which they have another template."""
_OFTEN = 50
"""Broken records after which a crawl asks again whether the rules ever fitted; after that, at twice as many."""
_TOGETHER = timedelta(days=30)
"""Pages that were accepted within this time before a doubt count as broken: a gradual redesign begins with one."""


class Accepted(NamedTuple):
    """A page whose broken records are accepted, and why."""

    page: BrokenPage
    why: Why


class _Group(NamedTuple):
    broken: list[BrokenPage]
    well: list[WellReadPage]
    accepted: list[AcceptedPage]
    has_fitted: bool


def decide_broken(
    broken: Sequence[BrokenPage],
    well: Iterable[WellReadPage],
    accepted: Iterable[AcceptedPage],
    ever_well: Iterable[str],
    site: WorkingSite,
) -> Iterator[Accepted]:
    """Yield the pages in doubt whose broken records are accepted. Pure.

    Args:
        broken: the pages in doubt.
        well: pages that were read well since the first of them.
        accepted: pages that were accepted before.
        ever_well: addresses of pages that were ever read well.
        site: the site with its profile.
    """
    fitting = {group_key(site.profile, url) for url in ever_well}
    keys = dict.fromkeys(group_key(site.profile, each.url) for each in broken)
    groups = {key: _Group([], [], [], key in fitting) for key in keys}
    for each in broken:
        groups[group_key(site.profile, each.url)].broken.append(each)
    waiting = {each.url for each in broken}
    for page in (each for each in well if each.url not in waiting):
        if (group := groups.get(group_key(site.profile, page.url))) is not None:
            group.well.append(page)
    for one in accepted:
        if (group := groups.get(group_key(site.profile, one.url))) is not None:
            group.accepted.append(one)
    for group in groups.values():
        yield from _decided(group)


def _decided(group: _Group) -> Iterator[Accepted]:
    if not group.has_fitted and not group.well:
        yield from (Accepted(page, "unfit") for page in group.broken)
        return
    old = [page for page in group.broken if page.has_version]
    new = [page for page in group.broken if not page.has_version]
    yield from (Accepted(page, "alone") for page in old if len(old) == 1 and _is_alone(page, group))
    yield from (Accepted(page, "rare") for page in _rare(new, group))


def _is_alone(page: BrokenPage, group: _Group) -> bool:
    since = instant(page.since)
    others = (instant(one.at) for one in group.accepted if one.why == "alone" and one.url != page.url)
    if any(abs(since - at) <= _TOGETHER for at in others):
        return False
    well = sum(each.at >= page.since and each.first_at < page.since for each in group.well)
    return well >= _ENOUGH or (well > 0 and len(page.visits) > 1)


def _rare(new: list[BrokenPage], group: _Group) -> list[BrokenPage]:
    """Return the new pages if they are few of all that are new since the first of them."""
    if not new:
        return []
    since = min(page.since for page in new)
    well = sum(each.first_at >= since for each in group.well)
    is_drift = len(new) > 1 and len(new) >= _SHARE * (len(new) + well)
    return new if well >= _ENOUGH and not is_drift else []


def settle_broken(
    store: Store,
    site: WorkingSite,
    now: datetime,
    *,
    steps: SlowSteps | None,
    reader: str,
    read: Reader | None = None,
) -> None:
    """Decide on the pages in doubt, and rebuild the histories of those that are accepted. Call within a transaction.

    Args:
        store: the archive.
        site: the site.
        now: the time.
        steps: the slow steps of reading.
        reader: the version of the reader.
        read: returns the result of a visit that was read already.
    """
    for page, why in list(_of_site(store, site)):
        store.doubts.accept(page.visits, site.extractor.extractor_id, written(now), why)
        rebuild_history(store, site, [], now, steps=steps, reader=reader, page_id=page.page_id, read=read)


def _of_site(store: Store, site: WorkingSite) -> Iterator[Accepted]:
    broken = store.doubts.broken(site.site_id)
    if not broken:
        return iter(())
    well = store.doubts.read_well(site.site_id, broken[0].since)
    accepted = store.doubts.accepted(site.site_id, site.extractor.extractor_id)
    return decide_broken(broken, well, accepted, store.doubts.ever_well(site.site_id), site)


class UnfitTables:
    """Accepts broken records at once where the rules never fitted, so that a large crawl has few pages left at its end.

    Args:
        store: the archive.
        site: the site.
    """

    def __init__(self, store: Store, site: WorkingSite) -> None:
        self._store = store
        self._site = site
        self._unfit: set[tuple[str, str]] | None = None
        self._broken = 0
        self._ask_at = _OFTEN

    def accept(self, visits: Iterable[Visit], now: datetime) -> None:
        """Accept the broken records of visits before they are judged. Call this within a transaction."""
        records = [(each, record) for each in visits if (record := each.read.record) is not None]
        broken = [each.kept for each, record in records if record.broken]
        if not broken:
            return
        if self._unfit is None or self._broken >= self._ask_at:
            self._ask_at *= 1 if self._unfit is None else 2  # all pages in doubt are counted: not too often
            self._unfit = self._found()
        self._broken += len(broken)
        self._unfit -= {self._key(each.kept.capture.url) for each, record in records if not record.broken}
        accepted = [kept.visit_id for kept in broken if self._key(kept.capture.url) in self._unfit]
        self._store.doubts.accept(accepted, self._site.extractor.extractor_id, written(now), "unfit")

    def _found(self) -> set[tuple[str, str]]:
        """Return the tables that read only broken records: those of accepted pages, and of many pages in doubt."""
        doubts, site = self._store.doubts, self._site
        accepted = doubts.accepted(site.site_id, site.extractor.extractor_id)
        counts = Counter(self._key(each.url) for each in doubts.broken(site.site_id))
        unfit = {self._key(each.url) for each in accepted if each.why == "unfit"}
        unfit |= {key for key, count in counts.items() if count >= _OFTEN}
        return unfit - {self._key(url) for url in doubts.ever_well(site.site_id)} if unfit else unfit

    def _key(self, url: str) -> tuple[str, str]:
        return group_key(self._site.profile, url)
