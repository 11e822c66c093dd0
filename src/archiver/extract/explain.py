"""Explain the values of a page: every rule that was tried, in order, and what it found."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from archiver.extract.choose import choose
from archiver.extract.json_path import find
from archiver.extract.json_rules import scalars
from archiver.extract.open_page import open_page
from archiver.extract.page import ParsedPage
from archiver.extract.read import read
from archiver.extract.rules import evaluate, typed
from archiver.model.capture import Capture
from archiver.model.profile import PageKind, Profile, Rule, Rules
from archiver.model.record import Record
from archiver.text.patterns import PatternTimeout

_SHOWN = 120
_MOST_PATHS = 3


@dataclass(frozen=True, slots=True)
class RuleTrial:
    """One rule of one field, and its result.

    Attributes:
        field: `title`, `readings.views`, or `page` for the choice of the template.
        rule: the rule as printed in sources.
        rank: 1 for the first rule of the field.
        found: the number of matching values; `values` are those of the rule's type, shortened.
        wins: whether this rule gave the field its value.
        paths: the paths of the first nodes that it found, as in `sources.node_path`.
    """

    field: str
    rule: str
    rank: int
    found: int
    values: tuple[str, ...]
    wins: bool
    paths: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Return `title: css:h3.tieude (rule 1) gives 'Dân vận khéo'`."""
        mark = "gives" if self.wins else "finds"
        shown = ", ".join(map(repr, self.values)) or (f"{self.found} without a value" if self.found else "nothing")
        return f"{self.field}: {self.rule} (rule {self.rank}) {mark} {shown}"


def explain(capture: Capture, profile: Profile) -> list[RuleTrial]:
    """Return every rule for a capture's page and what it finds, the readings first."""
    record = read(capture, profile, links=False)
    if not record.template:
        return []
    page, _ = open_page(capture, profile)
    kind, _ = choose(profile, capture.url, capture.visited_at, page)
    return tried_rules(page, kind, record) if kind is not None else []


def tried_rules(page: ParsedPage, kind: PageKind, record: Record) -> list[RuleTrial]:
    """Return every rule of a table and what it finds in a page, the readings first. Ignored nodes are cut out of it."""
    winners = {name: source.rank for name, source in record.sources}
    tried = _listed(page, kind) if kind.items else []
    tried += [each for name, rules in kind.readings for each in _tried(f"readings.{name}", rules, page, winners)]
    page.cut(kind.ignore)
    return tried + [each for name, rules in kind.fields for each in _tried(name, rules, page, winners)]


def _listed(page: ParsedPage, kind: PageKind) -> list[RuleTrial]:
    """Return the list of an API that a table reads, with the first headlines."""
    value = page.answer.value if page.answer is not None else None
    lists = [each for each in find(value, kind.items) if isinstance(each.value, list)][:1]
    shown = [shortened(text) for each in lists for text in _headlines(each.value, kind)]
    size = sum(len(each.value) for each in lists)
    paths = tuple(each.pointer or "/" for each in lists)
    return [RuleTrial("items", f"json:{kind.items}", 1, size, tuple(shown), bool(lists), paths)]


def _headlines(entries: list[Any], kind: PageKind) -> Iterator[str]:
    for entry in entries[:_MOST_PATHS] if kind.headline else ():
        yield from (text for text, _ in islice(scalars(entry, kind.headline), 1))


def _tried(name: str, rules: Rules, page: ParsedPage, winners: dict[str, int]) -> list[RuleTrial]:
    return [_one(name, rule, rank, page, winners.get(name)) for rank, rule in enumerate(rules, 1)]


def _one(name: str, rule: Rule, rank: int, page: ParsedPage, winner: int | None) -> RuleTrial:
    try:
        found = evaluate(rule, page)
    except PatternTimeout as timeout:
        return RuleTrial(name, f"{rule.text} ({timeout})", rank, 0, (), wins=False)
    values = typed(rule, found, page) if found else []
    places = (each.pointer or (page.document.path(each.node) if each.node else "") for each in found[:_MOST_PATHS])
    paths = tuple(filter(None, places))
    return RuleTrial(name, rule.text, rank, len(found), tuple(map(shortened, values)), rank == winner, paths)


def shortened(value: str) -> str:
    """Return a value as it is shown in an explanation."""
    return value if len(value) <= _SHOWN else value[: _SHOWN - 1] + "…"
