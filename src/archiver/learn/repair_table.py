"""Make the table of a new template from pages of which the content is known: the fields first, then the body.

Every draft is judged by reading the pages with it: what it reads must be what was known.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from archiver.learn.body_rules import BodyRule
from archiver.learn.doubtful_pages import Case, values_of
from archiver.learn.field_rules import FieldRules, found_by
from archiver.learn.fit import mean, word_f1
from archiver.learn.known_agreement import agreement, read_by
from archiver.learn.known_counters import known_counter
from archiver.learn.known_rules import KnownTexts, known_rules, plain_rule, type_of
from archiver.learn.repair_bodies import bodies_to_try, with_cuts
from archiver.learn.samples import Sample
from archiver.learn.template_rules import learn_template
from archiver.model.profile import PageKind, Rule, Rules, SiteInfo
from archiver.model.record import FIELDS, LIST_FIELDS, Content
from archiver.text.patterns import Pattern

_NOT_LOOKED_FOR = ("body", "file", "language", "modified")
_MOST_TRIED = 10
"""Pages that are read with each of the bodies to try."""
_NOTHING = Pattern("(?!)")
_ANCHORS = ("title", "body")


def never(name: str) -> Rule:
    """Return a rule that gives nothing, so that no fallback fills its field: the field was always empty before."""
    is_list = name in LIST_FIELDS
    return Rule("css", "body", pattern=_NOTHING, take="all" if is_list else "first", type=type_of(name))


def is_never(rule: Rule) -> bool:
    """Return whether a rule is there to give nothing."""
    return rule.pattern == _NOTHING


@dataclass
class Draft:
    """A table that is being made.

    Attributes:
        fields: the rules of the fields but the body.
        reasons: why a field has these rules, or none.
    """

    old: PageKind
    cases: Sequence[Case]
    site: SiteInfo
    fields: dict[str, Rules] = field(default_factory=dict)
    readings: dict[str, Rules] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    body: BodyRule | None = None
    _last: PageKind | None = None
    _contents: dict[int, Content] = field(default_factory=dict)

    @property
    def samples(self) -> list[Sample]:
        """Return the opened pages."""
        return [case.sample for case in self.cases]

    @property
    def known(self) -> list[Case]:
        """Return the pages whose content is known."""
        return [case for case in self.cases if case.known is not None]

    def table(self) -> PageKind:
        """Return the table as it is now."""
        body, ignore = self.body, self._ignored()
        fields = [(name, rules) for name, rules in self.fields.items() if rules]
        if body is not None:
            fields = [(name, with_cuts(name, rules, self.samples, body)) for name, rules in fields]
            fields.append(("body", (Rule("css", body.css, take=body.take),)))
            ignore = tuple(dict.fromkeys((*ignore, *body.ignore)))
        readings = tuple((name, rules) for name, rules in self.readings.items() if rules)
        return replace(self.old, until=None, ignore=ignore, fields=tuple(fields), readings=readings)

    def _ignored(self) -> tuple[str, ...]:
        """Return what the old table ignores, where the new pages have it, too, and it is no part of their body."""

        def holds(selector: str) -> bool:
            nodes = [{node.mem_id for node in each.css(selector)} for each in self.samples]
            bodies = zip(self.samples, nodes, strict=True)
            return any(nodes) and not any(
                run.is_body and not found.isdisjoint(run.chain) for each, found in bodies for run in each.runs
            )

        return tuple(filter(holds, self.old.ignore))

    def agreement(self, most: int | None = None) -> float:
        """Return how well the table reads the pages whose content is known, or the first of them."""
        cases = self.known[:most]
        pairs = zip(cases, self.contents(cases), strict=True)
        return mean([agreement(case.known, found) for case, found in pairs if case.known])

    def body_agreement(self) -> float:
        """Return how well the table reads the known bodies."""
        pairs = zip(self.known, self.contents(self.known), strict=True)
        return mean([word_f1(case.known.body or "", found.body or "") for case, found in pairs if case.known])

    def contents(self, cases: Sequence[Case]) -> list[Content]:
        """Return what the table reads; pages are not read twice by the same rules."""
        table = self.table()
        if self._last != table:
            self._last, self._contents = table, {}
        for case in cases:
            if id(case.sample) not in self._contents:
                self._contents[id(case.sample)] = read_by(table, case.page.capture, self.site).content
        return [self._contents[id(case.sample)] for case in cases]


def known_table(draft: Draft, others: Sequence[Sample]) -> None:
    """Fill a draft from pages whose content is known. `others`: pages of other templates."""
    samples = [case.sample for case in draft.known]
    texts, old = KnownTexts(draft.samples), dict(draft.old.fields)
    for name in _names(draft):
        draft.fields[name] = _field(draft, name, old.get(name, ()), texts) if name in old else ()
    _keep_claims(draft)
    _counters(draft, texts)
    _take(draft)
    bodies = list(bodies_to_try(samples, others))
    draft.body = max(bodies, key=lambda body: _tried(draft, body), default=None)
    _unruled(draft, old, texts)


def _tried(draft: Draft, body: BodyRule) -> float:
    draft.body = body
    return draft.agreement(_MOST_TRIED)


def _names(draft: Draft) -> list[str]:
    """Return the fields to look for: those with rules, and those with known values."""
    contents = [case.known for case in draft.known if case.known]
    known = {name.removeprefix("extra.") for each in contents for name, value in each.flat().items() if value}
    ruled = {name for name, _ in draft.old.fields}
    every = [*FIELDS, *sorted((known | ruled) - set(FIELDS))]
    return [name for name in every if name in known | ruled and name not in _NOT_LOOKED_FOR]


def _field(draft: Draft, name: str, old: Rules, texts: KnownTexts) -> Rules:
    values, samples = _known(draft, name), [case.sample for case in draft.known]
    if not any(values.values()):
        is_quiet = not any(found_by(rule, sample) for rule in old for sample in samples)
        draft.reasons[name] = "no page had it; " + ("its rules stay" if is_quiet else "its rules would give something")
        return tuple(map(plain_rule, old)) if is_quiet else (never(name),)
    found: FieldRules = known_rules(name, samples, values, old, texts)
    draft.reasons[name] = found.reason
    return found.rules


def _keep_claims(draft: Draft) -> None:
    """Keep the rules of `modified`, which is no content, if they still give anything."""
    rules = dict(draft.old.fields).get("modified", ())
    kept = tuple(plain_rule(rule) for rule in rules if any(found_by(rule, sample) for sample in draft.samples))
    if kept:
        draft.fields["modified"] = kept


def _counters(draft: Draft, texts: KnownTexts) -> None:
    for name, old in draft.old.readings:
        last = {id(case.sample): value for case in draft.cases for known, value in case.page.readings if known == name}
        draft.readings[name] = known_counter(draft.samples, last, old, texts)


def _take(draft: Draft) -> None:
    """Note the nodes of the fields that hold no text of the body: they are not part of it, and cannot be ignored."""
    for sample in draft.samples:
        sample.taken.clear()
        sample.protected.clear()
        for rules in (*draft.fields.values(), *draft.readings.values()):
            nodes = next((found for rule in rules if (found := found_by(rule, sample))), [])  # of the rule that wins
            held = {run_number for run in sample.runs if run.is_body for run_number in run.chain}
            sample.take(each.node for each in nodes if each.node is not None and each.node.mem_id not in held)


def _unruled(draft: Draft, old: dict[str, Rules], texts: KnownTexts) -> None:
    """Give a rule to each field that a fallback read before and misses now; silence what it reads in addition."""
    names = [name for name in (*FIELDS, *(n for n in _names(draft) if n not in FIELDS)) if name not in old]
    known = {name: _known(draft, name) for name in names if name not in ("body", "file")}
    wrong = [name for name, values in known.items() if _right(draft, name, values) < len(values)]
    for name in [each for each in wrong if not any(known[each].values())]:
        draft.fields[name] = (never(name),)
        draft.reasons[name] = "no page had it before"
    for name in [each for each in wrong if any(known[each].values())]:
        right = _right(draft, name, known[name])
        draft.fields[name] = _field(draft, name, (), texts)
        if _right(draft, name, known[name]) <= right:
            draft.fields[name], draft.reasons[name] = (), "read by a fallback"


def _known(draft: Draft, name: str) -> dict[int, tuple[str, ...]]:
    return {id(case.sample): values_of(case.known, name) for case in draft.known if case.known}


def _right(draft: Draft, name: str, known: dict[int, tuple[str, ...]]) -> int:
    """Return on how many pages a field is read as it was known."""
    pairs = zip(draft.known, draft.contents(draft.known), strict=True)
    return sum(values_of(found, name) == known[id(case.sample)] for case, found in pairs)


def weak_table(draft: Draft, others: Sequence[Sample]) -> None:
    """Fill a draft from pages of which nothing is known: by the generic labels, and the old rules that still find."""
    learned = learn_template(draft.samples, [draft.site.title], others)
    draft.fields = {name: rules.rules for name, rules in learned.fields.items()}
    draft.reasons = {name: rules.reason for name, rules in learned.fields.items()}
    draft.body = learned.bodies[0] if learned.bodies else next(bodies_to_try(draft.samples, others), None)
    draft.readings = {name: (rule,) for name, rule in learned.readings.items()}
    for name, old in draft.old.fields:
        kept = tuple(plain_rule(rule) for rule in old if any(found_by(rule, sample) for sample in draft.samples))
        if kept and not draft.fields.get(name) and name != "body":
            draft.fields[name] = kept
    for name, old in draft.old.readings:
        draft.readings.setdefault(name, known_counter(draft.samples, {}, old, KnownTexts(draft.samples)))


def anchored(table: PageKind, cases: Sequence[Case]) -> PageKind:
    """Return a table with `required` on the rules of title and body that find something on every page."""

    def always(rule: Rule) -> bool:
        return rule.kind == "css" and all(found_by(rule, case.sample) for case in cases)

    fields = tuple(
        (name, (replace(rules[0], required=True), *rules[1:]) if name in _ANCHORS and always(rules[0]) else rules)
        for name, rules in table.fields
    )
    return replace(table, fields=fields)
