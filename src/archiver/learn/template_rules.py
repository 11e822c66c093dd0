"""Learn the rules of one template: the short fields first, then the body without their nodes."""

from collections.abc import Sequence
from dataclasses import replace

from archiver.learn.body_rules import body_rules, matched
from archiver.learn.date_rules import date_rules
from archiver.learn.field_rules import FieldRules, found_by
from archiver.learn.lead_rules import lead_selector
from archiver.learn.learned import LearnedTemplate
from archiver.learn.list_rules import byline_rules, caption_rules, section_rules, tag_rules
from archiver.learn.noise import general_noise
from archiver.learn.samples import Sample
from archiver.learn.title_rules import title_rules

_CUT = ("title", "published", "bylines", "captions", "tags")
"""Fields whose nodes are no part of the body."""
_MOST_BODIES = 1


def learn_template(
    samples: list[Sample], names: Sequence[str], others: Sequence[Sample] = ()
) -> LearnedTemplate:
    """Return the rules of pages of one template.

    Args:
        samples: the pages.
        names: the names of the site.
        others: pages of the site with other templates.
    """
    for sample in samples:
        sample.taken.clear()
        sample.protected.clear()
    fields = {
        "title": title_rules(samples, names),
        "published": date_rules(samples),
        "section": section_rules(samples),
        "bylines": byline_rules(samples),
        "tags": tag_rules(samples),
        "captions": caption_rules(samples),
    }
    for name in _CUT:
        for sample in samples:
            sample.take(_nodes(fields[name], sample))
    bodies = body_rules(samples, others)[:_MOST_BODIES]
    if bodies:
        place = {id(sample): matched(sample, bodies[0].css, bodies[0].take) for sample in samples}
        lead = lead_selector(samples, [place[id(sample)] for sample in samples])
        if lead:
            bodies = [replace(bodies[0], css=f"{lead}, {bodies[0].css}", take="all")]
        more = general_noise(samples, [place[id(sample)] for sample in samples], bodies[0].css.rpartition(", ")[2])
        bodies = [replace(bodies[0], ignore=tuple(dict.fromkeys((*bodies[0].ignore, *more))))]
        for name in _CUT:
            fields[name] = _with_cut(fields[name], samples, place)
    return LearnedTemplate(samples, fields, bodies)


def _nodes(rules: FieldRules, sample: Sample):  # noqa: ANN202
    for rule in rules.rules:
        found = [each.node for each in found_by(rule, sample) if each.node is not None]
        if rule.kind == "css" and found:
            return found
    return []


def _with_cut(rules: FieldRules, samples: Sequence[Sample], place) -> FieldRules:
    from archiver.extract.tree import ancestry
    cut = []
    for rule in rules.rules:
        inside = rule.kind == "css" and any(
            not place[id(s)].isdisjoint(a.mem_id for a in ancestry(f.node)[1:])
            for s in samples
            for f in found_by(rule, s)
            if f.node is not None
        )
        cut.append(replace(rule, cut=True) if inside else rule)
    return replace(rules, rules=tuple(cut))
