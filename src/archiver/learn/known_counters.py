"""Find counters whose last values are known: numbers on the new pages that are a little higher, on every page."""

import re
from collections.abc import Iterator, Mapping, Sequence

from archiver.learn.field_rules import best_rules, value_of
from archiver.learn.known_rules import KnownTexts, plain_rule
from archiver.learn.samples import Sample
from archiver.learn.selectors import selectors_of
from archiver.model.profile import Rule, Rules
from archiver.text.patterns import Pattern

_NUMBER = re.compile(r"\d[\d.,]*")
_PATTERN = Pattern(r"(\d[\d.,]*)")
_LONGEST = 80
_MORE, _SHARE = 50, 0.5
"""A counter may have grown by so much, or by this share of its last value."""
_OLD = -3.0
_LEAST_PAGES = 0.6


def known_counter(samples: Sequence[Sample], last: Mapping[int, int], old: Rules, texts: KnownTexts) -> Rules:
    """Return the rules of a counter; none when no number of the pages goes on from its last values.

    Args:
        samples: pages of one template.
        last: by the `id` of a sample, the last known value.
        old: the rules of the counter so far.
        texts: the texts of the pages.
    """
    known = [sample for sample in samples if id(sample) in last]
    if not known:
        return tuple(rule for rule in old if any(value_of((rule,), sample) for sample in samples))
    candidates = [*((plain_rule(rule), _OLD) for rule in old), *_candidates(known, last, texts)]
    found = best_rules(known, candidates, lambda sample, values: _fit(values, last[id(sample)]))
    is_right = len(known) > 1 or any(rule in {plain_rule(each) for each in old} for rule in found.rules)
    return found.rules[:1] if is_right and found.confidence >= _LEAST_PAGES else ()


def _fit(values: Sequence[str], last: int) -> float:
    value = int(values[0])
    most = max(_MORE, round(_SHARE * last))
    return max(0.75, 1 - (value - last) / (4 * most)) if last <= value <= last + most else 0.0


def _candidates(samples: Sequence[Sample], last: Mapping[int, int], texts: KnownTexts) -> Iterator[tuple[Rule, float]]:
    for sample in samples:
        for node, text, _ in texts.of(sample).printed:
            numbers = _NUMBER.findall(text) if len(text) <= _LONGEST else []
            if len(numbers) == 1 and _fit([numbers[0].replace(".", "").replace(",", "") or "0"], last[id(sample)]):
                for each in selectors_of(node):
                    yield Rule("css", each.text, pattern=_PATTERN, type="integer"), each.cost
