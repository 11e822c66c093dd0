"""Choose the captures to read: at the ends of each version, and those outside of versions; or a sample of them. Pure.

A version is a span of captures in which the profile in force read one content. Its first and its last capture are
read, and stand for the captures between them. The sample takes one capture after the other from each stratum (a month
and a table of the profile), the newest month first, and within a stratum from pages that it does not have yet.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from archiver.store.reading_spans import LooseCapture, VersionSpan

_MONTH = len("2022-10")
_SPREAD = 2_654_435_761
"""A large prime: the order of the products by it is as good as a random one, and always the same."""

_OUTSIDE = 4
"""Of captures outside of versions, most of which are listings, this many turns take one."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A capture to read.

    Attributes:
        at: its time (UTC text).
        span: the version that it belongs to; None outside of versions.
        is_first: whether it is the first of its version that can be read.
        captures: outside of versions, the number of captures that show the same.
        is_named: whether a caller named it; then it is read with both profiles.
    """

    visit_id: int
    page_id: int
    url: str
    at: str
    span: VersionSpan | None = None
    is_first: bool = True
    captures: int = 1
    is_named: bool = False

    @property
    def month(self) -> str:
        """Return the month of the capture: `2022-10`."""
        return self.at[:_MONTH]


def all_units(spans: Iterable[VersionSpan], outside: Iterable[LooseCapture], without: AbstractSet[int]) -> list[Unit]:
    """Return every capture to read, page by page, oldest first. `without`: pages that are left out."""
    units = [unit for span in spans if span.page_id not in without for unit in _ends(span)]
    units += single_units(each for each in outside if each.page_id not in without)
    return sorted(units, key=lambda unit: (unit.page_id, unit.at, unit.visit_id))


def _ends(span: VersionSpan) -> list[Unit]:
    ends = [(span.first, span.seen_from), (span.last, span.seen_last)]
    stored = [(visit, at) for visit, at in ends if visit is not None]
    return [
        Unit(visit, span.page_id, span.url, at, span, is_first=number == 0) for number, (visit, at) in enumerate(stored)
    ]


def single_units(captures: Iterable[LooseCapture], *, is_named: bool = False) -> list[Unit]:
    """Return captures as units, what a page shows once. `is_named`: a caller named them."""
    kept: dict[tuple[int, str], LooseCapture] = {}
    counts: Counter[tuple[int, str]] = Counter()
    for each in captures:
        kept.setdefault((each.page_id, each.shown), each)
        counts[each.page_id, each.shown] += 1
    return [
        Unit(each.visit_id, each.page_id, each.url, each.at, captures=counts[key], is_named=is_named)
        for key, each in kept.items()
    ]


def in_sample_order(units: Sequence[Unit], table_of: Callable[[str], str]) -> list[Unit]:
    """Return units so that each beginning of the list is a fair sample. `table_of`: the table for an address."""
    strata: dict[tuple[str, str], list[Unit]] = {}
    tables: dict[int, str] = {}
    for unit in units:
        if unit.page_id not in tables:
            tables[unit.page_id] = table_of(unit.url)
        strata.setdefault((unit.month, tables[unit.page_id]), []).append(unit)
    ranked: list[tuple[int, int, Unit]] = []
    for place, key in enumerate(sorted(strata, reverse=True)):
        turns = enumerate(_by_pages(strata[key]), 1)
        ranked += [(turn if unit.span is not None else turn * _OUTSIDE, place, unit) for turn, unit in turns]
    return [unit for _, _, unit in sorted(ranked, key=lambda each: each[:2])]


def _by_pages(units: Sequence[Unit]) -> list[Unit]:
    """Return units of one stratum in a random order, in which each page has a turn before one has its second."""
    seen: Counter[int] = Counter()
    turns = []
    for unit in sorted(units, key=lambda each: each.visit_id * _SPREAD % 2**32):
        turns.append((seen[unit.page_id], unit))
        seen[unit.page_id] += 1
    return [unit for _, unit in sorted(turns, key=lambda each: each[0])]
