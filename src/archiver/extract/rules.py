"""Evaluate rules: find values in a page, keep those that match, take the selected ones, convert them to their type."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import islice
from typing import NamedTuple

from archiver.extract.body import line
from archiver.extract.entities import shown
from archiver.extract.json_rules import texts_of
from archiver.extract.page import ParsedPage
from archiver.extract.tree import Node, attribute, nearest_known
from archiver.model.profile import Rule, Rules, ValueType
from archiver.model.record import Source
from archiver.text.dates import read_date
from archiver.text.numbers import read_number

_RAW_CHARACTERS = 500
_MOST_FOUND = 5_000
_MOST_MISSED = 50
"""The maximum number of failed searches for inner texts: each costs a search through the outer text."""
_ADDRESS_ATTRIBUTES = frozenset(("href", "src", "action", "data-src", "data-original", "poster", "cite"))


class FoundValue(NamedTuple):
    """A value in a page: its text, its node, the original text if it is not the node's, and its place in JSON."""

    text: str
    node: Node | None = None
    raw: str | None = None
    pointer: str = ""


class RuleResult(NamedTuple):
    """The result of the rules of a field: the first rule that gave values, and the values."""

    rule: Rule
    rank: int
    values: list[str]
    found: list[FoundValue]

    def source(self, page: ParsedPage) -> Source:
        """Return the node or text of the first value; of a value that the rule joins, the text of all of them."""
        source = source_of(self.found[0], self.rule.text, self.rank, page)
        if self.rule.join is None or len(self.found) == 1:
            return source
        raw = self.rule.join.join(each.raw or each.text for each in self.found[:_RAW_CHARACTERS])
        return replace(source, raw=raw[:_RAW_CHARACTERS].strip())

    def reading_source(self, page: ParsedPage) -> Source:
        """Return `source`, or the matching text where the beginning of the node's text does not contain it."""
        source, first = self.source(page), self.found[0]
        is_shown = self.rule.join is not None or first.text in source.raw
        return source if is_shown else replace(source, raw=first.text[:_RAW_CHARACTERS])


def source_of(found: FoundValue, rule: str, rank: int, page: ParsedPage, *, known: str = "") -> Source:
    """Return the source of a value; its text is left out if it is the one that is known."""
    raw = found.raw
    if raw is None:
        raw = found.node.text(separator=" ") if found.node is not None else found.text
    path = found.pointer or (page.document.path(found.node) if found.node is not None else "")
    raw = raw[:_RAW_CHARACTERS].strip()
    return Source(rule, rank, "" if raw == known else raw, path)


def first_yield(rules: Rules, page: ParsedPage) -> RuleResult | None:
    """Return the values of the first rule that gives any."""
    for rank, rule in enumerate(rules, 1):
        found = evaluate(rule, page)
        values = typed(rule, found, page) if found else []
        if values:
            return RuleResult(rule, rank, values, found)
    return None


def evaluate(rule: Rule, page: ParsedPage) -> list[FoundValue]:
    """Return what a rule finds, by its kind, pattern and `take`; empty texts do not count.

    Raises:
        PatternTimeout: the rule's pattern ran out of time.
    """
    return picked(rule, _KINDS[rule.kind](rule, page), page)


def picked(rule: Rule, found: Iterable[FoundValue], page: ParsedPage) -> list[FoundValue]:
    """Return the values that match the rule's pattern, and of them those that `take` selects."""
    kept = _matching(rule, found, page) if rule.pattern else (each for each in found if each.text)
    return taken(rule, islice(kept, _MOST_FOUND))


def taken(rule: Rule, found: Iterable[FoundValue]) -> list[FoundValue]:
    """Return the first, the last, all or the n-th of what was found (1 the first, -1 the last).

    Of all, a text within another one that was found is left out: nodes come in document order, the outer one first.
    """
    if rule.take == "first":
        return list(islice(found, 1))
    every = list(found)
    if rule.take == "all":
        return _outermost(every)
    place = -1 if rule.take == "last" else rule.take - (rule.take > 0)
    return every[place : place + 1 or None] if -len(every) <= place < len(every) else []


class _Outer:
    """An outer text, and how far it was searched for the texts within it, which come in document order."""

    __slots__ = ("_missed", "_position", "_text")

    def __init__(self, text: str) -> None:
        self._text = " ".join(text.split())
        self._position = 0
        self._missed = 0

    def holds(self, text: str) -> bool:
        """Return whether an inner text occurs here, too; text that is hidden from the outer node does not."""
        if self._missed > _MOST_MISSED:
            return True
        place = self._text.find(" ".join(text.split()), self._position)
        self._missed += place < 0
        self._position = max(self._position, place)
        return place >= 0


def _outermost(found: list[FoundValue]) -> list[FoundValue]:
    """Leave out the texts of nodes within another node that was found, when the outer text contains them."""
    kept: list[FoundValue] = []
    outers: list[_Outer] = []
    places: dict[int, int] = {}
    for each in found:
        if each.node is None or each.raw is not None:
            kept.append(each)
            continue
        place = nearest_known(each.node, places, 0)
        if place and outers[place - 1].holds(each.text):
            continue
        kept.append(each)
        if not place:
            outers.append(_Outer(each.text))
            places[each.node.mem_id] = len(outers)
    return kept


def matched(rule: Rule, text: str, page: ParsedPage) -> str:
    """Return the part of a text that a rule's pattern selects: its first group, else the whole match; "" for none.

    Raises:
        PatternTimeout: the pattern ran out of time.
    """
    if rule.pattern is None:
        return text
    match = page.pattern_time.search(rule.pattern, text)
    if match is None:
        return ""
    return (match[1] or "") if match.re.groups else match[0]


def _matching(rule: Rule, found: Iterable[FoundValue], page: ParsedPage) -> Iterator[FoundValue]:
    for each in found:
        text = matched(rule, each.text, page).strip()
        if text:
            yield each._replace(text=text)


def _from_css(rule: Rule, page: ParsedPage) -> Iterator[FoundValue]:
    for node in page.bounded(page.document.css(rule.selector)):
        if rule.attr:
            value = attribute(node, rule.attr)
            if value is not None:
                address = page.absolute(value) if rule.attr in _ADDRESS_ATTRIBUTES else None
                yield FoundValue(address or line(value), node, value)
        elif rule.type == "html":
            yield FoundValue(page.html(node).strip(), node)
        elif rule.type == "url" and (address := page.address(node)):
            yield FoundValue(address, node, address)
        else:
            yield FoundValue(page.line(node), node)


def _from_meta(rule: Rule, page: ParsedPage) -> Iterator[FoundValue]:
    for value in page.slots.meta(rule.selector):
        yield FoundValue(shown(value), None, value)


def _from_jsonld(rule: Rule, page: ParsedPage) -> Iterator[FoundValue]:
    for value in page.slots.jsonld(rule.selector):
        yield FoundValue(shown(value), None, value)


def _from_json(rule: Rule, page: ParsedPage) -> Iterator[FoundValue]:
    for each in texts_of(rule, page):
        yield FoundValue(each.text, None, each.raw, each.pointer)


def _from_const(rule: Rule, _: ParsedPage) -> Iterator[FoundValue]:
    yield FoundValue(line(rule.selector))


def _from_pattern(rule: Rule, page: ParsedPage) -> Iterator[FoundValue]:
    """Yield the text of a file or, for a rule that takes another match than the first, each of its lines."""
    parts = (page.file_body,) if rule.take == "first" else page.file_body.split("\n")
    yield from (FoundValue(part) for part in parts if part)


_KINDS: dict[str, Callable[[Rule, ParsedPage], Iterator[FoundValue]]] = {
    "css": _from_css,
    "json": _from_json,
    "meta": _from_meta,
    "jsonld": _from_jsonld,
    "const": _from_const,
    "pattern": _from_pattern,
}


def typed(rule: Rule, found: list[FoundValue], page: ParsedPage) -> list[str]:
    """The values in the form of their type, joined if the rule says so; invalid values are left out."""
    texts = [each.text for each in found]
    if rule.join is not None:
        texts = [rule.join.join(texts)]
    shape = _TYPES.get(rule.type)
    if shape is None:
        return texts
    shaped = (shape(text, rule, page) for text in texts)
    return [value for value in shaped if value]


def _date(text: str, rule: Rule, page: ParsedPage) -> str | None:
    said = read_date(
        text,
        language=page.language,
        timezone=page.site.timezone,
        format=rule.format,
        day_only=rule.type == "date",
    )
    return said.local


def _integer(text: str, _: Rule, page: ParsedPage) -> str | None:
    number = read_number(text, language=page.language)
    return None if number is None else str(number)


def _url(text: str, _: Rule, page: ParsedPage) -> str | None:
    return page.absolute(text)


_TYPES: dict[ValueType, Callable[[str, Rule, ParsedPage], str | None]] = {
    "datetime": _date,
    "date": _date,
    "integer": _integer,
    "url": _url,
}
