"""The result of learning: a profile, and for each field its rules, their fit, and their values on some pages."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from archiver.learn.body_rules import BodyRule
from archiver.learn.field_rules import FieldRules, value_of
from archiver.learn.learned_tests import TestPage
from archiver.learn.samples import Sample
from archiver.model.profile import Profile, Rule

_MOST_SHOWN = 3
_LONGEST_SHOWN = 80


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
    """

    template: int
    name: str
    rules: tuple[str, ...]
    confidence: float
    values: tuple[tuple[str, str], ...]
    reason: str


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


def learned_fields(templates: Sequence[LearnedTemplate]) -> tuple[LearnedField, ...]:
    """Return what is known about each field of each template."""
    found = []
    for number, template in enumerate(templates, 1):
        for name, rules in template.fields.items():
            shown = tuple(
                (sample.url, ", ".join(value_of(rules.rules, sample))[:_LONGEST_SHOWN])
                for sample in template.samples[:_MOST_SHOWN]
            )
            texts = tuple(rule.text for rule in rules.rules)
            found.append(LearnedField(number, name, texts, rules.confidence, shown, rules.reason))
        found.append(_body_field(number, template))
    return tuple(found)


def _body_field(number: int, template: LearnedTemplate) -> LearnedField:
    if not template.bodies:
        return LearnedField(number, "body", (), 0.0, (), "no selector fits the text of all pages; a fallback reads it")
    best = template.bodies[0]
    shown = tuple(
        (each.url, (each.record.content.body or "")[:_LONGEST_SHOWN]) for each in template.samples[:_MOST_SHOWN]
    )
    confidence = sum(best.fits) / len(best.fits)
    reason = f"fits the main text of {len(best.fits)} pages"
    return LearnedField(number, "body", tuple(f"css:{each.css}" for each in template.bodies), confidence, shown, reason)
