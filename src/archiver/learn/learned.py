"""The result of learning: a profile, and for each field its rules, their fit, and their values on some pages."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from archiver.extract.read import read
from archiver.learn.body_rules import BodyRule
from archiver.learn.field_rules import FieldRules, value_of
from archiver.learn.learned_tests import TestPage
from archiver.learn.samples import Sample
from archiver.model.profile import Profile, Rule

_MOST_SHOWN = 3
_LONGEST_SHOWN = 80
RIGHT = 0.75
"""Fit from which the value of a page is right."""
_ONE_PAGE = "one page of this template proves little"


@dataclass(slots=True)
class LearnedTemplate:
    """The rules of the pages of one template.

    Attributes:
        samples: its pages.
        fields: the rules of all fields but the body, by name; without rules, a fallback reads the field.
        bodies: rules of the body, the best first; none when the generic reading is better than every rule.
        readings: the rules of the counters, by name.
    """

    samples: list[Sample]
    fields: dict[str, FieldRules] = field(default_factory=dict)
    bodies: list[BodyRule] = field(default_factory=list)
    readings: dict[str, Rule] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LearnedField:
    """One field of a learned template.

    Attributes:
        template: the number of the template, from 1.
        name: the field.
        rules: its rules as printed in sources; empty when a fallback reads it.
        confidence: how well they fit all pages, from 0 to 1.
        values: address and value of up to three pages.
        reason: why these rules.
        right: the share of pages on which they are right.
    """

    template: int
    name: str
    rules: tuple[str, ...]
    confidence: float
    values: tuple[tuple[str, str], ...]
    reason: str
    right: float = 0.0


@dataclass(frozen=True, slots=True)
class LearnedProfile:
    """A profile that was learned.

    Attributes:
        text: its TOML.
        profile: the loaded profile.
        fields: what is known about each field.
        notes: sentences about what is not certain.
        pages: the pages that its new `[[test]]` tables name.
    """

    text: str
    profile: Profile
    fields: tuple[LearnedField, ...]
    notes: tuple[str, ...]
    pages: tuple[TestPage, ...] = ()


def learned_fields(templates: Sequence[LearnedTemplate], profile: Profile) -> tuple[LearnedField, ...]:
    """Return what is known about each field of each template. `profile`: the profile that was made from them."""
    found = []
    for number, template in enumerate(templates, 1):
        for name, rules in template.fields.items():
            shown = tuple(
                (sample.url, ", ".join(value_of(rules.rules, sample))[:_LONGEST_SHOWN])
                for sample in template.samples[:_MOST_SHOWN]
            )
            texts = tuple(rule.text for rule in rules.rules)
            if name == "heading" and not texts:
                continue
            right = _share_right(rules.fits)
            found.append(LearnedField(number, name, texts, rules.confidence, shown, _reason(rules), right))
        found.append(_body_field(number, template, profile))
    return tuple(found)


def _body_field(number: int, template: LearnedTemplate, profile: Profile) -> LearnedField:
    if not template.bodies:
        reason = _ONE_PAGE if len(template.samples) == 1 else "no stable selector fits the text of all pages"
        return LearnedField(number, "body", (), 0.0, (), f"{reason}; it is read without a rule")
    best = template.bodies[0]
    records = ((each.url, read(each.given.capture, profile, links=False)) for each in template.samples[:_MOST_SHOWN])
    shown = tuple((url, (record.content.body or "")[:_LONGEST_SHOWN]) for url, record in records)
    confidence = sum(best.fits) / len(best.fits)
    count = len(best.fits)
    reason = f"fits the main text of {count} pages" if count > 1 else f"fits the main text; {_ONE_PAGE}"
    rules = tuple(f"css:{each.css}" for each in template.bodies)
    return LearnedField(number, "body", rules, confidence, shown, reason, _share_right(best.fits))


def _share_right(fits: Sequence[float | None]) -> float:
    return sum((each or 0.0) >= RIGHT for each in fits) / len(fits) if fits else 0.0


def _reason(rules: FieldRules) -> str:
    """Return why a field has these rules: on how many pages with it they are right, and on how many give a value."""
    if not rules.rules:
        return rules.reason or "no rule gives it on these pages; it is read without a rule"
    pages = len(rules.fits)
    right = sum((each or 0.0) >= RIGHT for each in rules.fits)
    given = sum(each is not None for each in rules.fits)
    if pages == 1:
        return f"{'right' if right else 'not sure'} on 1 page; {_ONE_PAGE}"
    if right == pages:
        return f"right on all {pages} pages"
    missing = f", no value on {pages - given}" if given < pages else ""
    wrong = f", not sure on {given - right}" if given > right else ""
    return f"right on {right} of {pages} pages{wrong}{missing}"
