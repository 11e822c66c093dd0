"""The biography of a phrase: on how many pages it stood, in each day, week, month or year."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from archiver.store.archive import Store
from archiver.store.search import PhraseSpan

MOST_BINS = 60
_UNITS = ("day", "week", "month", "quarter", "year")


@dataclass(frozen=True, slots=True)
class HistoryBin:
    """A stretch of time. `pages`: how many pages said the phrase at its end.

    `came`, `went`: how many began and stopped saying it in the stretch; `visited`: whether there was a visit.
    """

    begin: str
    pages: int
    came: int
    went: int
    visited: bool


@dataclass(frozen=True, slots=True)
class PhraseHistory:
    """The biography. `unit`: day, week, month, quarter or year; `first`, `last`: when it was seen first and last."""

    unit: str
    bins: list[HistoryBin]
    first: str
    last: str


def phrase_history(store: Store, spans: Sequence[PhraseSpan], site_id: int | None) -> PhraseHistory:
    """Return the biography of a phrase from the runs of versions that say it."""
    first = min(each.seen_from for each in spans)
    last_seen = max(each.seen_last for each in spans)
    last = max(store.browsing.coverage.last_visit(site_id) or last_seen, last_seen)
    unit = _unit(date.fromisoformat(first[:10]), date.fromisoformat(last[:10]))
    begins = _begins(date.fromisoformat(first[:10]), date.fromisoformat(last[:10]), unit)
    came = Counter(_begin(date.fromisoformat(each.seen_from[:10]), unit) for each in spans)
    went = Counter(_begin(date.fromisoformat(each.went_by[:10]), unit) for each in spans if each.went_by)
    days = store.browsing.coverage.visited_days(first[:10], last[:10], site_id) if unit == "day" else {}
    bins, standing = [], 0
    for begin in begins:
        standing += came[begin] - went[begin]
        bins.append(
            HistoryBin(begin.isoformat(), standing, came[begin], went[begin], days.get(begin.isoformat(), True))
        )
    return PhraseHistory(unit, bins, first, last_seen)


def _unit(first: date, last: date) -> str:
    """Return the finest unit that gives few bins."""
    days = (last - first).days + 1
    lengths = {"day": 1, "week": 7, "month": 28, "quarter": 90, "year": 365}
    return next((unit for unit in _UNITS if days / lengths[unit] <= MOST_BINS), "year")


def _begin(day: date, unit: str) -> date:
    """Return the first day of the unit that a day is in."""
    if unit == "week":
        return day - timedelta(days=day.weekday())
    if unit == "month":
        return day.replace(day=1)
    if unit == "quarter":
        return day.replace(month=day.month - (day.month - 1) % 3, day=1)
    return day.replace(month=1, day=1) if unit == "year" else day


def _begins(first: date, last: date, unit: str) -> list[date]:
    """Return the first days of all units from one day to another."""
    steps = {"day": 1, "week": 7, "month": 31, "quarter": 92, "year": 366}
    found = [_begin(first, unit)]
    while (following := _begin(found[-1] + timedelta(days=steps[unit]), unit)) <= last:
        found.append(following)
    return found
