"""Find the rule of the body: the selector whose text fits the labels of all pages best, with what it has to ignore.

Candidates are selectors of the elements around most of the body on each page. For each, the boxes in it without text
of the body are found by their names, over all pages (`noise`); the candidate is judged by the text that is left.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Literal

from archiver.extract.tree import Node, ancestry
from archiver.learn.fit import mean
from archiver.learn.noise import NoiseNames, noise_in
from archiver.learn.samples import LabelledRun, Sample
from archiver.learn.selectors import Selector, selectors_of

_SHARES = (0.95, 0.85, 0.7, 0.5)
_MOST_UP = 4
_MOST_CANDIDATES, _MOST_TRIED = 120, 12
_COST = 0.012
"""Fit that a selector must gain for each unit of cost."""
_NOISE_COST = 0.004
_FOREIGN_COST = 0.1
_ALL_COST = 0.02
_SEVERAL_COST = 0.05
_FIELD_COST = 0.01
"""A node that also holds other fields is larger than the body."""
_WHOLE_SHARE = 0.3
"""Weight of the fit of the whole node: other pages have other boxes to ignore, so the tightest node is the best."""
_MOST_NODES = 60
_LEAST_FIT = 0.55
_WHOLE = frozenset(("html", "body"))


@dataclass(frozen=True, slots=True)
class BodyRule:
    """A rule of the body.

    Attributes:
        css: the selector; `take`: the first node that it matches, or all.
        ignore: selectors of boxes in it that are no part of the body.
        fits: for each page how well the text fits the label, from 0 to 1.
        score: the mean fit, less the cost of the selectors.
        required: whether a page without it has another template.
    """

    css: str
    take: Literal["first", "all"]
    ignore: tuple[str, ...]
    fits: tuple[float, ...]
    score: float
    required: bool = False


def body_rules(samples: Sequence[Sample], others: Sequence[Sample] = ()) -> list[BodyRule]:
    """Return rules of the body of pages of one template, the best first; only those that fit well enough.

    `others`: pages of other templates. A rule that finds nothing in them shows which template a page has.
    """
    candidates = _candidates(samples)
    rough = sorted(
        ((_rough(samples, each, take), each, take) for each in candidates for take in _takes(samples, each.text)),
        key=lambda each: (-each[0], each[1].text),
    )
    names = NoiseNames(samples)
    rules = [_finished(samples, others, names, each, take) for _, each, take in rough[:_MOST_TRIED]]
    good = [rule for rule in rules if mean(rule.fits) >= _LEAST_FIT]
    return sorted(good, key=lambda rule: (-rule.score, len(rule.css), rule.css))


def _candidates(samples: Sequence[Sample]) -> list[Selector]:
    """Return selectors of the elements that hold most of the body on a page."""
    found: dict[str, Selector] = {}
    counts: Counter[str] = Counter()
    for sample in samples:
        nodes: dict[int, Node] = {}
        for share in _SHARES:
            holder = sample.smallest_holder(share)
            if holder is not None:
                above = [each for each in ancestry(holder)[: _MOST_UP + 1] if each.tag not in _WHOLE]
                nodes.update((each.mem_id, each) for each in above)
        for node in nodes.values():
            for each in selectors_of(node):
                found.setdefault(each.text, each)
                counts[each.text] += 1
    likeliest = sorted(found.values(), key=lambda each: (-counts[each.text], each.cost, each.text))
    return likeliest[:_MOST_CANDIDATES]


def _takes(samples: Sequence[Sample], selector: str) -> list[Literal["first", "all"]]:
    """Return "all", too, when the selector matches several nodes on a page."""
    several = any(len(sample.css(selector)) > 1 for sample in samples)
    return ["first", "all"] if several else ["first"]


def matched(sample: Sample, selector: str, take: str) -> AbstractSet[int]:
    """Return the nodes (`mem_id`) that a rule reads."""
    nodes = sample.css(selector)
    if take == "first":
        texts = (node for node in nodes[:_MOST_NODES] if sample.page.beginning(node, 1))
        return {node.mem_id for node in list(texts)[:1]}
    return {node.mem_id for node in nodes[:_MOST_NODES]}


def inside(sample: Sample, nodes: AbstractSet[int]) -> Iterator[LabelledRun]:
    """Yield the runs of text within nodes."""
    return (run for run in sample.runs if not nodes.isdisjoint(run.chain) and sample.taken.isdisjoint(run.chain))


def _holds_field(sample: Sample, nodes: AbstractSet[int]) -> bool:
    return any(not nodes.isdisjoint(run.chain) for run in sample.runs if not sample.taken.isdisjoint(run.chain))


def fit(sample: Sample, runs: Iterable[LabelledRun], *, noise: float = 1.0) -> float:
    """Return the F1 of runs against the label, by characters. `noise`: the weight of text outside the label."""
    counts = Counter[bool]()
    for run in runs:
        counts[run.is_body] += len(run.text)
    total = counts[True] + noise * counts[False] + sample.weight
    return 2 * counts[True] / total if total else 1.0


def _rough(samples: Sequence[Sample], selector: Selector, take: str) -> float:
    fits = [fit(sample, inside(sample, matched(sample, selector.text, take)), noise=0.3) for sample in samples]
    return mean(fits) - _COST * selector.cost


def _finished(
    samples: Sequence[Sample],
    others: Sequence[Sample],
    names: NoiseNames,
    selector: Selector,
    take: Literal["first", "all"],
) -> BodyRule:
    """Return the rule with what it ignores, and its score."""
    places = [matched(sample, selector.text, take) for sample in samples]
    ignore, left = noise_in(names, [list(inside(each, place)) for each, place in zip(samples, places, strict=True)])
    fits = tuple(fit(sample, runs) for sample, runs in zip(samples, left, strict=True))
    whole = [fit(sample, inside(sample, place)) for sample, place in zip(samples, places, strict=True)]
    score = (1 - _WHOLE_SHARE) * mean(fits) + _WHOLE_SHARE * mean(whole)
    if take == "first":
        score -= _SEVERAL_COST * mean([len(sample.css(selector.text)) > 1 for sample in samples])
    score -= _ALL_COST * (take == "all")
    score -= _FIELD_COST * mean([_holds_field(sample, place) for sample, place in zip(samples, places, strict=True)])
    score -= _COST * selector.cost + _NOISE_COST * len(ignore)
    if others:
        score -= _FOREIGN_COST * mean([bool(each.css(selector.text)) for each in others])
    return BodyRule(selector.text, take, tuple(ignore), fits, score)
