"""A list of events by day. A day with many is grouped by section, and shows the first rows of each."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from archiver.app.browsing.day_rows import NO_SECTION, LightRow, full_rows, in_order, label_of, section_of
from archiver.app.browsing.days import shifted
from archiver.app.browsing.event_counts import QUIET, EventCounts
from archiver.store.archive import Store
from archiver.store.day_events import DayRow, DaySpan
from archiver.store.state_events import StateEvent

MOST_ROWS = 30
"""Rows after which the list is continued on another page, at the end of a day."""
MANY = 16
"""A day with more rows than this is grouped by section."""
PAGE = 40
"""Rows of a page of one day."""
_STATE_ROWS, _GROUPED_ROWS, _LEAST_ROWS, _MOST_GROUPS = 6, 10, 2, 6


@dataclass(frozen=True, slots=True)
class ListFilter:
    """Which events are listed, and from where on. `label`: of an edit; without one, typography is left out."""

    kind: str | None = None
    label: str | None = None
    section: str | None = None
    cursor: str = ""

    def keeps(self, row: LightRow) -> bool:
        """Return whether a row is listed."""
        name = label_of(row)
        if self.kind not in (None, row.kind) or (self.section is not None and section_of(row) != self.section):
            return False
        return name != QUIET if self.label is None else name == self.label


@dataclass(frozen=True, slots=True)
class SectionGroup:
    """The events of one section on a day. `section`: None for those that no section has; "" for pages without one.

    `counts`: by label; `rest`: how many more there are than `rows`.
    """

    section: str | None
    total: int
    counts: dict[str, int]
    rows: list[dict[str, Any]]
    rest: int


@dataclass(frozen=True, slots=True)
class ListedDay:
    """A day of the list. `groups` has one group without a section when the day is not grouped.

    `others`: sections whose rows are not shown, with their counts.
    """

    day: str
    total: int
    visits: int
    groups: list[SectionGroup]
    others: list[tuple[str, int]] = field(default_factory=list)
    is_grouped: bool = False


@dataclass(frozen=True, slots=True)
class DayList:
    """Days, the newest first. `next`: the cursor of what follows; "" at the end."""

    days: list[ListedDay]
    next: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return the list as JSON has it."""
        return {"days": [asdict(each) for each in self.days], "next": self.next}


def day_list(store: Store, span: DaySpan, counts: EventCounts, wanted: ListFilter) -> DayList:
    """Return the days of a span with events, the newest first, until there are enough rows."""
    by_day = counts.only(wanted.kind, wanted.label).by_day
    chosen: list[str] = []
    rows = 0
    rest = [day for day in by_day if not wanted.cursor or day <= wanted.cursor]
    for day in rest:
        if rows >= MOST_ROWS:
            break
        chosen.append(day)
        rows += min(by_day[day], MANY)
    if not chosen:
        return DayList([])
    found = _rows_between(store, span, counts, (chosen[-1], chosen[0]), wanted)
    days = [_day(store, day, found.get(day, []), span.site_id) for day in chosen]
    return DayList([each for each in days if each.total], rest[len(chosen)] if len(rest) > len(chosen) else "")


def one_day(store: Store, span: DaySpan, site: str | None, wanted: ListFilter) -> DayList:
    """Return a page of the events of one day, or of one section of it. `span` is the day."""
    states = [] if span.field else store.browsing.state_events.of(span, site)
    light: list[LightRow] = [*states, *_page_rows(store, span, wanted)]
    found = in_order(filter(wanted.keeps, light))
    start = int(wanted.cursor or 0)
    shown = found[start : start + PAGE]
    end = start + len(shown)
    group = SectionGroup(wanted.section, len(found), _counts(found), full_rows(store, shown), len(found) - end)
    visits = store.browsing.coverage.visits(span.since, span.until, span.site_id)
    others = [] if wanted.section is not None else _sections(found)
    return DayList(
        [ListedDay(span.since[:10], len(found), visits, [group], others)], str(end) if end < len(found) else ""
    )


def _rows_between(
    store: Store, span: DaySpan, counts: EventCounts, days: tuple[str, str], wanted: ListFilter
) -> dict[str, list[LightRow]]:
    """Return the light rows of the days from the first to the last, by day."""
    first, last = days
    inside = DaySpan(max(span.since, first), shifted(last, 1), span.site_id, span.field, span.hidden)
    found: dict[str, list[LightRow]] = {}
    for row in filter(wanted.keeps, _page_rows(store, inside, wanted)):
        found.setdefault(row.at[:10], []).append(row)
    for event in filter(wanted.keeps, counts.state_events(first, last)):
        found.setdefault(event.found_at[:10], []).append(event)
    return found


def _page_rows(store: Store, span: DaySpan, wanted: ListFilter) -> list[DayRow]:
    days, has_label = store.browsing.days, wanted.label is not None
    edits = days.edits(span) if wanted.kind in (None, "edited") else []
    new = [] if has_label or span.field or wanted.kind not in (None, "new") else days.new(span)
    return [*edits, *new]


def _day(store: Store, day: str, light: Sequence[LightRow], site_id: int | None) -> ListedDay:
    rows = in_order(light)
    visits = store.browsing.coverage.visits(day, shifted(day, 1), site_id)
    if len(rows) <= MANY:
        group = SectionGroup(None, len(rows), _counts(rows), full_rows(store, rows), 0)
        return ListedDay(day, len(rows), visits, [group] if rows else [])
    states = [row for row in rows if isinstance(row, StateEvent)]
    sections = _sections(rows)
    many = max(_LEAST_ROWS, _GROUPED_ROWS // len(sections)) if sections else 0
    groups = [_group(store, None, states, _STATE_ROWS)] if states else []
    for name, _ in sections[:_MOST_GROUPS]:
        groups.append(_group(store, name, [row for row in rows if section_of(row) == name], many))
    return ListedDay(day, len(rows), visits, groups, sections[_MOST_GROUPS:], is_grouped=True)


def _group(store: Store, section: str | None, rows: Sequence[LightRow], most: int) -> SectionGroup:
    shown = full_rows(store, rows[:most])
    return SectionGroup(section, len(rows), _counts(rows), shown, len(rows) - len(shown))


def _sections(rows: Sequence[LightRow]) -> list[tuple[str, int]]:
    """Return the sections of edited and new pages with their counts, the largest first; those without one last."""
    counts = Counter(section_of(row) for row in rows if isinstance(row, DayRow))
    return sorted(
        ((name or NO_SECTION, count) for name, count in counts.items()),
        key=lambda item: (item[0] == NO_SECTION, -item[1], item[0]),
    )


def _counts(rows: Sequence[LightRow]) -> dict[str, int]:
    return dict(Counter(map(label_of, rows)))
