"""Find the rules that give values which are known: the right values of yesterday, looked for in the pages of today.

    the old rules, where they still give the values  |  slots that declare them  |  nodes that print them, alone or
    between constant words  →  judged on all pages that still have the value  →  at most three

A value that was edited since is on no page; such a page says nothing about the field and is left out.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from archiver.extract.headline import folded
from archiver.learn.field_rules import FieldRules, best_rules, value_of
from archiver.learn.likely_parts import escaped
from archiver.learn.printed_texts import PrintedText, PrintedTexts
from archiver.learn.samples import Sample
from archiver.learn.selectors import selectors_of
from archiver.model.profile import Rule, Rules, ValueType
from archiver.model.record import LIST_FIELDS
from archiver.text.patterns import Pattern, PatternTimeout

Values = tuple[str, ...]
Known = Mapping[int, Values]
"""By the `id` of a sample, the known values of a field."""

DATES = ("published", "modified")
ADDRESSES = ("images", "files")
_SAME_SET, _SAME_WORDS, _SAME_DAY, _SOME = 0.95, 0.85, 0.8, 0.7
_GOOD = 0.75
_COSTS = {"meta": 2.0, "jsonld": 1.5, "attr": 0.5}
_OLD = -3.0
"""The cost of a rule that is in force: where it still gives the values, it stays."""
_AROUND = 60
"""Characters around a value, in the same node, that a pattern may leave out."""
_PATTERN_COST, _OUTER = 1.0, 2.0
"""The costs of a pattern, and of a node of which a child has the same text."""
_LONGEST_DATE = 100
_DAY = len("2024-01-01")
_PARTS = (Pattern(r"(\d.*\d)"), Pattern(r"\((.+)\)"))
"""The part of a text that may be its date: between the first digit and the last, or in brackets."""
_DIGITS = re.compile(r"\d")
_MOST_IMAGES = 300


class KnownTexts:
    """The texts of samples, collected once for all fields."""

    def __init__(self, samples: Sequence[Sample]) -> None:
        self._texts = {id(each): PrintedTexts(each.page) for each in samples}

    def of(self, sample: Sample) -> PrintedTexts:
        """Return the texts of a sample."""
        return self._texts[id(sample)]


def known_rules(name: str, samples: Sequence[Sample], known: Known, old: Rules, texts: KnownTexts) -> FieldRules:
    """Return rules that give the known values of a field; none when hardly any page has them.

    Args:
        name: the field.
        samples: pages of one template whose values are known.
        known: the values; a page without any has an empty tuple.
        old: the rules of the field so far.
        texts: the texts of the pages.
    """
    candidates = list(_candidates(name, samples, known, old, texts))
    wanted = [sample for sample in samples if known[id(sample)]]
    kept = [sample for sample in wanted if _is_printed(name, sample, known, {rule for rule, _ in candidates})]
    if not kept:
        return FieldRules(reason="its known values are not in the pages")
    empty = [sample for sample in samples if not known[id(sample)]]
    judged = [*kept, *empty]
    found = best_rules(judged, candidates, lambda sample, values: _fit(name, values, known[id(sample)]))
    fits = found.fits[: len(kept)]
    good = sum((each or 0.0) >= _GOOD for each in fits)
    reason = f"gives the known value on {good} of {len(wanted)} pages"
    return FieldRules(found.rules, fits, reason) if good else FieldRules(reason="no rule gives its known values")


def type_of(name: str) -> ValueType:
    """Return the type of the values of a field that a rule does not name."""
    return "datetime" if name in DATES else "url" if name in ADDRESSES else "text"


def plain_rule(rule: Rule) -> Rule:
    """Return a rule as a candidate: neither `required` nor `cut`, which depend on the other rules."""
    return replace(rule, required=False, cut=False)


def _is_printed(name: str, sample: Sample, known: Known, rules: set[Rule]) -> bool:
    """Return whether any rule gives the known value on a page."""
    wanted = known[id(sample)]
    return any(_fit(name, values, wanted) >= _GOOD for rule in rules if (values := value_of((rule,), sample)))


def _fit(name: str, values: Sequence[str], wanted: Values) -> float:
    found = tuple(dict.fromkeys(values))
    if not wanted:
        return 0.0
    if found == wanted:
        return 1.0
    if name in DATES:
        return _SAME_DAY if found[0][:_DAY] == wanted[0][:_DAY] else 0.0
    if name not in LIST_FIELDS:
        return _SAME_WORDS if folded(" ".join(found)) == folded(wanted[0]) != "" else 0.0
    one, two = set(found), set(wanted)
    return _SAME_SET if one == two else _SOME * len(one & two) / len(one | two)


# candidates


def _candidates(
    name: str, samples: Sequence[Sample], known: Known, old: Rules, texts: KnownTexts
) -> Iterator[tuple[Rule, float]]:
    yield from ((plain_rule(rule), _OLD + place / 10) for place, rule in enumerate(old))
    find = _dates if name in DATES else _addresses if name in ADDRESSES else _texts
    for sample in samples:
        wanted = known[id(sample)]
        if wanted:
            yield from find(sample, wanted, texts.of(sample), _Shape(name, old))


class _Shape:
    """What the rules of a field have in common: how many nodes they take, and the patterns of its old rules."""

    def __init__(self, name: str, old: Rules) -> None:
        self.is_list = name in LIST_FIELDS
        self.patterns = [rule.pattern for rule in old if rule.pattern is not None and rule.kind == "css"]

    def css(self, selector: str, pattern: Pattern | None = None) -> Rule:
        """Return a rule for nodes."""
        return Rule("css", selector, pattern=pattern, take="all" if self.is_list else "first")


def _texts(sample: Sample, wanted: Values, texts: PrintedTexts, shape: _Shape) -> Iterator[tuple[Rule, float]]:
    longest = max(map(len, wanted)) + _AROUND
    for node, text, is_outer in texts.printed:
        if len(text) > longest:
            continue
        more = _OUTER if is_outer else 0.0
        if text in wanted or folded(text) in map(folded, wanted):
            yield from ((shape.css(each.text), each.cost + more) for each in selectors_of(node))
            continue
        value = next((each for each in wanted if each in text), None)
        if value is not None:
            for pattern in _patterns(sample, text, value, shape):
                more += _PATTERN_COST
                yield from ((shape.css(each.text, pattern), each.cost + more) for each in selectors_of(node))
    for rule, text in texts.declared:
        if text in wanted or (shape.is_list and all(each in text for each in wanted)):
            yield replace(rule, take="all" if shape.is_list else "first"), _COSTS[rule.kind]


def _patterns(sample: Sample, text: str, value: str, shape: _Shape) -> Iterator[Pattern]:
    """Yield patterns that give a value within the text of its node: the old ones, and one of the words around it."""
    yield from (pattern for pattern in shape.patterns if _gives(sample, pattern, text, value))
    before, _, after = text.partition(value)
    start = rf"^{escaped(before.strip())}\s*" if before.strip() else "^"
    if not _DIGITS.search(before + after):
        yield Pattern(rf"{start}(.+?)\s*{escaped(after.strip())}$" if after.strip() else rf"{start}(.+)$")
    elif not _DIGITS.search(before) and before.strip():
        yield Pattern(rf"{start}(\S+)")


def _gives(sample: Sample, pattern: Pattern, text: str, value: str) -> bool:
    try:
        found = sample.page.pattern_time.search(pattern, text)
    except PatternTimeout:
        return False
    return found is not None and value in (found[0].strip(), *(each.strip() for each in found.groups() if each))


def _dates(sample: Sample, wanted: Values, texts: PrintedTexts, shape: _Shape) -> Iterator[tuple[Rule, float]]:
    """Yield rules of the slots and nodes that give the known day; those that give the hour, too, fit better."""
    for node, attr, value in texts.dated:
        if _is_day(sample, value, wanted):
            for each in selectors_of(node):
                yield replace(shape.css(each.text), attr=attr, type="datetime"), each.cost + _COSTS["attr"]
    for rule, text in texts.declared:
        if _is_day(sample, text, wanted):
            yield replace(rule, type="datetime"), _COSTS[rule.kind]
    for printed in texts.printed:
        if len(printed.text) <= _LONGEST_DATE and _is_day(sample, printed.text, wanted):
            yield from _printed_dates(sample, printed, wanted, shape)


def _is_day(sample: Sample, text: str, wanted: Values) -> bool:
    return _DIGITS.search(text) is not None and (sample.page.date(text).local or "")[:_DAY] == wanted[0][:_DAY]


def _printed_dates(sample: Sample, printed: PrintedText, wanted: Values, shape: _Shape) -> Iterator[tuple[Rule, float]]:
    for pattern in _date_patterns(sample, printed.text, wanted[0], shape):
        more = _OUTER * printed.is_outer + _PATTERN_COST * (pattern is not None)
        for each in selectors_of(printed.node):
            yield replace(shape.css(each.text, pattern), type="datetime"), each.cost + more


def _date_patterns(sample: Sample, text: str, wanted: str, shape: _Shape) -> Iterator[Pattern | None]:
    """Yield no pattern, and those of the part of a text with which the hour is read, too."""
    yield None
    if sample.page.date(text).local == wanted:
        return
    for pattern in (*shape.patterns, *_PARTS):
        found = pattern.search(text)
        if found is not None and sample.page.date(found[found.lastindex or 0]).local == wanted:
            yield pattern


def _addresses(sample: Sample, wanted: Values, _: PrintedTexts, shape: _Shape) -> Iterator[tuple[Rule, float]]:
    page = sample.page
    for node in page.document.css("img, a[href], source")[:_MOST_IMAGES]:
        if page.address(node) in wanted:
            for each in selectors_of(node):
                yield replace(shape.css(each.text), type="url"), each.cost
