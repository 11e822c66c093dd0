"""The pages that a profile seems to misread: their captures, what was known of them, the table that read them well."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import NamedTuple

from archiver.extract.choose import choose
from archiver.extract.open_page import open_page
from archiver.learn.samples import Sample, SamplePage, open_samples
from archiver.model.capture import Capture
from archiver.model.profile import PageKind, Profile
from archiver.model.record import Content, Record

Values = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DoubtfulPage:
    """A page that is misread since a redesign.

    Attributes:
        capture: its newest doubtful capture.
        since: the time of its first doubtful capture.
        known: its content as its last good capture was read; None for a page that was never read well.
        readings: the last values of its counters.
        good: its last good capture.
    """

    capture: Capture
    since: datetime
    known: Content | None = None
    readings: tuple[tuple[str, int], ...] = ()
    good: Capture | None = None


class Case(NamedTuple):
    """An opened doubtful page, and the table of its last good capture (else the one that misreads it)."""

    page: DoubtfulPage
    sample: Sample
    table: PageKind

    @property
    def known(self) -> Content | None:
        """Return the known content; None when there is none, or when little of it is in the page."""
        return self.page.known if self.sample.is_known else None


def open_cases(profile: Profile, pages: Sequence[DoubtfulPage]) -> list[Case]:
    """Open the pages that a table for articles is for; others, and those that are no HTML, are left out."""
    by_address = {each.capture.url: each for each in pages}
    samples = open_samples([SamplePage(each.capture) for each in pages], profile.site, [each.known for each in pages])
    cases = []
    for sample in samples:
        page = by_address[sample.url]
        table = _table_of(profile, page.good or page.capture) or _table_of(profile, page.capture)
        if table is not None and table.kind == "article":
            cases.append(Case(page, sample, table))
    return cases


def unlabelled(capture: Capture, profile: Profile) -> Sample:
    """Return an opened page without labels: only its nodes are wanted."""
    return Sample(SamplePage(capture), open_page(capture, profile)[0], Record())


def _table_of(profile: Profile, capture: Capture) -> PageKind | None:
    page, _ = open_page(capture, profile)
    return choose(profile, capture.url, capture.visited_at, page)[0]


def common_table(cases: Sequence[Case]) -> PageKind:
    """Return the table that read most pages of a group."""
    by_line = {case.table.line: case.table for case in cases}
    return by_line[Counter(case.table.line for case in cases).most_common(1)[0][0]]


def first_day(cases: Sequence[Case], zone: tzinfo) -> date:
    """Return the day of the first doubtful capture, at the site."""
    return min(case.page.since for case in cases).astimezone(zone).date()


def values_of(content: Content, name: str) -> Values:
    """Return the values of a field of a content, by its name in a profile."""
    flat = content.flat()
    value = flat.get(name, flat.get(f"extra.{name}"))
    return (value,) if isinstance(value, str) and value else tuple(value or ())
