"""The result of mending a profile: its text, the new tables, and what each reads."""

from dataclasses import dataclass

from archiver.learn.doubtful_pages import values_of
from archiver.learn.known_agreement import read_by
from archiver.learn.repair_table import Draft, is_never
from archiver.model.profile import PageKind, Profile, Rules

_ESSENTIAL, _LEAST_PAGES = ("title", "body"), 3


@dataclass(frozen=True, slots=True)
class MendedField:
    """One field of a new table.

    Attributes:
        name: the field.
        before: its rules in the old table; `after`: in the new one; empty when a fallback reads it.
        known: pages on which its value is known; `right`: those of them on which the new table gives it.
        given: pages on which the new table gives a value; `pages`: all.
        reason: why these rules, or why there are none.
    """

    name: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    known: int
    right: int
    given: int
    pages: int
    reason: str

    @property
    def is_lost(self) -> bool:
        """Return whether known values are in no new page."""
        return self.known > 0 and self.right == 0 and self.given == 0

    @property
    def confidence(self) -> float:
        """Return the share of the pages on which it is right; without known values, on which it has a value."""
        return self.right / self.known if self.known else self.given / self.pages if self.pages else 0.0


@dataclass(frozen=True, slots=True)
class MendedTable:
    """A table for a new template.

    Attributes:
        table: its rules; `text`: its TOML, "" when it is not proposed.
        old: the table that read its pages before.
        urls: its pages.
        agreement: how well it reads what is known of them, from 0 to 1; without known values, the main text.
        body: the same of the body alone.
        fields: what is known about each field.
    """

    table: PageKind
    old: PageKind
    urls: tuple[str, ...]
    agreement: float
    body: float
    fields: tuple[MendedField, ...]
    text: str = ""

    @property
    def lost(self) -> tuple[str, ...]:
        """Return the names of the fields that are nowhere in the new pages."""
        return tuple(each.name for each in self.fields if each.is_lost)

    @property
    def misread(self) -> tuple[str, ...]:
        """Return which of title and body differ from what is known on most of several pages: they would be edits."""
        named = [each for each in self.fields if each.name in _ESSENTIAL and each.known >= _LEAST_PAGES]
        return tuple(each.name for each in named if 2 * each.right < each.known)


@dataclass(frozen=True, slots=True)
class Repair:
    """A mended profile.

    Attributes:
        text: its TOML, the same as before when there is no mend; `profile`: the loaded profile.
        tables: the new tables, and those that are not good enough to be proposed.
        unlike: the addresses of pages without most of their known text; nothing was learned from them.
    """

    text: str
    profile: Profile
    tables: tuple[MendedTable, ...]
    unlike: tuple[str, ...] = ()

    @property
    def proposed(self) -> tuple[MendedTable, ...]:
        """Return the tables that are proposed."""
        return tuple(each for each in self.tables if each.text)


def fields_of(draft: Draft, table: PageKind) -> tuple[MendedField, ...]:
    """Return what is known about each field of a table."""
    found = {id(case.sample): read_by(table, case.page.capture, draft.site).content for case in draft.cases}
    known = {id(case.sample): case.known for case in draft.cases if case.known is not None}
    old, new = dict(draft.old.fields), dict(table.fields)
    names = dict.fromkeys((*old, *new, *(n for c in known.values() for n, v in c.flat().items() if v)))
    rows = []
    for name in dict.fromkeys(each.removeprefix("extra.") for each in names):
        values = {number: value for number, content in known.items() if (value := values_of(content, name))}
        read = {number: values_of(content, name) for number, content in found.items()}
        rows.append(
            MendedField(
                name,
                _texts(old.get(name, ())),
                _texts(new.get(name, ())),
                len(values),
                sum(read[number] == value for number, value in values.items()),
                sum(map(bool, read.values())),
                len(draft.cases),
                draft.reasons.get(name, ""),
            )
        )
    return tuple(rows)


def _texts(rules: Rules) -> tuple[str, ...]:
    return tuple(rule.text for rule in rules if not is_never(rule))
