"""Compare a profile and its mend: misread captures against what was known, good captures with each other."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from archiver.extract.read import read
from archiver.learn.doubtful_pages import DoubtfulPage
from archiver.learn.known_agreement import agreement
from archiver.model.capture import Capture
from archiver.model.profile import Profile
from archiver.model.record import Record

_RIGHT = 0.9
_NOT_OTHER = 0.4
"""Agreement from which a page shows its known content, edited."""


@dataclass
class RepairBench:
    """What two profiles read.

    Attributes:
        pages: the doubtful pages.
        before, after: those that are read, with the old profile and with the new one.
        known, same: by field, pages on which its value was known, and those on which the new profile gives it.
        unchanged: pages whose whole content is read as it was known.
        misread: the addresses of pages that the new profile does not read.
        good: captures that were read well before the first doubt; `differing`: the addresses of those that are read
            differently.
    """

    pages: int = 0
    before: int = 0
    after: int = 0
    unchanged: int = 0
    known: Counter[str] = field(default_factory=Counter)
    same: Counter[str] = field(default_factory=Counter)
    misread: list[str] = field(default_factory=list)
    good: int = 0
    differing: list[str] = field(default_factory=list)


def bench_repair(old: Profile, new: Profile, pages: Iterable[DoubtfulPage], good: Iterable[Capture]) -> RepairBench:
    """Read all pages with both profiles. The pages and captures are read one after another, so they may be many."""
    bench = RepairBench()
    for page in pages:
        _note(bench, page, read(page.capture, old, links=False), read(page.capture, new, links=False))
    for capture in good:
        bench.good += 1
        bench.differing += read_differently(old, new, [capture])
    return bench


def _note(bench: RepairBench, page: DoubtfulPage, before: Record, after: Record) -> None:
    if after.kind != "article":
        return
    bench.pages += 1
    bench.before += is_read(page, before)
    if is_read(page, after):
        bench.after += 1
    else:
        bench.misread.append(page.capture.url)
    if page.known is None:
        return
    known, found = page.known.comparable(), after.content.comparable()
    bench.unchanged += all(
        (known.get(name) or None) == (found.get(name) or None) for name in known.keys() | found.keys()
    )
    for name, value in known.items():
        if value:
            bench.known[name] += 1
            bench.same[name] += found.get(name) == value


def is_read(page: DoubtfulPage, record: Record) -> bool:
    """Return whether a record shows a page: what is known of it, perhaps edited; else a text by rules that fit."""
    if page.known is None:
        is_ruled = any(name == "body" and source.rank for name, source in record.sources)
        return is_ruled and not record.broken
    found = agreement(page.known, record.content)
    return found >= _RIGHT or (found >= _NOT_OTHER and not record.broken and _is_ruled(record, "title", "body"))


def _is_ruled(record: Record, *names: str) -> bool:
    ranks = {name: source.rank for name, source in record.sources}
    return all(ranks.get(name) for name in names)


def read_differently(old: Profile, new: Profile, captures: Iterable[Capture]) -> list[str]:
    """Return the addresses of captures that two profiles read differently."""
    return [
        each.url
        for each in captures
        if read(each, old, links=False).content.comparable() != read(each, new, links=False).content.comparable()
    ]
