"""What a learned profile reads from the pages it was learned from: per table and field the rules, their fit, values."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from archiver.extract.read import read
from archiver.extract.testing import comparable
from archiver.learn.learned import LearnedField, LearnedProfile
from archiver.learn.samples import SamplePage
from archiver.model.profile import PageKind, Profile
from archiver.model.record import Record

_SHOWN = 3
_LONGEST = 200
_ALWAYS = ("title", "published", "body")
_SURE = 0.95
_LEAST_PAGES = 2


@dataclass(frozen=True, slots=True)
class FieldReport:
    """One field of a table.

    Attributes:
        rules: as printed in sources; of a field without a rule, what reads it.
        has_rule: whether the table has a rule for it.
        found: on how many pages the rules give a value; `pages`: of the table.
        right: on how many pages the value agrees with the labels; None where there are no labels: for rules that were
            known before, and for counters.
        reason: why these rules.
        values: address and value of up to three pages.
    """

    name: str
    rules: tuple[str, ...]
    has_rule: bool
    found: int
    right: int | None
    pages: int
    reason: str
    values: tuple[tuple[str, str], ...]

    @property
    def is_sure(self) -> bool:
        """Return whether several pages agree on the rule."""
        good = self.found if self.right is None else self.right
        return self.has_rule and self.pages >= _LEAST_PAGES and good >= _SURE * self.pages


@dataclass(frozen=True, slots=True)
class TableReport:
    """A `[[page]]` table and the pages that it reads.

    Attributes:
        template: its name, `article@12`.
        url: its pattern; "" without one.
        is_new: whether it was learned now.
        pages: the addresses of the pages that it reads.
    """

    kind: str
    template: str
    url: str
    ignore: tuple[str, ...]
    is_new: bool
    pages: tuple[str, ...]
    fields: tuple[FieldReport, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the object that `--json` prints."""
        fields = [
            asdict(each)
            | {"sure": each.is_sure, "values": [{"url": url, "value": value} for url, value in each.values]}
            for each in self.fields
        ]
        return asdict(self) | {"fields": fields}


def report_of(
    learned: LearnedProfile, pages: Sequence[SamplePage], existing: Profile | None
) -> tuple[list[TableReport], list[str]]:
    """Return the tables that read the pages, and notes on pages that are read doubtfully."""
    known = [replace(each, line=0) for each in (existing.pages if existing is not None else ())]
    read_by: dict[str, list[tuple[str, Record]]] = {}
    for page in pages:
        record = read(page.capture, learned.profile, slow=True)
        read_by.setdefault(record.template, []).append((page.capture.url, record))
    tables = [
        _table(kind, read_by[kind.template], learned.fields, is_new=replace(kind, line=0) not in known)
        for kind in learned.profile.pages
        if kind.template in read_by
    ]
    return tables, _notes(read_by, tables)


def _notes(read_by: dict[str, list[tuple[str, Record]]], tables: Iterable[TableReport]) -> list[str]:
    notes = [
        f"{url} is read as a listing, but looks like an article: the url pattern may be too narrow"
        for found in read_by.values()
        for url, record in found
        if record.kind == "listing" and record.looks_like_article
    ]
    notes += [
        f"{each.template} was learned from one page: what all pages have in common cannot be told from its content; "
        "give another article of its kind"
        for each in tables
        if each.is_new and each.kind == "article" and len(each.pages) == 1
    ]
    return notes


def _table(
    kind: PageKind, found: list[tuple[str, Record]], learned: Sequence[LearnedField], *, is_new: bool
) -> TableReport:
    rules = {name: tuple(rule.text for rule in each) for name, each in kind.fields}
    rules |= {f"readings.{name}": tuple(rule.text for rule in each) for name, each in kind.readings}
    others = [name for name in _ALWAYS if name not in rules] if kind.kind == "article" else []
    names = sorted((*rules, *others), key=lambda name: _ALWAYS.index(name) if name in _ALWAYS else len(_ALWAYS))
    fields = tuple(_field(name, rules.get(name, ()), found, learned) for name in names)
    pattern = kind.url.pattern if kind.url is not None else ""
    return TableReport(kind.kind, kind.template, pattern, kind.ignore, is_new, tuple(url for url, _ in found), fields)


def _field(
    name: str, rules: tuple[str, ...], found: Sequence[tuple[str, Record]], learned: Sequence[LearnedField]
) -> FieldReport:
    source_of = {url: dict(record.sources).get(name) for url, record in found}
    values = [(url, _text(comparable(record).get(name))) for url, record in found]
    values = [(url, value) for url, value in values if value]
    ruled = sum(source is not None and source.rule in rules for source in source_of.values())
    judged = next((each for each in learned if each.name == name.rpartition(".")[2] and each.rules == rules), None)
    others = tuple(dict.fromkeys(source.rule for source in source_of.values() if source is not None))
    return FieldReport(
        name,
        rules or others,
        bool(rules),
        ruled if rules else len(values),
        round(judged.right * len(found)) if judged is not None and rules else None,
        len(found),
        judged.reason if judged is not None else "",
        tuple(values[:_SHOWN]),
    )


def _text(value: object) -> str:
    text = " | ".join(map(str, value)) if isinstance(value, tuple | list) else "" if value is None else str(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
