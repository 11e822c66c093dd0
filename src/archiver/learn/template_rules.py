"""Learn the rules of one template: the short fields first, then the body without their nodes."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace

from archiver.extract.tree import Node, ancestry
from archiver.learn.body_rules import BodyRule, body_rules, matched
from archiver.learn.counter_rules import counter_rules
from archiver.learn.date_rules import change_rules, date_rules
from archiver.learn.field_rules import FieldRules, found_by
from archiver.learn.lead_rules import lead_selector
from archiver.learn.learned import LearnedTemplate
from archiver.learn.line_rules import caption_lines, signature_lines
from archiver.learn.list_rules import byline_rules, caption_rules, section_rules, tag_rules
from archiver.learn.noise import general_noise
from archiver.learn.samples import Sample
from archiver.learn.title_rules import differs, heading_rules, title_rules
from archiver.model.profile import Rule

_CUT = ("title", "heading", "published", "modified", "bylines", "captions", "tags")
"""Fields whose nodes are no part of the body."""
_MOST_BODIES = 1
_SIGNS = (":has(p ~ p)", ":has(br ~ br)")


def learn_template(samples: list[Sample], names: Sequence[str], others: Sequence[Sample] = ()) -> LearnedTemplate:
    """Return the rules of pages of one template.

    Args:
        samples: the pages.
        names: the names of the site.
        others: pages of the site with other templates.
    """
    for sample in samples:
        sample.taken.clear()
        sample.protected.clear()
    title = title_rules(samples, names)
    fields = {
        "title": title,
        "heading": heading_rules(samples, names, title),
        "published": date_rules(samples),
        "modified": change_rules(samples),
        "section": section_rules(samples),
        "bylines": byline_rules(samples),
        "tags": tag_rules(samples),
        "captions": caption_rules(samples),
    }
    for name in _CUT:
        for sample in samples:
            sample.take(_nodes(fields[name], sample))
    readings = counter_rules(samples)
    bodies = body_rules(samples, others)[:_MOST_BODIES]
    if bodies:
        place = {id(sample): matched(sample, bodies[0].css, bodies[0].take) for sample in samples}
        lead = lead_selector(samples, [place[id(sample)] for sample in samples])
        if lead:
            bodies = [replace(bodies[0], css=f"body:has({bodies[0].css}) {lead}, {bodies[0].css}", take="all")]
        scope = bodies[0].css.rpartition(", ")[2]
        fields |= _lines_of(fields, samples, scope, place)
        more = general_noise(samples, [place[id(sample)] for sample in samples], scope)
        ignored = ", ".join(dict.fromkeys((*bodies[0].ignore, *more)))
        bodies = [replace(bodies[0], ignore=(f"{scope} :is({ignored})",) if ignored else ())]
        anchored = _anchored(bodies[0], samples)
        bodies = [anchored] if anchored is not None else []
        for name in _CUT:
            fields[name] = _with_cut(fields[name], samples, place)
    else:
        rules = fields["heading"].rules
        fields["heading"] = replace(fields["heading"], rules=tuple(replace(each, cut=True) for each in rules))
    heading = fields["heading"]
    if not (differs(heading, title, samples) or any(rule.cut for rule in heading.rules)):
        del fields["heading"]
    return LearnedTemplate(samples, fields, bodies, readings)


def _lines_of(
    fields: Mapping[str, FieldRules], samples: Sequence[Sample], scope: str, place: Mapping[int, AbstractSet[int]]
) -> dict[str, FieldRules]:
    """Return the rules of captions and bylines that are lines of the body, if no page has others."""
    found = {}
    for name, lines in (("captions", caption_lines), ("bylines", signature_lines)):
        is_read = fields[name].rules or any(getattr(each.record.content, name) for each in samples)
        rules = None if is_read else lines(samples, scope, place)
        if rules is not None:
            found[name] = rules
    return found


def _anchored(body: BodyRule, samples: Sequence[Sample]) -> BodyRule | None:
    """Return the rule of a template of which one page is known, for nodes with several paragraphs only.

    In a page of another template the same name may be that of a teaser or of the lead. Without such a sign one page
    proves too little, and the generic reading is better: None.
    """
    if len(samples) > 1:
        return body
    place = matched(samples[0], body.css, body.take)
    parts = body.css.split(", ")
    for sign in _SIGNS:
        css = ", ".join((*parts[:-1], f"{parts[-1]}{sign}"))
        if matched(samples[0], css, body.take) == place:
            return replace(body, css=css)
    return None


def _nodes(rules: FieldRules, sample: Sample) -> list[Node]:
    for rule in rules.rules:
        found = [each.node for each in found_by(rule, sample) if each.node is not None]
        if rule.kind == "css" and found:
            return found
    return []


def _with_cut(rules: FieldRules, samples: Sequence[Sample], place: Mapping[int, AbstractSet[int]]) -> FieldRules:
    """Return the rules of a field, with `cut` where a node is within the body."""

    def is_inside(rule: Rule) -> bool:
        return rule.kind == "css" and any(
            not place[id(sample)].isdisjoint(above.mem_id for above in ancestry(each.node)[1:])
            for sample in samples
            for each in found_by(rule, sample)
            if each.node is not None
        )

    return replace(rules, rules=tuple(replace(each, cut=is_inside(each)) for each in rules.rules))
