"""The alarms of broken records: the rules of a profile do not fit the pages any more, or never did.

The first page raises the alarm. It holds as long as pages wait in doubt; see `archiver.crawl.decide_broken`.
"""

from collections import Counter
from collections.abc import Sequence

from archiver.app.watching.alarm import Alarm
from archiver.app.watching.page_groups import Group, GroupOf
from archiver.store.archive import Store
from archiver.store.doubt_rows import BrokenPage
from archiver.store.run_report_queries import RunRow

DRIFT, UNFIT = "drift", "unfit"
_LATE = "9999"


def drift_of(store: Store, run: RunRow, group_of: GroupOf) -> list[Alarm]:
    """Return an alarm for each group with pages in doubt at the end of a run, or whose rules never fitted."""
    pages: dict[Group, list[BrokenPage]] = {}
    for each in store.doubts.broken(run.site_id):
        if each.since <= (run.finished_at or _LATE) and (group := group_of(each.url)):
            pages.setdefault(group, []).append(each)
    since = min((each.since for some in pages.values() for each in some), default="")
    waiting = {each.url for some in pages.values() for each in some}
    read = store.doubts.read_well(run.site_id, since) if pages else []
    well = [group_of(each.url) for each in read if each.url not in waiting]
    found = [_drift(run.site, group, some, well.count(group)) for group, some in pages.items()]
    return found + _unfit(store, run, group_of)


def _drift(site: str, group: Group, pages: Sequence[BrokenPage], well: int) -> Alarm:
    counts = Counter(field for each in pages for field in each.fields)
    told = f"{len(pages)} of {len(pages) + well} pages no longer fit the rules since {pages[0].since} UTC"
    told += "; what they show waits as doubtful"
    before = [each.last_well for each in pages if each.last_well is not None and each.last_well < pages[0].since]
    fields = ", ".join(field for field, _ in counts.most_common())
    return Alarm(DRIFT, site, told, group.kind, fields, max(before, default=None), pages[0].url)


def _unfit(store: Store, run: RunRow, group_of: GroupOf) -> list[Alarm]:
    """Return an alarm for each group of which a run accepted broken records because no page was ever read well."""
    extractor = store.pages.current_extractor(run.site_id)
    accepted = store.doubts.accepted(run.site_id, extractor.extractor_id) if extractor is not None else []
    pages: dict[Group, list[str]] = {}
    for each in accepted:
        if each.why == UNFIT and each.run_id == run.run_id and (group := group_of(each.url)):
            pages.setdefault(group, []).append(each.url)
    told = "the rules fit none of {} pages; their records are kept as they are"
    return [Alarm(UNFIT, run.site, told.format(len(some)), group.kind, url=some[-1]) for group, some in pages.items()]


def with_drift(lost: Sequence[Alarm], drift: Sequence[Alarm]) -> list[Alarm]:
    """Return one alarm for one cause: a lost field is left out where it is among those that drifted.

    Where the rules never fitted, the lost fields say more.
    """
    drifted = {(each.kind, field) for each in drift if each.alarm == DRIFT for field in (each.field or "").split(", ")}
    kinds = {each.kind for each in lost}
    others = [each for each in lost if (each.kind, each.field) not in drifted]
    return [*(each for each in drift if each.alarm == DRIFT or each.kind not in kinds), *others]
