"""How many events there were on each day, by kind and label."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

from archiver.store.archive import Store
from archiver.store.day_events import DaySpan
from archiver.store.state_events import StateEvent

QUIET = "typography"
"""The label of edits that are counted and not listed."""


class CountedEvents(NamedTuple):
    """A number of events of one day, kind and label; `states`: the events themselves, of state events.

    `is_new`: they came at the moment that was asked for, or later.
    """

    day: str
    kind: str
    label: str
    is_new: bool
    number: int
    states: tuple[StateEvent, ...] = ()

    @property
    def name(self) -> str:
        """Return the label of an edit, or the kind of any other event."""
        return self.label or self.kind


@dataclass(frozen=True, slots=True)
class EventCounts:
    """The numbers of events of a span."""

    found: tuple[CountedEvents, ...]

    @property
    def new(self) -> "EventCounts":
        """Return the events from the moment that was asked for on."""
        return self._where(lambda each: each.is_new)

    def only(self, kind: str | None, label: str | None) -> "EventCounts":
        """Return the events of a kind and a label. Without a label, edits of typography alone are left out."""
        return self._where(
            lambda each: kind in (None, each.kind) and (each.label != QUIET if label is None else each.label == label)
        )

    def _where(self, is_kept: Callable[[CountedEvents], bool]) -> "EventCounts":
        return EventCounts(tuple(filter(is_kept, self.found)))

    @property
    def by_day(self) -> dict[str, int]:
        """Return the number of events of each day that has some, the newest first."""
        days = _summed((each.day, each.number) for each in self.found)
        return dict(sorted(days.items(), reverse=True))

    @property
    def by_name(self) -> dict[str, int]:
        """Return the number of events by kind, and of edits by label."""
        kinds = _summed((each.kind, each.number) for each in self.found if each.label != QUIET)
        return {**kinds, **_summed((each.label, each.number) for each in self.found if each.label)}

    @property
    def typography(self) -> int:
        """Return the number of edits of typography alone."""
        return sum(each.number for each in self.found if each.label == QUIET)

    @property
    def total(self) -> int:
        """Return the number of events without edits of typography alone."""
        return sum(each.number for each in self.found if each.label != QUIET)

    def of(self, day: str, kind: str) -> int:
        """Return the number of events of a kind on a day; edits without those of typography alone."""
        return sum(each.number for each in self.found if (each.day, each.kind) == (day, kind) and each.label != QUIET)

    def state_events(self, first: str, last: str) -> list[StateEvent]:
        """Return the state events of the days from `first` to `last`."""
        return [event for each in self.found if first <= each.day <= last for event in each.states]


def event_counts(store: Store, span: DaySpan, site: str | None, mark: str) -> EventCounts:
    """Count the events of a span by day, and those of them from `mark` (UTC text) on. With a field, only its edits."""
    found = [CountedEvents(*key, count) for key, count in store.browsing.days.counts(span, mark).items()]
    states: dict[tuple[str, str, bool], list[StateEvent]] = {}
    for event in () if span.field else store.browsing.state_events.of(span, site):
        states.setdefault((event.found_at[:10], event.kind, event.found_at >= mark), []).append(event)
    for (day, kind, is_new), events in states.items():
        found.append(CountedEvents(day, kind, "", is_new, len(events), tuple(events)))
    return EventCounts(tuple(found))


def _summed(pairs: Iterable[tuple[str, int]]) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for name, count in pairs:
        counts[name] += count
    return dict(counts)
