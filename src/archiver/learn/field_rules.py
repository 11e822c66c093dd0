"""Candidate rules of a field, judged on all pages of a template: how well the values fit, coverage, stability.

    candidates → values on each page → fit with the labels → the best rule
               → rules for the pages that it does not fit → at most three

A value that is wrong costs more than one that is missing: the next rule, or the fallback, fills that.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from archiver.extract.page import ParsedPage
from archiver.extract.rules import FoundValue, evaluate, typed
from archiver.learn.samples import Sample
from archiver.learn.toml_text import literal, quoted
from archiver.model.profile import Rule
from archiver.text.patterns import PatternTimeout

_COST = 0.02
_MOST_RULES = 3
_MOST_TRIED = 120
_GOOD = 0.75
"""Fit from which a value is right."""
_WRONG = 0.5
_GENERAL = frozenset(("h1", "article h1", "main h1"))

Fit = Callable[[Sample, list[str]], float]
"""Returns how well the values of a page fit its label: 1 the same, 0 wrong."""


@dataclass(frozen=True, slots=True)
class FieldRules:
    """The rules of a field.

    Attributes:
        rules: the best first.
        fits: for each page how well the value of the rules fits; None where they give none.
        reason: why these rules, or why there are none.
    """

    rules: tuple[Rule, ...] = ()
    fits: tuple[float | None, ...] = ()
    reason: str = ""

    @property
    def confidence(self) -> float:
        """Return the mean fit of all pages, from 0 to 1."""
        return sum(each or 0.0 for each in self.fits) / len(self.fits) if self.fits else 0.0


def found_by(rule: Rule, sample: Sample) -> list[FoundValue]:
    """Return what a rule finds on a page; it is looked for once."""
    known = sample.found.get(rule)
    if known is None:
        if rule.kind == "css":
            sample.css(rule.selector)  # cached for the rule
        known = sample.found[rule] = found_in(rule, sample.page)
    return known


def found_in(rule: Rule, page: ParsedPage) -> list[FoundValue]:
    """Return what a rule finds on a page; nothing when its pattern runs out of time."""
    try:
        return evaluate(rule, page)
    except PatternTimeout:
        return []


def value_of(rules: Iterable[Rule], sample: Sample) -> list[str]:
    """Return the values of the first rule that gives any."""
    for rule in rules:
        found = found_by(rule, sample)
        values = typed(rule, found, sample.page) if found else []
        if values:
            return values
    return []


def best_rules(
    samples: Sequence[Sample], candidates: Iterable[tuple[Rule, float]], fit: Fit, general: Sequence[Rule] = ()
) -> FieldRules:
    """Return the rules that fit best.

    Args:
        samples: the pages of one template.
        candidates: rules, each with its cost: how unstable it is.
        fit: how well values fit the label of a page.
        general: rules for pages of other templates, used if they are wrong on no page.
    """
    known: dict[Rule, float] = {}
    counts: Counter[Rule] = Counter()
    for rule, cost in candidates:
        known[rule] = min(cost, known.get(rule, cost))
        counts[rule] += 1
    likeliest = sorted(known, key=lambda each: (each.kind == "css", -counts[each], known[each], each.text))
    known = {rule: known[rule] for rule in likeliest[:_MOST_TRIED]}
    judged = {rule: [_judged(rule, sample, fit) for sample in samples] for rule in known}
    chosen: list[Rule] = []
    left = set(range(len(samples)))
    while left and len(chosen) < _MOST_RULES:
        best = max(
            (rule for rule in judged if rule not in chosen),
            key=lambda rule: _score(judged[rule], left) - _COST * known[rule] / len(samples),
            default=None,
        )
        if best is None or not any((judged[best][page] or 0) >= _GOOD for page in left):
            break
        chosen.append(best)
        left -= {page for page in left if judged[best][page] is not None}
    if not chosen:
        return FieldRules(reason="no rule gives it on these pages")
    chosen += _spares(judged, known, chosen)
    for rule in general:
        judged.setdefault(rule, [_judged(rule, sample, fit) for sample in samples])
        if rule not in chosen and all(each is None or each >= _GOOD for each in judged[rule]):
            chosen.append(rule)
    fits = tuple(
        next((each for rule in chosen if (each := judged[rule][page]) is not None), None)
        for page in range(len(samples))
    )
    return FieldRules(tuple(chosen), fits)


def _spares(judged: dict[Rule, list[float | None]], known: dict[Rule, float], chosen: Sequence[Rule]) -> list[Rule]:
    """Return rules for pages of templates that were not seen: a bare tag, and one of each other kind."""
    used = {rule.kind for rule in chosen if rule.kind != "css"} | {rule.selector for rule in chosen}
    spares: list[Rule] = []
    for rule in sorted(known, key=lambda each: (known[each], each.text)):
        fits = [each for each in judged[rule] if each is not None]
        group = rule.selector if rule.kind == "css" else rule.kind
        is_general = rule.kind != "css" or rule.selector in _GENERAL
        if is_general and group not in used and fits and min(fits) >= _GOOD:
            spares.append(rule)
            used.add(group)
    return spares


def _judged(rule: Rule, sample: Sample, fit: Fit) -> float | None:
    values = value_of((rule,), sample)
    return fit(sample, values) if values else None


def _score(fits: Sequence[float | None], pages: Iterable[int]) -> float:
    """Return the sum of the fits on some pages; a wrong value counts as less than none."""
    found = [fits[page] for page in pages]
    return sum((each if each >= _WRONG else each - 1) for each in found if each is not None) / len(fits)


def toml_of(rule: Rule, default_take: str = "first", default_type: str = "text") -> str:
    """Return a rule as TOML."""
    keys = {
        "attr": quoted(rule.attr) if rule.attr else "",
        "pattern": literal(rule.pattern.pattern) if rule.pattern is not None else "",
        "take": (quoted(rule.take) if isinstance(rule.take, str) else str(rule.take))
        if rule.take != default_take
        else "",
        "type": quoted(rule.type) if rule.type != default_type else "",
        "join": quoted(rule.join) if rule.join is not None else "",
        "format": quoted(rule.format) if rule.format else "",
        "cut": "true" if rule.cut else "",
        "required": "true" if rule.required else "",
    }
    extra = [f"{key} = {value}" for key, value in keys.items() if value]
    if rule.kind == "css" and not extra:
        return quoted(rule.selector)
    return "{ " + ", ".join([f"{rule.kind} = {quoted(rule.selector)}", *extra]) + " }"
