"""Decide what tells the templates of a site apart, where the node of a body also exists in pages of another template.

The table of a page is chosen by its anchor: a node for the body or, where rules are required, values of all of those.
A field that all pages of the template give, and another template does not, is required then, together with the body.
"""

from collections.abc import Sequence
from dataclasses import replace

from archiver.learn.field_rules import found_by
from archiver.learn.learned import LearnedTemplate
from archiver.learn.samples import Sample

_LEAST_PAGES = 2


def with_anchors(templates: Sequence[LearnedTemplate], articles: Sequence[Sample]) -> list[LearnedTemplate]:
    """Return the templates, those first whose anchor is found in no page of another template."""
    for each in templates:
        _demand(each, articles)
    return sorted(templates, key=lambda each: len(mistaken(each, articles)))


def mistaken(template: LearnedTemplate, articles: Sequence[Sample]) -> list[Sample]:
    """Return the pages of other templates in which the anchor of a template is found."""
    own = {id(sample) for sample in template.samples}
    required = [name for name, each in template.fields.items() if any(rule.required for rule in each.rules)]
    return [
        sample
        for sample in articles
        if id(sample) not in own and _has_body(template, sample) and all(_gives(template, n, sample) for n in required)
    ]


def _demand(template: LearnedTemplate, articles: Sequence[Sample]) -> None:
    """Mark one field and the body as required, if that tells more pages of other templates apart."""
    foreign = mistaken(template, articles)
    if not foreign or not template.bodies or len(template.samples) < _LEAST_PAGES:
        return
    left = {
        name: sum(_gives(template, name, sample) for sample in foreign)
        for name, each in template.fields.items()
        if each.rules and all(_gives(template, name, sample) for sample in template.samples)
    }
    best = min(left, key=lambda name: left[name], default="")
    if best and left[best] < len(foreign):
        rules = template.fields[best]
        template.fields[best] = replace(rules, rules=(replace(rules.rules[0], required=True), *rules.rules[1:]))
        template.bodies = [replace(template.bodies[0], required=True), *template.bodies[1:]]


def _has_body(template: LearnedTemplate, sample: Sample) -> bool:
    return not template.bodies or bool(sample.css(template.bodies[0].css))


def _gives(template: LearnedTemplate, name: str, sample: Sample) -> bool:
    return any(found_by(rule, sample) for rule in template.fields[name].rules)
