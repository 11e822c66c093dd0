"""Count, field by field, what two profiles give for the same captures. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from archiver.app.benching.agreement import agrees
from archiver.app.benching.choose_captures import Unit
from archiver.app.benching.sides import ProfileTables, Side, differing, step
from archiver.model.record import Content
from archiver.model.version import FieldValue

MARGIN = 0.02
"""A loss of at most this share of the pages that had a field is no fall: a better rule refuses a few wrong values."""
LEAST_PAGES = 2
"""A loss of fewer pages is no fall, unless it is a tenth of the pages that had the field."""
_LARGE_SHARE = 0.1
SOURCES = ("declared", "generic")
_EXAMPLES = 3

Values = Mapping[str, FieldValue]
"""The values of a page by another source, by field."""


@dataclass
class PagePairs:
    """The pages on which two profiles differ in one property, such as having a field.

    Attributes:
        had: pages that have it with the profile in force; `lost`, `gained`: pages that differ in a capture.
        example: the address of a page that loses it.
    """

    had: set[int] = field(default_factory=set)
    lost: set[int] = field(default_factory=set)
    gained: set[int] = field(default_factory=set)
    example: str = ""

    def add(self, unit: Unit, *, had: bool, move: int) -> None:
        """Count a capture. `move`: -1 when the property is lost, 1 when it is gained."""
        if had:
            self.had.add(unit.page_id)
        if move < 0:
            self.lost.add(unit.page_id)
            self.example = self.example or unit.url
        elif move > 0:
            self.gained.add(unit.page_id)

    @property
    def net_loss(self) -> int:
        """Return how many pages lose it, less those that gain it."""
        return len(self.lost) - len(self.gained)

    @property
    def has_fallen(self) -> bool:
        """Return whether the loss is more than the margin."""
        loss, had = self.net_loss, len(self.had)
        return loss > MARGIN * had and (loss >= LEAST_PAGES or loss >= _LARGE_SHARE * had)


@dataclass
class AgreementTally:
    """How often the values of two profiles agree with another source, and on which pages that differs."""

    compared: int = 0
    agreed: int = 0
    compared_before: int = 0
    agreed_before: int = 0
    pages: PagePairs = field(default_factory=PagePairs)

    def add(self, unit: Unit, *, now: bool | None, was: bool | None) -> None:
        """Count a capture. None: the profile has no value to compare."""
        self.compared += now is not None
        self.agreed += bool(now)
        self.compared_before += was is not None
        self.agreed_before += bool(was)
        if now is not None and was is not None:
            self.pages.add(unit, had=was, move=int(now) - int(was))


@dataclass
class FieldTally:
    """One field on the pages of one table.

    Attributes:
        now, was: by month, the captures with a value by the profile, and by the one in force.
        both, same: captures with a value by both, and those of them whose values are equal.
    """

    now: Counter[str] = field(default_factory=Counter)
    was: Counter[str] = field(default_factory=Counter)
    both: int = 0
    same: int = 0
    pages: PagePairs = field(default_factory=PagePairs)
    sources: dict[str, AgreementTally] = field(default_factory=lambda: {name: AgreementTally() for name in SOURCES})


@dataclass(frozen=True, slots=True)
class Example:
    """A value that is read differently. `now` and `was` are None where there is none."""

    url: str
    at: str
    was: str | None
    now: str | None


@dataclass
class DifferenceTally:
    """The versions that a profile reads differently in one field.

    Attributes:
        values: their number; `emptied`, `filled`: those that lose or gain a value.
        captures: the captures of these versions.
    """

    values: int = 0
    emptied: int = 0
    filled: int = 0
    captures: int = 0
    pages: set[int] = field(default_factory=set)
    examples: list[Example] = field(default_factory=list)

    def add(self, unit: Unit, captures: int, was: str | None, now: str | None) -> None:
        """Count a version. An example is kept if its page has none yet."""
        self.values += 1
        self.emptied += now is None
        self.filled += was is None
        self.captures += captures
        if unit.page_id not in self.pages and len(self.examples) < _EXAMPLES:
            self.examples.append(Example(unit.url, unit.at, was, now))
        self.pages.add(unit.page_id)


@dataclass
class TableTally:
    """The pages that the profile reads by one of its tables. `read`: captures by month."""

    read: Counter[str] = field(default_factory=Counter)
    pages: set[int] = field(default_factory=set)
    fields: dict[str, FieldTally] = field(default_factory=dict)


class BenchTally:
    """Counts captures as they are read. Those of a page come in the order of time, if all are read."""

    def __init__(self, tables: ProfileTables) -> None:
        self._tables = tables
        self._last: dict[int, tuple[Unit, Side]] = {}
        self.tables: dict[str, TableTally] = {}
        self.differences: dict[str, DifferenceTally] = {}
        self.split: set[int] = set()
        """Versions whose first and last capture the profile reads differently: it would claim an edit in each."""
        self.left_to_fallback = 0
        self.misread = 0

    def add(self, unit: Unit, now: Side, was: Side, captures: int, others: Mapping[str, Values]) -> None:
        """Count a capture.

        Args:
            unit: the capture.
            now: what the profile gives.
            was: what the one in force gives.
            captures: the number of captures that this one stands for.
            others: the page's values by other sources, where they were read.
        """
        table = self.tables.setdefault(self._tables.name(now.template), TableTally())
        table.read[unit.month] += 1
        table.pages.add(unit.page_id)
        self.left_to_fallback += now.is_short
        self.misread += now.is_misread
        names = {*now.levels, *was.levels, *now.ruled, *was.ruled} if now.levels or was.levels else set()
        for name in names:
            _count(table.fields.setdefault(name, FieldTally()), name, unit, now, was)
        for source, values in others.items():
            _compare(table.fields, source, values, unit, now, was)
        self._differences(unit, now, was, captures)
        self._last[unit.page_id] = unit, now

    def _differences(self, unit: Unit, now: Side, was: Side, captures: int) -> None:
        before, last = self._last.get(unit.page_id, (None, None))
        if unit.span is not None and not unit.is_first:
            is_same_version = before is not None and before.span == unit.span
            if is_same_version and last is not None and differing(last, now):
                self.split.add(unit.span.version_id)
            return
        if unit.span is None and (last is not None and not differing(last, now) and last.content != Content()):
            return  # the same content as in the capture before: no version of its own
        shown_now, shown_was = now.values[0], was.values[0]
        for name in differing(was, now):
            self.differences.setdefault(name, DifferenceTally()).add(
                unit, captures, shown_was.get(name), shown_now.get(name)
            )


def _count(into: FieldTally, name: str, unit: Unit, now: Side, was: Side) -> None:
    into.now[unit.month] += now.covers(name)
    into.was[unit.month] += was.covers(name)
    into.pages.add(unit, had=name in was.levels, move=step(name, was, now))
    if name in now.unread | was.unread:
        return
    new, old = now.values[1].get(name), was.values[1].get(name)
    if new is not None and old is not None:
        into.both += 1
        into.same += new == old


def _compare(fields: dict[str, FieldTally], source: str, values: Values, unit: Unit, now: Side, was: Side) -> None:
    new, old = now.content.flat(), was.content.flat()
    for name, value in values.items():
        found = [
            agrees(name, flat[name], value) if flat.get(name) and name not in side.unread else None
            for flat, side in ((new, now), (old, was))
        ]
        if any(each is not None for each in found):
            fields.setdefault(name, FieldTally()).sources[source].add(unit, now=found[0], was=found[1])


def months_of(tables: Iterable[TableTally]) -> list[str]:
    """Return the months of the captures, oldest first."""
    return sorted({month for each in tables for month in each.read})
