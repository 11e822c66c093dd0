"""Groups the changes of a redesign: at the end of a command, the recent changes of a site are looked at together.

Changes stay on the list `_ungrouped` for a week, so that a redesign is found although its pages were visited by several
runs, and although a run was killed. A redesign has one moment, `since`: the first visit that showed it. Only changes
whose bracket of visits contains this moment are a part of it, however late their pages were visited.
"""

import functools
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from archiver.change.diff import reading_order
from archiver.change.redesign import LEAST_COMPANIONS, LEAST_PAGES, Earlier, FieldPair, Others, explain, remainder
from archiver.change.transformation import Items, Transformation, Way, is_same
from archiver.model.clock import instant, written
from archiver.model.edit import describe
from archiver.model.record import LIST_FIELDS
from archiver.model.version import FieldValue
from archiver.store.archive import Store
from archiver.store.redesigns import RedesignPart, StoredRedesign, UngroupedChange

KEPT = timedelta(days=7)
"""How long changes wait for others of their redesign, and how long it may take to reach all pages."""

RECENT = timedelta(days=30)
"""How long after a redesign another one that undoes or replaces a part of it is measured by the pages of the first.

As long, a page that it had not reached joins it."""

Group = tuple[str, str]
"""A kind of pages, and a field."""


@dataclass(eq=False)
class _Redesign:
    """A redesign while it is found."""

    stored: StoredRedesign
    run_id: int | None
    ways: dict[Group, tuple[Transformation, ...]] = field(default_factory=dict)
    changes: set[int] = field(default_factory=set)
    pages: set[int] = field(default_factory=set)

    @property
    def since(self) -> str:
        return self.stored.since


def group_redesigns(store: Store, site_id: int) -> None:
    """Find the redesigns among the recent changes of a site, and word them. Call this within a transaction."""
    changes = store.redesigns.ungrouped(site_id) if store.redesigns.has_new(site_id) else []
    if changes:
        finder = _Finder(store, site_id, changes)
        finder.find()
        newest = instant(max(each.not_after for each in changes))
        store.redesigns.looked_at(site_id, written(newest - KEPT))
    _word(store, site_id)


def _word(store: Store, site_id: int) -> None:
    """Store what each redesign of a site does. Fields without a remaining change are left out."""
    for number, remaining in store.redesigns.remaining(site_id).items():
        names = reading_order({each.field for each in remaining})
        ways = _ways(remaining)
        told = [way.told(name) for name in names for group, found in ways.items() if group[1] == name for way in found]
        kinds = sorted({each.kind for each in remaining})
        store.redesigns.word(number, ", ".join(kinds), ", ".join(names), ", ".join(dict.fromkeys(told)))


class _Finder:
    """Looks for redesigns among the changes of one site."""

    def __init__(self, store: Store, site_id: int, changes: Sequence[UngroupedChange]) -> None:
        self._store = store
        self._site_id = site_id
        self._rest = {each.change_id: each for each in changes}
        first = min(each.not_before for each in changes)
        recent = store.redesigns.of_site(site_id, written(instant(first) - RECENT))
        self._recent = [_Redesign(each, None, _ways(each.parts)) for each in recent]
        self._redesigns = [each for each in self._recent if each.since > first]
        self._grouped: dict[Group, list[UngroupedChange]] = {}

    def find(self) -> None:
        """Find new redesigns, and the changes of these and of known ones; store them."""
        for each in self._redesigns:
            self._collect(each)
        for each in self._recent:
            self._join_stragglers(each)
        for group, cluster in self._clusters():
            self._prove(group, cluster)
        for each in self._redesigns:
            self._collect(each)
            if not each.stored.redesign_id:
                self._join_stragglers(each)
        for each in dict.fromkeys((*self._redesigns, *self._recent)):
            if each.changes:
                self._put(each)

    def _clusters(self) -> Iterable[tuple[Group, list[UngroupedChange]]]:
        """Yield changes of one kind and field that may have been made at one moment, with a new one among them."""
        groups: dict[Group, list[UngroupedChange]] = {}
        for each in self._rest.values():
            groups.setdefault((each.kind, each.field), []).append(each)
        for group, changes in groups.items():
            for cluster in _of_one_moment(changes):
                if len(cluster) >= LEAST_PAGES and any(each.is_new for each in cluster):
                    yield group, cluster

    def _prove(self, group: Group, cluster: Sequence[UngroupedChange]) -> None:
        """Make a redesign of a cluster of changes, if most pages have them in common; or a part of a known one."""
        cluster = [each for each in cluster if each.change_id in self._rest]
        if len(cluster) < LEAST_PAGES:
            return
        found = explain(group[1], self._pairs(cluster), *self._others(group, cluster))
        members = [each for each in cluster if each.change_id in found.keys]
        if not members:
            return
        since = min(each.not_after for each in members)
        redesign = self._same_event(group, found.transformations, since, members)
        if redesign is None:
            first = min(members, key=lambda each: each.not_after)
            redesign = _Redesign(StoredRedesign(0, "", since, ()), first.run_id)
            self._redesigns.append(redesign)
        self._take(redesign, group, found.transformations, members)

    def _same_event(
        self, group: Group, ways: Sequence[Transformation], since: str, members: Sequence[UngroupedChange]
    ) -> _Redesign | None:
        """Return the redesign at whose beginning most of these pages may have changed, or that reaches them later."""
        for each in reversed(self._redesigns):
            spanning = sum(member.spans(each.since) for member in members)
            is_late = set(ways) & set(each.ways.get(group, ())) and _is_within(each.since, since)
            if 2 * spanning >= len(members) or is_late:
                return each
        return None

    def _collect(self, redesign: _Redesign) -> None:
        """Add the changes of all fields that belong to a redesign, now that it is proven."""
        groups: dict[Group, list[UngroupedChange]] = {}
        for each in self._rest.values():
            if each.overlaps(redesign.stored.after, redesign.since):
                groups.setdefault((each.kind, each.field), []).append(each)
        for group, changes in groups.items():
            if not any(each.is_new for each in changes):
                continue
            known = redesign.ways.get(group, ())
            others = self._others(group, changes) if len(changes) >= LEAST_COMPANIONS else (None,)
            found = explain(group[1], self._pairs(changes), *others, known=known, is_proven=True)
            ways = (*known, *(way for way in found.transformations if way not in known))
            self._take(redesign, group, ways, [each for each in changes if each.change_id in found.keys])
            self._describe(group, ways, [each for each in changes if each.change_id not in found.keys])

    def _join_stragglers(self, redesign: _Redesign) -> None:
        """Add changes of pages that a gradual redesign reached at another time: too few for a redesign of their own."""
        near = [each for each in self._rest.values() if (each.kind, each.field) in redesign.ways]
        near = [each for each in near if _is_within(redesign.since, each.not_after, RECENT)]
        if redesign.stored.redesign_id and not any(each.is_new for each in near):
            return
        known = self._store.redesigns.reached([redesign.stored.redesign_id]) | redesign.pages
        found: dict[tuple[int, str], list[tuple[int, bool]]] = {}
        for number, pair in self._pairs(each for each in near if each.page_id not in known).items():
            each = self._rest[number]
            ways = explain(each.field, {number: pair}, known=redesign.ways[each.kind, each.field]).transformations
            if ways:
                is_exact = any(way.is_exact for way in ways)
                found.setdefault((each.page_id, each.not_after), []).append((number, is_exact))
        for changes in found.values():
            if len(changes) > 1 or changes[0][1]:
                for number, _ in changes:
                    each = self._rest.pop(number)
                    redesign.changes.add(number)
                    self._grouped.setdefault((each.kind, each.field), []).append(each)

    def _describe(self, group: Group, ways: Sequence[Transformation], edits: Sequence[UngroupedChange]) -> None:
        """Describe edits of pages of a redesign by what remains of them without it."""
        described = []
        for number, pair in self._pairs(edits).items() if ways and edits else ():
            rest = remainder(ways, *pair)
            if rest != pair and not is_same(*rest):
                old, new = (_value(group[1], side) for side in rest)
                edit = describe(group[1], old, new)
                described.append((number, str(edit.nature), edit.context))
        self._store.redesigns.describe(described)

    def _take(
        self, redesign: _Redesign, group: Group, ways: Sequence[Transformation], changes: Iterable[UngroupedChange]
    ) -> None:
        taken = [each for each in changes if self._rest.pop(each.change_id, None)]
        if taken:
            self._grouped.setdefault(group, []).extend(taken)
            since = min(redesign.since, *(each.not_after for each in taken))
            before = [each.not_before for each in taken if each.not_before < since]
            redesign.stored = replace(redesign.stored, since=since, after=max([redesign.stored.after, *before]))
            redesign.changes |= {each.change_id for each in taken}
            redesign.pages |= {each.page_id for each in taken}
            redesign.ways[group] = tuple(dict.fromkeys((*redesign.ways.get(group, ()), *ways)))

    def _pairs(self, changes: Iterable[UngroupedChange]) -> dict[int, FieldPair]:
        values = self._store.redesigns.values(each.change_id for each in changes)
        return {number: (_items(old), _items(new)) for number, (old, new) in values.items()}

    def _others(self, group: Group, changes: Sequence[UngroupedChange]) -> tuple[Others, Earlier]:
        """Return two queries: values of the pages of a kind that were read in the same time and did not change so.

        The second one is for those of them that recent redesigns had changed. Of a page whose change is in a redesign
        already, the value is the new one: it has all that the redesign did to it.
        """
        span = min(each.not_after for each in changes), max(each.not_after for each in changes)
        changed = {each.page_id for each in changes}
        recent = [each for each in self._recent if group in each.ways and each.since < span[0]]

        @functools.cache
        def others() -> dict[int, Items]:
            read = self._store.redesigns.read_across(self._site_id, *group, span)
            grouped = [each for each in self._grouped.get(group, ()) if each.page_id in read]
            pairs = self._pairs(grouped)
            values = {page: _items(value) for page, value in read.items()}
            values |= {each.page_id: pairs[each.change_id][1] for each in grouped}
            return {page: value for page, value in values.items() if page not in changed}

        def reached() -> list[Items]:
            pages = self._store.redesigns.reached([each.stored.redesign_id for each in recent], group[1])
            return [value for page, value in others().items() if page in pages]

        ways = tuple(way for each in recent for way in each.ways[group])
        return lambda: others().values(), Earlier(ways, functools.cache(reached))

    def _put(self, redesign: _Redesign) -> None:
        parts = tuple(
            RedesignPart(kind, name, str(way.way), way.before, way.after)
            for (kind, name), ways in redesign.ways.items()
            for way in ways
        )
        stored = replace(redesign.stored, parts=parts)
        self._store.redesigns.put(stored, self._site_id, redesign.run_id, sorted(redesign.changes))


def _of_one_moment(changes: Sequence[UngroupedChange]) -> Iterator[list[UngroupedChange]]:
    """Yield changes that may have been made at one moment. They are in the order of their first visit."""
    waiting = deque(sorted(changes, key=lambda each: each.not_before))
    taken: set[int] = set()
    for first in changes:
        if first.change_id in taken:
            continue
        cluster = {first.change_id: first}
        while waiting and waiting[0].not_before < first.not_after:
            each = waiting.popleft()
            if each.change_id not in taken:
                cluster[each.change_id] = each
        taken.update(cluster)
        yield list(cluster.values())


def _ways(parts: Iterable[RedesignPart]) -> dict[Group, tuple[Transformation, ...]]:
    ways: dict[Group, tuple[Transformation, ...]] = {}
    for each in parts:
        group = each.kind, each.field
        ways[group] = (*ways.get(group, ()), Transformation(Way(each.way), each.before, each.after))
    return ways


def _is_within(since: str, moment: str, span: timedelta = KEPT) -> bool:
    return abs(instant(moment) - instant(since)) <= span


def _items(value: FieldValue) -> Items:
    return value if isinstance(value, tuple) else (value,) if value else ()


def _value(name: str, items: Items) -> FieldValue:
    return items if name in LIST_FIELDS else "".join(items) or None
