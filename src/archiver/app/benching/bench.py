"""The result of comparing a profile with the one in force over stored captures."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from archiver.app.benching.tally import AgreementTally, BenchTally, DifferenceTally, FieldTally, TableTally, months_of
from archiver.model.record import FIELDS
from archiver.store.reading_spans import StoredCounts

MOST_MONTHS = 12


@dataclass(frozen=True, slots=True)
class Fall:
    """A field that the profile reads on fewer pages than the one in force, or that agrees less with another source.

    Attributes:
        what: `coverage`, `declared` or `generic`: what has fallen.
        had: the pages that had it before; `lost`: those that lose it, less those that gain it.
        url: a page that loses it.
    """

    table: str
    field: str
    what: str
    had: int
    lost: int
    url: str

    @property
    def line(self) -> str:
        """Return the fall as one line of text, which `grep` can find."""
        said = {"coverage": "have no value any more", "declared": "no longer agree with what the page declares"}
        what = said.get(self.what, "no longer agree with the reading without a profile")
        return f"falls: {self.table}: {self.field}: {self.lost} of {self.had} pages {what}, e.g. {self.url}"


@dataclass(frozen=True, slots=True)
class Sides:
    """The two profiles: where each comes from, and the milliseconds that reading a page by its rules takes."""

    candidate: str
    in_force: str
    milliseconds: float | None = None
    milliseconds_in_force: float | None = None


@dataclass(frozen=True, slots=True)
class Amounts:
    """How much was read.

    Attributes:
        captures: the stored captures of the site's pages; `pruned`, `redacted`, `embargoed` are left out.
        units: the captures that reading everything would read; `read`: those that were read.
        covered: the captures that these stand for: all of one version, and equal bodies.
        unreadable: captures with damaged bytes, or on which the reader failed.
        files: versions that are files; no rule of a profile reads them.
        declared, generic: the captures of which the declared values and the generic reading were compared.
        read_before: the captures that were also read with the other profile; of the others, the archive has the values.
        to_fallback: captures whose body the profile leaves to the fallback, which was not run unless `fallback`.
        misread: captures that the profile seems to misread, so that a crawl would hold them back.
        split: versions in which the profile would claim an edit.
        ended: "all", "sample" or "interrupted".
    """

    captures: StoredCounts
    units: int
    read: int
    covered: int
    unreadable: int
    files: int
    declared: int
    generic: int
    read_before: int
    to_fallback: int
    misread: int
    fallback: bool
    split: int
    seconds: float
    ended: str


class Bench:
    """The result for one site: `lines()` to print, `as_json()` for programs, `falls` for the exit code."""

    def __init__(self, site: str, sides: Sides, amounts: Amounts, tally: BenchTally) -> None:
        self.site = site
        self.sides = sides
        self.amounts = amounts
        self._tables = tally.tables
        self._differences = tally.differences
        self.falls = tuple(_falls(tally))

    @property
    def months(self) -> list[str]:
        """Return the months of the captures that were read, oldest first."""
        return months_of(self._tables.values())

    @property
    def tables(self) -> list[tuple[str, TableTally]]:
        """Return the tables of the profile by which pages were read, the most frequent first."""
        return sorted(self._tables.items(), key=lambda each: (-each[1].read.total(), each[0]))

    @property
    def differences(self) -> list[tuple[str, DifferenceTally]]:
        """Return the fields that are read differently, those with the most values first."""
        return sorted(self._differences.items(), key=lambda each: (-each[1].values, each[0]))

    def lines(self) -> list[str]:
        """Return the result as lines of text."""
        from archiver.app.benching.bench_text import bench_lines  # noqa: PLC0415  (the text needs the result)

        return bench_lines(self)

    def as_json(self) -> dict[str, Any]:
        """Return the object that `--json` prints."""
        counts = asdict(self.amounts) | {"seconds": round(self.amounts.seconds, 2)}
        return {
            "site": self.site,
            **asdict(self.sides),
            **counts,
            "tables": [_table_json(name, table) for name, table in self.tables],
            "reinterpreted": {name: _difference_json(each) for name, each in self.differences},
            "falls": [asdict(each) for each in self.falls],
        }


def ordered(table: TableTally) -> list[tuple[str, FieldTally]]:
    """Return the fields of a table in the order in which people read a page, the profile's own last."""
    order = {name: place for place, name in enumerate(FIELDS)}
    return sorted(table.fields.items(), key=lambda each: (order.get(each[0], len(order)), each[0]))


def joined_months(months: list[str], most: int = MOST_MONTHS) -> dict[str, str]:
    """Return by month its column: at most so many; the older months share the first one."""
    if len(months) <= most:
        return {month: month for month in months}
    older, newest = months[: len(months) - most + 1], months[len(months) - most + 1 :]
    return dict.fromkeys(older, f"..{older[-1]}") | {month: month for month in newest}


def by_column(counts: Counter[str], columns: dict[str, str]) -> Counter[str]:
    """Return counts by month as counts by column."""
    summed: Counter[str] = Counter()
    for month, count in counts.items():
        summed[columns[month]] += count
    return summed


def _falls(tally: BenchTally) -> Iterator[Fall]:
    for name, table in sorted(tally.tables.items()):
        for field, found in ordered(table):
            kinds = [("coverage", found.pages), *((source, each.pages) for source, each in found.sources.items())]
            for what, pages in kinds:
                if pages.has_fallen:
                    yield Fall(name, field, what, len(pages.had), pages.net_loss, pages.example)


def _table_json(name: str, table: TableTally) -> dict[str, Any]:
    return {
        "table": name,
        "captures": table.read.total(),
        "pages": len(table.pages),
        "fields": {field: _field_json(found, table) for field, found in ordered(table)},
    }


def _field_json(found: FieldTally, table: TableTally) -> dict[str, Any]:
    months = {
        month: {"captures": count, "values": found.now[month], "values_in_force": found.was[month]}
        for month, count in sorted(table.read.items())
    }
    return {
        "values": found.now.total(),
        "values_in_force": found.was.total(),
        "both": found.both,
        "same": found.same,
        "lost_pages": len(found.pages.lost),
        "gained_pages": len(found.pages.gained),
        **{source: _agreement_json(each) for source, each in found.sources.items()},
        "months": months,
    }


def _agreement_json(found: AgreementTally) -> dict[str, int]:
    return {
        "compared": found.compared,
        "agreed": found.agreed,
        "compared_in_force": found.compared_before,
        "agreed_in_force": found.agreed_before,
    }


def _difference_json(found: DifferenceTally) -> dict[str, Any]:
    return {
        "values": found.values,
        "pages": len(found.pages),
        "emptied": found.emptied,
        "filled": found.filled,
        "captures": found.captures,
        "examples": [asdict(each) for each in found.examples],
    }
