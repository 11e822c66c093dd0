"""Group the sample pages by their template: pages with the same names of classes and identifiers."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from archiver.extract.tree import attribute
from archiver.learn.samples import Sample
from archiver.learn.selectors import names_of

LEVELS = (0.45, 0.65, 0.8)
"""How much two pages of one template have in common: first little; more, when no rules fit such pages well."""
_MOST_NODES = 5_000


def skeleton(sample: Sample) -> AbstractSet[str]:
    """Return the stable names of the elements around the texts of a page, each with the name above it."""
    found: set[str] = set()
    for node in sample.page.document.css("body [class], body [id]")[:_MOST_NODES]:
        if attribute(node, "class") or attribute(node, "id"):
            found.update(each.text for each in names_of(node)[:2])
    return frozenset(found)


def templates_of(samples: Sequence[Sample], least: float) -> list[list[Sample]]:
    """Return the samples by template, the template of most pages first. `least`: one of `LEVELS`."""
    groups: list[tuple[list[Sample], list[AbstractSet[str]]]] = []
    for sample in samples:
        own = skeleton(sample)
        best = max(groups, key=lambda group: max(common(own, each) for each in group[1]), default=None)
        if best is not None and max(common(own, each) for each in best[1]) >= least:
            best[0].append(sample)
            best[1].append(own)
        else:
            groups.append(([sample], [own]))
    return [group for group, _ in sorted(groups, key=lambda each: -len(each[0]))]


def common(one: AbstractSet[str], other: AbstractSet[str]) -> float:
    """Return how much two skeletons have in common: the share of the smaller one."""
    smaller = min(len(one), len(other))
    return len(one & other) / smaller if smaller else float(one == other)
