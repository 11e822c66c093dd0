"""Find the rules of the dates: of publication, declared ones before printed ones, and of the latest change."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from archiver.extract.page import ParsedPage
from archiver.extract.slots import types_of
from archiver.extract.tree import Node, ancestry, attribute
from archiver.learn.field_rules import FieldRules, best_rules
from archiver.learn.likely_change import dated_changes, declared_change
from archiver.learn.samples import Sample
from archiver.learn.selectors import selectors_of
from archiver.model.profile import Rule

_METAS = (
    "article:published_time",
    "og:article:published_time",
    "datePublished",
    "dc.date.issued",
    "dcterms.created",
    "dcterms.date",
    "dc.date",
    "parsely-pub-date",
    "cXenseParse:recs:publishtime",
    "sailthru.date",
    "publishdate",
    "publish-date",
    "publication_date",
    "pubdate",
    "date",
)
_DATES = "time, span, p, div, td, li, em, i, b, strong, small, abbr, font, label, dd"
_MOST_NODES = 3_000
_MOST_SLOTS = 60
_LONGEST = 80
_GENERIC = 1.5
"""Weight of the generic reading among the declared dates."""
_DAY_ONLY, _NO_LABEL = 0.9, 0.8
"""The fit of a day without a time, and of any date on a page where the reading without a profile finds none."""
_COSTS = {"jsonld": 0.0, "meta": 0.5, "attr": 2.0, "text": 3.0}
_GENERAL = (
    Rule("jsonld", "datePublished", type="datetime"),
    Rule("meta", "article:published_time", type="datetime"),
    Rule("meta", "datePublished", type="datetime"),
    Rule("css", "[itemprop='datePublished']", attr="datetime", type="datetime"),
    Rule("css", "article time[datetime]", attr="datetime", type="datetime"),
    Rule("css", "time[datetime]", attr="datetime", type="datetime"),
)
_NOT_HERE = frozenset(("nav", "footer", "aside", "a"))


def date_rules(samples: Sequence[Sample]) -> FieldRules:
    """Return the rules of the date of publication."""
    days = {id(sample): _day_of(sample) for sample in samples}
    if not any(days.values()):
        days |= _slot_days(samples)
    return best_rules(
        samples, _candidates(samples, days), lambda sample, values: _fit(values[0], days[id(sample)]), _GENERAL
    )


def change_rules(samples: Sequence[Sample]) -> FieldRules:
    """Return the rules of the printed date of the latest change; without rules, a declared one is read."""
    declared = next(filter(None, (declared_change(sample.page) for sample in samples)), "")
    if declared:
        return FieldRules(reason=f"read from {declared}, without a rule")
    nodes = {id(sample): list(dated_changes(sample.page))[:1] for sample in samples}
    days = {id(s): (s.page.date(s.page.line(node)).local or "")[:10] for s in samples for node in nodes[id(s)]}
    candidates = [
        (Rule("css", each.text, type="datetime"), each.cost)
        for found in nodes.values()
        for node in found
        for each in selectors_of(node)
    ]
    rules = best_rules(samples, candidates, lambda sample, values: float(values[0][:10] == days.get(id(sample))))
    is_sure = bool(days) and all(each in (None, 1.0) for each in rules.fits)
    if not is_sure:
        return FieldRules(reason="no page prints it")
    return replace(rules, rules=rules.rules[:1], fits=tuple(each for each in rules.fits if each is not None))


def _day_of(sample: Sample) -> str:
    """Return the day that most sources of a page agree in; "" when it has none."""
    votes: Counter[str] = Counter()
    for text in (
        *sample.page.slots.jsonld("datePublished")[:1],
        *(v for n in _METAS for v in sample.page.slots.meta(n)[:1]),
    ):
        said = sample.page.date(text).local
        if said:
            votes[said[:10]] += 1
    published = sample.record.content.published
    weights = {day: float(count) for day, count in votes.items()}
    if published and published.local:
        weights[published.local[:10]] = weights.get(published.local[:10], 0) + _GENERIC
    return max(weights, key=lambda day: (weights[day], day), default="")


def _fit(value: str, day: str) -> float:
    if not day:
        return _NO_LABEL
    if value[:10] != day:
        return 0.0
    return 1.0 if len(value) > len("2024-01-01") else _DAY_ONLY


def _candidates(samples: Sequence[Sample], days: dict[int, str]) -> Iterator[tuple[Rule, float]]:
    for sample in samples:
        slots = sample.page.slots
        kinds = dict.fromkeys(kind for each in sample.page.main_objects for kind in types_of(each))
        for kind in kinds:
            if slots.jsonld(f"{kind}.datePublished"):
                yield Rule("jsonld", f"{kind}.datePublished", type="datetime"), _COSTS["jsonld"]
        for place, name in enumerate(_METAS):
            if slots.meta(name):
                yield Rule("meta", name, type="datetime"), _COSTS["meta"] + place / 10
        yield from _printed(sample, days[id(sample)])


def _printed(sample: Sample, day: str) -> Iterator[tuple[Rule, float]]:
    page = sample.page
    for node in page.document.css(
        "time[datetime], [itemprop~='datePublished'][content], [itemprop~='datePublished'][datetime]"
    ):
        name = "content" if attribute(node, "content") else "datetime"
        if (page.date(attribute(node, name) or "").local or "")[:10] == day != "":
            yield from (
                (Rule("css", each.text, attr=name, type="datetime"), _COSTS["attr"] + each.cost)
                for each in selectors_of(node)
            )
    for node, printed in _dated(page):
        if printed == day != "":
            yield from (
                (Rule("css", each.text, type="datetime"), _COSTS["text"] + each.cost) for each in selectors_of(node)
            )


def _dated(page: ParsedPage) -> Iterator[tuple[Node, str]]:
    """Yield the elements that print little more than a date, with its day."""
    for node in page.document.css(_DATES)[:_MOST_NODES]:
        if node.mem_id in page.hidden:
            continue
        text = page.beginning(node, _LONGEST + 1)
        if not 6 <= len(text) <= _LONGEST or not any(letter.isdigit() for letter in text):  # noqa: PLR2004
            continue
        if not any(each.tag in _NOT_HERE for each in ancestry(node)):
            yield node, (page.date(text).local or "")[:10]


def _slot_days(samples: Sequence[Sample]) -> dict[int, str]:
    """Return the days that one element prints on every page, each page another one; {} when there is no such element.

    It is asked where no page declares a date and the reading without a profile finds none. The selector of the element
    matches once on each page: a list of other articles has several dates, and the date of today is the same on all.
    """
    first, *others = samples
    if not others:
        return {}
    slots = sorted(
        {each for node, day in _dated(first.page) if day for each in selectors_of(node)}, key=lambda each: each.cost
    )
    for slot in slots[:_MOST_SLOTS]:
        days = [_only_day(sample.page, slot.text) for sample in samples]
        if all(days) and len(set(days)) > 1:
            return {id(sample): day for sample, day in zip(samples, days, strict=True)}
    return {}


def _only_day(page: ParsedPage, selector: str) -> str:
    """Return the day that the only match of a selector prints; "" when it prints none, or when there are several."""
    nodes = page.document.css(selector)
    return (page.date(page.beginning(nodes[0], _LONGEST + 1)).local or "")[:10] if len(nodes) == 1 else ""
