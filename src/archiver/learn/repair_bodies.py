"""The bodies to try for a template: the best selectors, with and without a lead and a general list of boxes."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from archiver.extract.tree import ancestry
from archiver.learn.body_rules import BodyRule, body_rules, matched
from archiver.learn.field_rules import found_by
from archiver.learn.lead_rules import lead_selector
from archiver.learn.noise import general_noise
from archiver.learn.samples import Sample
from archiver.model.profile import Rule, Rules

_MOST = 3


def bodies_to_try(samples: Sequence[Sample], others: Sequence[Sample]) -> Iterator[BodyRule]:
    """Yield rules of the body, the likeliest first. `others`: pages of other templates."""
    for body in body_rules(samples, others)[:_MOST]:
        places = [matched(sample, body.css, body.take) for sample in samples]
        noise = general_noise(samples, places, body.css)
        quiet = replace(body, ignore=tuple(dict.fromkeys((*body.ignore, *noise))))
        lead = lead_selector(samples, places)
        for each in (quiet, body) if noise else (body,):
            yield each
            if lead:
                yield replace(each, css=f"body:has({body.css}) {lead}, {body.css}", take="all")


def with_cuts(name: str, rules: Rules, samples: Sequence[Sample], body: BodyRule) -> Rules:
    """Return the rules of a field, with `cut` where its nodes are within the body but no part of it."""
    return tuple(replace(rule, cut=_is_cut(rule, samples, body)) for rule in rules) if name != "body" else rules


def _is_cut(rule: Rule, samples: Sequence[Sample], body: BodyRule) -> bool:
    """Return whether the nodes of a rule are within the body on a page, and hold no text of its label on any."""
    if rule.kind != "css":
        return False
    is_inside = False
    for sample in samples:
        place = matched(sample, body.css, body.take)
        nodes = {each.node.mem_id: each.node for each in found_by(rule, sample) if each.node is not None}
        is_inside = is_inside or any(
            not place.isdisjoint(above.mem_id for above in ancestry(node)[1:]) for node in nodes.values()
        )
        if any(run.is_body and not nodes.keys().isdisjoint(run.chain) for run in sample.runs):
            return False
    return is_inside
